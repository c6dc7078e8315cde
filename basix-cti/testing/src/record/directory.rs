//! The directory of the PBX: users, groups, memberships, terminals, the domain.

use super::value::Value;
use basix_cti::element::{GroupId, UserId};

/// A user of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelUser {
    /// Identity.
    pub id: UserId,
    /// Login name.
    pub name: String,
    /// 1 if all calls are forwarded, else 0.
    pub fwd_always_status: i64,
    /// 1 in do-not-disturb, else 0.
    pub do_not_disturb_status: i64,
    /// Language.
    pub language: i64,
    /// Main extension.
    pub main_extension: String,
    /// Availability.
    pub presence: i64,
    /// Role; 100 and more is an administrator.
    pub role: i64,
    /// Group of parking slots.
    pub park_group: i64,
    /// The user or group whose voicemail the user's telephone shows.
    pub mwi_target: Option<i64>,
    /// Flags.
    pub flags: i64,
    /// The destination to which calls follow the user.
    pub followme: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Picture.
    pub avatar: String,
    /// The name that is shown.
    pub label: String,
    /// Counters of new and saved voicemail.
    pub mwi: String,
}

impl ModelUser {
    /// A user with a name and default values.
    #[must_use]
    pub fn new(id: UserId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            fwd_always_status: 0,
            do_not_disturb_status: 0,
            language: 1,
            main_extension: String::new(),
            presence: 0,
            role: 0,
            park_group: 1,
            mwi_target: None,
            flags: 0,
            followme: None,
            email: String::new(),
            avatar: String::new(),
            label: name.to_owned(),
            mwi: String::new(),
        }
    }

    pub(crate) const FIELDS: [&'static str; 16] = [
        "id",
        "name",
        "fwd_always_status",
        "do_not_disturb_status",
        "language",
        "main_extension",
        "presence",
        "role",
        "park_group",
        "mwi_target",
        "flags",
        "followme",
        "email",
        "avatar",
        "label",
        "mwi",
    ];

    pub(crate) fn values(&self) -> [Value<'_>; 16] {
        [
            Value::Integer(self.id.0),
            Value::text(&self.name),
            Value::Integer(self.fwd_always_status),
            Value::Integer(self.do_not_disturb_status),
            Value::Integer(self.language),
            Value::text(&self.main_extension),
            Value::Integer(self.presence),
            Value::Integer(self.role),
            Value::Integer(self.park_group),
            Value::or_none(self.mwi_target, Value::Integer),
            Value::Integer(self.flags),
            Value::or_none(self.followme.as_deref(), Value::text),
            Value::text(&self.email),
            Value::text(&self.avatar),
            Value::text(&self.label),
            Value::text(&self.mwi),
        ]
    }
}

/// A group of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelGroup {
    /// Identity.
    pub id: GroupId,
    /// Name.
    pub name: String,
    /// 0: all members ring; 1: one after the other.
    pub group_type: i64,
    /// Language.
    pub language: i64,
    /// Main extension.
    pub main_extension: String,
    /// 1 if callers wait in a queue, else 0.
    pub queue: i64,
    /// The name that is shown.
    pub label: String,
    /// Flags.
    pub flags: i64,
    /// 1 if only members who have logged in are called, else 0.
    pub check_login_status: i64,
    /// Counters of new and saved voicemail.
    pub mwi: String,
}

impl ModelGroup {
    /// A ring group with a name and default values, whose callers wait in a queue.
    #[must_use]
    pub fn new(id: GroupId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            group_type: 0,
            language: 1,
            main_extension: String::new(),
            queue: 1,
            label: name.to_owned(),
            flags: 0,
            check_login_status: 0,
            mwi: String::new(),
        }
    }

    pub(crate) const FIELDS: [&'static str; 10] = [
        "id",
        "name",
        "type",
        "language",
        "main_extension",
        "queue",
        "label",
        "flags",
        "check_login_status",
        "mwi",
    ];

    pub(crate) fn values(&self) -> [Value<'_>; 10] {
        [
            Value::Integer(self.id.0),
            Value::text(&self.name),
            Value::Integer(self.group_type),
            Value::Integer(self.language),
            Value::text(&self.main_extension),
            Value::Integer(self.queue),
            Value::text(&self.label),
            Value::Integer(self.flags),
            Value::Integer(self.check_login_status),
            Value::text(&self.mwi),
        ]
    }
}

/// A membership of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelMember {
    /// Identity. Without one, the user and the group are the key.
    pub id: Option<i64>,
    /// The group.
    pub group_id: GroupId,
    /// The user.
    pub user_id: UserId,
    /// The user's place in the order of calling.
    pub priority: i64,
    /// 1 if the user has logged in to the group, else 0.
    pub login_status: i64,
    /// Role in the group.
    pub role: i64,
}

impl ModelMember {
    pub(crate) const FIELDS: [&'static str; 6] =
        ["id", "group_id", "user_id", "priority", "login_status", "role"];

    pub(crate) fn values(&self) -> [Value<'_>; 6] {
        [
            Value::or_none(self.id, Value::Integer),
            Value::Integer(self.group_id.0),
            Value::Integer(self.user_id.0),
            Value::Integer(self.priority),
            Value::Integer(self.login_status),
            Value::Integer(self.role),
        ]
    }

    pub(crate) fn key(&self) -> String {
        self.id.map_or_else(|| format!("{}:{}", self.user_id, self.group_id), |id| id.to_string())
    }
}

/// A terminal of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelTerminal {
    /// Identity.
    pub id: i64,
    /// Name.
    pub name: String,
    /// The user it belongs to.
    pub assoc_user_id: Option<UserId>,
    /// Kind of terminal.
    pub terminal_type: i64,
    /// User-Agent of the terminal.
    pub user_agent: String,
    /// True if the terminal is registered.
    pub registered: bool,
}

impl ModelTerminal {
    pub(crate) const FIELDS: [&'static str; 6] =
        ["id", "name", "assoc_user_id", "type", "user_agent", "registered"];

    pub(crate) fn values(&self) -> [Value<'_>; 6] {
        [
            Value::Integer(self.id),
            Value::text(&self.name),
            Value::or_none(self.assoc_user_id, |user| Value::Integer(user.0)),
            Value::Integer(self.terminal_type),
            Value::text(&self.user_agent),
            Value::Bool(self.registered),
        ]
    }
}

/// The domain of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelDomain {
    /// Identity.
    pub id: i64,
    /// Name.
    pub name: String,
    /// The name that is shown.
    pub label: String,
}

impl ModelDomain {
    pub(crate) const FIELDS: [&'static str; 3] = ["id", "name", "label"];

    pub(crate) fn values(&self) -> [Value<'_>; 3] {
        [Value::Integer(self.id), Value::text(&self.name), Value::text(&self.label)]
    }
}
