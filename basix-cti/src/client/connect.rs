//! From an endpoint to an open websocket, and the one HTTP request that commands need.

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

use super::stream::{Stream, Tls};
use crate::call_user::{CallUser, CallUserAnswer, CallUserError};
use crate::endpoint::Endpoint;
use crate::session::ConnectError;

pub(super) type Socket = WebSocketStream<Stream>;

/// Bytes of the head of an answer.
const HEAD: usize = 64 << 10;
/// Time for `call_user` to be answered.
const ANSWER_TIME: Duration = Duration::from_secs(20);

/// Opens the websocket of an endpoint. No compression is offered (B4).
pub(super) async fn websocket(
    endpoint: &Endpoint,
    tls: &Tls,
    config: WebSocketConfig,
) -> Result<Socket, ConnectError> {
    let mut request = endpoint.request()?;
    let key = generate_key();
    let headers = request.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    if let Ok(key) = HeaderValue::from_str(&key) {
        headers.insert(SEC_WEBSOCKET_KEY, key);
    }
    let response = exchange(endpoint, tls, request.map(|()| Empty::<Bytes>::new())).await?;
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
    let parts = upgraded.downcast::<TokioIo<Stream>>().map_err(|_| ConnectError::NotWebsocket)?;
    let (stream, read) = (parts.io.into_inner(), parts.read_buf.to_vec());
    Ok(WebSocketStream::from_partially_read(stream, read, Role::Client, Some(config)).await)
}

/// Asks for a helper leg (B96).
pub(super) async fn call_user(
    endpoint: &Endpoint,
    tls: &Tls,
    call: &CallUser,
) -> Result<CallUserAnswer, CallUserError> {
    let unanswered = |reason: String| CallUserError::Unanswered { reason };
    let exchange = async {
        let request = endpoint.call_user(call).map_err(ConnectError::from);
        let request = request.map_err(|error| unanswered(error.to_string()))?;
        let response = exchange(endpoint, tls, request.map(|body| Full::new(Bytes::from(body))));
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

/// One request on a connection of its own. The answer's body is still to come.
///
/// This is not left to tungstenite, which writes the whole request, with the token in it, into the
/// log at its finest level.
async fn exchange<B>(
    endpoint: &Endpoint,
    tls: &Tls,
    mut request: Request<B>,
) -> Result<Response<Incoming>, ConnectError>
where
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: std::error::Error + Send + Sync,
{
    let server = endpoint.server()?;
    let stream = Stream::open(&server.host, server.port, server.is_tls.then_some(tls)).await?;
    if let Some(authority) = request.uri().authority() {
        let host = HeaderValue::from_str(authority.as_str());
        request.headers_mut().insert(HOST, host.map_err(|_| ConnectError::NotWebsocket)?);
    }
    // On a connection of its own a request names the path alone.
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(Default::default, Into::into);

    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD);
    let (mut sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(|_| ConnectError::NotWebsocket)?;
    // It ends with the exchange, or hands the stream over.
    tokio::spawn(connection.with_upgrades());
    sender.send_request(request).await.map_err(|_| ConnectError::NotWebsocket)
}
