//! The helper leg: a supervisor's own leg, which eavesdropping needs.
//!
//! ```text
//!            handle_eavesdrop            Offered             CHANNEL_ANSWER of an offered leg
//!   none ──────────────────▶ requested ──────────▶ offered ─────────────────────▶ up
//!     ▲     call_user is made    │                    │   the waiting command      │
//!     │                          ▼                    ▼   is sent                  ▼
//!     └───── refused, unanswered, too late, connection lost, ended, CHANNEL_HANGUP ┘
//! ```

mod call_user;
mod output;
mod supervisor;

pub use call_user::{CallUser, CallUserAnswer, CallUserError};
pub use output::{EavesdropError, HelperLegOutput, HelperLegState};
pub use supervisor::Supervisor;

use std::collections::VecDeque;
use std::mem;
use std::time::{Duration, Instant};

use crate::command::{Command, Eavesdrop};
use crate::element::{Channel, LastEvent, UserId};

/// The helper leg of a supervisor, as a sans-IO state machine.
/// [`Supervisor`] composes it with a session.
///
/// Every [`handle_eavesdrop`](Self::handle_eavesdrop) has exactly one outcome: the command is sent,
/// or [`HelperLegOutput::Failed`] has the reason. After each input, call
/// [`poll_output`](Self::poll_output) until it returns `None`.
#[derive(Clone, Debug)]
pub struct HelperLeg {
    user_id: UserId,
    timeout: Duration,
    state: State,
    /// The number of the latest HTTP call.
    request: u64,
    /// The number of the latest HTTP call of an earlier connection.
    lost_request: u64,
    /// The leg of an earlier connection, which is reused if it still exists.
    kept: Option<String>,
    outputs: VecDeque<HelperLegOutput>,
}

#[derive(Clone, Debug)]
enum State {
    None,
    Requested { waiting: Waiting, seen: VecDeque<Seen> },
    Offered { waiting: Waiting, uuids: Vec<String> },
    Up { uuid: String },
}

/// A command that waits for the leg.
#[derive(Clone, Debug)]
struct Waiting {
    id: u64,
    command: Eavesdrop,
    deadline: Option<Instant>,
}

/// A leg that was answered or ended before the HTTP answer arrived, and may be ours.
#[derive(Clone, Debug)]
struct Seen {
    uuid: String,
    is_answered: bool,
}

impl HelperLeg {
    /// Default time for which a command waits for the leg, while the telephone rings.
    pub const TIMEOUT: Duration = Duration::from_secs(60);

    /// Maximum number of other legs remembered until the HTTP answer arrives.
    const MAX_SEEN: usize = 1024;

    /// Maximum bytes of the identity of such a leg; the usual ones have 36.
    const MAX_SEEN_UUID: usize = 256;

    /// Creates the state machine of a supervisor, without a leg.
    #[must_use]
    pub const fn new(user_id: UserId) -> Self {
        Self {
            user_id,
            timeout: Self::TIMEOUT,
            state: State::None,
            request: 0,
            lost_request: 0,
            kept: None,
            outputs: VecDeque::new(),
        }
    }

    /// Sets the time for which a command waits for the leg.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Returns the supervisor.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Returns the state of the leg.
    #[must_use]
    pub const fn state(&self) -> HelperLegState {
        match self.state {
            State::None => HelperLegState::None,
            State::Requested { .. } => HelperLegState::Requested,
            State::Offered { .. } => HelperLegState::Offered,
            State::Up { .. } => HelperLegState::Up,
        }
    }

    /// Returns the leg's channel, if it is up.
    #[must_use]
    pub fn uuid(&self) -> Option<&str> {
        match &self.state {
            State::Up { uuid } => Some(uuid),
            _ => None,
        }
    }

    /// Executes a command, at once if the leg is up, else when it is. `id` is the caller's number,
    /// which the outcome names.
    ///
    /// A waiting command is replaced; its deadline stays.
    pub fn handle_eavesdrop(&mut self, now: Instant, id: u64, command: Eavesdrop) {
        match &mut self.state {
            State::Up { uuid } => {
                let command = command.via(uuid.clone());
                self.outputs.push_back(HelperLegOutput::Send { id: Some(id), command });
            }
            State::Requested { waiting, .. } | State::Offered { waiting, .. } => {
                let newer = Waiting { id, command, deadline: waiting.deadline };
                let older = mem::replace(waiting, newer);
                self.fail(older, EavesdropError::Replaced);
            }
            State::None => {
                // A deadline beyond the clock's range never comes.
                let waiting = Waiting { id, command, deadline: now.checked_add(self.timeout) };
                self.request += 1;
                let call = CallUser::media_plug(self.user_id);
                self.outputs.push_back(HelperLegOutput::CallUser { request: self.request, call });
                self.state = State::Requested { waiting, seen: VecDeque::new() };
            }
        }
    }

