//! Flows of several requests.

use crate::api::reply::{ApiError, ApiReply};
use crate::api::request::ApiRequest;

/// A flow of several requests in sequence: connecting, or executing a plan.
///
/// Send each [`next_request`](Self::next_request) until it returns `None`, and pass each outcome to
/// [`handle`](Self::handle).
pub trait Flow {
    /// Returns the next request, or `None` at the end. Repeats it until its outcome is handled.
    fn next_request(&self) -> Option<ApiRequest>;

    /// Handles the outcome of the last request: a reply with any code, or the reason why it is
    /// missing.
    fn handle(&mut self, outcome: Result<ApiReply, ApiError>);
}
