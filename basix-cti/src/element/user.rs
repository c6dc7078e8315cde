//! Users of the PBX.

use super::avatar::BaseUrl;
use super::id::UserId;
use super::scalar::Scalar;
use super::view::view;
use crate::bert::Text;

view! {
    /// A user of the PBX.
    ///
    /// The meaning of most numbers is the vendor's. All fields as sent are in
    /// [`record`](Self::record).
    pub struct User of [User] in USER
    needs {
        /// Identity.
        id: UserId = "id",
    }
    {
        /// Login name.
        name: Text<'a> = "name",
        /// True if all calls are forwarded.
        forwards_always: Option<bool> = "fwd_always_status",
        /// True if the user does not want to be called.
        do_not_disturb: Option<bool> = "do_not_disturb_status",
        /// Language.
        language: Option<i64> = "language",
        /// Main extension.
        main_extension: Text<'a> = "main_extension",
        /// Availability; the values are not documented.
        presence: Option<i64> = "presence",
        /// Role; 100 is an administrator in the vendor's examples.
        role: Option<i64> = "role",
        /// Park group, counted from 0, which has parking slots of its own.
        park_group: Option<i64> = "park_group",
        /// The user or group whose voicemail the user's telephone shows.
        mwi_target: Scalar<'a> = "mwi_target",
        /// Flags.
        flags: Option<i64> = "flags",
        /// The destination to which calls follow the user.
        followme: Scalar<'a> = "followme",
        /// E-mail address.
        email: Text<'a> = "email",
        /// Picture; [`avatar_url`](Self::avatar_url) makes an address of it.
        avatar: Text<'a> = "avatar",
        /// The name that is shown.
        label: Text<'a> = "label",
        /// Counters of new and saved voicemail.
        mwi: Text<'a> = "mwi",
    }
}

impl User<'_> {
    /// The address of the user's picture, or of the picture for users that have none.
    #[must_use]
    pub fn avatar_url(&self, base: &BaseUrl) -> String {
        base.user_avatar(&self.avatar().to_str()).into_owned()
    }
}
