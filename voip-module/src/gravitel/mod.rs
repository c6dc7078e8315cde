//! The Gravitel cloud PBX, complete: pushes, commands and the provider over both (§7–§11).
//!
//! Pushes: request → [`GravitelPush`] → [`VoipWebhookParseResult`]. Commands: arguments →
//! [`GravitelClient`] → answer. [`GravitelOptions`] chooses between two behaviours.

mod client;
mod command;
mod config;
mod duration;
mod history;
mod options;
mod parse;
mod push;
mod timestamp;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;
use url::Url;

pub use self::client::{Account, GravitelClient, Group, History};
use self::command::{Command, quotable, remote_error, unexpected};
pub use self::config::GravitelConfig;
pub use self::history::{
    HistoryFilter, HistoryKind, HistoryQuery, HistoryRow, Period, RowError, parse_history,
};
pub use self::options::{
    Encoding, GravitelOptions, NumberOrder, OperatorId, PhoneFormat, Preset, UnknownEvent,
};
pub use self::push::{GravitelPush, PushKind};
pub use self::timestamp::{InvalidTimestamp, Timestamp};
use crate::carrier::{HttpResponse, WebhookRequest};
use crate::clock::Timer;
use crate::error::{Error, LinkError, ParseError};
use crate::guard;
use crate::log;
use crate::model::{CallData, VoipMember, VoipTestConnectionResult, VoipWebhookParseResult};
use crate::provider::{Capabilities, ContactLookup, ContactQuery, VoipProvider};
use crate::transport::{HttpTransport, TransportError};

/// Gravitel as a [`VoipProvider`].
#[derive(Clone)]
pub struct GravitelProvider<T> {
    client: GravitelClient<T>,
    contacts: Option<(Arc<dyn ContactLookup>, Arc<dyn Timer>)>,
}

/// The transport of a provider that reads pushes and sends nothing.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "has no state")]
pub struct NoTransport;

#[async_trait]
impl HttpTransport for NoTransport {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        Err(TransportError::Request("this provider has no transport".into()))
    }
}

impl GravitelProvider<NoTransport> {
    /// A provider that reads pushes and sends nothing.
    #[must_use]
    pub fn parser_only() -> Self {
        Self::new(GravitelConfig::default(), NoTransport)
    }
}

impl<T> GravitelProvider<T> {
    /// A provider with default options.
    pub fn new(config: GravitelConfig, transport: T) -> Self {
        let client = GravitelClient::new(config, GravitelOptions::default(), transport);
        Self { client, contacts: None }
    }

    /// Sets the options.
    #[must_use]
    pub fn options(mut self, options: GravitelOptions) -> Self {
        *self.client.options_mut() = options;
        self
    }

    /// Sets the key that pushes have to carry; see [`GravitelConfig::crm_key`].
    #[must_use]
    pub fn crm_key(mut self, crm_key: impl Into<crate::Secret>) -> Self {
        let client = self.client;
        let config = client.config().clone().with_crm_key(crm_key);
        self.client = client.with_config(config);
        self
    }

    /// Answers `contact` pushes from a look-up, for which the timer gives so much time as the
    /// options say (V66). The sample preset leaves such pushes unanswered (V94).
    #[must_use]
    pub fn contacts(
        mut self,
        lookup: impl ContactLookup + 'static,
        timer: impl Timer + 'static,
    ) -> Self {
        self.contacts = Some((Arc::new(lookup), Arc::new(timer)));
        self
    }

    /// All commands.
    pub const fn client(&self) -> &GravitelClient<T> {
        &self.client
    }

    /// The answer to a `contact` push: what the look-up knows in time, or `{}` (V66, V94).
    async fn contact(&self, push: &GravitelPush<'_>) -> http::Response<Bytes> {
        let nobody = || parse::contact_response("{}".into());
        let text = |field: &Option<std::borrow::Cow<'_, str>>| {
            field.as_deref().filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let (Some((lookup, timer)), Some(phone)) = (&self.contacts, text(&push.phone)) else {
            return nobody();
        };
        let mut query = ContactQuery::new(phone);
        query.call_id = text(&push.callid);
        query.diversion = text(&push.diversion);
        let budget = self.client.options().contact_budget;
        let search = Box::pin(guard::catch(lookup.find_contact(&query)));
        match guard::until(search, timer.sleep(budget)).await {
            Some(Ok(Ok(Some(contact)))) => {
                HttpResponse::new().json(&contact).map_or_else(|_| nobody(), Into::into)
            }
            Some(Ok(Ok(None))) => nobody(),
            Some(Ok(Err(error))) => {
                log::fault("the contact look-up failed", error.code());
                nobody()
            }
            Some(Err(_)) => {
                log::fault("the contact look-up failed", "panic");
                nobody()
            }
            None => {
                log::fault("the contact look-up failed", "it took too long");
                nobody()
            }
        }
    }

