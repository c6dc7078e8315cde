//! The sans-IO driver of one PBX's connections.

mod calls;
mod clock_offset;
mod core;
mod event;
mod expected;
mod failure;
mod log;
mod options;
mod pending;
mod queue;
mod reconnect;

use std::time::{Duration, Instant};

pub use clock_offset::ClockOffset;
pub use event::{DisconnectReason, Disconnected, Event, Refused, Unchanged};
pub use failure::ConnectError;
pub use options::SessionOptions;
pub use pending::{CommandError, CommandId, CommandOutcome};
pub use reconnect::{Attempts, ConnectionEnd, Reconnect};

use self::core::Core;
use crate::command::Command;
use crate::error::Error;
use crate::helper_leg::EavesdropError;
use crate::message::{Message, Parser, Subject};
use crate::random::Random;
use crate::record::ElementKind;
use crate::store::Store;

/// Follows one PBX over as many connections as it takes: keeps the [`Store`], says when it can be
/// trusted, sends commands, and decides when to connect again.
///
/// A session opens no sockets and reads no clocks. Its driver keeps to one rule: after each call
/// that takes `now`, drain [`poll_transmit`](Self::poll_transmit), and call
/// [`handle_timeout`](Self::handle_timeout) at the time of [`poll_timeout`](Self::poll_timeout).
///
/// | input | output |
/// |---|---|
/// | [`handle_connected`](Self::handle_connected), [`handle_frame`](Self::handle_frame), [`handle_text`](Self::handle_text), [`handle_pong`](Self::handle_pong), [`handle_closed`](Self::handle_closed) | [`poll_transmit`](Self::poll_transmit): connect, send, ping, close |
/// | [`handle_timeout`](Self::handle_timeout) | [`poll_timeout`](Self::poll_timeout) |
/// | [`command`](Self::command) | [`poll_outcome`](Self::poll_outcome) |
/// | | [`poll_event`](Self::poll_event), [`store`](Self::store) |
///
/// ```
/// use std::time::Instant;
/// use basix_cti::session::{SessionOptions, Transmit};
/// use basix_cti::{Event, Session, bert::Encoder};
///
/// let now = Instant::now();
/// let mut session = Session::new(now, SessionOptions::default());
/// assert_eq!(session.poll_transmit(), Some(Transmit::Connect)); // ask for the URL, open a socket
/// session.handle_connected(now);
///
/// let spec = Encoder::new().tuple(3).atom("field_spec").string("channel").list(1).atom("uuid").finish()?;
/// let list = Encoder::new()
///     .tuple(3).atom("initial_info").string("channel").list(1).tuple(1).binary("c-1")
///     .finish()?;
/// session.handle_frame(now, &spec);
/// session.handle_frame(now, &list);
/// let settled = session.poll_timeout().ok_or("a timeout")?; // no further list for 200 ms
/// session.handle_timeout(settled);
///
/// assert!(matches!(session.poll_event(), Some(Event::Connected)));
/// assert!(matches!(session.poll_event(), Some(Event::Changed(_)))); // found in the list
/// assert!(matches!(session.poll_event(), Some(Event::Listed { records: 1, .. })));
/// assert!(matches!(session.poll_event(), Some(Event::Resynced))); // the store has what the PBX has
/// assert!(session.store().channel("c-1").is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Session {
    parser: Parser,
    core: Core,
    phase: Phase,
    attempts: Attempts,
    random: Random,
    /// The reason that the PBX sent before it closed.
    close_reason: Option<DisconnectReason>,
}

/// Work for the driver of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transmit {
    /// Get a new endpoint and open a websocket to it. Answer with
    /// [`Session::handle_connected`] or [`Session::handle_closed`].
    Connect,
    /// Send a text message.
    Text(String),
    /// Send a websocket ping. Call [`Session::handle_pong`] when the pong arrives.
    Ping,
    /// Close the websocket, or cancel its opening. No answer is needed: the session has dropped
    /// this connection.
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// A connection is being made.
    Connecting { until: Instant },
    /// A connection is open.
    Open { since: Instant, heard: Instant, pinged: bool },
    /// No connection; the next one is due.
    Waiting { until: Instant },
    /// No connection, and no further attempt.
    Stopped,
}

impl Session {
    /// Creates a session that connects at once.
    #[must_use]
    pub fn new(now: Instant, options: SessionOptions) -> Self {
        let mut session = Self {
            parser: Parser::with_limits(options.limits),
            attempts: Attempts::new(),
            random: Random::new(options.seed),
            core: Core::new(options),
            phase: Phase::Stopped,
            close_reason: None,
        };
        session.connect(now);
        session
    }

    /// Returns the mirror of the PBX.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.core.store
    }

    /// Returns whether the store is current.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.core.current
    }

    /// Returns whether a connection is open.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        matches!(self.phase, Phase::Open { .. })
    }

    /// Returns whether the session has stopped and will not connect again.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.phase == Phase::Stopped
    }

    /// Returns the options of the session.
    #[must_use]
    pub const fn options(&self) -> &SessionOptions {
        &self.core.options
    }
}

