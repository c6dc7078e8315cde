//! Changes for other programs: CloudEvents as signed webhooks or over NATS, from the outbox.
//!
//! A change is sent until its receiver has taken it: at least once, always with the same id, and
//! the changes of one call in order. Those that a receiver refuses are set aside.

mod cloud_event;
mod dispatcher;
mod lanes;
#[cfg(feature = "nats")]
mod nats;
mod webhook;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::watch;
use tokio::task::JoinSet;
pub use voip_module::transport::signature::KeyError;
use voip_module::transport::signature::SigningKey;

use self::lanes::Delivery;
use self::webhook::WebhookTarget;
use crate::config::Config;
use crate::http_client::HttpClient;
use crate::live::Live;
use crate::store::{OutboxRow, Store};

/// Reason for which changes cannot be sent at all.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboundError {
    /// The secret of a webhook is not a signing key.
    #[error("webhook {name}: {reason}")]
    Key {
        /// The name of the webhook.
        name: String,
        /// The mistake.
        reason: KeyError,
    },
    /// The client of NATS cannot be made.
    #[cfg(feature = "nats")]
    #[error("nats: {0}")]
    Nats(#[source] Arc<async_nats::ConnectError>),
}

/// Receiver of changes.
#[async_trait]
trait Target: Send + Sync + 'static {
    /// Makes one attempt.
    async fn deliver(&self, row: &OutboxRow) -> Delivery;
}

/// Counters of one receiver, for `/metrics`.
#[derive(Debug, Default)]
pub(crate) struct TargetFigures {
    /// Name of the receiver in the outbox.
    pub(crate) name: String,
    pub(crate) delivered: AtomicU64,
    pub(crate) failures: AtomicU64,
    /// Refused changes that are kept.
    pub(crate) refused: AtomicU64,
    pub(crate) is_away: AtomicBool,
}

/// Names of all receivers in the outbox.
pub(crate) fn names(config: &Config) -> Vec<String> {
    let webhooks = config.webhooks.iter().map(|webhook| webhook_name(&webhook.name));
    webhooks.chain(config.nats.iter().map(|_| NATS.to_owned())).collect()
}

const NATS: &str = "nats";

fn webhook_name(name: &str) -> String {
    format!("webhook {name}")
}

/// Starts a task for each receiver, which sends what is in the outbox until `stop` becomes true.
pub(crate) async fn start(
    config: &Config,
    (store, live): (&Arc<Store>, &Arc<Live>),
    client: &HttpClient,
    stop: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> Result<Vec<Arc<TargetFigures>>, OutboundError> {
    let mut targets: Vec<(String, Arc<dyn Target>)> = Vec::new();
    for webhook in &config.webhooks {
        let key = SigningKey::parse(&webhook.secret)
            .map_err(|reason| OutboundError::Key { name: webhook.name.clone(), reason })?;
        let (hub, url, client) = (config.name.clone(), webhook.url.clone(), client.clone());
        let target = WebhookTarget { hub, url, key, client };
        targets.push((webhook_name(&webhook.name), Arc::new(target)));
    }
    #[cfg(feature = "nats")]
    if let Some(nats) = &config.nats {
        let target = nats::NatsTarget::new(&config.name, nats).await?;
        targets.push((NATS.to_owned(), Arc::new(target)));
    }
    let mut all = Vec::new();
    for (name, target) in targets {
        let figures = Arc::new(TargetFigures { name, ..TargetFigures::default() });
        let parts = (store.clone(), live.clone());
        tasks.spawn(dispatcher::run(target, parts, figures.clone(), stop.clone()));
        all.push(figures);
    }
    Ok(all)
}

/// Bytes that need no escape in an id. A full stop separates the parts of a signed webhook.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'/');

/// Message id in the form of headers: a PBX may put any text into the identity of a call.
fn wire_id(row: &OutboxRow) -> String {
    utf8_percent_encode(&row.message_id, PLAIN).to_string()
}
