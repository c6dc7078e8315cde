//! Starting a call.

use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::error::InvalidCall;
use super::text::check_filled;
use super::timeout::Timeout;
use crate::event::AsTenant;

/// A request to start a call: `startCall`. Built and checked by [`builder`](Self::builder).
///
/// ```
/// use pbx_integration::StartCall;
///
/// let call = StartCall::builder("tenant1.example.com", "+12025550123").user("41").timeout(30.0).build()?;
/// assert_eq!(
///     serde_json::to_string(&call)?,
///     r#"{"domain":"tenant1.example.com","user":"41","to":"+12025550123","timeout":30}"#
/// );
///
/// let error = StartCall::builder("tenant1.example.com", "+12025550123").build().unwrap_err();
/// assert_eq!(error.to_string(), "startCall: either `user` or `from` is needed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Serialize` writes the argument of the PBX's function without unset fields, so that the PBX's
/// defaults apply. `Deserialize`, for hosts, checks like the builder. Starting a call is not
/// idempotent: set a [client token](StartCallBuilder::client_token) if the request may be retried.
#[doc(alias = "startCall")]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct StartCall(StartCallBuilder);

/// The parts of a [`StartCall`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StartCallBuilder {
    domain: TenantRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ani: Option<String>,
    to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<Timeout>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connect: Option<bool>,
    /// Unknown arguments of a deserialized request.
    #[serde(flatten)]
    extra: Map<String, Value>,
    // P110: for hosts, not for the PBX.
    #[serde(skip)]
    client_token: Option<String>,
}

/// The tenant of a request, by DNS name or number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
enum TenantRef {
    Name(String),
    Number(u64),
}

impl StartCall {
    /// Default time that the user has to connect: 60 s.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

    /// Creates a builder for a call in a tenant to a number, such as
    /// `StartCall::builder(ctx.tenant(), number)`. It also needs a
    /// [`user`](StartCallBuilder::user) or a [`from`](StartCallBuilder::from).
    #[must_use]
    pub fn builder(tenant: impl AsTenant, to: &str) -> StartCallBuilder {
        let name = tenant.as_tenant().map(|tenant| tenant.as_str().to_owned());
        StartCallBuilder {
            domain: TenantRef::Name(name.unwrap_or_default()),
            user: None,
            from: None,
            ani: None,
            to: to.to_owned(),
            timeout: None,
            connect: None,
            extra: Map::new(),
            client_token: None,
        }
    }

    /// Converts back to a builder.
    #[must_use]
    pub fn into_builder(self) -> StartCallBuilder {
        self.0
    }

    /// Returns the DNS name of the tenant; `None` if it is named by its number.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        match &self.0.domain {
            TenantRef::Name(name) => Some(name),
            TenantRef::Number(_) => None,
        }
    }

    /// Returns the alias name or number of the account that starts the call.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.0.user.as_deref()
    }

    /// Returns the number that starts the call.
    #[must_use]
    pub fn from(&self) -> Option<&str> {
        self.0.from.as_deref()
    }

    /// Returns the originator: the user, or else the number.
    #[must_use]
    pub fn originator(&self) -> &str {
        self.user().or_else(|| self.from()).unwrap_or_default()
    }

    /// Returns the explicit ANI.
    #[must_use]
    pub fn ani(&self) -> Option<&str> {
        self.0.ani.as_deref()
    }

    /// Returns the number to call.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.0.to
    }

    /// Returns the time that the user has to connect; 60 s by default.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.0.timeout.and_then(Timeout::rounded).unwrap_or(Self::DEFAULT_TIMEOUT)
    }

    /// Returns whether the PBX tries to connect the user by itself; by default not.
    #[must_use]
    pub fn connect(&self) -> bool {
        self.0.connect.unwrap_or_default()
    }

    /// Returns whether it has the PBX's own timeout and way to connect.
    #[cfg(feature = "click-to-dial")]
    pub(super) const fn is_default(&self) -> bool {
        self.0.timeout.is_none() && self.0.connect.is_none()
    }

    /// Returns the unknown arguments of a deserialized request.
    #[must_use]
    pub const fn extra(&self) -> &Map<String, Value> {
        &self.0.extra
    }

    /// Returns the token by which a host recognises a repetition. Not sent to the PBX.
    #[must_use]
    pub fn client_token(&self) -> Option<&str> {
        self.0.client_token.as_deref()
    }
}

