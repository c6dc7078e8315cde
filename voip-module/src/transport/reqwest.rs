//! An [`HttpTransport`] over reqwest and rustls.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};

use super::{HttpTransport, TransportError};
use crate::error::Error;

/// Options of a [`ReqwestTransport`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReqwestOptions {
    /// Timeout of the connection. Default 5 s.
    pub connect_timeout: Duration,
    /// Timeout of the whole exchange. Default 15 s.
    pub timeout: Duration,
    /// Bytes in the body of an answer. Default 4 MiB.
    pub body: usize,
    /// Certificates to trust. Default: those of Mozilla.
    pub roots: RootCertStore,
}

impl Default for ReqwestOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(15),
            body: 4 << 20,
            roots: RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
        }
    }
}

impl ReqwestOptions {
    /// Sets the timeout of the connection.
    #[must_use]
    pub const fn with_connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// Sets the timeout of the whole exchange.
    #[must_use]
    pub const fn with_timeout(mut self, time: Duration) -> Self {
        self.timeout = time;
        self
    }

    /// Sets the bytes in the body of an answer.
    #[must_use]
    pub const fn with_body(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }

    /// Sets the certificates to trust.
    #[must_use]
    pub fn with_roots(mut self, roots: RootCertStore) -> Self {
        self.roots = roots;
        self
    }
}

/// An [`HttpTransport`] over reqwest and rustls: with timeouts and a limit for bodies, without
/// redirects, proxies and cookies. Needs a tokio runtime.
///
/// The endpoint is a setting, so an administrator of the module can direct requests into your
/// network. To prevent that, put a proxy or firewall in between.
///
/// ```
/// use std::sync::Arc;
/// use voip_module::transport::{ReqwestOptions, ReqwestTransport};
///
/// let crypto = Arc::new(rustls::crypto::ring::default_provider());
/// let transport = ReqwestTransport::new(crypto, ReqwestOptions::default())?;
/// # Ok::<(), voip_module::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    body: usize,
}

impl ReqwestTransport {
    /// Creates a transport whose TLS uses this crypto provider, even if others are compiled in.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the crypto provider supports no safe version of TLS, or the client cannot be created.
    pub fn new(crypto: Arc<CryptoProvider>, options: ReqwestOptions) -> Result<Self, Error> {
        let ReqwestOptions { connect_timeout, timeout, body, roots } = options;
        let tls = ClientConfig::builder_with_provider(crypto)
            .with_safe_default_protocol_versions()
            .map_err(|_| Error::Config {
                reason: "the crypto provider supports no safe version of TLS",
            })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(connect_timeout)
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| Error::Config { reason: "the HTTP client cannot be made" })?;
        Ok(Self { client, body })
    }
}

#[async_trait]
impl HttpTransport for ReqwestTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let request = request.map(reqwest::Body::from);
        let request = reqwest::Request::try_from(request).map_err(described)?;
        let mut response = self.client.execute(request).await.map_err(described)?;
        let limit = self.body;
        let too_large = |length: u64| usize::try_from(length).map_or(true, |length| length > limit);
        if response.content_length().is_some_and(too_large) {
            return Err(TransportError::BodyTooLarge { limit });
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(described)? {
            if chunk.len() > limit - body.len() {
                return Err(TransportError::BodyTooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body.freeze());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// Removes the URL, which may hold a key.
fn described(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    match () {
        () if error.is_timeout() => TransportError::Timeout,
        () if error.is_connect() => TransportError::Connect(error.into()),
        () if error.is_builder() => TransportError::Request(error.into()),
        () => TransportError::Interrupted(error.into()),
    }
}
