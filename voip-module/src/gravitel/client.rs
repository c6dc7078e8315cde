//! All commands of the protocol, over any transport.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::command::Command;
use super::history::{HistoryQuery, HistoryRow, RowError, parse_history};
use super::{GravitelConfig, GravitelOptions, PhoneFormat};
use crate::error::Error;
use crate::transport::{Answer, HttpTransport};

/// An operator's account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Account {
    /// The login.
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    /// The extension.
    #[serde(default, deserialize_with = "text")]
    pub ext: String,
    /// The direct number, where the PBX gives it.
    #[serde(default, deserialize_with = "text")]
    pub telnum: String,
    /// The person's name.
    #[serde(default, deserialize_with = "text")]
    pub real_name: String,
    /// The person's address.
    #[serde(default, deserialize_with = "text")]
    pub email: String,
}

/// A group of operators.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Group {
    /// The group's id.
    #[serde(default, deserialize_with = "text")]
    pub id: String,
    /// The group's name.
    #[serde(default, deserialize_with = "text")]
    pub real_name: String,
    /// The group's extension.
    #[serde(default, deserialize_with = "text")]
    pub ext: String,
}

/// Reads text or a number; `null` is empty.
fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null => Ok(String::new()),
        _ => Err(serde::de::Error::custom("expected text")),
    }
}

/// A call history: the valid rows, and the errors of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct History {
    /// The calls.
    pub rows: Vec<HistoryRow>,
    /// The invalid rows.
    pub errors: Vec<RowError>,
}

/// All commands of the protocol, over any transport.
///
/// Nothing is retried: a command that timed out may have been executed.
#[derive(Clone)]
pub struct GravitelClient<T> {
    pub(super) config: GravitelConfig,
    pub(super) options: GravitelOptions,
    transport: T,
}

impl<T> GravitelClient<T> {
    /// Creates a client.
    pub const fn new(config: GravitelConfig, options: GravitelOptions, transport: T) -> Self {
        Self { config, options, transport }
    }
}

impl<T: HttpTransport> GravitelClient<T> {
    /// `accounts`: the operators.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command); [`Error::UnexpectedBody`] if it is not a list of accounts.
    pub async fn accounts(&self) -> Result<Vec<Account>, Error> {
        let answer = self.send(&Command::new("accounts")).await?;
        answer.json("expected a JSON array of accounts")
    }

    /// `groups`: all groups, or those of a user.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command); [`Error::UnexpectedBody`] if it is not a list of groups.
    pub async fn groups(&self, user: Option<&str>) -> Result<Vec<Group>, Error> {
        let answer = self.send(&Command::new("groups").optional("user", user)).await?;
        answer.json("expected a JSON array of groups")
    }

    /// `makeCall`: rings the operator `user` (login, extension or direct number), then dials
    /// `phone`. Success means that the PBX has started, not that anybody answered. `clid` is the
    /// number to show. Returns the id of the call, if the answer has one.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] before anything is sent if `phone` or `user` is empty, then
    /// as [`command`](Self::command).
    pub async fn make_call(
        &self,
        phone: &str,
        user: &str,
        clid: Option<&str>,
    ) -> Result<Option<String>, Error> {
        let phone = self.phone(phone)?;
        Error::require("user", user)?;
        let command = Command::new("makeCall")
            .parameter("phone", &phone)
            .parameter("user", user)
            .optional("clid", clid);
        Ok(call_id(&self.send(&command).await?.text()?))
    }

    /// `history`: finished calls.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command); [`Error::UnexpectedBody`] if no row is valid.
    pub async fn history(&self, query: &HistoryQuery) -> Result<History, Error> {
        let command = Command { name: "history", parameters: query.parameters().collect() };
        let answer = self.send(&command).await?;
        let body = answer.text()?;
        let mut history = History::default();
        for row in parse_history(&body) {
            match row {
                Ok(row) => history.rows.push(row),
                Err(error) => history.errors.push(error),
            }
        }
        if history.rows.is_empty() && !history.errors.is_empty() {
            return Err(answer.unexpected("expected CSV of nine columns"));
        }
        Ok(history)
    }

    /// `subscribeOnCalls`: switches a user's calls from a group on or off; without a group, from
    /// every group.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command).
    pub async fn subscribe_on_calls(
        &self,
        user: &str,
        on: bool,
        group_id: Option<&str>,
    ) -> Result<(), Error> {
        Error::require("user", user)?;
        let command = Command::new("subscribeOnCalls")
            .parameter("user", user)
            .parameter("status", if on { "on" } else { "off" })
            .optional("group_id", group_id);
        self.send(&command).await?.text().map(drop)
    }

