//! The PBXs: what each says, in the hub's terms, and what can be asked of it.

mod book;

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use voip_module::Secret;

pub(crate) use self::book::Book;
use crate::timeline::Micros;

/// The way of a source's HTTP requests.
#[async_trait]
pub(crate) trait Receiver: Send + Sync {
    /// The secrets in its requests, which are not kept.
    fn secrets(&self) -> Vec<Secret>;

    /// Checks path and credentials; the path is the one below the source's own.
    fn check(&self, parts: &Parts) -> Result<(), StatusCode>;

    /// Handles a request that came at a time. It is in the inbox already.
    async fn handle(&self, request: Request<Bytes>, at: Micros) -> Response<Bytes>;

    /// Everything in the inbox was handled again.
    async fn replayed(&self) {}
}

/// What can be asked of a PBX.
#[async_trait]
pub(crate) trait Control: Send + Sync {
    /// Calls a user, and connects the user with a number; returns the identity of the call, if
    /// the PBX gives one.
    async fn call(&self, from: &str, to: &str) -> Result<Option<String>, ControlError>;

    /// Ends a call.
    async fn hang_up(&self, id: &str) -> Result<(), ControlError>;
}

/// The reason why a PBX did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    #[error("this source cannot do that")]
    Unsupported,
    #[error("no such call")]
    NotFound,
    #[error("{0}")]
    Invalid(String),
    #[error("the PBX refuses: {0}")]
    Refused(String),
    #[error("the PBX cannot be reached")]
    Unreachable,
}

impl ControlError {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Unsupported => StatusCode::NOT_IMPLEMENTED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Refused(_) => StatusCode::BAD_GATEWAY,
            Self::Unreachable => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}
