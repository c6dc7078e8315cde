//! From an endpoint to an open websocket, and the HTTP request that calls a user.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::header::{
    CONNECTION, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::connector::{BoxedIo, Connector};
use super::tls;
use crate::endpoint::{Endpoint, ServerAddress};
use crate::helper_leg::{CallUser, CallUserAnswer, CallUserError};
use crate::session::ConnectError;

pub(super) type Socket = WebSocketStream<BoxedIo>;

/// Maximum bytes of the head of an HTTP response.
const MAX_HEAD: usize = 64 << 10;
/// Time for the answer to `call_user`.
const ANSWER_TIME: Duration = Duration::from_secs(20);

/// The connector to the server, and TLS on it.
#[derive(Clone, Debug)]
pub(super) struct Network {
    pub(super) connector: Arc<dyn Connector>,
    /// `None` without a crypto provider.
    pub(super) tls: Option<Arc<rustls::ClientConfig>>,
}

impl Network {
    async fn open(&self, server: &ServerAddress, stage: &Stage) -> Result<BoxedIo, ConnectError> {
        let tls = match (server.is_tls, &self.tls) {
            (false, _) => None,
            (true, Some(tls)) => Some(tls),
            (true, None) => return Err(ConnectError::NoCryptoProvider),
        };
        stage.enter(Stage::NETWORK);
        let stream = self.connector.connect(server).await?;
        let Some(tls) = tls else { return Ok(stream) };
        stage.enter(Stage::TLS);
        tls::negotiate(tls, &server.host, stream).await
    }
}

/// The stage of an attempt to connect, for the error of a timeout.
#[derive(Clone, Default)]
pub(super) struct Stage(Arc<AtomicUsize>);

impl Stage {
    const TEXTS: [&str; 4] = [
        "waiting for the endpoint source",
        "connecting to the server",
        "negotiating TLS",
        "waiting for the websocket handshake",
    ];
    const NETWORK: usize = 1;
    const TLS: usize = 2;
    const HANDSHAKE: usize = 3;

    fn enter(&self, stage: usize) {
        self.0.store(stage, Ordering::Relaxed);
    }

    pub(super) fn text(&self) -> &'static str {
        Self::TEXTS.get(self.0.load(Ordering::Relaxed)).copied().unwrap_or_default()
    }
}

/// Opens the websocket of an endpoint.
pub(super) async fn websocket(
    endpoint: &Endpoint,
    network: &Network,
    config: WebSocketConfig,
    stage: &Stage,
) -> Result<Socket, ConnectError> {
    // B4: no compression is offered.
    let mut request = endpoint.request()?;
    let key = generate_key();
    let headers = request.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    if let Ok(key) = HeaderValue::from_str(&key) {
        headers.insert(SEC_WEBSOCKET_KEY, key);
    }
    let response =
        exchange(endpoint, network, request.map(|()| Empty::<Bytes>::new()), stage).await?;
    match response.status() {
        StatusCode::SWITCHING_PROTOCOLS => {}
        status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            return Err(ConnectError::Unauthorized(status.as_u16()));
        }
        status => return Err(ConnectError::Status(status.as_u16())),
    }
    let accepted = response.headers().get(SEC_WEBSOCKET_ACCEPT);
    if accepted.is_none_or(|accepted| *accepted != *derive_accept_key(key.as_bytes())) {
        return Err(ConnectError::NotWebsocket);
    }
    let upgraded = hyper::upgrade::on(response).await.map_err(|_| ConnectError::NotWebsocket)?;
    let parts = upgraded.downcast::<TokioIo<BoxedIo>>().map_err(|_| ConnectError::NotWebsocket)?;
    let (stream, read) = (parts.io.into_inner(), parts.read_buf.to_vec());
    Ok(WebSocketStream::from_partially_read(stream, read, Role::Client, Some(config)).await)
}

/// Asks the PBX to call a user.
pub(super) async fn call_user(
    endpoint: &Endpoint,
    network: &Network,
    call: &CallUser,
) -> Result<CallUserAnswer, CallUserError> {
    let unanswered = |reason: String| CallUserError::Unanswered { reason };
    let exchange = async {
        let request = endpoint.call_user(call).map_err(ConnectError::from);
        let request = request.map_err(|error| unanswered(error.to_string()))?;
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let stage = Stage::default();
        let response = exchange(endpoint, network, request, &stage);
        let response = response.await.map_err(|error| unanswered(error.to_string()))?;
        let (head, body) = response.into_parts();
        let limit = CallUserAnswer::MAX_BODY;
        let body = Limited::new(body, limit).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                CallUserError::TooLong { limit }
            } else {
                unanswered("the answer was cut short".into())
            }
        })?;
        CallUserAnswer::parse(head.status.as_u16(), &body.to_bytes())
    };
    let late = |_| unanswered("it took too long".into());
    tokio::time::timeout(ANSWER_TIME, exchange).await.map_err(late)?
}

/// Sends one request on its own connection, and returns the head of the response.
///
/// This is not left to tungstenite, which logs the whole request with its credentials at the level
/// `trace`.
async fn exchange<B>(
    endpoint: &Endpoint,
    network: &Network,
    mut request: Request<B>,
    stage: &Stage,
) -> Result<Response<Incoming>, ConnectError>
where
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: std::error::Error + Send + Sync,
{
    let stream = network.open(&endpoint.server()?, stage).await?;
    stage.enter(Stage::HANDSHAKE);
    if let Some(authority) = request.uri().authority() {
        let host = HeaderValue::from_str(authority.as_str());
        request.headers_mut().insert(HOST, host.map_err(|_| ConnectError::NotWebsocket)?);
    }
    // A request to an origin server names only the path.
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(Default::default, Into::into);

    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD);
    let (mut sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(|_| ConnectError::NotWebsocket)?;
    // The task ends with the exchange, or returns the stream.
    tokio::spawn(connection.with_upgrades());
    sender.send_request(request).await.map_err(|_| ConnectError::NotWebsocket)
}