impl StartCallBuilder {
    /// Names the tenant by its number.
    #[must_use]
    pub fn tenant_number(mut self, number: u64) -> Self {
        self.domain = TenantRef::Number(number);
        self
    }

    /// Sets the alias name or number of the account that starts the call. If a number is set too,
    /// both are sent, and the account starts the call. Empty text means no value, here and below.
    #[must_use]
    pub fn user(mut self, user: &str) -> Self {
        self.user = filled(user);
        self
    }

    /// Sets the number that starts the call.
    #[must_use]
    pub fn from(mut self, number: &str) -> Self {
        self.from = filled(number);
        self
    }

    /// Sets the ANI of the call.
    #[must_use]
    pub fn ani(mut self, number: &str) -> Self {
        self.ani = filled(number);
        self
    }

    /// Sets the time that the user has to connect, in seconds: above 0, at most 3600; fractions are
    /// rounded up. The PBX's default is 60 s.
    #[must_use]
    pub const fn timeout(mut self, seconds: f64) -> Self {
        self.timeout = Some(Timeout(seconds));
        self
    }

    /// Sets whether the PBX tries to connect the user by itself. By default not.
    #[must_use]
    pub const fn connect(mut self, connect: bool) -> Self {
        self.connect = Some(connect);
        self
    }

    /// Sets a token by which a host recognises a repetition, so that the call is not started twice
    /// within its time to connect.
    #[must_use]
    pub fn client_token(mut self, token: &str) -> Self {
        self.client_token = Some(token.to_owned());
        self
    }

    /// Checks and builds the request.
    ///
    /// # Errors
    ///
    /// [`InvalidCall`].
    pub fn build(self) -> Result<StartCall, InvalidCall> {
        if let TenantRef::Name(name) = &self.domain {
            check_filled("startCall: `domain`", name)?;
        }
        check_filled("startCall: `to`", &self.to)?;
        for (argument, text) in [
            ("startCall: `user`", &self.user),
            ("startCall: `from`", &self.from),
            ("startCall: `ani`", &self.ani),
        ] {
            if let Some(text) = text {
                check_filled(argument, text)?;
            }
        }
        if self.user.is_none() && self.from.is_none() {
            return Err(InvalidCall::NoOriginator);
        }
        if self.timeout.is_some_and(|timeout| timeout.rounded().is_none()) {
            return Err(InvalidCall::Timeout);
        }
        Ok(StartCall(self))
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Serde's error for a wrong type would show the value, which may be a number or a name, so the
/// fields are read from a [`Value`].
impl<'de> Deserialize<'de> for StartCall {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Value::Object(mut fields) = Value::deserialize(deserializer)? else {
            return Err(D::Error::custom("startCall: an object is expected"));
        };
        let domain = match fields.remove("domain") {
            Some(Value::String(name)) => TenantRef::Name(name),
            Some(Value::Number(number)) if number.is_u64() => {
                TenantRef::Number(number.as_u64().unwrap_or_default())
            }
            _ => return Err(D::Error::custom("startCall: `domain` is not a name or a number")),
        };
        let mut text = |argument: &'static str| match fields.remove(argument) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(D::Error::custom(format!("startCall: `{argument}` is not text"))),
        };
        let mut call = Self::builder("", &text("to")?)
            .user(&text("user")?)
            .from(&text("from")?)
            .ani(&text("ani")?);
        call.domain = domain;
        call.timeout = match fields.remove("timeout") {
            None | Some(Value::Null) => None,
            Some(Value::Number(seconds)) => seconds.as_f64().map(Timeout),
            Some(_) => return Err(D::Error::custom("startCall: `timeout` is not a number")),
        };
        call.connect = match fields.remove("connect") {
            None | Some(Value::Null) => None,
            Some(Value::Bool(connect)) => Some(connect),
            Some(_) => return Err(D::Error::custom("startCall: `connect` is not true or false")),
        };
        call.extra = fields;
        call.build().map_err(D::Error::custom)
    }
}
