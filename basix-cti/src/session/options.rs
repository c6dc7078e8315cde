//! Options of a session.

use std::time::Duration;

use crate::bert::Limits;
use crate::record::ElementKind;
use crate::session::Reconnect;
use crate::store::StoreLimits;

/// Options of a [`Session`](super::Session). The defaults suit a program that follows a PBX.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionOptions {
    /// The policy of reconnecting; the vendor's 20 s by default.
    pub reconnect: Reconnect,
    /// Bytes of a message; 64 MiB by default.
    pub message_size: usize,
    /// Limits of one message.
    pub limits: Limits,
    /// Limits of the store.
    pub store_limits: StoreLimits,
    /// Events that wait to be polled; 1,024 by default, at least 4. Beyond that,
    /// [`Event::Lagged`](super::Event::Lagged) replaces them.
    pub events: usize,
    /// Bytes of those events; 64 MiB by default, and one event in any case.
    pub event_bytes: usize,
    /// Commands that may await their effect at a time; 64 by default.
    pub commands: usize,
    /// Messages to the PBX that wait to be sent; 16 by default.
    pub unsent: usize,
    /// Time for the effect of a command to show; 10 s by default.
    pub command_timeout: Duration,
    /// Time for a connection to be made; 10 s by default.
    pub connect_timeout: Duration,
    /// Silence after which the PBX gets a ping; 30 s by default.
    pub ping_interval: Duration,
    /// Time for the pong; 15 s by default.
    pub ping_timeout: Duration,
    /// Time for which a connection may be open and stale, before a new one is made for a new
    /// snapshot; 60 s by default, `None` for ever.
    pub stale_limit: Option<Duration>,
    /// Time without a further list or announcement before the session emits
    /// [`Event::Resynced`](super::Event::Resynced); 200 ms by default.
    pub settle: Duration,
    /// Time after which a new connection replaces a working one, to list everything again; `None`
    /// by default, for never.
    ///
    /// A PBX lists its records only on a new connection. The session closes the old one first,
    /// connects at once, keeps the channels meanwhile, and emits only the differences.
    pub resync_every: Option<Duration>,
    /// The elements whose records have to be current before the session emits
    /// [`Event::Resynced`](super::Event::Resynced).
    ///
    /// By default, those announced on this connection, those listed on the previous one, and
    /// channels.
    pub expected: Option<Vec<ElementKind>>,
    /// The seed of the jitter of reconnecting; use another one in each process.
    pub seed: u64,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            reconnect: Reconnect::default(),
            message_size: 64 << 20,
            limits: Limits::default(),
            store_limits: StoreLimits::default(),
            events: 1024,
            event_bytes: 64 << 20,
            commands: 64,
            unsent: 16,
            command_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(30),
            ping_timeout: Duration::from_secs(15),
            stale_limit: Some(Duration::from_secs(60)),
            settle: Duration::from_millis(200),
            resync_every: None,
            expected: None,
            seed: 0,
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $setter:ident => $field:ident: $type:ty;)*) => {
        impl SessionOptions {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $setter(mut self, $field: $type) -> Self {
                    self.$field = $field;
                    self
                }
            )*
        }
    };
}

setters! {
    /// Sets the policy of reconnecting.
    with_reconnect => reconnect: Reconnect;
    /// Sets the bytes of a message.
    with_message_size => message_size: usize;
    /// Sets the limits of one message.
    with_limits => limits: Limits;
    /// Sets the limits of the store.
    with_store_limits => store_limits: StoreLimits;
    /// Sets the number of events that may wait.
    with_events => events: usize;
    /// Sets the bytes of those events.
    with_event_bytes => event_bytes: usize;
    /// Sets the number of commands that may await their effect.
    with_commands => commands: usize;
    /// Sets the number of messages to the PBX that may wait to be sent.
    with_unsent => unsent: usize;
    /// Sets the time for the effect of a command to show.
    with_command_timeout => command_timeout: Duration;
    /// Sets the time for a connection to be made.
    with_connect_timeout => connect_timeout: Duration;
    /// Sets the silence after which the PBX gets a ping.
    with_ping_interval => ping_interval: Duration;
    /// Sets the time for the pong.
    with_ping_timeout => ping_timeout: Duration;
    /// Sets the time for which a connection may be open and stale.
    with_stale_limit => stale_limit: Option<Duration>;
    /// Sets the time without a further list before the store counts as current.
    with_settle => settle: Duration;
    /// Sets the time after which a new connection lists everything again.
    with_resync_every => resync_every: Option<Duration>;
    /// Sets the seed of the jitter of reconnecting.
    with_seed => seed: u64;
}

impl SessionOptions {
    /// Sets the elements whose records have to be current, for a PBX that announces elements it
    /// never lists, or lists elements one after the other without announcing them first.
    #[must_use]
    pub fn expecting(mut self, elements: impl IntoIterator<Item = ElementKind>) -> Self {
        self.expected = Some(elements.into_iter().collect());
        self
    }
}