    /// Handles the outcome of an HTTP call: the PBX's answer, or an error.
    ///
    /// Legs of a late answer, which no command awaits any more, are hung up.
    pub fn handle_answer(&mut self, request: u64, answer: Result<CallUserAnswer, CallUserError>) {
        let expected = request == self.request && matches!(self.state, State::Requested { .. });
        if !expected {
            match answer {
                Ok(CallUserAnswer::Offered { mut uuids }) => {
                    uuids.retain(|uuid| !self.is_ours(uuid));
                    self.hang_up(uuids);
                }
                // The login of an earlier connection does not matter.
                Ok(CallUserAnswer::AuthenticationRequired) if request > self.lost_request => {
                    self.outputs.push_back(HelperLegOutput::AuthenticationRequired);
                }
                _ => {}
            }
            return;
        }
        let State::Requested { waiting, seen } = mem::replace(&mut self.state, State::None) else {
            return;
        };
        match answer {
            Ok(CallUserAnswer::Offered { uuids }) => {
                self.state = State::Offered { waiting, uuids };
                for Seen { uuid, is_answered } in seen {
                    self.offered_leg(&uuid, is_answered);
                }
            }
            Ok(CallUserAnswer::AuthenticationRequired) => {
                self.fail(waiting, EavesdropError::AuthenticationRequired);
                self.outputs.push_back(HelperLegOutput::AuthenticationRequired);
            }
            Ok(CallUserAnswer::Refused { result_code, error_id }) => {
                self.fail(waiting, EavesdropError::Refused { result_code, error_id });
            }
            Err(error) => self.fail(waiting, error.into()),
        }
    }

    /// Handles a channel of an event or a snapshot. Unrelated channels are ignored.
    pub fn handle_channel(&mut self, channel: &Channel<'_>) {
        let is_plug = channel.calling_number() == *CallUser::MEDIA_PLUG;
        let (is_answered, has_ended) = match channel.last_event() {
            Some(LastEvent::ChannelHangup) => (false, true),
            event => (event == Some(LastEvent::ChannelAnswer) && is_plug, false),
        };
        if is_plug {
            if let Some(kept) = self.kept.take_if(|kept| channel.uuid() == **kept) {
                if !has_ended {
                    self.found_again(kept);
                }
                return;
            }
        }
        match &mut self.state {
            State::Up { uuid } if has_ended && channel.uuid() == **uuid => {
                self.state = State::None;
            }
            State::Offered { .. } if is_answered || has_ended => {
                self.offered_leg(&channel.uuid().to_str(), is_answered);
            }
            State::Requested { seen, .. } if is_answered || has_ended && is_plug => {
                let uuid = channel.uuid().to_str();
                if uuid.len() > Self::MAX_SEEN_UUID {
                    return;
                }
                // Its latest state counts.
                seen.retain(|seen| seen.uuid != uuid);
                if seen.len() >= Self::MAX_SEEN {
                    seen.pop_front();
                }
                seen.push_back(Seen { uuid: uuid.into_owned(), is_answered });
            }
            _ => {}
        }
    }

    /// Handles a channel that a list of all channels lacks, which means that it has ended.
    pub fn handle_missing(&mut self, uuid: &str) {
        self.kept.take_if(|kept| kept == uuid);
        match &mut self.state {
            State::Up { uuid: up } if up == uuid => {
                self.state = State::None;
            }
            State::Offered { .. } => self.offered_leg(uuid, false),
            _ => {}
        }
    }

    /// Handles the end of the connection to the PBX. If the next connection still lists the leg, it
    /// is reused.
    pub fn handle_disconnect(&mut self) {
        self.lost_request = self.request;
        match mem::replace(&mut self.state, State::None) {
            State::None => {}
            State::Requested { waiting, .. } | State::Offered { waiting, .. } => {
                self.fail(waiting, EavesdropError::ConnectionLost);
            }
            State::Up { uuid } => self.kept = Some(uuid),
        }
    }