/// # Input
impl Session {
    /// Handles the opening of the websocket.
    pub fn handle_connected(&mut self, now: Instant) {
        if !matches!(self.phase, Phase::Connecting { .. }) {
            return;
        }
        self.phase = Phase::Open { since: now, heard: now, pinged: false };
        self.parser.reconnected();
        self.attempts.connected(now);
        self.core.stale_since = Some(now);
        self.core.emit(Event::Connected);
    }

    /// Handles a binary message.
    pub fn handle_frame(&mut self, now: Instant, frame: &[u8]) {
        self.handle_frame_observed(now, frame, |_, _| {});
    }

    /// Handles a binary message; `observe` sees it before the store applies it.
    pub(crate) fn handle_frame_observed(
        &mut self,
        now: Instant,
        frame: &[u8],
        observe: impl FnOnce(&Message<'_>, &Store),
    ) {
        let Phase::Open { heard, pinged, .. } = &mut self.phase else { return };
        (*heard, *pinged) = (now, false);
        let limit = self.core.options.message_size;
        let error = if frame.len() > limit {
            Error::TooLarge { limit }
        } else {
            match self.parser.parse(frame) {
                Ok(message) => {
                    observe(&message, &self.core.store);
                    let reason = self.core.message(now, &message, frame.len());
                    self.close_reason = reason.or_else(|| self.close_reason.take());
                    return;
                }
                Err(error) => error,
            }
        };
        let subject = self.parser.subject(frame);
        self.core.refused(now, subject, error, frame.len());
    }

    /// Handles a text message, which no PBX sends.
    pub fn handle_text(&mut self, now: Instant, text: &str) {
        let Phase::Open { heard, pinged, .. } = &mut self.phase else { return };
        (*heard, *pinged) = (now, false);
        // Records never come as text.
        self.core.refused(now, Subject::Nothing, Error::Text, text.len());
    }

    /// Handles a pong, or any other sign of life that is not a message.
    pub fn handle_pong(&mut self, now: Instant) {
        if let Phase::Open { heard, pinged, .. } = &mut self.phase {
            (*heard, *pinged) = (now, false);
        }
    }

    /// Handles the end of the websocket, or a failure to open it.
    pub fn handle_closed(&mut self, now: Instant, reason: DisconnectReason) {
        if matches!(self.phase, Phase::Connecting { .. } | Phase::Open { .. }) {
            self.end(now, reason);
        }
    }

    /// Runs everything due at the time of [`poll_timeout`](Self::poll_timeout). An earlier or later
    /// call is harmless.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.core.handle_timeout(now);
        match self.phase {
            Phase::Connecting { until } if until <= now => {
                self.core.transmit(Transmit::Close);
                self.end(
                    now,
                    DisconnectReason::NotMade(
                        ConnectError::TimedOut { stage: "connecting" }.into(),
                    ),
                );
            }
            Phase::Waiting { until } if until <= now => self.connect(now),
            Phase::Open { since, heard, pinged } => {
                let options = &self.core.options;
                let quiet = later(heard, options.ping_interval);
                if self.resync_at().is_some_and(|at| at <= now) {
                    self.core.transmit(Transmit::Close);
                    self.core.resync(now);
                    self.connect(now);
                } else if self.core.stale_deadline().is_some_and(|until| until <= now) {
                    let missing = self.core.missing();
                    let is_full = |kind: &ElementKind| {
                        self.core.store.table(*kind).is_some_and(|table| table.dropped() > 0)
                    };
                    let full = missing.iter().copied().filter(is_full).collect();
                    self.core.transmit(Transmit::Close);
                    self.end(now, DisconnectReason::StayedStale { missing, full });
                } else if later(quiet, options.ping_timeout) <= now && pinged {
                    self.core.transmit(Transmit::Close);
                    self.end(now, DisconnectReason::Silent);
                } else if quiet <= now && !pinged {
                    // The PBX gets the whole time to answer, even if this call is late.
                    let heard = now.checked_sub(options.ping_interval).unwrap_or(heard);
                    self.phase = Phase::Open { since, heard, pinged: true };
                    self.core.transmit(Transmit::Ping);
                }
            }
            _ => {}
        }
    }

    /// Sends a command. [`poll_outcome`](Self::poll_outcome) returns its outcome.
    ///
    /// # Errors
    ///
    /// If it cannot be sent: there is no connection, the channel is unknown, or too many commands
    /// wait.
    pub fn command(
        &mut self,
        now: Instant,
        command: impl Into<Command>,
    ) -> Result<CommandId, CommandError> {
        let command = command.into();
        let id = self.accept(command.uuid())?;
        self.core.send(now, Some(id), command);
        Ok(id)
    }

    /// Returns a number for a command for this channel, if it can be sent now.
    pub(crate) fn accept(&mut self, uuid: &str) -> Result<CommandId, CommandError> {
        if !self.is_connected() {
            return Err(CommandError::NotConnected);
        }
        self.core.accept(uuid)
    }

