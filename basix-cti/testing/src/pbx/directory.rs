//! Changes of users, groups, memberships, terminals and the domain.

use super::super::record::{Entry, ModelDomain, ModelGroup, ModelMember, ModelTerminal, ModelUser};
use super::{Pbx, PbxError};
use basix_cti::ElementKind;
use basix_cti::element::{GroupId, GroupType, UserId};

impl Pbx {
    /// Adds a user.
    pub fn add_user(&mut self, name: &str) -> UserId {
        let id = UserId(self.next_id());
        let mut user = ModelUser::new(id, name);
        user.main_extension = (id.0 % 10_000).to_string();
        user.email = format!("user{id}@example.test");
        self.put(Entry::User(user));
        id
    }

    /// Adds a user who is an administrator.
    pub fn add_administrator(&mut self, name: &str) -> UserId {
        let id = self.add_user(name);
        let _ = self.update_user(id, |user| user.role = super::account::ADMINISTRATOR);
        id
    }

    /// Changes a user; its identity stays.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn update_user(
        &mut self,
        id: UserId,
        change: impl FnOnce(&mut ModelUser),
    ) -> Result<(), PbxError> {
        let mut user = self.user(id).ok_or(PbxError::NoUser(id))?.clone();
        change(&mut user);
        user.id = id;
        self.put(Entry::User(user));
        Ok(())
    }

    /// Removes a user, after its memberships.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn remove_user(&mut self, id: UserId) -> Result<(), PbxError> {
        self.user(id).ok_or(PbxError::NoUser(id))?;
        self.remove_members(|member| member.user_id == id);
        self.remove(ElementKind::User, &id.to_string());
        Ok(())
    }

    /// Sets whether a user does not want to be called.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn set_do_not_disturb(&mut self, user: UserId, on: bool) -> Result<(), PbxError> {
        self.update_user(user, |user| user.do_not_disturb_status = on.into())
    }

    /// Adds a group.
    pub fn add_group(&mut self, name: &str, group_type: GroupType<'_>) -> GroupId {
        let id = GroupId(self.next_id());
        let mut group = ModelGroup::new(id, name);
        group.group_type = i64::from(group_type == GroupType::Hunt);
        group.main_extension = (id.0 % 10_000).to_string();
        self.put(Entry::Group(group));
        id
    }

    /// Changes a group; its identity stays.
    ///
    /// # Errors
    ///
    /// When there is no such group.
    pub fn update_group(
        &mut self,
        id: GroupId,
        change: impl FnOnce(&mut ModelGroup),
    ) -> Result<(), PbxError> {
        let mut group = self.group(id).ok_or(PbxError::NoGroup(id))?.clone();
        change(&mut group);
        group.id = id;
        self.put(Entry::Group(group));
        Ok(())
    }

    /// Removes a group, after its memberships.
    ///
    /// # Errors
    ///
    /// When there is no such group.
    pub fn remove_group(&mut self, id: GroupId) -> Result<(), PbxError> {
        self.group(id).ok_or(PbxError::NoGroup(id))?;
        self.remove_members(|member| member.group_id == id);
        self.remove(ElementKind::Group, &id.to_string());
        Ok(())
    }

    /// Makes a user a member of a group; no effect on a member.
    ///
    /// # Errors
    ///
    /// When there is no such user or group.
    pub fn join(&mut self, group_id: GroupId, user_id: UserId) -> Result<(), PbxError> {
        self.user(user_id).ok_or(PbxError::NoUser(user_id))?;
        self.group(group_id).ok_or(PbxError::NoGroup(group_id))?;
        if self.member(group_id, user_id).is_some() {
            return Ok(());
        }
        let priority = self.members().filter(|member| member.group_id == group_id).count() + 1;
        let id = self.next_id();
        self.put(Entry::GroupMember(ModelMember {
            // Some go by user and group, which a reader must know as well (B40).
            id: (!self.odd_records || id % 5 != 0).then_some(id),
            group_id,
            user_id,
            priority: i64::try_from(priority).unwrap_or(i64::MAX),
            login_status: 0,
            role: 0,
        }));
        Ok(())
    }

    /// Ends a membership, if there is one.
    pub fn leave(&mut self, group: GroupId, user: UserId) {
        self.remove_members(|member| member.group_id == group && member.user_id == user);
    }

    /// Logs a member in to a group, or out; no effect on other users.
    pub fn set_login(&mut self, group: GroupId, user: UserId, on: bool) {
        if let Some(mut member) = self.member(group, user).cloned() {
            member.login_status = on.into();
            self.put(Entry::GroupMember(member));
        }
    }

    /// Adds a terminal.
    pub fn add_terminal(&mut self, name: &str, user: Option<UserId>) -> i64 {
        let id = self.next_id();
        self.put(Entry::Terminal(ModelTerminal {
            id,
            name: name.to_owned(),
            assoc_user_id: user,
            terminal_type: 1,
            user_agent: "Telephone 1.0".to_owned(),
            registered: false,
        }));
        id
    }

    /// Registers a terminal, or ends its registration; ignores an unknown terminal.
    pub fn set_registered(&mut self, id: i64, on: bool) {
        let entry = self.tables.get(ElementKind::Terminal, &id.to_string());
        if let Some(Entry::Terminal(terminal)) = entry.map(|entry| &**entry) {
            let terminal = ModelTerminal { registered: on, ..terminal.clone() };
            self.put(Entry::Terminal(terminal));
        }
    }

    /// Removes a terminal; ignores an unknown one.
    pub fn remove_terminal(&mut self, id: i64) {
        self.remove(ElementKind::Terminal, &id.to_string());
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> Option<&ModelDomain> {
        self.tables.of(ElementKind::Domain).find_map(|(_, entry)| match &**entry {
            Entry::Domain(domain) => Some(domain),
            _ => None,
        })
    }

    /// Changes the name under which the domain is shown.
    pub fn rename_domain(&mut self, label: &str) {
        if let Some(domain) = self.domain().cloned() {
            self.put(Entry::Domain(ModelDomain { label: label.to_owned(), ..domain }));
        }
    }

    fn member(&self, group: GroupId, user: UserId) -> Option<&ModelMember> {
        self.members().find(|member| member.group_id == group && member.user_id == user)
    }

    fn remove_members(&mut self, which: impl Fn(&ModelMember) -> bool) {
        let keys: Vec<String> =
            self.members().filter(|member| which(member)).map(ModelMember::key).collect();
        for key in keys {
            self.remove(ElementKind::GroupMember, &key);
        }
    }
}