    /// `subscriptionStatus`: returns whether a user gets calls from a group.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command); [`Error::UnexpectedBody`] if it is neither on nor off.
    pub async fn subscription_status(&self, user: &str, group_id: &str) -> Result<bool, Error> {
        #[derive(Deserialize)]
        struct Subscription {
            status: String,
        }
        Error::require("user", user)?;
        let command = Command::new("subscriptionStatus")
            .parameter("user", user)
            .parameter("group_id", group_id);
        let answer = self.send(&command).await?;
        let expected = "expected {\"status\":\"on\"} or {\"status\":\"off\"}";
        match &*answer.json::<Subscription>(expected)?.status {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(answer.unexpected(expected)),
        }
    }

    /// `set_dnd`: switches a user's do-not-disturb on or off.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command).
    pub async fn set_dnd(&self, user: &str, state: bool) -> Result<(), Error> {
        Error::require("user", user)?;
        let command = Command::new("set_dnd")
            .parameter("user", user)
            .parameter("state", if state { "true" } else { "false" });
        self.send(&command).await?.text().map(drop)
    }

    /// `get_dnd`: returns whether a user is in do-not-disturb.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command); [`Error::UnexpectedBody`] if it has no state.
    pub async fn get_dnd(&self, user: &str) -> Result<bool, Error> {
        #[derive(Deserialize)]
        struct Dnd {
            state: bool,
        }
        Error::require("user", user)?;
        let answer = self.send(&Command::new("get_dnd").parameter("user", user)).await?;
        let dnd: Dnd = answer.json("expected {\"state\":true} or {\"state\":false}")?;
        Ok(dnd.state)
    }

    /// Sends any command, such as one that this version does not know, and returns the answer's
    /// body.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] and [`Error::InvalidArgument`] (for a parameter `cmd` or `token`)
    /// before anything is sent; [`Error::Timeout`] and [`Error::Transport`] if no answer came;
    /// [`Error::Auth`] for 401, [`Error::Remote`] for any other refusal, [`Error::UnexpectedBody`]
    /// for a fault that is not JSON.
    pub async fn command(&self, name: &str, parameters: &[(&str, &str)]) -> Result<String, Error> {
        self.send(&Command { name, parameters: parameters.to_vec() }).await?.text()
    }

    /// Sends a command and returns the answer with any status.
    pub(super) async fn send(&self, command: &Command<'_>) -> Result<Answer<'_>, Error> {
        let post = command.post(&self.config, self.options.encoding)?;
        post.send(&self.transport, operation(command.name)).await
    }
}

/// The name of a command for errors, which holds no text of the caller.
fn operation(name: &str) -> &'static str {
    const KNOWN: [&str; 8] = [
        "accounts",
        "groups",
        "makeCall",
        "history",
        "subscribeOnCalls",
        "subscriptionStatus",
        "set_dnd",
        "get_dnd",
    ];
    KNOWN.into_iter().find(|known| *known == name).unwrap_or("command")
}

impl<T> GravitelClient<T> {
    /// A number to dial, in the format of the options.
    // V56
    pub(super) fn phone(&self, phone: &str) -> Result<String, Error> {
        let phone: String = match self.options.phone_format {
            PhoneFormat::AsIs => phone.into(),
            PhoneFormat::DigitsOnly => phone.chars().filter(char::is_ascii_digit).collect(),
        };
        Error::require("phone", &phone)?;
        Ok(phone)
    }
}

/// The id in an answer to `makeCall`: `{"uuid":"…"}`, a JSON string, or bare text.
fn call_id(body: &str) -> Option<String> {
    let id = match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(members)) => members.get("uuid")?.as_str()?.to_owned(),
        Ok(Value::String(id)) => id,
        Ok(Value::Number(id)) => id.to_string(),
        Ok(_) => return None,
        Err(_) => body.trim().to_owned(),
    };
    let is_id = |id: &String| {
        (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<')
    };
    Some(id).filter(is_id)
}

impl<T> fmt::Debug for GravitelClient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config, options, transport: _ } = self;
        f.debug_struct("GravitelClient")
            .field("config", config)
            .field("options", options)
            .finish_non_exhaustive()
    }
}
