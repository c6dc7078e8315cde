//! A pretend PBX.

use std::future::pending;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use url::Url;
use voip_module::gravitel::{Contact, ContactLookup, ContactQuery, GravitelProvider, NoTransport};
use voip_module::testing::ManualTimer;
use voip_module::{
    Buttons, CallData, Error, HttpRequest, HttpResponse, LinkError, LiveCall, ParseError,
    VoipMember, VoipProvider, VoipTestConnectionResult, VoipWebhookParseResult,
};

/// Behaviour of the PBX when it is asked.
#[derive(Clone, Copy, Default)]
pub(crate) enum Mood {
    #[default]
    Works,
    Fails(fn() -> Error),
    Panics,
    Hangs,
}

/// A pretend PBX with Gravitel's pushes, which keeps what it was asked.
pub(crate) struct Pbx {
    buttons: Buttons,
    gravitel: GravitelProvider<NoTransport>,
    mood: Mutex<Mood>,
    asked: Mutex<Vec<String>>,
}

impl Pbx {
    pub(crate) fn new(buttons: Buttons) -> Self {
        Self::with_contacts(buttons, Clients, ManualTimer::new())
    }

    pub(crate) fn with_contacts(
        buttons: Buttons,
        contacts: impl ContactLookup + 'static,
        timer: ManualTimer,
    ) -> Self {
        let gravitel = GravitelProvider::parser_only().contacts(contacts, timer);
        Self { buttons, gravitel, mood: Mutex::default(), asked: Mutex::default() }
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// Takes the asks since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    async fn act(&self, what: String) -> Result<(), Error> {
        self.asked.lock().unwrap().push(what);
        let mood = *self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        match mood {
            Mood::Works => Ok(()),
            Mood::Fails(error) => Err(error()),
            Mood::Panics => panic!("planted"),
            Mood::Hangs => pending().await,
        }
    }
}

#[async_trait]
impl VoipProvider for Pbx {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        self.act("test".into()).await.into()
    }

    async fn parse_webhook(
        &self,
        request: &HttpRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        self.act("parse".into()).await.map_err(|_| ParseError::Internal)?;
        if let Some(echo) = request.query().strip_prefix("zd_echo=") {
            let plain = HeaderValue::from_static("text/plain");
            let response = HttpResponse::new().content(echo).header(CONTENT_TYPE, plain);
            return Ok(VoipWebhookParseResult::response(http::Response::<Bytes>::from(response)));
        }
        self.gravitel.parse_webhook(request).await
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        self.act("members".into()).await?;
        Ok(vec![VoipMember::new("701", "Anna Admin"), VoipMember::new("702", "ivan")])
    }

    async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        self.act(format!("call {src_phone} {dst_phone}")).await
    }

    async fn call_link(&self, call: &CallData) -> Result<Url, Error> {
        self.act(format!("link {call}")).await?;
        Ok(LinkError::check(call["link"].as_str())?)
    }

    async fn on_webhook_updated(&self, webhook_url: &Url) -> Result<(), Error> {
        self.act(format!("webhook {webhook_url}")).await
    }

    fn buttons(&self) -> Buttons {
        self.buttons
    }

    async fn accept_call(&self, call: LiveCall<'_>) -> Result<(), Error> {
        self.act(format!("accept {}", shown(call))).await
    }

    async fn hangup_call(&self, call: LiveCall<'_>) -> Result<(), Error> {
        self.act(format!("hangup {}", shown(call))).await
    }

    async fn redirect_call(&self, call: LiveCall<'_>, to: &str) -> Result<(), Error> {
        self.act(format!("redirect {} to {to}", shown(call))).await
    }

    async fn hold_call(&self, call: LiveCall<'_>, hold: bool) -> Result<(), Error> {
        self.act(format!("hold {} {hold}", shown(call))).await
    }

    fn key_fields(&self) -> &[&str] {
        self.gravitel.key_fields()
    }
}

fn shown(call: LiveCall<'_>) -> String {
    format!("{} {} {:?}", call.src_phone, call.dst_phone, call.ids)
}

/// A look-up that knows everyone.
pub(crate) struct Clients;

#[async_trait]
impl ContactLookup for Clients {
    async fn find_contact(&self, _: &ContactQuery) -> Result<Option<Contact>, Error> {
        Ok(Some(Contact::named("Client One").responsible("admin")))
    }
}

/// A look-up that never answers.
pub(crate) struct Nobody;

#[async_trait]
impl ContactLookup for Nobody {
    async fn find_contact(&self, _: &ContactQuery) -> Result<Option<Contact>, Error> {
        pending().await
    }
}
