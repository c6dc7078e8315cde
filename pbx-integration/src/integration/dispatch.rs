//! Receipts: the fate of a payload at each integration.

use std::fmt;

use super::reply::HttpReply;
use crate::definition::Identifier;
use crate::error::Error;
use crate::report::Delivery;
use crate::wire::Issue;

/// The fate of a payload at one integration. Shows no part of the payload.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReceiptStatus {
    /// The integration has handled it.
    Delivered,
    /// The integration has handled it, or a later version, before.
    Known(Delivery),
    /// The integration is not registered for its tenant or extensions.
    NotConcerned,
    /// The integration is handling an earlier delivery; it has to come again.
    InFlight,
    /// The integration returned an error.
    Failed(Error),
    /// The integration panicked.
    Panicked,
}

impl ReceiptStatus {
    /// Returns whether the payload need not come again.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Delivered | Self::Known(_) | Self::NotConcerned)
    }
}

impl fmt::Display for ReceiptStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered => f.write_str("delivered"),
            Self::Known(_) => f.write_str("delivered before"),
            Self::NotConcerned => f.write_str("not concerned"),
            Self::InFlight => f.write_str("still handling an earlier delivery"),
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Panicked => f.write_str("panicked"),
        }
    }
}

/// One integration, and the fate of a payload there.
#[derive(Debug)]
#[non_exhaustive]
pub struct Receipt {
    /// The integration.
    pub identifier: Identifier,
    /// The fate of the payload.
    pub status: ReceiptStatus,
}

impl Receipt {
    /// The cause of a failure, for a log of the integration's own: it may hold anything.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.status {
            ReceiptStatus::Failed(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.identifier, self.status)
    }
}

/// The receipts of a payload from all integrations.
#[derive(Debug, Default)]
#[must_use = "a payload that was not delivered has to come again"]
#[non_exhaustive]
pub struct Dispatch {
    /// A receipt of each integration; for a web request of the one that it was for.
    pub receipts: Vec<Receipt>,
    /// Values that were dropped in reading.
    pub warnings: Vec<Issue>,
    /// The number of further warnings.
    pub warnings_left_out: usize,
    /// The reply to a web request; `None` for other payloads.
    pub reply: Option<HttpReply>,
}

impl Dispatch {
    /// Returns whether all integrations concerned have the payload. If not, it has to come again, and goes only to
    /// those that do not have it.
    // P185
    #[must_use]
    pub fn all_delivered(&self) -> bool {
        self.receipts.iter().all(|receipt| receipt.status.is_settled())
    }

    /// The status of a receiver's answer: that of the reply to a web request, else 200 if all integrations
    /// have the payload, or 503.
    // P113
    #[must_use]
    pub fn status(&self) -> u16 {
        match &self.reply {
            Some(reply) => reply.status,
            None if self.all_delivered() => 200,
            None => 503,
        }
    }

    /// The receipts of integrations that do not have the payload, for a log.
    pub fn failures(&self) -> impl Iterator<Item = &Receipt> {
        self.receipts.iter().filter(|receipt| !receipt.status.is_settled())
    }
}
