//! Groups of users, and who belongs to them.

use super::id::{GroupId, UserId};
use super::typed::typed_element;
use crate::bert::Text;

typed_element! {
    /// A ring or hunt group (section 5.4 of the protocol).
    pub struct Group of [Group] {
        /// Identity.
        id: Option<GroupId> = "id",
        /// Name.
        name: Text<'a> = "name",
        /// 0: all members ring; 1: one after the other.
        group_type: Option<i32> = "type",
        /// Language.
        language: Option<i32> = "language",
        /// Main extension.
        main_extension: Text<'a> = "main_extension",
        /// Whether callers wait in a queue.
        queue: Option<i32> = "queue",
        /// The name that is shown.
        label: Text<'a> = "label",
        /// Flags.
        flags: Option<i32> = "flags",
        /// Whether only members who have logged in are called.
        check_login_status: Option<i32> = "check_login_status",
        /// Counters of new and saved voicemail.
        mwi: Text<'a> = "mwi",
    }
}

typed_element! {
    /// The membership of a user in a group (section 5.5 of the protocol).
    pub struct GroupMember of [GroupMember] {
        /// Identity of the membership.
        id: Option<i64> = "id",
        /// The group.
        group_id: Option<GroupId> = "group_id",
        /// The user.
        user_id: Option<UserId> = "user_id",
        /// The user's place in the order of calling.
        priority: Option<i32> = "priority",
        /// Whether the user has logged in to the group.
        login_status: Option<i32> = "login_status",
        /// Role in the group.
        role: Option<i32> = "role",
    }
}
