//! All commands of the protocol, over any transport (§8).

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::command::{Command, successful, unexpected};
use super::history::{HistoryQuery, HistoryRow, RowError, parse_history};
use super::{GravitelConfig, GravitelOptions, PhoneFormat};
use crate::error::Error;
use crate::transport::HttpTransport;

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

/// Text or a number; nothing and `null` are empty.
fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null => Ok(String::new()),
        _ => Err(serde::de::Error::custom("expected text")),
    }
}

/// A call history: the rows that could be read, and what was wrong with the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct History {
    /// The calls.
    pub rows: Vec<HistoryRow>,
    /// The rows that could not be read.
    pub errors: Vec<RowError>,
}

/// All commands of the protocol, over any transport.
///
/// Nothing is retried: a command that timed out may have been carried out.
#[derive(Clone)]
pub struct GravitelClient<T> {
    config: GravitelConfig,
    options: GravitelOptions,
    transport: T,
}

impl<T> GravitelClient<T> {
    /// A client.
    pub const fn new(config: GravitelConfig, options: GravitelOptions, transport: T) -> Self {
        Self { config, options, transport }
    }

    pub(super) const fn config(&self) -> &GravitelConfig {
        &self.config
    }

    pub(super) fn with_config(mut self, config: GravitelConfig) -> Self {
        self.config = config;
        self
    }

    pub(super) const fn options(&self) -> &GravitelOptions {
        &self.options
    }

    pub(super) fn options_mut(&mut self) -> &mut GravitelOptions {
        &mut self.options
    }
}

impl<T: HttpTransport> GravitelClient<T> {
    /// `accounts`: the operators.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command); [`Error::UnexpectedBody`] if it is no list of accounts.
    pub async fn accounts(&self) -> Result<Vec<Account>, Error> {
        let response = self.send(&Command::new("accounts")).await?;
        self.json("accounts", &response, "expected a JSON array of accounts")
    }

    /// `groups`: all groups, or those of a user.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command); [`Error::UnexpectedBody`] if it is no list of groups.
    pub async fn groups(&self, user: Option<&str>) -> Result<Vec<Group>, Error> {
        let response = self.send(&Command::new("groups").optional("user", user)).await?;
        self.json("groups", &response, "expected a JSON array of groups")
    }

    /// `makeCall`: rings the operator `user` (login, extension or direct number), then dials
    /// `phone`. Success says that the PBX has begun, not that anybody answered (V55). `clid` is the
    /// number to show. Gives the id of the call, if the answer has one.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] before anything is sent if `phone` or `user` is empty (V75), then
    /// as [`command`](Self::command).
    pub async fn make_call(
        &self,
        phone: &str,
        user: &str,
        clid: Option<&str>,
    ) -> Result<Option<String>, Error> {
        let phone = self.phone(phone)?;
        require("user", user)?;
        let command = Command::new("makeCall")
            .parameter("phone", &phone)
            .parameter("user", user)
            .optional("clid", clid);
        let response = self.send(&command).await?;
        Ok(call_id(&successful("makeCall", &response, &self.config)?))
    }

    /// `history`: finished calls.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command); [`Error::UnexpectedBody`] if no row can be read.
    pub async fn history(&self, query: &HistoryQuery) -> Result<History, Error> {
        let command = Command { name: "history", parameters: query.parameters().collect() };
        let response = self.send(&command).await?;
        let body = successful("history", &response, &self.config)?;
        let mut history = History::default();
        for row in parse_history(&body) {
            match row {
                Ok(row) => history.rows.push(row),
                Err(error) => history.errors.push(error),
            }
        }
        if history.rows.is_empty() && !history.errors.is_empty() {
            let reason = "expected CSV of nine columns";
            return Err(unexpected("history", &response, &self.config, reason));
        }
        Ok(history)
    }

