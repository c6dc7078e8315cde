//! How a client connects.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;

use crate::session::SessionOptions;

/// How a [`Client`](super::Client) connects and what its [`Session`](crate::Session) does.
///
/// TLS is done by rustls with the crypto provider that is passed in, whichever others are compiled
/// into the program:
///
/// ```
/// use std::sync::Arc;
/// use basix_cti::{ClientOptions, SessionOptions};
///
/// let crypto = Arc::new(rustls::crypto::ring::default_provider());
/// let options = ClientOptions::new(crypto)
///     .with_session(SessionOptions::default().with_events(256));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientOptions {
    /// What does the arithmetic of TLS.
    pub crypto: Arc<CryptoProvider>,
    /// Certificates to trust; those of Mozilla by default.
    pub roots: RootCertStore,
    /// What the session does. Its seed is replaced by a random one, unless it is set.
    pub session: SessionOptions,
    /// Bytes that may wait to be written to the socket; 1 MiB by default.
    pub write_buffer: usize,
    /// File to record the connection in; `None` by default.
    pub recording: Option<PathBuf>,
}

impl ClientOptions {
    /// The default options, with this crypto provider.
    #[must_use]
    pub fn new(crypto: Arc<CryptoProvider>) -> Self {
        Self {
            crypto,
            roots: RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
            session: SessionOptions::default(),
            write_buffer: 1 << 20,
            recording: None,
        }
    }

    /// Sets the certificates to trust.
    #[must_use]
    pub fn with_roots(self, roots: RootCertStore) -> Self {
        Self { roots, ..self }
    }

    /// Sets what the session does.
    #[must_use]
    pub fn with_session(self, session: SessionOptions) -> Self {
        Self { session, ..self }
    }

    /// Sets the bytes that may wait to be written to the socket.
    #[must_use]
    pub fn with_write_buffer(self, write_buffer: usize) -> Self {
        Self { write_buffer, ..self }
    }
}

impl ClientOptions {
    /// Records every message as it comes, with its time, in a new file, for
    /// [`Recording`](crate::Recording) to read. The file holds call data and no credentials; only
    /// its owner may read it. It is not replaced if it exists.
    #[must_use]
    pub fn with_recording(self, file: impl Into<PathBuf>) -> Self {
        Self { recording: Some(file.into()), ..self }
    }
}

impl From<Arc<CryptoProvider>> for ClientOptions {
    fn from(crypto: Arc<CryptoProvider>) -> Self {
        Self::new(crypto)
    }
}
