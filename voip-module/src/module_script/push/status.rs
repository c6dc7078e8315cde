//! The state of the push direction.

use serde::Serialize;

/// State and counters of a [`PushQueue`](super::PushQueue), without personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PushStatus {
    /// State of sending, with the reason if it stopped.
    pub state: PushState,
    /// HTTP status of the last attempt; `None` before the first, and if no answer came.
    pub status: Option<u16>,
    /// `true` if the last attempt failed.
    pub is_failing: bool,
    /// Seconds since the state became [`PushState::Blocked`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_s: Option<u64>,
    /// Messages in the queue, those in flight included.
    pub queued: usize,
    /// Bytes of those messages.
    pub bytes: usize,
    /// Age of the oldest message, in seconds.
    pub oldest_age_s: Option<u64>,
    /// Messages that the webhook URL accepted.
    pub delivered: u64,
    /// Delivered messages that the script did not confirm.
    pub unconfirmed: u64,
    /// Messages that the webhook URL refused for good, and those that are too large.
    pub dead: u64,
    /// Messages that became too old.
    pub expired: u64,
    /// Starts and answers dropped because the queue was full or the end of their call overtook them.
    pub dropped: u64,
    /// Messages refused because the queue was full.
    pub refused: u64,
}

/// The state of a [`PushQueue`](super::PushQueue).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PushState {
    /// No webhook URL is known yet; messages wait for one.
    #[default]
    NoTarget,
    /// Messages are sent.
    Open,
    /// The platform asked to wait.
    Paused,
    /// The webhook URL is wrong or its token was renewed: everything waits, and one message a minute
    /// probes. A new URL ends it at once.
    Blocked,
}
