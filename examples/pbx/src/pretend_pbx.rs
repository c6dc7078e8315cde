//! A PBX that reports calls over real HTTP, and starts and ends them.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use pbx_integration::control::ControlError;
use pbx_integration::integration::EntryPoint;
use pbx_integration::testing::MemoryHost;
use pbx_integration::{CallControl, CallId, EndCall, Secret, StartCall};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::http_client::HttpClient;

/// A PBX that reports calls over real HTTP, and starts and ends them when asked to.
#[derive(Clone, Debug)]
pub struct PretendPbx {
    /// The address for `startCall` and `endCall`.
    address: SocketAddr,
    host: Arc<MemoryHost>,
    token: Secret,
}

impl PretendPbx {
    /// Starts the PBX on a free port of this machine. It accepts requests with this token only.
    ///
    /// # Errors
    ///
    /// If no port is available.
    pub async fn start(token: Secret) -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let pbx = Self { address, host: Arc::new(MemoryHost::new()), token };
        let app = Router::new()
            .route("/startCall", post(start_call))
            .route("/endCall", post(end_call))
            .with_state(pbx.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(pbx)
    }

    /// The calls of the PBX.
    #[must_use]
    pub fn host(&self) -> &MemoryHost {
        &self.host
    }

    /// Call control of this PBX, over HTTP.
    #[must_use]
    pub fn call_control(&self) -> HttpCallControl {
        HttpCallControl(HttpClient::new(self.address, self.token.clone()))
    }

    /// The token of requests from and to this PBX.
    #[must_use]
    pub const fn token(&self) -> &Secret {
        &self.token
    }

    /// Sends reports to a bridge, and prints status and body of each answer.
    ///
    /// # Errors
    ///
    /// If an answer is missing or incomplete.
    pub async fn play(
        &self,
        bridge: SocketAddr,
        reports: impl IntoIterator<Item = (EntryPoint, Value)>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let bridge = HttpClient::new(bridge, self.token.clone());
        for (entry_point, payload) in reports {
            println!("-> {entry_point}");
            let (status, body) =
                bridge.post(&format!("/{entry_point}"), payload.to_string()).await?;
            println!("   answer: {} {}", status.as_u16(), String::from_utf8_lossy(&body));
        }
        Ok(())
    }

    fn is_allowed(&self, headers: &HeaderMap) -> bool {
        let presented = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
        presented
            .and_then(|value| value.strip_prefix(b"Bearer "))
            .is_some_and(|token| self.token.matches(token))
    }
}

async fn start_call(State(pbx): State<PretendPbx>, headers: HeaderMap, body: Bytes) -> Response {
    if !pbx.is_allowed(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(call) = serde_json::from_slice::<StartCall>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match pbx.host.start_call(&call).await {
        Ok(id) => serde_json::to_string(&id).unwrap_or_default().into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn end_call(State(pbx): State<PretendPbx>, headers: HeaderMap, body: Bytes) -> Response {
    if !pbx.is_allowed(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(end) = serde_json::from_slice::<EndCall>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match pbx.host.end_call(&end).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(ControlError::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Starts and ends calls in a PBX, over HTTP.
#[derive(Clone, Debug)]
pub struct HttpCallControl(HttpClient);

#[async_trait]
impl CallControl for HttpCallControl {
    async fn start_call(&self, call: &StartCall) -> Result<CallId, ControlError> {
        let json = serde_json::to_string(call).map_err(unknown)?;
        match self.0.post("/startCall", json).await.map_err(ControlError::Unknown)? {
            (StatusCode::OK, id) => serde_json::from_slice(&id).map_err(unknown),
            (status, _) => Err(ControlError::Refused { code: status.as_u16() }),
        }
    }

    async fn end_call(&self, end: &EndCall) -> Result<(), ControlError> {
        let json = serde_json::to_string(end).map_err(unknown)?;
        match self.0.post("/endCall", json).await.map_err(ControlError::Unknown)? {
            (status, _) if status.is_success() => Ok(()),
            (StatusCode::NOT_FOUND, _) => Err(ControlError::NotFound),
            (status, _) => Err(ControlError::Refused { code: status.as_u16() }),
        }
    }
}

fn unknown(error: serde_json::Error) -> ControlError {
    ControlError::Unknown(Box::new(error))
}
