//! Work that takes several requests.

use crate::api::reply::{ApiError, ApiReply};
use crate::api::request::ApiRequest;

/// Work that takes several requests, one after the other: connecting, carrying out a plan.
///
/// Send each [`next_request`](Self::next_request) until it returns `None`, and hand in the outcome.
pub trait Flow {
    /// The next request, or `None` at the end. The same one again until its outcome is handed in.
    fn next_request(&self) -> Option<ApiRequest>;

    /// Takes in the outcome of the last request: its reply, whatever the code, or the reason for a missing one.
    fn handle(&mut self, outcome: Result<ApiReply, ApiError>);
}
