//! JSON over real HTTP, on loopback.

use std::error::Error;
use std::net::SocketAddr;

use axum::body::Body;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use pbx_integration::Secret;

/// Maximum size of an answer.
const MAX_BYTES: usize = 1 << 20;

/// Posts JSON to one server, with a token that both know.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: Client<HttpConnector, Body>,
    server: SocketAddr,
    token: Secret,
}

impl HttpClient {
    /// A client for a server on this machine.
    #[must_use]
    pub fn new(server: SocketAddr, token: Secret) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client, server, token }
    }

    /// Posts JSON to a path, and returns the status and the body of the answer.
    ///
    /// # Errors
    ///
    /// If the answer is missing or incomplete.
    pub async fn post(
        &self,
        path: &str,
        json: impl Into<Bytes>,
    ) -> Result<(StatusCode, Bytes), Box<dyn Error + Send + Sync>> {
        let mut token = HeaderValue::from_str(&format!("Bearer {}", self.token.expose()))?;
        token.set_sensitive(true);
        let request = Request::post(format!("http://{}{path}", self.server))
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, token)
            .body(Body::from(json.into()))?;
        let (head, body) = self.client.request(request).await?.into_parts();
        Ok((head.status, Limited::new(body, MAX_BYTES).collect().await?.to_bytes()))
    }
}
