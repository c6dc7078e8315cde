//! The builder of a client.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::Client;
use super::connect::Network;
use super::connector::Connector;
use super::driver::Driver;
use super::handle::Handle;
use super::shared::Shared;
use super::source::EndpointSource;
use super::tap::{RawMessage, Tap};
use super::tape::Tape;
use super::tcp::TcpConnector;
use super::tls::TlsOptions;
use crate::element::UserId;
use crate::helper_leg::{HelperLeg, Supervisor};
use crate::session::{ConnectError, DisconnectReason, Event, Session, SessionOptions};

/// The builder of a [`Client`]: session, TLS, network and recording.
///
/// ```no_run
/// use basix_cti::client::HttpProxy;
/// use basix_cti::session::SessionOptions;
/// use basix_cti::{Client, Endpoint};
///
/// # async fn connect(token: String) -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder()
///     .session(SessionOptions::default().with_events(256))
///     .root_certificates(std::fs::read("company-ca.pem")?)
///     .connector(HttpProxy::from_env()?)
///     .connect(Endpoint::new("pbx.example.net", "my-domain", token))
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// # TLS
///
/// The crypto provider is the first of these that exists: the one passed in, `ring` if the crate's
/// feature `ring` is on, `aws-lc-rs` if that feature is on, the default that the program has
/// installed in rustls. Other providers in the same program change nothing.
///
/// Certificates are checked against Mozilla's list, compiled in, so that a program behaves alike on
/// every machine and in an empty container. To trust the operating system's list, pass a
/// `ClientConfig` made with `rustls-platform-verifier`.
#[must_use]
pub struct ClientBuilder {
    session: SessionOptions,
    supervisor: Option<UserId>,
    tls: TlsOptions,
    connector: Arc<dyn Connector>,
    write_buffer: usize,
    recording: Option<PathBuf>,
    tap: Option<Tap>,
}

/// tungstenite clears its whole buffer before each read: with single events its default of 128 KiB
/// costs a third more processor time, and in a burst it gains nothing. 16 KiB costs a burst 12 %.
const READ_BUFFER: usize = 32 << 10;

