//! How a tracker works.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::classify::Policy;
use crate::extension::Directory;

/// How a [`Tracker`](crate::Tracker) works: what it knows, how long it waits, how much it keeps.
#[derive(Clone)]
pub struct TrackerOptions {
    pub(super) policy: Policy,
    pub(super) directory: Option<Arc<dyn Directory + Send + Sync>>,
    pub(super) settle_time: Duration,
    pub(super) lost_after: Duration,
    pub(super) remember: Duration,
    pub(super) max_legs: usize,
    pub(super) max_remembered: usize,
    pub(super) max_agents: usize,
    pub(super) max_pending: usize,
    pub(super) notices: bool,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            directory: None,
            settle_time: Duration::from_secs(5),
            lost_after: Duration::from_secs(12 * 3600),
            remember: Duration::from_secs(3600),
            max_legs: 200_000,
            max_remembered: 200_000,
            max_agents: 10_000,
            max_pending: 10_000,
            notices: true,
        }
    }
}

impl TrackerOptions {
    /// The rules that tell outside calls from internal ones.
    #[must_use]
    pub const fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// What is known of the client's extensions. Without it voice menus and queues are known by
    /// `Bridged` alone, and which of them is a queue is not known (V12).
    #[must_use]
    pub fn with_directory(mut self, directory: impl Directory + Send + Sync + 'static) -> Self {
        self.directory = Some(Arc::new(directory));
        self
    }

    /// How long to wait after a hangup for other events of the leg and of the call (V14). Default 5 s.
    #[must_use]
    pub const fn with_settle_time(mut self, time: Duration) -> Self {
        self.settle_time = time;
        self
    }

    /// How long after its last event a leg without a hangup is given up as lost (U8). Default 12 h.
    #[must_use]
    pub const fn with_lost_after(mut self, time: Duration) -> Self {
        self.lost_after = time;
        self
    }

    /// How long after its record events of a leg are ignored as late copies (U2, U3). Default 1 h.
    #[must_use]
    pub const fn with_remember(mut self, time: Duration) -> Self {
        self.remember = time;
        self
    }

    /// The most legs that are followed at once; beyond it the oldest is given up. Default 200,000.
    #[must_use]
    pub const fn with_max_legs(mut self, legs: usize) -> Self {
        self.max_legs = if legs == 0 { 1 } else { legs };
        self
    }

    /// The most finished legs, and calls, that are remembered. Default 200,000 of each.
    #[must_use]
    pub const fn with_max_remembered(mut self, legs: usize) -> Self {
        self.max_remembered = legs;
        self
    }

    /// The most agents whose status is kept. Default 10,000.
    #[must_use]
    pub const fn with_max_agents(mut self, agents: usize) -> Self {
        self.max_agents = agents;
        self
    }

    /// The most events that wait to be polled. Default 10,000. Beyond it notices are dropped, and
    /// records wait inside.
    #[must_use]
    pub const fn with_max_pending(mut self, events: usize) -> Self {
        self.max_pending = if events == 0 { 1 } else { events };
        self
    }

    /// Whether to tell at once that a leg rings, is answered or has ended (V2, V4), beside the
    /// records. Default true.
    #[must_use]
    pub const fn with_notices(mut self, notices: bool) -> Self {
        self.notices = notices;
        self
    }

    pub(super) fn directory(&self) -> Option<&dyn Directory> {
        self.directory.as_deref().map(|directory| directory as &dyn Directory)
    }
}

impl fmt::Debug for TrackerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackerOptions")
            .field("policy", &self.policy)
            .field("directory", &self.directory.is_some())
            .field("settle_time", &self.settle_time)
            .field("lost_after", &self.lost_after)
            .field("remember", &self.remember)
            .field("max_legs", &self.max_legs)
            .field("max_remembered", &self.max_remembered)
            .field("max_agents", &self.max_agents)
            .field("max_pending", &self.max_pending)
            .field("notices", &self.notices)
            .finish()
    }
}