    /// Sends an accepted command; without a number, its effect is not awaited.
    pub(crate) fn send(&mut self, now: Instant, id: Option<CommandId>, command: Command) {
        if self.is_connected() {
            self.core.send(now, id, command);
        } else if let Some(id) = id {
            self.core.pending.settled(id, CommandOutcome::ConnectionLost);
        }
    }

    /// Ends an accepted command that will not be sent.
    pub(crate) fn give_up(&mut self, id: CommandId, error: EavesdropError) {
        self.core.pending.settled(id, CommandOutcome::NotSent(error));
    }

    /// Handles the end of the login, shown by an HTTP answer of the PBX.
    pub(crate) fn handle_logout(&mut self, now: Instant) {
        if self.is_connected() {
            self.core.transmit(Transmit::Close);
            self.end(now, DisconnectReason::LoggedOut);
        }
    }

    /// Returns the number of connections that ended or could not be made.
    pub(crate) const fn disconnects(&self) -> u64 {
        self.core.disconnects
    }

    /// Ends the session: closes the connection and does not connect again.
    pub fn close(&mut self, now: Instant) {
        if self.phase == Phase::Stopped {
            return;
        }
        if !matches!(self.phase, Phase::Waiting { .. }) {
            self.core.transmit(Transmit::Close);
        }
        self.end(now, DisconnectReason::Requested);
    }
}

/// # Output
impl Session {
    /// Returns the next event, in order.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.core.events.pop()
    }

    /// Returns the next work for the driver.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.core.transmits.pop_front()
    }

    /// Returns the next outcome of a command.
    pub fn poll_outcome(&mut self) -> Option<(CommandId, CommandOutcome)> {
        self.core.pending.poll_outcome()
    }

    /// Returns the time at which to call [`handle_timeout`](Self::handle_timeout).
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let options = &self.core.options;
        let connection = match self.phase {
            Phase::Connecting { until } | Phase::Waiting { until } => Some(until),
            Phase::Open { heard, pinged, .. } => {
                let wait = if pinged { options.ping_timeout } else { Duration::ZERO };
                Some(later(later(heard, options.ping_interval), wait))
            }
            Phase::Stopped => None,
        };
        let stale = self.core.stale_deadline().filter(|_| self.is_connected());
        [connection, stale, self.resync_at(), self.core.deadline()].into_iter().flatten().min()
    }
}

#[cfg(feature = "client")]
impl Session {
    /// Returns the next work for the driver without removing it.
    pub(crate) fn next_transmit(&self) -> Option<&Transmit> {
        self.core.transmits.front()
    }

    /// Queues an event of the client.
    pub(crate) fn emit(&mut self, event: Event) {
        self.core.emit(event);
    }

    pub(crate) fn has_events(&self) -> bool {
        !self.core.events.is_empty()
    }

    /// Returns whether the event queue is almost full.
    pub(crate) fn is_nearly_full(&self) -> bool {
        self.core.events.is_nearly_full()
    }

    /// Moves all events to the end of `to`.
    pub(crate) fn drain_events(&mut self, to: &mut std::collections::VecDeque<Event>) {
        self.core.events.drain_into(to);
    }
}

impl Session {
    /// Time when a new connection replaces this one, to list everything again.
    fn resync_at(&self) -> Option<Instant> {
        match self.phase {
            Phase::Open { since, .. } => Some(later(since, self.core.options.resync_every?)),
            _ => None,
        }
    }

    fn connect(&mut self, now: Instant) {
        self.close_reason = None;
        self.phase = Phase::Connecting { until: later(now, self.core.options.connect_timeout) };
        self.core.transmit(Transmit::Connect);
    }

    /// Handles the end of a connection, or a failed attempt.
    fn end(&mut self, now: Instant, reason: DisconnectReason) {
        // The reason that the PBX sent is more exact than the way in which the connection ended.
        let reason = match (reason, self.close_reason.take()) {
            (DisconnectReason::Requested, _) => DisconnectReason::Requested,
            (_, Some(close_reason)) => close_reason,
            (reason, None) => reason,
        };
        let policy = self.core.options.reconnect;
        let retry_in = self.attempts.ended(now, ending(&reason), &policy, self.random.next());
        self.phase = match retry_in {
            Some(wait) => Phase::Waiting { until: later(now, wait) },
            None => Phase::Stopped,
        };
        self.core.disconnect(Disconnected { reason, retry_in });
    }
}

/// Maps a reason to its meaning for reconnecting.
fn ending(reason: &DisconnectReason) -> ConnectionEnd {
    match reason {
        DisconnectReason::Requested => ConnectionEnd::Closed,
        DisconnectReason::ConnectionLimitReached => ConnectionEnd::LimitReached,
        DisconnectReason::ConnectionReplaced => ConnectionEnd::Replaced,
        DisconnectReason::LoggedOut => ConnectionEnd::Logout,
        DisconnectReason::NotMade(error) => match **error {
            ConnectError::Unauthorized(_) => ConnectionEnd::CredentialsRefused,
            _ => ConnectionEnd::ConnectFailed,
        },
        _ => ConnectionEnd::Lost,
    }
}

/// Returns a later instant, capped at the range of the clock.
fn later(now: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(10 * 365 * 86_400);
    now + time.min(FAR)
}
