//! HTTP requests of the hub. TLS comes with the feature `tls`.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use voip_module::HttpTransport;
use voip_module::transport::TransportError;

#[cfg(not(feature = "tls"))]
use self::plain::Transport;
#[cfg(feature = "tls")]
use voip_module::transport::ReqwestTransport as Transport;

/// Sends requests: a timeout, no redirects, answers of limited size.
#[derive(Clone, Debug)]
pub(crate) struct HttpClient(Transport);

impl HttpClient {
    #[cfg(not(feature = "tls"))]
    pub(crate) fn new() -> Result<Self, voip_module::Error> {
        Ok(Self(Transport::new()))
    }

    #[cfg(feature = "tls")]
    pub(crate) fn new() -> Result<Self, voip_module::Error> {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        Ok(Self(Transport::new(provider, voip_module::transport::ReqwestOptions::default())?))
    }
}

#[async_trait]
impl HttpTransport for HttpClient {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.0.send(request).await
    }
}

#[cfg(not(feature = "tls"))]
mod plain {
    use std::time::Duration;

    use async_trait::async_trait;
    use bytes::Bytes;
    use http::{Request, Response};
    use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
    use hyper_util::client::legacy::Client;
    use hyper_util::client::legacy::connect::HttpConnector;
    use hyper_util::rt::TokioExecutor;
    use voip_module::HttpTransport;
    use voip_module::transport::TransportError;

    const TIMEOUT: Duration = Duration::from_secs(10);
    const MAX_BODY: usize = 4 << 20;

    #[derive(Clone, Debug)]
    pub(super) struct Transport(Client<HttpConnector, Full<Bytes>>);

    impl Transport {
        pub(super) fn new() -> Self {
            Self(Client::builder(TokioExecutor::new()).build_http())
        }
    }

    #[async_trait]
    impl HttpTransport for Transport {
        async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
            let work = async {
                let response = self
                    .0
                    .request(request.map(Full::new))
                    .await
                    .map_err(|error| TransportError::Connect(Box::new(error)))?;
                let (head, body) = response.into_parts();
                let body =
                    Limited::new(body, MAX_BODY).collect().await.map_err(|error| {
                        match error.is::<LengthLimitError>() {
                            true => TransportError::BodyTooLarge { limit: MAX_BODY },
                            false => TransportError::Interrupted(error),
                        }
                    })?;
                Ok(Response::from_parts(head, body.to_bytes()))
            };
            tokio::time::timeout(TIMEOUT, work).await.unwrap_or(Err(TransportError::Timeout))
        }
    }
}
