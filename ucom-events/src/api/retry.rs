//! Decisions after replies.

use std::fmt;
use std::time::Duration;

use http::Method;

use crate::api::reply::{ApiReply, Responsible};
use crate::api::request::ApiRequest;

/// One action: a request and its retries.
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use ucom_events::api::{ApiReply, ApiRequest, Attempt, NextStep};
///
/// let request = ApiRequest::user();
/// let refused = ApiReply::new(StatusCode::UNAUTHORIZED, &HeaderMap::new(), Vec::new());
/// let mut attempt = Attempt::automatic();
/// assert_eq!(attempt.next_step(&request, &refused), NextStep::RenewToken);
/// assert!(matches!(attempt.next_step(&request, &refused), NextStep::NeedsAction { .. }));
/// ```
#[derive(Clone, Debug)]
pub struct Attempt {
    is_automatic: bool,
    has_renewed: bool,
    has_waited: bool,
}

impl Attempt {
    /// Creates an action started by a user, who may retry it.
    #[must_use]
    pub const fn by_user() -> Self {
        Self { is_automatic: false, has_renewed: false, has_waited: false }
    }

    /// Creates an action started by the program, which may retry once after a wait.
    #[must_use]
    pub const fn automatic() -> Self {
        Self { is_automatic: true, has_renewed: false, has_waited: false }
    }

    /// Returns the step after a reply. At most one retry follows a new token and at most one
    /// follows a wait, so no action takes more than three requests.
    pub fn next_step(&mut self, request: &ApiRequest, reply: &ApiReply) -> NextStep {
        let needs_action =
            |not_before| NextStep::NeedsAction { responsible: reply.responsible(), not_before };
        match reply.status.as_u16() {
            200..=299 => NextStep::Done,
            404 if request.method == Method::DELETE => NextStep::Done,
            401 if !self.has_renewed => {
                self.has_renewed = true;
                NextStep::RenewToken
            }
            429 if self.is_automatic && !self.has_waited => {
                self.has_waited = true;
                NextStep::RepeatAfter(reply.rate.wait())
            }
            429 => needs_action(Some(reply.rate.wait())),
            400..=499 => needs_action(None),
            // Redirects too: the API has none, so the fault is the platform's.
            _ => NextStep::NotifyAdministrator,
        }
    }
}

/// The step after a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// The action is complete.
    Done,
    /// Request a new token, then retry.
    RenewToken,
    /// Wait for this time, then retry.
    RepeatAfter(Duration),
    /// A retry is useless before a change by the responsible party; notify the user.
    NeedsAction {
        /// The party that has to act.
        responsible: Responsible,
        /// The time to wait, if only time helps.
        not_before: Option<Duration>,
    },
    /// Forward the error to the PBX's administrator, and notify the user.
    NotifyAdministrator,
}

impl NextStep {
    /// Returns whether the request is retried.
    #[must_use]
    pub const fn repeats(&self) -> bool {
        matches!(self, Self::RenewToken | Self::RepeatAfter(_))
    }

    /// Returns whether the user needs a notice of the failure.
    #[must_use]
    pub const fn needs_notice(&self) -> bool {
        !matches!(self, Self::Done)
    }
}

impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::RenewToken => f.write_str("asking for a new token, then once more"),
            Self::RepeatAfter(wait) => write!(f, "once more in {} s", wait.as_secs()),
            Self::NeedsAction { not_before: Some(wait), .. } => {
                write!(f, "the hourly limit is spent: try again in {} s", wait.as_secs())
            }
            Self::NeedsAction { responsible, .. } => {
                write!(f, "something must be done first, by {responsible}")
            }
            Self::NotifyAdministrator => {
                f.write_str("a fault of the PBX: notify its administrator")
            }
        }
    }
}
