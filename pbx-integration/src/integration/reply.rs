//! The answer to a web request, given once (§7).

use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use http::StatusCode;
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::oneshot;

/// The answer to a web request (§7).
///
/// ```
/// use pbx_integration::HttpReply;
///
/// let reply = HttpReply::json(200, "true");
/// // The four arguments of the PBX's reply function.
/// assert_eq!(serde_json::to_string(&reply)?, r#"[200,"OK","application/json","true"]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpReply {
    /// The status, 100 to 599 (P74).
    pub status: u16,
    /// The reason phrase; empty for the standard one (P74).
    pub reason: String,
    /// The content type; may be empty where there is no body.
    pub content_type: String,
    /// The body. It is not sent with the status 204 or 304, nor to a `HEAD` request (P75).
    pub body: String,
}

impl HttpReply {
    /// An answer with a body.
    #[must_use]
    pub fn new(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        Self {
            status,
            reason: String::new(),
            content_type: content_type.to_owned(),
            body: body.into(),
        }
    }

    /// An answer with a JSON text.
    #[must_use]
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// An answer with plain text.
    #[must_use]
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self::new(status, "", "")
    }

    /// Sets the reason phrase.
    #[must_use]
    pub fn with_reason(mut self, reason: &str) -> Self {
        reason.clone_into(&mut self.reason);
        self
    }

    /// The reason phrase that is sent: the given one, or the standard one of the status.
    #[must_use]
    pub fn reason_phrase(&self) -> &str {
        if !self.reason.is_empty() {
            return &self.reason;
        }
        let status = StatusCode::from_u16(self.status).ok();
        status.and_then(|status| status.canonical_reason()).unwrap_or_default()
    }

    /// The checks of P74.
    ///
    /// # Errors
    ///
    /// [`ReplyError`] if the status is not 100 to 599, or if reason or content type have control
    /// characters.
    pub fn check(&self) -> Result<(), ReplyError> {
        if !(100..=599).contains(&self.status) {
            return Err(ReplyError::Status { status: self.status });
        }
        for (part, text) in [("reason phrase", &self.reason), ("content type", &self.content_type)]
        {
            if text.chars().any(char::is_control) {
                return Err(ReplyError::ControlCharacter { part });
            }
        }
        Ok(())
    }

    /// For a web framework. The reason phrase has no place in it: HTTP/2 has none, and servers write
    /// the standard one.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn into_http(self) -> Result<http::Response<String>, ReplyError> {
        self.check()?;
        let mut response = http::Response::new(self.body);
        if let Ok(status) = StatusCode::from_u16(self.status) {
            *response.status_mut() = status;
        }
        if !self.content_type.is_empty() {
            let value = http::HeaderValue::from_str(&self.content_type)
                .map_err(|_| ReplyError::ControlCharacter { part: "content type" })?;
            response.headers_mut().insert(http::header::CONTENT_TYPE, value);
        }
        Ok(response)
    }

    /// What the PBX answers where a handler gave no answer.
    pub(super) fn internal_error() -> Self {
        Self::text(500, "internal error")
    }

    /// The answer as it is sent: with a reason, and without a body where there must be none.
    fn sent_to(mut self, is_head: bool) -> Self {
        self.reason = self.reason_phrase().to_owned();
        let is_bodiless = matches!(self.status, 100..=199 | 204 | 304);
        if is_bodiless {
            self.content_type.clear();
        }
        if is_bodiless || is_head {
            self.body.clear();
        }
        self
    }
}

/// The four arguments of the PBX's reply function: status, reason, content type, body.
impl Serialize for HttpReply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.status, self.reason_phrase(), &self.content_type, &self.body).serialize(serializer)
    }
}

/// Why an answer was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// The request has been answered already (P71).
    #[error("the request has been answered already; a second reply is not sent")]
    AlreadyReplied,
    /// The status is not 100 to 599 (P74).
    #[error("the status of the reply is {status} instead of 100 to 599; nothing was sent")]
    Status {
        /// The status.
        status: u16,
    },
    /// Reason phrase or content type have a control character, which could put headers or a body of
    /// its own into the answer (P74).
    #[error("the {part} of the reply has a control character; nothing was sent")]
    ControlCharacter {
        /// Which of them.
        part: &'static str,
    },
}

/// Answers one web request, at once or later, and exactly once (P71): a second answer is an error,
/// and dropping it unused answers 500.
///
/// ```
/// use pbx_integration::{Error, HttpReply, ReplyError, Responder};
///
/// let (responder, reply) = Responder::new("POST");
/// responder.send(HttpReply::json(200, "true"))?;
/// let second = responder.send(HttpReply::empty(204));
/// assert!(matches!(second, Err(Error::Reply(ReplyError::AlreadyReplied))));
/// # let waker = std::task::Waker::noop();
/// # let mut context = std::task::Context::from_waker(waker);
/// # let mut reply = std::pin::pin!(reply);
/// # let std::task::Poll::Ready(reply) = reply.as_mut().poll(&mut context) else { panic!() };
/// # let reply = std::future::ready(reply);
/// # let task = std::pin::pin!(async move {
/// assert_eq!(reply.await.status, 200);
/// # });
/// # assert!(task.poll(&mut context).is_ready());
/// # Ok::<(), Error>(())
/// ```
pub struct Responder {
    sender: Mutex<Option<oneshot::Sender<HttpReply>>>,
}

/// The answer that a [`Responder`] gives, as a future: 500 if the responder is dropped unused.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct PendingReply {
    receiver: oneshot::Receiver<HttpReply>,
    is_head: bool,
}

impl Responder {
    /// A responder for a request with this method, and the answer that it will give.
    pub fn new(method: &str) -> (Self, PendingReply) {
        let (sender, receiver) = oneshot::channel();
        let is_head = method.eq_ignore_ascii_case("HEAD");
        (Self { sender: Mutex::new(Some(sender)) }, PendingReply { receiver, is_head })
    }

    /// Answers the request. After an answer that was refused by P74 another one can be given.
    ///
    /// # Errors
    ///
    /// [`Error::Reply`] if the answer breaks P74 or if there was one already; then nothing is sent.
    pub fn send(&self, reply: HttpReply) -> Result<(), Error> {
        let mut sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.is_none() {
            return Err(ReplyError::AlreadyReplied.into());
        }
        reply.check()?;
        if let Some(sender) = sender.take() {
            sender.send(reply);
        }
        Ok(())
    }

    /// Whether the request has been answered.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder").field("is_answered", &self.is_answered()).finish()
    }
}

impl Future for PendingReply {
    type Output = HttpReply;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<HttpReply> {
        let is_head = self.is_head;
        Pin::new(&mut self.receiver)
            .poll(context)
            .map(|reply| reply.unwrap_or_else(HttpReply::internal_error).sent_to(is_head))
    }
}
