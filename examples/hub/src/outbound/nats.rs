//! A stream of NATS JetStream that gets changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::{self, message::PublishMessage, stream};
use async_trait::async_trait;

use super::lanes::Delivery;
use super::{OutboundError, Target, cloud_event, wire_id};
use crate::config::Nats;
use crate::store::OutboxRow;

/// Time for which a stream created here drops messages whose id it has seen. It covers hubs that
/// restart, or that lag behind each other.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(3_600);
const TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct NatsTarget {
    hub: String,
    subject: String,
    client: async_nats::Client,
    context: jetstream::Context,
    /// False until a stream takes the subject, and after an error: the stream may be gone.
    has_stream: AtomicBool,
}

impl NatsTarget {
    /// Makes a client that connects in the background, as often as needed.
    pub(super) async fn new(hub: &str, config: &Nats) -> Result<Self, OutboundError> {
        let mut options = async_nats::ConnectOptions::new().name(hub).retry_on_initial_connect();
        if let Some(token) = &config.token {
            options = options.token(token.expose().to_owned());
        }
        let client = options
            .connect(config.url.as_str())
            .await
            .map_err(|error| OutboundError::Nats(Arc::new(error)))?;
        Ok(Self {
            hub: hub.to_owned(),
            subject: config.subject.clone(),
            context: jetstream::new(client.clone()),
            client,
            has_stream: AtomicBool::new(false),
        })
    }

    async fn publish(&self, row: &OutboxRow) -> Result<(), async_nats::Error> {
        if !self.has_stream.load(Relaxed) {
            self.find_stream().await?;
            self.has_stream.store(true, Relaxed);
        }
        let body = cloud_event::to_json(&self.hub, row)?;
        let message = PublishMessage::build().payload(body.into()).message_id(wire_id(row));
        // The second wait is for the acknowledgement: the message is stored.
        self.context.send_publish(self.subject.clone(), message).await?.await?;
        Ok(())
    }

    /// Creates the stream, unless one takes the subject already.
    async fn find_stream(&self) -> Result<(), async_nats::Error> {
        if self.context.stream_by_subject(self.subject.clone()).await.is_ok() {
            return Ok(());
        }
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        let config = stream::Config {
            name: self.subject.replace(|letter| !is_plain(letter), "_"),
            subjects: vec![self.subject.clone()],
            duplicate_window: DUPLICATE_WINDOW,
            ..stream::Config::default()
        };
        self.context.get_or_create_stream(config).await?;
        Ok(())
    }
}

#[async_trait]
impl Target for NatsTarget {
    async fn deliver(&self, row: &OutboxRow) -> Delivery {
        // The client would keep messages until it is connected again, and attempts time out meanwhile.
        if self.client.connection_state() != State::Connected {
            let reason = "not connected".to_owned();
            return Delivery::Unavailable { retry_after: None, reason };
        }
        let reason = match tokio::time::timeout(TIMEOUT, self.publish(row)).await {
            Ok(Ok(())) => return Delivery::Accepted,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "timed out".to_owned(),
        };
        self.has_stream.store(false, Relaxed);
        Delivery::Unavailable { retry_after: None, reason }
    }
}