    async fn read(&self, request: &WebhookRequest) -> Result<VoipWebhookParseResult, ParseError> {
        let (options, config) = (self.client.options(), self.client.config());
        let text = parse::open(request, options)?;
        let push = parse::read_push(&text, request.limits(), options, config.crm_key.as_ref())?;
        let mut result = push.to_result(options)?;
        if push.kind(options) == PushKind::Contact && !options.is_sample() {
            result.response = Some(self.contact(&push).await);
        }
        Ok(result)
    }
}

impl<T: HttpTransport> GravitelProvider<T> {
    /// The connection test as the vendor's example has it: JSON first, then the status (V73).
    async fn sample_test(&self) -> Result<(), String> {
        let response = self.client.send(&Command::new("accounts")).await;
        let response = response.map_err(|error| error.to_string())?;
        let json: Value = serde_json::from_slice(response.body())
            .map_err(|_| "the answer is not JSON".to_owned())?;
        let status = response.status();
        if status == http::StatusCode::OK {
            return Ok(());
        }
        let said = remote_error(&json).unwrap_or_else(|| "no reason was given".into());
        Err(format!("{status}: {}", quotable(&said, self.client.config())))
    }

    /// The answer to a command that the vendor's example takes for success: 200 and no other.
    async fn sample_send(&self, command: &Command<'_>) -> Result<http::Response<Bytes>, Error> {
        let response = self.client.send(command).await?;
        if response.status() == http::StatusCode::OK {
            return Ok(response);
        }
        let json = serde_json::from_slice::<Value>(response.body()).ok();
        let said = json.as_ref().and_then(remote_error);
        let message = said.unwrap_or_else(|| "no reason was given".into());
        let message = quotable(&message, self.client.config());
        let status = response.status();
        Err(match status.as_u16() {
            401 => Error::Auth { message: format!("{status}: {message}") },
            _ => Error::Remote { status, message },
        })
    }
}

#[async_trait]
impl<T: HttpTransport> VoipProvider for GravitelProvider<T> {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        let outcome = if self.client.options().is_sample() {
            self.sample_test().await
        } else {
            self.client.accounts().await.map(drop).map_err(|error| error.to_string())
        };
        outcome.map_or_else(VoipTestConnectionResult::failed, |()| VoipTestConnectionResult::ok())
    }

    async fn parse_webhook(
        &self,
        request: &WebhookRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        Ok(self.read(request).await.unwrap_or_else(|error| {
            log::refused(error.status(), &error.to_string());
            let mut result = VoipWebhookParseResult::from(error);
            // The example sets no content type (V105).
            if let (Some(response), true) =
                (&mut result.response, self.client.options().is_sample())
            {
                response.headers_mut().clear();
            }
            result
        }))
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        if self.client.options().is_sample() {
            let response = self.sample_send(&Command::new("accounts")).await?;
            let accounts: Vec<Account> = serde_json::from_slice(response.body()).map_err(|_| {
                let config = self.client.config();
                unexpected("accounts", &response, config, "expected a JSON array of accounts")
            })?;
            let members = accounts.into_iter();
            return Ok(members.map(|account| VoipMember::new(account.ext, account.name)).collect());
        }
        let accounts = self.client.accounts().await?.into_iter();
        Ok(VoipMember::distinct(accounts.map(|account| {
            let named = !account.real_name.is_empty();
            VoipMember::new(account.ext, if named { account.real_name } else { account.name })
        })))
    }

    async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        if self.client.options().is_sample() {
            let phone = self.client.phone(dst_phone)?;
            let command =
                Command::new("makeCall").parameter("phone", &phone).parameter("user", src_phone);
            return self.sample_send(&command).await.map(drop);
        }
        self.client.make_call(dst_phone, src_phone, None).await.map(drop)
    }

    async fn call_link(&self, call: &CallData) -> Result<String, Error> {
        if self.client.options().is_sample() {
            // A script finds no member in `null` (an error) and `undefined` in other scalars.
            return match call {
                Value::Null => Err(LinkError::InvalidCallData.into()),
                call => Ok(call.get("link").and_then(Value::as_str).unwrap_or_default().into()),
            };
        }
        let Value::Object(members) = call else { return Err(LinkError::InvalidCallData.into()) };
        let link = match members.get("link") {
            None | Some(Value::Null) => return Err(LinkError::NoRecording.into()),
            Some(Value::String(link)) if link.is_empty() => {
                return Err(LinkError::NoRecording.into());
            }
            Some(Value::String(link)) => link,
            Some(_) => return Err(LinkError::InvalidCallData.into()),
        };
        match Url::parse(link) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(link.clone()),
            _ => Err(LinkError::InvalidLink.into()),
        }
    }

    fn capabilities(&self) -> Capabilities {
        match self.contacts {
            Some(_) => Capabilities::CONTACT_LOOKUP,
            None => Capabilities::none(),
        }
    }

    fn contact_lookup(&self) -> Option<&dyn ContactLookup> {
        self.contacts.as_ref().map(|(lookup, _)| &**lookup)
    }
}

impl<T> fmt::Debug for GravitelProvider<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, contacts } = self;
        f.debug_struct("GravitelProvider")
            .field("client", client)
            .field("has_contacts", &contacts.is_some())
            .finish()
    }
}
