//! Starting a call.

use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::error::InvalidCall;
use super::text::check_filled;
use super::timeout::Timeout;
use crate::event::AsTenant;

/// A request to start a call: `startCall`. Made by [`builder`](Self::builder), so that it is
/// complete and sound.
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
/// `Serialize` gives the object that the PBX's function takes; what is not set is not written, so that
/// the PBX's own defaults count. `Deserialize`, for hosts, checks as the builder does. Starting a call
/// is not idempotent: give it a [client token](StartCallBuilder::client_token) if it may be sent again.
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
    /// Unknown arguments of a request that was read.
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
    /// The time that the user has to connect if none is given: 60 s.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

    /// A call in a tenant to a number, such as `StartCall::builder(ctx.tenant(), number)`. It also needs a
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

    /// Its parts, to change some of them.
    #[must_use]
    pub fn into_builder(self) -> StartCallBuilder {
        self.0
    }

    /// The DNS name of the tenant; `None` if it is named by its number.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        match &self.0.domain {
            TenantRef::Name(name) => Some(name),
            TenantRef::Number(_) => None,
        }
    }

    /// The alias name or number of the account that starts the call.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.0.user.as_deref()
    }

    /// The number that starts the call.
    #[must_use]
    pub fn from(&self) -> Option<&str> {
        self.0.from.as_deref()
    }

    /// The originator: the user, or else the number.
    #[must_use]
    pub fn originator(&self) -> &str {
        self.user().or_else(|| self.from()).unwrap_or_default()
    }

    /// The explicit ANI.
    #[must_use]
    pub fn ani(&self) -> Option<&str> {
        self.0.ani.as_deref()
    }

    /// The number to call.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.0.to
    }

    /// The time that the user has to connect; 60 s if none was given.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.0.timeout.and_then(Timeout::rounded).unwrap_or(Self::DEFAULT_TIMEOUT)
    }

    /// Returns whether the PBX should try to connect the user by itself; by default not.
    #[must_use]
    pub fn connect(&self) -> bool {
        self.0.connect.unwrap_or_default()
    }

    /// Returns whether it has the PBX's own timeout and way to connect.
    #[cfg(feature = "click-to-dial")]
    pub(super) const fn is_default(&self) -> bool {
        self.0.timeout.is_none() && self.0.connect.is_none()
    }

    /// Arguments that this version does not know, of a request that was read.
    #[must_use]
    pub const fn extra(&self) -> &Map<String, Value> {
        &self.0.extra
    }

    /// The token by which a host knows this request again. Not sent to the PBX.
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

    /// The alias name or number of the account that starts the call. Where a number is given too, both
    /// are sent, and this is who starts it. Empty text means no value, here and below.
    #[must_use]
    pub fn user(mut self, user: &str) -> Self {
        self.user = filled(user);
        self
    }

    /// The number that starts the call.
    #[must_use]
    pub fn from(mut self, number: &str) -> Self {
        self.from = filled(number);
        self
    }

    /// The ANI of the call.
    #[must_use]
    pub fn ani(mut self, number: &str) -> Self {
        self.ani = filled(number);
        self
    }

    /// The time that the user has to connect, in seconds: above 0, at most 3600; fractions are rounded
    /// up. By default the PBX's own, 60 s.
    #[must_use]
    pub const fn timeout(mut self, seconds: f64) -> Self {
        self.timeout = Some(Timeout(seconds));
        self
    }

    /// Returns whether the PBX should try to connect the user by itself. By default not.
    #[must_use]
    pub const fn connect(mut self, connect: bool) -> Self {
        self.connect = Some(connect);
        self
    }

    /// A token by which a host knows this request again, so that it is not carried out twice within
    /// its time to connect.
    #[must_use]
    pub fn client_token(mut self, token: &str) -> Self {
        self.client_token = Some(token.to_owned());
        self
    }

    /// Checks the request.
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

/// An error of serde about a wrong type would show the value, which may be a number or a name. So
/// the fields are taken from a [`Value`].
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
