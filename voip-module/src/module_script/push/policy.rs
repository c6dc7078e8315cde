//! Settings of pushes.

use std::time::Duration;

/// Settings of a [`PushQueue`](super::PushQueue).
///
/// ```
/// use voip_module::module_script::push::PushPolicy;
///
/// let mut policy = PushPolicy::default();
/// policy.per_minute = 30;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushPolicy {
    /// Requests in any 60 s, retries included; 0 means no limit. Default 50: the platform allows
    /// 60 script executions a minute in its smallest plan.
    pub per_minute: u32,
    /// Requests at once after a pause, at least 1. Default 10.
    pub burst: u32,
    /// Calls with a request in flight. Default 4.
    pub at_once: usize,
    /// Timeout of a request. Default 10 s.
    pub timeout: Duration,
    /// Time that an end waits for the record of its leg, so that both go in one request; 0 sends
    /// each at once. Default 2 s.
    pub merge_wait: Duration,
    /// Age at which a start or answer expires. Default 2 min: a call page that late only disturbs.
    pub live_age: Duration,
    /// Age at which an end or record expires. Default 24 h.
    pub final_age: Duration,
    /// Messages in the queue. Default 10,000.
    pub messages: usize,
    /// Bytes of messages in the queue. Default 16 MiB.
    pub bytes: usize,
    /// Treats an answer without the script's confirmation as a wrong URL. Off by default: such a
    /// message counts as delivered, and the log has one warning.
    pub require_confirmation: bool,
    /// Drops starts and answers once the end of their call is in the queue. Off by default.
    pub drop_overtaken: bool,
    /// Time for what is due when the process ends. Default 5 s.
    pub grace: Duration,
}

impl Default for PushPolicy {
    // W125, W143, W144, W145, W147, W150, W151
    fn default() -> Self {
        Self {
            per_minute: 50,
            burst: 10,
            at_once: 4,
            timeout: Duration::from_secs(10),
            merge_wait: Duration::from_secs(2),
            live_age: Duration::from_secs(120),
            final_age: Duration::from_secs(24 * 3600),
            messages: 10_000,
            bytes: 16 << 20,
            require_confirmation: false,
            drop_overtaken: false,
            grace: Duration::from_secs(5),
        }
    }
}
