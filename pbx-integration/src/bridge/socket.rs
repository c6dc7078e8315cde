//! The websocket of a script.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::{Request, StatusCode};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::answer::{Answer, empty, malformed};
use super::auth::BridgeSecret;
use super::line::Line;
use super::protocol::{self, Head};
use super::service::{BridgeService, Incoming, path};

/// The websocket of a script, made by [`BridgeService::socket`]. It does no IO.
///
/// Give it the texts of the websocket, and send the texts that it gives: acknowledgements, and commands as they come. The
/// script uses a websocket only if asked to ([`BackendScriptBuilder::websocket`](super::BackendScriptBuilder::websocket)),
/// and goes back to HTTP when it closes.
pub struct BridgeSocket {
    service: BridgeService,
    secret: BridgeSecret,
    head: Head,
    line: Arc<Line>,
}

/// An item of the script's queue.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    #[serde(borrow)]
    delivery: Cow<'a, str>,
    #[serde(borrow, default)]
    tenant: Cow<'a, str>,
    #[serde(borrow, default)]
    lost: Cow<'a, str>,
    #[serde(borrow)]
    body: &'a RawValue,
}

impl BridgeService {
    /// Admits the websocket that a request asks to upgrade to. The handshake is the web framework's.
    ///
    /// # Errors
    ///
    /// The status to refuse the request with.
    // X44
    pub fn socket<B>(&self, request: &Request<B>) -> Result<BridgeSocket, StatusCode> {
        self.admit_socket(request).map_err(|refused| refused.status)
    }

    fn admit_socket<B>(&self, request: &Request<B>) -> Result<BridgeSocket, Answer> {
        if path(request.uri())? != "/v1/ws" {
            return Err(empty(StatusCode::NOT_FOUND));
        }
        let secret = self.authenticate(request.headers())?;
        let (head, line) = self.admit(request.headers())?;
        line.polled(&head.boot).map_err(|_| empty(StatusCode::GONE))?;
        Ok(BridgeSocket { service: self.clone(), secret: secret.clone(), head, line })
    }
}

impl BridgeSocket {
    /// Takes a text of the script, and gives the acknowledgement to send.
    ///
    /// It means the same as the status of [`BridgeService::handle`]. A dropped future leaves no trace.
    pub async fn handle_text(&self, text: &str) -> String {
        let (delivery, status) = match serde_json::from_str::<Message<'_>>(text) {
            Ok(message) => {
                let status = self.handle(&message).await.err().map(|answer| answer.status);
                (message.delivery, status.unwrap_or(StatusCode::OK))
            }
            Err(_) => (Cow::default(), StatusCode::BAD_REQUEST),
        };
        json!({"ack": delivery, "status": status.as_u16()}).to_string()
    }

    async fn handle(&self, message: &Message<'_>) -> Result<(), Answer> {
        let head = self.head.clone();
        let head =
            head.with(&message.delivery, &message.tenant, &message.lost).map_err(malformed)?;
        self.line.note(&head);
        let body = message.body.get().as_bytes();
        let item = Incoming { secret: &self.secret, head: &head, line: &self.line, body };
        self.service.item(&message.path, &item).await
    }

    /// Waits for commands, and gives the text to send; `None` if the script was loaded again, and this websocket is to be
    /// closed. Drop the future at any time.
    pub async fn commands(&self) -> Option<String> {
        loop {
            let changed = self.line.commands_changed.listen();
            if !self.line.state().commands.is_current(&self.head.boot) {
                return None;
            }
            let taken = self.line.take(&self.head.boot, &self.secret);
            if !taken.is_empty() {
                return Some(protocol::commands(&taken));
            }
            changed.await;
        }
    }
}

impl fmt::Debug for BridgeSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeSocket").field("boot", &self.head.boot).finish_non_exhaustive()
    }
}
