//! The Gravitel cloud PBX: pushes, commands and the provider over both.
//!
//! Pushes: request → [`GravitelPush`] → [`VoipWebhookParseResult`]. Commands: arguments →
//! [`GravitelClient`] → answer. [`sample`] is the vendor's published example, a provider of its own.

mod client;
mod command;
mod config;
mod contact;
mod direction;
mod duration;
mod history;
mod operator;
mod options;
mod parse;
mod push;
pub mod sample;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;
use url::Url;

pub use self::client::{Account, GravitelClient, Group, History};
pub use self::config::GravitelConfig;
pub use self::contact::{Contact, ContactLookup, ContactQuery};
pub use self::history::{
    HistoryFilter, HistoryKind, HistoryQuery, HistoryRow, Period, RowError, parse_history,
};
pub use self::operator::Accounts;
pub use self::options::{
    Encoding, GravitelOptions, NumberOrder, OperatorId, PhoneFormat, UnknownEvent,
};
pub use self::push::{GravitelPush, PushKind};
use crate::carrier::{HttpRequest, HttpResponse, MediaType};
use crate::error::{Error, LinkError, ParseError};
use crate::guard;
use crate::log;
use crate::model::{CallData, VoipMember, VoipTestConnectionResult, VoipWebhookParseResult};
use crate::provider::VoipProvider;
use crate::router::Timer;
use crate::transport::{HttpTransport, TransportError};

/// Fields of pushes that hold a key.
const KEY_FIELDS: &[&str] = &["crm_token"];

/// Gravitel as a [`VoipProvider`].
///
/// It keeps the accounts that [`members`](VoipProvider::members) and
/// [`test_connection`](VoipProvider::test_connection) received last, so that a push with a login or a direct number gets the operator's id of the mapping table. Parsing sends no command.
#[derive(Clone)]
pub struct GravitelProvider<T> {
    client: GravitelClient<T>,
    accounts: Arc<RwLock<Arc<Accounts>>>,
    contacts: Option<(Arc<dyn ContactLookup>, Arc<dyn Timer>)>,
}

/// The transport of a provider that parses pushes and sends nothing.
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
    /// Creates a provider that parses pushes and sends nothing.
    #[must_use]
    pub fn parser_only() -> Self {
        Self::new(GravitelConfig::default(), NoTransport)
    }
}

impl<T> GravitelProvider<T> {
    /// Creates a provider with default options.
    pub fn new(config: GravitelConfig, transport: T) -> Self {
        let client = GravitelClient::new(config, GravitelOptions::default(), transport);
        Self { client, accounts: Arc::default(), contacts: None }
    }

    /// Sets the options.
    #[must_use]
    pub fn options(mut self, options: GravitelOptions) -> Self {
        self.client.options = options;
        self
    }

    /// Sets the key that pushes have to carry; see [`GravitelConfig::crm_key`].
    #[must_use]
    pub fn crm_key(mut self, crm_key: impl Into<crate::Secret>) -> Self {
        self.client.config.crm_key = Some(crm_key.into());
        self
    }

    /// Sets the accounts, if they are known from another source than the PBX.
    #[must_use]
    pub fn accounts(self, accounts: Accounts) -> Self {
        self.keep(accounts);
        self
    }

    /// Answers `contact` pushes from a look-up. The timer limits it to
    /// [`contact_budget`](GravitelOptions::contact_budget).
    #[must_use]
    pub fn contacts(
        mut self,
        lookup: impl ContactLookup + 'static,
        timer: impl Timer + 'static,
    ) -> Self {
        self.contacts = Some((Arc::new(lookup), Arc::new(timer)));
        self
    }

    /// Returns the client for all commands.
    pub const fn client(&self) -> &GravitelClient<T> {
        &self.client
    }

    fn keep(&self, accounts: Accounts) {
        *self.accounts.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(accounts);
    }

    /// Opens a request and parses its push.
    // V78–V84, V142
    async fn read(&self, request: &HttpRequest) -> Result<VoipWebhookParseResult, ParseError> {
        let (options, config) = (&self.client.options, &self.client.config);
        let is_json = !request.is_in_query() && {
            let media_type = MediaType::of(request.headers());
            match &media_type {
                Some(media_type) if media_type.is_form() => false,
                Some(media_type) if media_type.is_json() && options.accept_json => true,
                _ => return Err(MediaType::form_expected(request.headers())),
            }
        };
        let text = request.form_text()?;
        let push =
            if is_json { GravitelPush::parse_json(text)? } else { GravitelPush::parse_form(text)? };
        if let Some(key) = &config.crm_key {
            push.check_token(key)?;
        }
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut result = push.to_result(options, &accounts)?;
        if push.kind() == PushKind::Contact {
            result.response = Some(self.contact(&push).await.into());
        }
        Ok(result)
    }

    /// Answers a `contact` push with the contact that the look-up finds in time, or `{}`.
    // V66, V94
    async fn contact(&self, push: &GravitelPush<'_>) -> HttpResponse {
        let (Some((lookup, timer)), false) = (&self.contacts, push.phone().is_empty()) else {
            return parse::nobody();
        };
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let mut query = ContactQuery::new(push.phone());
        query.call_id = text(push.callid());
        query.diversion = text(push.diversion());
        let search = Box::pin(guard::catch(lookup.find_contact(&query)));
        let mut budget = timer.sleep(self.client.options.contact_budget);
        let fault = match guard::until(search, budget.as_mut()).await {
            Some(Ok(Ok(Some(contact)))) => {
                return HttpResponse::new().json(&contact).unwrap_or_else(|_| parse::nobody());
            }
            Some(Ok(Ok(None))) => return parse::nobody(),
            Some(Ok(Err(error))) => error.code(),
            Some(Err(_)) => "panic",
            None => "it took too long",
        };
        log::fault("the contact look-up failed", fault);
        parse::nobody()
    }
}

#[async_trait]
impl<T: HttpTransport> VoipProvider for GravitelProvider<T> {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        let accounts = self.client.accounts().await;
        accounts.map(|accounts| self.keep(Accounts::new(&accounts))).into()
    }

    async fn parse_webhook(
        &self,
        request: &HttpRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        let config = &self.client.config;
        self.read(request)
            .await
            .map_err(|error| error.map_received(|received| config.redact(received)))
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        // V74, V145
        let accounts = self.client.accounts().await?;
        self.keep(Accounts::new(&accounts));
        let id = self.client.options.operator_id;
        Ok(VoipMember::distinct(accounts.into_iter().map(|account| {
            let member =
                operator::chosen(operator::login(&account.name), &account.ext, id).to_owned();
            let is_named = !account.real_name.is_empty();
            VoipMember::new(member, if is_named { account.real_name } else { account.name })
        })))
    }

    async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        self.client.make_call(dst_phone, src_phone, None).await.map(drop)
    }

    async fn call_link(&self, call: &CallData) -> Result<Url, Error> {
        // V76
        let Value::Object(members) = call else { return Err(LinkError::InvalidCallData.into()) };
        match members.get("link") {
            None | Some(Value::Null) => Err(LinkError::NoRecording.into()),
            Some(Value::String(link)) => Ok(LinkError::check(Some(link))?),
            Some(_) => Err(LinkError::InvalidCallData.into()),
        }
    }

    fn key_fields(&self) -> &[&str] {
        KEY_FIELDS
    }
}

impl<T> fmt::Debug for GravitelProvider<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, accounts: _, contacts } = self;
        f.debug_struct("GravitelProvider")
            .field("client", client)
            .field("has_contacts", &contacts.is_some())
            .finish_non_exhaustive()
    }
}