impl ClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            session: SessionOptions::default(),
            supervisor: None,
            tls: TlsOptions::default(),
            connector: Arc::new(TcpConnector::new()),
            write_buffer: 1 << 20,
            recording: None,
            tap: None,
        }
    }

    /// Sets the options of the session. Its seed is replaced by a random one if it is 0.
    pub fn session(self, session: SessionOptions) -> Self {
        Self { session, ..self }
    }

    /// Sets the user who listens when a channel is [eavesdropped](Handle::eavesdrop) on.
    pub fn supervisor(self, user: UserId) -> Self {
        Self { supervisor: Some(user), ..self }
    }

    /// Sets the rustls configuration. Excludes the other TLS options.
    pub fn tls_config(mut self, config: Arc<ClientConfig>) -> Self {
        self.tls.config = Some(config);
        self
    }

    /// Sets the crypto provider of TLS.
    pub fn crypto_provider(mut self, provider: Arc<CryptoProvider>) -> Self {
        self.tls.provider = Some(provider);
        self
    }

    /// Trusts further issuers, such as the company's own CA: any number of certificates in PEM, or
    /// one in DER.
    pub fn root_certificates(mut self, pem_or_der: impl Into<Vec<u8>>) -> Self {
        self.tls.roots.push(pem_or_der.into());
        self
    }

    /// Accepts this server certificate and no others, for a PBX with a self-signed one. PEM or DER.
    ///
    /// The certificate has to be equal byte for byte; its name, issuer and dates do not matter. The
    /// server still proves that it holds the private key. Several certificates may be pinned.
    pub fn pinned_certificate(mut self, pem_or_der: impl Into<Vec<u8>>) -> Self {
        self.tls.pinned.push(pem_or_der.into());
        self
    }

    /// Accepts the server certificate with this fingerprint and no others; see
    /// [`pinned_certificate`](Self::pinned_certificate).
    ///
    /// The fingerprint is SHA-256 in hexadecimal, with or without colons, as
    /// `openssl x509 -fingerprint -sha256` prints it.
    pub fn pinned_fingerprint(mut self, sha256: impl Into<String>) -> Self {
        self.tls.fingerprints.push(sha256.into());
        self
    }

    /// Sets the connector to the server; [`TcpConnector`] by default.
    pub fn connector(self, connector: impl Connector) -> Self {
        Self { connector: Arc::new(connector), ..self }
    }

    /// Sets the number of bytes that may wait to be written to the socket; 1 MiB by default.
    pub fn write_buffer(self, write_buffer: usize) -> Self {
        Self { write_buffer, ..self }
    }

    /// Records every message with its time in a new file, for [`Recording`](crate::recording::Recording) to
    /// read. The file contains call data and no credentials; only its owner may read it.
    ///
    /// An existing file is not replaced; the client does not start then.
    pub fn recording(self, file: impl Into<PathBuf>) -> Self {
        Self { recording: Some(file.into()), ..self }
    }

    /// Calls `tap` with each message of the PBX, byte for byte, in order, with its time.
    ///
    /// It runs in the client's task, right after the session has handled the message, and may use
    /// the [`Handle`]. It should not block; a panic in it ends the client.
    pub fn tap(self, tap: impl FnMut(Instant, RawMessage<'_>) + Send + 'static) -> Self {
        Self { tap: Some(Tap::new(tap)), ..self }
    }

    /// Connects, and reconnects whenever the connection ends. Needs a tokio runtime.
    ///
    /// `source` is an [`Endpoint`](crate::Endpoint), or an [`EndpointSource`] that returns one for
    /// each attempt.
    ///
    /// # Errors
    ///
    /// If the first connection cannot be made. Nothing keeps running; use [`start`](Self::start) to
    /// keep retrying.
    pub async fn connect(self, source: impl EndpointSource) -> Result<Client, ConnectError> {
        let mut client = self.start(source)?;
        match client.next().await {
            Some(Event::Disconnected(end)) => Err(match end.reason {
                DisconnectReason::NotMade(error) => (*error).clone(),
                _ => ConnectError::Closed,
            }),
            None => Err(ConnectError::Closed),
            Some(event) => {
                client.taken.push_front(event);
                Ok(client)
            }
        }
    }

    /// Connects like [`connect`](Self::connect), but returns at once and reports every attempt by
    /// events.
    ///
    /// # Errors
    ///
    /// If the TLS options are invalid, the recording cannot be started, or there is no tokio runtime.
    pub fn start(self, source: impl EndpointSource) -> Result<Client, ConnectError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| ConnectError::NoRuntime)?;
        let mut session = self.session;
        if session.seed == 0 {
            session.seed = RandomState::new().build_hasher().finish();
        }
        let tls = self.tls.build()?;
        let network = Network { connector: self.connector, tls };
        let tape = self.recording.map(|file| Tape::create(&file)).transpose();
        let tape = tape.map_err(|error| ConnectError::Recording(error.kind()))?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(session.message_size))
            .max_frame_size(Some(session.message_size))
            .write_buffer_size(0)
            .max_write_buffer_size(self.write_buffer.max(1));
        let session = Session::new(Instant::now(), session);
        let supervisor = self.supervisor.map(|user| Supervisor::new(HelperLeg::new(user)));
        let shared = Arc::new(Shared::new(session, supervisor, network));
        let source = Arc::new(source);
        runtime.spawn(Driver::new(Arc::clone(&shared), source, config, tape, self.tap));
        Ok(Client::new(Handle::new(shared)))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { session, supervisor, tls, connector, write_buffer, recording, tap } = self;
        f.debug_struct("ClientBuilder")
            .field("session", session)
            .field("supervisor", supervisor)
            .field("tls", tls)
            .field("connector", connector)
            .field("write_buffer", write_buffer)
            .field("recording", recording)
            .field("tap", &tap.is_some())
            .finish()
    }
}
