//! Users, groups, memberships, terminals and the domain, field by field.

use super::{Check, Difference};
use crate::record::{ModelDomain, ModelGroup, ModelMember, ModelTerminal, ModelUser};
use basix_cti::element::{Domain, GroupMember, Scalar, Terminal};
use basix_cti::{Group, User};

impl Check<'_> {
    pub(super) fn user(self, expected: &ModelUser, found: &User<'_>) -> Result<(), Difference> {
        self.same("id", expected.id, found.id())?;
        self.text("name", &expected.name, found.name())?;
        let forwards = Some(expected.fwd_always_status != 0);
        self.same("fwd_always_status", forwards, found.forwards_always())?;
        let quiet = Some(expected.do_not_disturb_status != 0);
        self.same("do_not_disturb_status", quiet, found.do_not_disturb())?;
        self.same("language", Some(expected.language), found.language())?;
        self.text("main_extension", &expected.main_extension, found.main_extension())?;
        self.same("presence", Some(expected.presence), found.presence())?;
        self.same("role", Some(expected.role), found.role())?;
        self.same("park_group", Some(expected.park_group), found.park_group())?;
        self.number("mwi_target", expected.mwi_target, found.mwi_target())?;
        self.same("flags", Some(expected.flags), found.flags())?;
        let followme = found.followme().as_text().map(|text| text.to_str().into_owned());
        self.same("followme", expected.followme.clone(), followme)?;
        self.text("email", &expected.email, found.email())?;
        self.text("avatar", &expected.avatar, found.avatar())?;
        self.text("label", &expected.label, found.label())?;
        self.text("mwi", &expected.mwi, found.mwi())
    }

    pub(super) fn group(self, expected: &ModelGroup, found: &Group<'_>) -> Result<(), Difference> {
        self.same("id", expected.id, found.id())?;
        self.text("name", &expected.name, found.name())?;
        self.same("type", Some(expected.group_type), found.group_type())?;
        self.same("language", Some(expected.language), found.language())?;
        self.text("main_extension", &expected.main_extension, found.main_extension())?;
        self.same("queue", Some(expected.queue != 0), found.has_queue())?;
        self.text("label", &expected.label, found.label())?;
        self.same("flags", Some(expected.flags), found.flags())?;
        let checks = Some(expected.check_login_status != 0);
        self.same("check_login_status", checks, found.checks_login())?;
        self.text("mwi", &expected.mwi, found.mwi())
    }

    pub(super) fn member(
        self,
        expected: &ModelMember,
        found: &GroupMember<'_>,
    ) -> Result<(), Difference> {
        self.same("id", expected.id, found.id())?;
        self.same("group_id", expected.group_id, found.group_id())?;
        self.same("user_id", expected.user_id, found.user_id())?;
        self.same("priority", Some(expected.priority), found.priority())?;
        self.same("login_status", Some(expected.login_status != 0), found.is_logged_in())?;
        self.same("role", Some(expected.role), found.role())
    }

    pub(super) fn terminal(
        self,
        expected: &ModelTerminal,
        found: &Terminal<'_>,
    ) -> Result<(), Difference> {
        self.number("id", Some(expected.id), found.id())?;
        self.text("name", &expected.name, found.name())?;
        self.same("assoc_user_id", expected.assoc_user_id, found.assoc_user_id())?;
        self.number("type", Some(expected.terminal_type), found.terminal_type())?;
        self.text("user_agent", &expected.user_agent, found.user_agent())?;
        self.same("registered", Some(expected.registered), found.is_registered())
    }

    pub(super) fn domain(
        self,
        expected: &ModelDomain,
        found: &Domain<'_>,
    ) -> Result<(), Difference> {
        self.number("id", Some(expected.id), found.id())?;
        self.text("name", &expected.name, found.name())?;
        self.text("label", &expected.label, found.label())
    }

    /// A value that need not be a number.
    pub(super) fn number(
        self,
        field: &str,
        expected: Option<i64>,
        found: Scalar<'_>,
    ) -> Result<(), Difference> {
        match (expected, found.as_i64()) {
            (None, None) if !found.is_none() => {
                self.same(field, "no value".to_owned(), found.to_string())
            }
            (expected, found) => self.same(field, expected, found),
        }
    }
}