    /// Ends the leg, up or requested.
    pub fn handle_end(&mut self) {
        match mem::replace(&mut self.state, State::None) {
            State::None => {
                let kept = self.kept.take();
                self.hang_up(kept.into_iter().collect());
            }
            State::Requested { waiting, .. } => self.fail(waiting, EavesdropError::Ended),
            State::Offered { waiting, uuids } => {
                self.fail(waiting, EavesdropError::Ended);
                self.hang_up(uuids);
            }
            State::Up { uuid } => self.hang_up(vec![uuid]),
        }
    }

    /// Ends the wait at the time of [`poll_timeout`](Self::poll_timeout).
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.poll_timeout().is_none_or(|deadline| now < deadline) {
            return;
        }
        match mem::replace(&mut self.state, State::None) {
            State::None | State::Up { .. } => {}
            State::Requested { waiting, .. } => self.fail(waiting, EavesdropError::TimedOut),
            State::Offered { waiting, uuids } => {
                self.fail(waiting, EavesdropError::TimedOut);
                self.hang_up(uuids);
            }
        }
    }

    /// Returns the time at which to call [`handle_timeout`](Self::handle_timeout).
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Requested { waiting, .. } | State::Offered { waiting, .. } => waiting.deadline,
            State::None | State::Up { .. } => None,
        }
    }

    /// Returns the next output, in order.
    pub fn poll_output(&mut self) -> Option<HelperLegOutput> {
        self.outputs.pop_front()
    }

    /// Returns the channels that are the leg, may become it, or were it on an earlier connection.
    fn channels(&self) -> impl Iterator<Item = &String> {
        let channels = match &self.state {
            State::None | State::Requested { .. } => &[],
            State::Offered { uuids, .. } => &uuids[..],
            State::Up { uuid } => std::slice::from_ref(uuid),
        };
        channels.iter().chain(&self.kept)
    }

    /// Returns whether a channel is the leg, or may become it.
    fn is_ours(&self, channel: &str) -> bool {
        match &self.state {
            State::None | State::Requested { .. } => false,
            State::Offered { uuids, .. } => uuids.iter().any(|uuid| uuid == channel),
            State::Up { uuid } => uuid == channel,
        }
    }

    /// Handles an answered or ended channel, which may be an offered one.
    fn offered_leg(&mut self, uuid: &str, is_answered: bool) {
        let State::Offered { uuids, .. } = &mut self.state else { return };
        let Some(at) = uuids.iter().position(|offered| offered == uuid) else { return };
        let uuid = uuids.swap_remove(at);
        if !is_answered && !uuids.is_empty() {
            // Another telephone of the supervisor may still be answered.
            return;
        }
        let State::Offered { waiting, .. } = mem::replace(&mut self.state, State::None) else {
            return;
        };
        if is_answered {
            self.up(uuid, Some(waiting));
        } else {
            self.fail(waiting, EavesdropError::NotAnswered);
        }
    }

    /// Reuses the leg of an earlier connection. A requested one is not needed.
    fn found_again(&mut self, uuid: String) {
        match mem::replace(&mut self.state, State::None) {
            State::None | State::Up { .. } => self.up(uuid, None),
            State::Requested { waiting, .. } => self.up(uuid, Some(waiting)),
            State::Offered { waiting, uuids } => {
                self.up(uuid, Some(waiting));
                self.hang_up(uuids);
            }
        }
    }

    fn up(&mut self, uuid: String, waiting: Option<Waiting>) {
        self.kept = None;
        if let Some(Waiting { id, command, .. }) = waiting {
            let command = command.via(uuid.clone());
            self.outputs.push_back(HelperLegOutput::Send { id: Some(id), command });
        }
        self.state = State::Up { uuid };
    }

    fn fail(&mut self, waiting: Waiting, error: EavesdropError) {
        self.outputs.push_back(HelperLegOutput::Failed { id: waiting.id, error });
    }

    fn hang_up(&mut self, uuids: Vec<String>) {
        self.outputs.extend(
            uuids
                .into_iter()
                .map(|uuid| HelperLegOutput::Send { id: None, command: Command::hangup(uuid) }),
        );
    }
}
