//! The PBXs: what each says, in the hub's terms, and what can be asked of it.

mod basix;
mod book;
mod clock;
mod gravitel;
mod ucom;
mod vodia;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use tokio::sync::mpsc;
use voip_module::Secret;

use self::basix::BasixSource;
use self::book::Book;
use self::gravitel::GravitelSource;
use self::ucom::UcomSource;
use self::vodia::VodiaSource;
use crate::clock::Clock;
use crate::config::{SourceConfig, SourceKind};
use crate::http_client::HttpClient;
use crate::inbox;
use crate::live::Live;
use crate::store::{InboxRow, Store, StoreError};
use crate::timeline::{Call, Micros, Source};

/// The way of a source's HTTP requests.
#[async_trait]
pub(crate) trait Receiver: Send + Sync {
    /// The secrets in its requests, which the inbox does not keep; `None` if its requests need no
    /// inbox.
    fn secrets(&self) -> Option<Vec<Secret>>;

    /// Checks path and credentials, before the body is read.
    fn check(&self, parts: &Parts) -> Result<(), StatusCode>;

    /// Handles a request that came at a time. It is in the inbox already, if it needs one.
    async fn handle(&self, request: Request<Bytes>, at: Micros) -> Response<Bytes>;

    /// Everything in the inbox was handled again.
    async fn replayed(&self);
}

/// The commands of a PBX.
#[async_trait]
pub(crate) trait Control: Send + Sync {
    /// Calls a user, and connects the user with a number; returns the identity of the call, if
    /// the PBX gives one.
    async fn call(&self, from: &str, to: &str) -> Result<Option<String>, ControlError>;

    /// Ends a call.
    async fn hang_up(&self, id: &str) -> Result<(), ControlError>;
}

/// The reason why a PBX did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    #[error("this source cannot do that")]
    Unsupported,
    #[error("no such call")]
    NotFound,
    #[error("{0}")]
    Invalid(String),
    #[error("the PBX refuses: {0}")]
    Refused(String),
    #[error("the PBX cannot be reached")]
    Unreachable,
    #[error("{0}")]
    Unknown(String),
}

impl ControlError {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Unsupported => StatusCode::NOT_IMPLEMENTED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Refused(_) => StatusCode::BAD_GATEWAY,
            Self::Unreachable | Self::Unknown(_) => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

/// A source that is set up: what the web server needs of it, and what it does by itself.
pub(crate) struct Built {
    pub(crate) receiver: Option<Arc<dyn Receiver>>,
    pub(crate) control: Option<Arc<dyn Control>>,
    pub(crate) task: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Sets a source up. Its task is to be started after the replay of its requests.
pub(crate) fn build(
    config: &SourceConfig,
    store: &Arc<Store>,
    live: &Arc<Live>,
    clock: &Clock,
    open: &[Call],
) -> Result<Built, String> {
    let (name, store, live, clock) = (&config.name, store.clone(), live.clone(), clock.clone());
    let source = |can_call, can_hang_up| Source {
        name: name.clone(),
        kind: config.kind.as_str().into(),
        is_connected: false,
        is_current: false,
        can_call,
        can_hang_up,
    };
    match &config.kind {
        SourceKind::Basix(basix) => {
            live.set_source(source(true, true));
            let (basix, follower) = BasixSource::new(name, basix, store, live, open)?;
            let basix = Arc::new(basix);
            let task = Box::pin(basix.clone().run(follower));
            Ok(Built { receiver: None, control: Some(basix), task })
        }
        SourceKind::Gravitel(gravitel) => {
            let book = Book::new(name, store, live.clone(), clock, open);
            let client = HttpClient::new().map_err(|error| error.to_string())?;
            let gravitel = GravitelSource::new(gravitel, book, client);
            let gravitel = Arc::new(gravitel.map_err(|error| error.to_string())?);
            live.set_source(source(gravitel.can_call(), false));
            let task = Box::pin(gravitel.clone().run());
            Ok(Built { receiver: Some(gravitel.clone()), control: Some(gravitel), task })
        }
        SourceKind::Ucom(ucom) => {
            live.set_source(source(false, false));
            let ucom = Arc::new(UcomSource::new(ucom, Book::new(name, store, live, clock, open))?);
            let task = Box::pin(ucom.clone().run());
            Ok(Built { receiver: Some(ucom), control: None, task })
        }
        SourceKind::Vodia(vodia) => {
            let book = Book::new(name, store, live.clone(), clock, open);
            let vodia = Arc::new(VodiaSource::new(vodia, book)?);
            // Calls can be made when the script has said so.
            live.set_source(source(false, false));
            let task = Box::pin(vodia.clone().run());
            Ok(Built { receiver: Some(vodia.clone()), control: Some(vodia), task })
        }
    }
}

/// Requests of a replay on their way from the database to their sources.
const MAX_REPLAYED: usize = 1_000;

/// Handles the requests since a time again: what was in memory when the hub ended is there
/// again, and what was not recorded is.
pub(crate) async fn replay(
    store: &Arc<Store>,
    since: Micros,
    receivers: &BTreeMap<String, Arc<dyn Receiver>>,
) -> Result<(), StoreError> {
    let (sender, mut rows) = mpsc::channel::<InboxRow>(MAX_REPLAYED);
    let reading = {
        let store = store.clone();
        tokio::spawn(async move {
            store.each_request(since, move |row| sender.blocking_send(row).is_ok()).await
        })
    };
    let mut count = 0_u64;
    while let Some(row) = rows.recv().await {
        let Some(receiver) = receivers.get(&row.source) else { continue };
        let secrets = receiver.secrets().unwrap_or_default();
        match inbox::read(&row, &secrets) {
            // The answer was given long ago.
            Some(request) => drop(receiver.handle(request, row.received_at_us).await),
            None => tracing::warn!(source = row.source, "a kept request cannot be read"),
        }
        count += 1;
    }
    reading.await.map_err(|_| StoreError::Closed)??;
    for receiver in receivers.values() {
        receiver.replayed().await;
    }
    tracing::info!(requests = count, "kept requests were handled again");
    Ok(())
}
