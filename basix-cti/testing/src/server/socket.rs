//! One TCP connection: a websocket, or one HTTP request.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt, future};
use http::{HeaderValue, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::request::{read_body, read_head, write_response};
use super::shared::Shared;
use super::stream::{Control, FaultyStream};
use crate::connection::{ConnectionId, Sent};
use crate::handshake::{CTI_PATH, Handshake, Refusal};

/// Time for the first request.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Time for a client to close after the PBX has.
const CLOSE_TIME: Duration = Duration::from_secs(2);
/// Maximum size of a client's message, in bytes.
const MAX_MESSAGE: usize = 1 << 20;

/// Serves one TCP connection to its end.
pub(super) async fn serve<S>(shared: Arc<Shared>, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let control = Control::default();
    let mut stream = FaultyStream::new(stream, control.clone());
    // A client that left or sent no valid request gets no response.
    let Ok(Ok((request, rest))) = tokio::time::timeout(HEAD_TIME, read_head(&mut stream)).await
    else {
        return;
    };
    if request.uri().path() != CTI_PATH {
        let body = tokio::time::timeout(HEAD_TIME, read_body(&mut stream, request, rest));
        if let Ok(Ok(request)) = body.await {
            let response = shared.with(|pbx| pbx.handle_http(&request));
            let _ = write_response(&mut stream, &response).await;
        }
        return;
    }
    let Ok(upgrade) = create_response(&request) else {
        let _ = write_response(&mut stream, &status(StatusCode::UPGRADE_REQUIRED)).await;
        return;
    };
    let opened = Handshake::from_request(&request)
        .and_then(|handshake| shared.with(|pbx| pbx.open(&handshake)));
    let connection = match opened {
        Ok(connection) => connection,
        Err(refusal) => {
            if let Some(response) = refuse(refusal) {
                let _ = write_response(&mut stream, &response).await;
            }
            return;
        }
    };
    if write_response(&mut stream, &upgrade.map(|()| Vec::new())).await.is_ok() {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let socket =
            WebSocketStream::from_partially_read(stream, rest, Role::Server, Some(config)).await;
        let (sink, stream) = socket.split();
        let reader = read(&shared, connection, stream);
        let writer = Writer { shared: &shared, connection, control, sink };
        // Whichever ends first ends the connection.
        future::select(Box::pin(reader), Box::pin(writer.run())).await;
    }
    shared.close(connection);
}

fn status(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(format!("{status}\n").into_bytes());
    *response.status_mut() = status;
    response
}

/// The response in place of a websocket; `None` if the connection is not accepted.
fn refuse(refusal: Refusal) -> Option<Response<Vec<u8>>> {
    match refusal {
        Refusal::Status(code) => {
            let mut response = status(code);
            if code == StatusCode::UNAUTHORIZED {
                let challenge = HeaderValue::from_static("Basic realm=\"basix\"");
                response.headers_mut().insert(http::header::WWW_AUTHENTICATE, challenge);
            }
            Some(response)
        }
        Refusal::WebPage => {
            let mut page = Response::new(b"<!doctype html><title>PBX</title>\n".to_vec());
            let html = HeaderValue::from_static("text/html");
            page.headers_mut().insert(http::header::CONTENT_TYPE, html);
            Some(page)
        }
        Refusal::Unreachable => None,
    }
}

type Socket<S> = WebSocketStream<FaultyStream<S>>;

/// Handles the client's messages until it leaves.
async fn read<S>(shared: &Shared, connection: ConnectionId, mut stream: SplitStream<Socket<S>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = stream.next().await {
        match message {
            Message::Text(text) => shared.with(|pbx| pbx.handle_text(connection, &text)),
            Message::Binary(bytes) => {
                shared.with(|pbx| pbx.handle_binary(connection, &bytes));
            }
            // The websocket itself answers pings and closes.
            _ => {}
        }
    }
}

/// Writes what the model sends.
struct Writer<'a, S> {
    shared: &'a Shared,
    connection: ConnectionId,
    control: Control,
    sink: SplitSink<Socket<S>, Message>,
}

/// The connection has ended or must end.
struct Gone;

impl<S: AsyncRead + AsyncWrite + Unpin> Writer<'_, S> {
    async fn run(mut self) {
        let mut changes = self.shared.changes();
        loop {
            changes.borrow_and_update();
            let batch = self.shared.poll(self.connection);
            let silent = self.shared.look(|pbx| pbx.is_silent(self.connection));
            if !silent {
                self.control.set_silent(false);
            }
            let wrote = !batch.is_empty();
            for sent in batch {
                if self.send(sent).await.is_err() {
                    return;
                }
            }
            if wrote {
                continue;
            }
            // Messages sent before a silence are written before it starts.
            if !self.control.is_silent() && self.sink.flush().await.is_err() {
                return;
            }
            self.control.set_silent(silent);
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    async fn send(&mut self, sent: Sent) -> Result<(), Gone> {
        match sent {
            Sent::Frame(frame) => self.feed(frame).await,
            Sent::SlowFrame(frame) => {
                self.flush().await?;
                self.control.set_piece(Some((frame.len() / 64).max(16)));
                self.feed(frame).await?;
                self.flush().await?;
                self.control.set_piece(None);
                Ok(())
            }
            Sent::Text(text) => self.sink.feed(Message::text(text)).await.or(Err(Gone)),
            Sent::Close(code) => {
                let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
                let _ = self.sink.feed(Message::Close(Some(frame))).await;
                let _ = self.sink.flush().await;
                // The reader ends when the client has closed too.
                tokio::time::sleep(CLOSE_TIME).await;
                Err(Gone)
            }
            Sent::Cut(frame) => {
                self.flush().await?;
                if let Some(frame) = frame {
                    // The head of a websocket message has two, four or ten bytes.
                    self.control.cut_after((frame.len() / 2).max(1));
                    self.feed(frame).await?;
                    self.flush().await?;
                }
                Err(Gone)
            }
        }
    }

    async fn feed(&mut self, frame: Arc<[u8]>) -> Result<(), Gone> {
        // Shared with all connections that get the same message.
        let message = Message::Binary(Bytes::from_owner(frame));
        self.sink.feed(message).await.or(Err(Gone))
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        self.sink.flush().await.or(Err(Gone))
    }
}
