//! The websocket's closing handshake.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use futures_util::Sink;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message};

use super::connect::Socket;
use super::shown;
use crate::session::DisconnectReason;

/// Time for the PBX to answer a Close, or to end the connection after it.
const CLOSE_TIME: Duration = Duration::from_secs(2);

/// Maximum bytes of a close reason, by RFC 6455.
const MAX_REASON: usize = 123;

/// Sends a Close, or the answer to the peer's, and waits until the peer ends the connection.
pub(super) async fn close(mut socket: Socket, frame: Option<CloseFrame>) {
    let goodbye = async {
        // After the peer's Close this fails, and the answer is queued already.
        let _ = Pin::new(&mut socket).start_send(Message::Close(frame));
        if poll_fn(|context| Pin::new(&mut socket).poll_flush(context)).await.is_err() {
            return;
        }
        // Arriving bytes are read and dropped: closing a socket with unread bytes resets the
        // connection, and the peer may never see our Close.
        let stream = socket.get_mut();
        let mut buffer = [0; 4 << 10];
        while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
        let _ = stream.shutdown().await;
    };
    let _ = tokio::time::timeout(CLOSE_TIME, goodbye).await;
}

/// Returns the Close with our reason to end the connection.
pub(super) fn frame(reason: &DisconnectReason) -> Option<CloseFrame> {
    let (code, reason) = match reason {
        DisconnectReason::Requested => (CloseCode::Normal, ""),
        DisconnectReason::MessageTooLarge { .. } => (CloseCode::Size, "message too large"),
        DisconnectReason::Protocol => (CloseCode::Protocol, "websocket protocol error"),
        _ => return None,
    };
    Some(CloseFrame { code, reason: reason.into() })
}

/// Returns the reason of the peer's Close: its code and text, cut and escaped.
pub(super) fn closed_by_peer(frame: Option<&CloseFrame>) -> DisconnectReason {
    DisconnectReason::Closed {
        code: frame.map(|frame| frame.code.into()),
        reason: frame.map_or_else(Box::default, |frame| shown(&frame.reason, MAX_REASON)),
    }
}

/// Converts an error of the websocket.
pub(super) fn failure(error: &WebSocketError, limit: usize) -> DisconnectReason {
    match error {
        WebSocketError::Io(error) => DisconnectReason::Lost(error.kind()),
        WebSocketError::Capacity(_) => DisconnectReason::MessageTooLarge { limit },
        WebSocketError::ConnectionClosed | WebSocketError::AlreadyClosed => closed_by_peer(None),
        WebSocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            DisconnectReason::Lost(std::io::ErrorKind::UnexpectedEof)
        }
        _ => DisconnectReason::Protocol,
    }
}
