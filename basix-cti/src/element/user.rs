//! Users of the PBX.

use super::id::UserId;
use super::scalar::Scalar;
use super::typed::typed_element;
use crate::bert::Text;

typed_element! {
    /// A user (section 5.3 of the protocol).
    ///
    /// The meaning of most numbers is the vendor's. Everything as it was sent is in
    /// [`record`](Self::record).
    pub struct User of [User] {
        /// Identity.
        id: Option<UserId> = "id",
        /// Login name.
        name: Text<'a> = "name",
        /// Whether all calls are forwarded.
        fwd_always_status: Option<i32> = "fwd_always_status",
        /// Whether the user does not want to be called.
        do_not_disturb_status: Option<i32> = "do_not_disturb_status",
        /// Language.
        language: Option<i32> = "language",
        /// Main extension.
        main_extension: Text<'a> = "main_extension",
        /// Availability.
        presence: Option<i32> = "presence",
        /// Role; 100 is an administrator in the vendor's examples.
        role: Option<i32> = "role",
        /// Group of parking slots.
        park_group: Option<i32> = "park_group",
        /// Whose voicemail the user's telephone shows.
        mwi_target: Scalar<'a> = "mwi_target",
        /// Flags.
        flags: Option<i32> = "flags",
        /// Where calls follow the user to.
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
