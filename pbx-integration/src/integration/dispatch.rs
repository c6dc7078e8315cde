//! What becomes of a payload.

use std::fmt;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use super::guard::{self, Boxed};
use super::reply::HttpReply;
use crate::definition::Identifier;
use crate::error::Error;
use crate::wire::Warning;

/// What became of a payload at one integration. Shows no part of the payload.
#[non_exhaustive]
pub enum Outcome {
    /// The entry point has done its work.
    Delivered,
    /// The integration is not registered for the payload's tenant or extensions.
    NotConcerned,
    /// The entry point gave an error.
    Failed(Error),
    /// The entry point panicked.
    Panicked,
}

impl Outcome {
    /// Whether the entry point has done its work.
    #[must_use]
    pub const fn is_delivered(&self) -> bool {
        matches!(self, Self::Delivered)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered => f.write_str("delivered"),
            Self::NotConcerned => f.write_str("not concerned"),
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Panicked => f.write_str("panicked"),
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outcome({self})")
    }
}

/// What became of a payload, and at which integration.
#[derive(Debug)]
#[non_exhaustive]
pub struct DeliveryReport {
    /// The integration.
    pub identifier: Identifier,
    /// What became of it.
    pub outcome: Outcome,
}

impl fmt::Display for DeliveryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.identifier, self.outcome)
    }
}

/// One integration's work on a payload: a future of its [`DeliveryReport`], which needs no runtime and may
/// be spawned on any. Dropped, the work ends where it is.
#[must_use = "futures do nothing unless polled"]
pub struct PendingDelivery {
    identifier: Identifier,
    state: State,
}

enum State {
    NotConcerned,
    Running(Option<Boxed<Result<(), Error>>>),
}

impl PendingDelivery {
    pub(super) const fn not_concerned(identifier: Identifier) -> Self {
        Self { identifier, state: State::NotConcerned }
    }

    pub(super) const fn running(identifier: Identifier, work: Boxed<Result<(), Error>>) -> Self {
        Self { identifier, state: State::Running(Some(work)) }
    }

    /// The integration.
    #[must_use]
    pub const fn identifier(&self) -> &Identifier {
        &self.identifier
    }
}

impl Future for PendingDelivery {
    type Output = DeliveryReport;

    fn poll(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<DeliveryReport> {
        let outcome = match &mut self.state {
            State::NotConcerned => Outcome::NotConcerned,
            State::Running(work) => match guard::poll_caught(work, context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(Ok(()))) => Outcome::Delivered,
                Poll::Ready(Ok(Err(error))) => Outcome::Failed(error),
                Poll::Ready(Err(guard::Panicked)) => Outcome::Panicked,
            },
        };
        Poll::Ready(DeliveryReport { identifier: self.identifier.clone(), outcome })
    }
}

/// What an integration holds may panic when it is dropped; that does not reach the others, nor who drops
/// the work (P3).
impl Drop for PendingDelivery {
    fn drop(&mut self) {
        if let State::Running(work) = &mut self.state {
            let _ = guard::drop_caught(work.take());
        }
    }
}

impl fmt::Debug for PendingDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingDelivery")
            .field("identifier", &self.identifier)
            .finish_non_exhaustive()
    }
}

/// A payload on its way to several integrations. Awaited, it does all their work at the same time in
/// the present task; [`into_deliveries`](Self::into_deliveries) gives the work of each, to be spawned.
#[derive(Debug)]
#[must_use = "nothing is delivered unless it is awaited or its deliveries are"]
pub struct Dispatch {
    pub(super) deliveries: Vec<PendingDelivery>,
}

impl Dispatch {
    /// The work of each integration. Spawned as tasks of their own, one that takes long, or blocks its
    /// thread, does not keep the caller.
    #[must_use]
    pub fn into_deliveries(self) -> Vec<PendingDelivery> {
        self.deliveries
    }
}

impl IntoFuture for Dispatch {
    type Output = Vec<DeliveryReport>;
    type IntoFuture = Pin<Box<dyn Future<Output = Vec<DeliveryReport>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let work = self.deliveries.into_iter().map(|delivery| Box::pin(delivery) as Boxed<_>);
        Box::pin(guard::all(work.collect()))
    }
}

/// What became of a web request.
#[derive(Debug)]
#[non_exhaustive]
pub struct HttpDispatch {
    /// The answer.
    pub reply: HttpReply,
    /// What became of the request, if the entry point has returned.
    pub delivery: Option<DeliveryReport>,
    /// What the entry point still does after it has answered. Await or spawn it; dropped, the work ends
    /// where it is.
    pub unfinished: Option<PendingDelivery>,
}

/// What became of a payload that came as JSON.
#[derive(Debug)]
#[non_exhaustive]
pub struct JsonDispatch {
    /// What became of it at each integration, for a web request at the one that it was for.
    pub deliveries: Vec<DeliveryReport>,
    /// Fields that were dropped in reading.
    pub warnings: Vec<Warning>,
    /// As [`Parsed::warnings_left_out`](crate::Parsed::warnings_left_out).
    pub warnings_left_out: usize,
    /// The answer to a web request; nothing for other payloads.
    pub reply: Option<HttpReply>,
    /// As [`HttpDispatch::unfinished`].
    pub unfinished: Option<PendingDelivery>,
}
