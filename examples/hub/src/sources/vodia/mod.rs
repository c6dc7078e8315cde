//! Vodia: its backend script and its CDR URL, through the bridge of `pbx-integration`.

mod live;
mod record;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode, Uri};
use pbx_integration::bridge::{
    Bridge, BridgeCalls, BridgeSecret, BridgeService, BridgeStatus, CdrReceiver,
};
use pbx_integration::control::ControlError as PbxError;
use pbx_integration::integration::Dispatch;
use pbx_integration::settings::MemorySettings;
use pbx_integration::{CallControl as _, Coverage, EndCall, Identifier, Registry, StartCall};
use tokio::time::Instant;
use voip_module::Secret;

use self::live::Log;
use super::book::{Book, Entry};
use super::{Control, ControlError, Receiver};
use crate::config::Vodia;
use crate::timeline::Micros;

/// Time for the script to fetch a command, and as long again for its result.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(4);
/// Silence of the script after which it counts as gone: it polls every few seconds.
const MAX_SCRIPT_SILENCE: Duration = Duration::from_secs(30);

pub(crate) struct VodiaSource {
    book: Arc<Book<()>>,
    /// The integration's identifier at the PBX.
    identifier: Identifier,
    tenant: String,
    bridge: Bridge,
    service: BridgeService,
    calls: BridgeCalls,
    records: Option<CdrReceiver>,
}

impl VodiaSource {
    pub(crate) fn new(config: &Vodia, book: Book<()>) -> Result<Self, String> {
        let text = |error: &dyn std::error::Error| error.to_string();
        let (book, tenant) = (Arc::new(book), config.tenant.clone());
        let identifier = Identifier::new(Vodia::IDENTIFIER).map_err(|error| text(&error))?;
        let secret = BridgeSecret::new(config.token.expose()).map_err(|error| text(&error))?;
        let secret = secret.for_tenants([&*tenant]);
        let bridge = Bridge::with_command_timeout([secret], tokio::time::sleep, COMMAND_TIMEOUT);
        let calls = bridge.call_control(&identifier);
        let registry = Registry::new(Arc::new(MemorySettings::new()), Arc::new(calls.clone()));
        let coverage = Coverage::none().tenant(&*tenant);
        registry
            .register(identifier.clone(), coverage, Log(book.clone()))
            .map_err(|error| text(&error))?;
        let registry = Arc::new(registry);
        let records = config.cdr_password.as_ref().map(|password| {
            CdrReceiver::new(registry.clone()).basic_auth(book.source(), password.expose())
        });
        let records = records.transpose().map_err(|error| text(&error))?;
        let source = book.source().to_owned();
        let service =
            bridge.service(registry).with_observer(move |dispatch| log(&source, dispatch));
        Ok(Self { book, identifier, tenant, bridge, service, calls, records })
    }

    /// Shows the state of the script, and ends calls of which nothing was heard for long.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        let mut lost = 0;
        loop {
            second.tick().await;
            let status = self.bridge.status(&self.identifier);
            self.show(&status);
            if status.losses.total() > lost {
                lost = status.losses.total();
                tracing::warn!(source = self.book.source(), lost, "the script has lost events");
            }
            self.book.report(self.book.sweep(Instant::now(), Entry::lose).await);
        }
    }

    /// The receiver of records, if they come to this path.
    fn records_at(&self, uri: &Uri) -> Option<&CdrReceiver> {
        let path = uri.path().strip_prefix("/in/")?.strip_prefix(self.book.source())?;
        self.records.as_ref().filter(|_| path == "/cdr")
    }

    fn show(&self, status: &BridgeStatus) {
        let Some(since) = status.since_contact else { return };
        let is_there = since < MAX_SCRIPT_SILENCE;
        let has_calls = status.features.is_some_and(|features| features.calls);
        self.book.live().update_source(self.book.source(), |source| {
            (source.is_connected, source.is_current) = (is_there, is_there);
            source.can_call = is_there && has_calls;
            source.can_hang_up = source.can_call;
        });
    }
}

fn log(source: &str, dispatch: &Dispatch) {
    for receipt in dispatch.failures() {
        tracing::warn!(source, %receipt, "an event was not taken");
    }
}

#[async_trait]
impl Receiver for VodiaSource {
    /// `None`: a request is answered with 200 after its call is committed, and the call says it all.
    fn secrets(&self) -> Option<Vec<Secret>> {
        None
    }

    fn check(&self, head: &Parts) -> Result<(), StatusCode> {
        match self.records_at(&head.uri) {
            Some(records) => records.precheck(head),
            None => self.service.precheck(head),
        }
    }

    async fn handle(&self, request: Request<Bytes>, _: Micros) -> Response<Bytes> {
        match self.records_at(request.uri()) {
            Some(records) => records.handle(request).await,
            None => self.service.handle(request).await,
        }
    }

    async fn replayed(&self) {
        self.book.report(self.book.replayed().await);
    }
}

#[async_trait]
impl Control for VodiaSource {
    async fn call(&self, from: &str, to: &str) -> Result<Option<String>, ControlError> {
        let call = StartCall::builder(&*self.tenant, to).user(from).build();
        let call = call.map_err(|error| ControlError::Invalid(error.to_string()))?;
        Ok(Some(self.calls.start_call(&call).await?.to_string()))
    }

    async fn hang_up(&self, id: &str) -> Result<(), ControlError> {
        let end = EndCall::builder(id).build();
        let end = end.map_err(|error| ControlError::Invalid(error.to_string()))?;
        Ok(self.calls.end_call(&end).await?)
    }
}

impl From<PbxError> for ControlError {
    fn from(error: PbxError) -> Self {
        match error {
            PbxError::NotFound => Self::NotFound,
            PbxError::Unsupported { .. } => Self::Unsupported,
            PbxError::Invalid(error) => Self::Invalid(error.to_string()),
            PbxError::Unreachable(_) => Self::Unreachable,
            error @ PbxError::Unknown(_) => Self::Unknown(error.to_string()),
            error => Self::Refused(error.to_string()),
        }
    }
}
