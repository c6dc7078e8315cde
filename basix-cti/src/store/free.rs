//! Users who are free for calls.

use std::collections::HashSet;

use super::Store;
use crate::element::{GroupId, User, UserId};

impl Store {
    /// The users who are free for calls: on no channel, and known not to be in "do not disturb" and
    /// not to forward all calls. A user with an unknown setting is not free.
    pub fn free_users(&self) -> impl Iterator<Item = User<'_>> {
        let busy: HashSet<UserId> =
            self.channels().filter_map(|channel| channel.user_id()).collect();
        self.users().filter(move |user| {
            user.do_not_disturb() == Some(false)
                && user.forwards_always() == Some(false)
                && !busy.contains(&user.id())
        })
    }

    /// The free users of a group whom it would call: those who have logged in to it, unless the group
    /// is known not to check that.
    pub fn free_members_of(&self, group: GroupId) -> impl Iterator<Item = User<'_>> {
        let checks_login = self.group(group).and_then(|group| group.checks_login());
        let ready: HashSet<UserId> = self
            .members_of(group)
            .filter(|member| checks_login == Some(false) || member.is_logged_in() == Some(true))
            .map(|member| member.user_id())
            .collect();
        self.free_users().filter(move |user| ready.contains(&user.id()))
    }
}
