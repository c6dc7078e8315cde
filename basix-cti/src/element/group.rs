//! Groups of users, and their members.

use super::id::{GroupId, UserId};
use super::view::view;
use crate::bert::Text;

view! {
    /// A ring or hunt group.
    pub struct Group of [Group] in GROUP
    needs {
        /// Identity.
        id: GroupId = "id",
    }
    {
        /// Name.
        name: Text<'a> = "name",
        /// 0: all members ring; 1: one after the other.
        group_type: Option<i64> = "type",
        /// Language.
        language: Option<i64> = "language",
        /// Main extension.
        main_extension: Text<'a> = "main_extension",
        /// True if callers wait in a queue.
        has_queue: Option<bool> = "queue",
        /// The name that is shown.
        label: Text<'a> = "label",
        /// Flags.
        flags: Option<i64> = "flags",
        /// True if only members who have logged in are called.
        checks_login: Option<bool> = "check_login_status",
        /// Counters of new and saved voicemail.
        mwi: Text<'a> = "mwi",
    }
}

view! {
    /// The membership of a user in a group.
    pub struct GroupMember of [GroupMember] in GROUP_MEMBER
    needs {
        /// The group.
        group_id: GroupId = "group_id",
        /// The user.
        user_id: UserId = "user_id",
    }
    {
        /// Identity of the membership.
        id: Option<i64> = "id",
        /// The user's position in the order of calling.
        priority: Option<i64> = "priority",
        /// True if the user has logged in to the group.
        is_logged_in: Option<bool> = "login_status",
        /// Role in the group.
        role: Option<i64> = "role",
    }
}
