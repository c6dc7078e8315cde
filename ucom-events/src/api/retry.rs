//! What to do after a reply (R15–R20).

use std::fmt;
use std::time::Duration;

use crate::api::rate::HOUR;
use crate::api::reply::{ReplyHead, Responsible};

/// One action that is being carried out: a request, and its repeats, of which there are few (R19).
///
/// ```
/// use http::StatusCode;
/// use ucom_events::api::{Attempt, NextStep, RateLimit, ReplyHead};
///
/// let reply = |code| ReplyHead::new(StatusCode::from_u16(code).unwrap(), None, RateLimit::default());
/// let mut attempt = Attempt::automatic();
/// assert_eq!(attempt.next_step(&reply(401)), NextStep::RenewToken);
/// assert!(matches!(attempt.next_step(&reply(401)), NextStep::NeedsAction { .. })); // not again
/// ```
#[derive(Clone, Debug)]
pub struct Attempt {
    is_automatic: bool,
    has_renewed: bool,
    has_waited: bool,
}

impl Attempt {
    /// An action that a person has started, and whom a person may repeat (R18).
    #[must_use]
    pub const fn by_user() -> Self {
        Self { is_automatic: false, has_renewed: false, has_waited: false }
    }

    /// An action that the program has started, and may repeat once after some time (R18).
    #[must_use]
    pub const fn automatic() -> Self {
        Self { is_automatic: true, has_renewed: false, has_waited: false }
    }

    /// Asking for a token: no token would help there.
    #[cfg(feature = "reqwest")]
    pub(crate) const fn for_token() -> Self {
        Self { is_automatic: false, has_renewed: true, has_waited: false }
    }

    /// What to do after a reply. At most one repeat follows a new token and at most one follows a
    /// wait, so no action takes more than three requests, whatever the replies (R15, R19).
    pub fn next_step(&mut self, reply: &ReplyHead) -> NextStep {
        match reply.status.as_u16() {
            200..=299 => NextStep::Done,
            401 if !self.has_renewed => {
                self.has_renewed = true;
                NextStep::RenewToken
            }
            429 if self.is_automatic && !self.has_waited => {
                self.has_waited = true;
                NextStep::RepeatAfter(reply.rate.wait())
            }
            429 => NextStep::NeedsAction {
                responsible: reply.responsible(),
                not_before: Some(reply.rate.wait().min(HOUR)),
            },
            500.. => NextStep::TellAdministrator,
            _ => NextStep::NeedsAction { responsible: reply.responsible(), not_before: None },
        }
    }
}

/// What to do after a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Nothing: it is done.
    Done,
    /// Ask for a new token, then repeat the request.
    RenewToken,
    /// Wait so long, then repeat the request.
    RepeatAfter(Duration),
    /// Nothing before somebody has changed or done something (R16); tell the user (R20).
    NeedsAction {
        /// Who.
        responsible: Responsible,
        /// Where only time helps: how much of it.
        not_before: Option<Duration>,
    },
    /// Pass it on to the PBX's administrator (R17), and tell the user (R20).
    TellAdministrator,
}

impl NextStep {
    /// Whether the request is to be repeated.
    #[must_use]
    pub const fn repeats(&self) -> bool {
        matches!(self, Self::RenewToken | Self::RepeatAfter(_))
    }

    /// Whether the user is to be told that something failed (R20): of every reply but a success.
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
            Self::TellAdministrator => f.write_str("a fault of the PBX: tell its administrator"),
        }
    }
}