    /// `subscribeOnCalls`: switches a user's calls from a group on or off; without a group, from
    /// every group (V58).
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
        require("user", user)?;
        let command = Command::new("subscribeOnCalls")
            .parameter("user", user)
            .parameter("status", if on { "on" } else { "off" })
            .optional("group_id", group_id);
        let response = self.send(&command).await?;
        successful("subscribeOnCalls", &response, &self.config).map(drop)
    }

    /// `subscriptionStatus`: whether a user gets calls from a group.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command); [`Error::UnexpectedBody`] if it is neither on nor off.
    pub async fn subscription_status(&self, user: &str, group_id: &str) -> Result<bool, Error> {
        #[derive(Deserialize)]
        struct Answer {
            status: String,
        }
        require("user", user)?;
        let command = Command::new("subscriptionStatus")
            .parameter("user", user)
            .parameter("group_id", group_id);
        let response = self.send(&command).await?;
        let expected = "expected {\"status\":\"on\"} or {\"status\":\"off\"}";
        let answer: Answer = self.json("subscriptionStatus", &response, expected)?;
        match &*answer.status {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(unexpected("subscriptionStatus", &response, &self.config, expected)),
        }
    }

    /// `set_dnd`: whether a user is not to be disturbed.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command).
    pub async fn set_dnd(&self, user: &str, state: bool) -> Result<(), Error> {
        require("user", user)?;
        let command = Command::new("set_dnd")
            .parameter("user", user)
            .parameter("state", if state { "true" } else { "false" });
        let response = self.send(&command).await?;
        successful("set_dnd", &response, &self.config).map(drop)
    }

    /// `get_dnd`: whether a user is not to be disturbed.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command); [`Error::UnexpectedBody`] if it does not say.
    pub async fn get_dnd(&self, user: &str) -> Result<bool, Error> {
        #[derive(Deserialize)]
        struct Answer {
            state: bool,
        }
        require("user", user)?;
        let response = self.send(&Command::new("get_dnd").parameter("user", user)).await?;
        let answer: Answer =
            self.json("get_dnd", &response, "expected {\"state\":true} or {\"state\":false}")?;
        Ok(answer.state)
    }

    /// Any command, such as one that this version does not know; gives the answer's body.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] and [`Error::InvalidArgument`] (for a parameter `cmd` or `token`, V54)
    /// before anything is sent; [`Error::Timeout`] and [`Error::Transport`] if no answer came;
    /// [`Error::Auth`] for 401, [`Error::Remote`] for any other refusal, [`Error::UnexpectedBody`]
    /// for a fault that is not JSON (V60).
    pub async fn command(&self, name: &str, parameters: &[(&str, &str)]) -> Result<String, Error> {
        let response = self.send(&Command { name, parameters: parameters.to_vec() }).await?;
        successful("command", &response, &self.config)
    }

    /// Sends a command and gives the answer, whatever its status.
    pub(super) async fn send(
        &self,
        command: &Command<'_>,
    ) -> Result<http::Response<bytes::Bytes>, Error> {
        let request = command.request(&self.config, self.options.encoding)?;
        Ok(self.transport.send(request).await?)
    }

    fn json<A: serde::de::DeserializeOwned>(
        &self,
        operation: &'static str,
        response: &http::Response<bytes::Bytes>,
        expected: &'static str,
    ) -> Result<A, Error> {
        let body = successful(operation, response, &self.config)?;
        serde_json::from_str(&body)
            .map_err(|_| unexpected(operation, response, &self.config, expected))
    }
}

impl<T> GravitelClient<T> {
    /// A number to dial, in the format that the options ask for (V56).
    pub(super) fn phone(&self, phone: &str) -> Result<String, Error> {
        let phone: String = match self.options.phone_format {
            PhoneFormat::AsIs => phone.into(),
            PhoneFormat::DigitsOnly => phone.chars().filter(char::is_ascii_digit).collect(),
        };
        if !self.options.is_sample() {
            require("phone", &phone)?;
        }
        Ok(phone)
    }
}

fn require(name: &'static str, value: &str) -> Result<(), Error> {
    if value.is_empty() {
        return Err(Error::InvalidArgument { name, reason: "it is empty" });
    }
    Ok(())
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
