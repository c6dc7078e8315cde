//! Receipts: the fate of a payload at each integration.

use std::fmt;

use super::reply::HttpReply;
use crate::definition::Identifier;
use crate::error::Error;
use crate::report::Delivery;
use crate::wire::Issue;

/// The fate of a payload at one integration. Contains no part of the payload.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReceiptStatus {
    /// The integration handled it.
    Delivered,
    /// The integration had handled it, or a later version, before.
    Known(Delivery),
    /// The integration is not registered for its tenant or extensions.
    NotConcerned,
    /// The integration is still handling an earlier delivery; the sender must retry.
    InFlight,
    /// The integration returned an error.
    Failed(Error),
    /// The integration panicked.
    Panicked,
}

impl ReceiptStatus {
    /// Returns whether no retry is needed.
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

/// The fate of a payload at one integration.
#[derive(Debug)]
#[non_exhaustive]
pub struct Receipt {
    /// The integration.
    pub identifier: Identifier,
    /// The fate of the payload.
    pub status: ReceiptStatus,
}

impl Receipt {
    /// Returns the cause of a failure, for a log of the integration's own: it may contain anything.
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
    /// A receipt of each integration; for a web request, of its integration only.
    pub receipts: Vec<Receipt>,
    /// Dropped values.
    pub warnings: Vec<Issue>,
    /// The number of further warnings.
    pub warnings_left_out: usize,
    /// The reply to a web request; `None` for other payloads.
    pub reply: Option<HttpReply>,
}

impl Dispatch {
    /// Returns whether all integrations concerned have handled the payload. If not, the sender must
    /// retry, and the payload goes only to those that have not.
    // P185
    #[must_use]
    pub fn all_delivered(&self) -> bool {
        self.receipts.iter().all(|receipt| receipt.status.is_settled())
    }

    /// Returns the status of a receiver's answer: that of the reply to a web request, else 200 if
    /// all integrations have handled the payload, or 503.
    // P113
    #[must_use]
    pub fn status(&self) -> u16 {
        match &self.reply {
            Some(reply) => reply.status,
            None if self.all_delivered() => 200,
            None => 503,
        }
    }

    /// Returns the receipts of integrations that have not handled the payload, for a log.
    pub fn failures(&self) -> impl Iterator<Item = &Receipt> {
        self.receipts.iter().filter(|receipt| !receipt.status.is_settled())
    }
}
