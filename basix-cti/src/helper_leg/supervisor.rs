//! A supervisor beside a session.

use std::time::Instant;

use super::{CallUser, CallUserAnswer, CallUserError, HelperLeg, HelperLegOutput, State};
use crate::command::Eavesdrop;
use crate::element::{Channel, Element};
use crate::message::{InitialInfo, Message};
use crate::record::ElementKind;
use crate::session::{CommandError, CommandId, Session};
use crate::store::{Store, Table};

/// Listens to channels of a [`Session`] through a [`HelperLeg`], for a program's own driver; a
/// `Client` contains one.
///
/// Pass binary messages to [`handle_frame`](Self::handle_frame) in place of
/// [`Session::handle_frame`]. After each input of supervisor or session, and at
/// [`poll_timeout`](Self::poll_timeout), call [`poll_call`](Self::poll_call) until it returns `None`.
///
/// ```
/// use std::time::Instant;
/// use basix_cti::element::UserId;
/// use basix_cti::helper_leg::{CallUserAnswer, HelperLeg, HelperLegState, Supervisor};
/// use basix_cti::session::SessionOptions;
/// use basix_cti::{Command, Session};
///
/// let now = Instant::now();
/// let mut session = Session::new(now, SessionOptions::default());
/// session.handle_connected(now);
/// let mut supervisor = Supervisor::new(HelperLeg::new(UserId(10001001)));
/// supervisor.eavesdrop(&mut session, now, Command::eavesdrop("8ec56efc"))?;
///
/// // Make the HTTP call that it asks for, and pass on the answer.
/// let (request, call) = supervisor.poll_call(&mut session, now).ok_or("no call")?;
/// assert_eq!(call.destination, "media_plug");
/// let answer = CallUserAnswer::parse(200, br#"{"result_code":0,"uuids":["4e1f"]}"#);
/// supervisor.handle_answer(request, answer);
///
/// // The supervisor's telephone rings.
/// assert_eq!(supervisor.leg().state(), HelperLegState::Offered);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Supervisor {
    leg: HelperLeg,
    /// The session's disconnects that the leg has handled.
    disconnects: u64,
}

impl Supervisor {
    /// Creates a supervisor with this leg.
    #[must_use]
    pub const fn new(leg: HelperLeg) -> Self {
        Self { leg, disconnects: 0 }
    }

    /// Returns the helper leg.
    #[must_use]
    pub const fn leg(&self) -> &HelperLeg {
        &self.leg
    }

    /// Listens to a channel: requests the leg if it is missing, and sends the command once it is
    /// up. [`Session::poll_outcome`] returns the outcome.
    ///
    /// # Errors
    ///
    /// The errors of [`Session::command`].
    pub fn eavesdrop(
        &mut self,
        session: &mut Session,
        now: Instant,
        eavesdrop: Eavesdrop,
    ) -> Result<CommandId, CommandError> {
        let id = session.accept(&eavesdrop.target_uuid)?;
        self.leg.handle_eavesdrop(now, id.0, eavesdrop);
        Ok(id)
    }

    /// Ends the leg, up or requested.
    pub fn end_leg(&mut self) {
        self.leg.handle_end();
    }

    /// Passes a binary message to the session, and follows the channels in it.
    pub fn handle_frame(&mut self, session: &mut Session, now: Instant, frame: &[u8]) {
        let leg = &mut self.leg;
        session.handle_frame_observed(now, frame, |message, store| match message {
            Message::InfoEvent(event) => {
                if let Element::Channel(channel) = event.element() {
                    leg.handle_channel(&channel);
                }
            }
            Message::InitialInfo(list) if list.kind() == ElementKind::Channel => {
                leg.handle_list(list, store);
            }
            _ => {}
        });
    }

    /// Handles the result of an HTTP call.
    pub fn handle_answer(&mut self, request: u64, answer: Result<CallUserAnswer, CallUserError>) {
        self.leg.handle_answer(request, answer);
    }

    /// Returns the time at which to call [`poll_call`](Self::poll_call) without an earlier input.
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Instant> {
        self.leg.poll_timeout()
    }

    /// Sends the commands of the leg. Returns the HTTP call to make, if any, with the number for
    /// [`handle_answer`](Self::handle_answer).
    pub fn poll_call(&mut self, session: &mut Session, now: Instant) -> Option<(u64, CallUser)> {
        loop {
            let disconnects = session.disconnects();
            if std::mem::replace(&mut self.disconnects, disconnects) != disconnects {
                self.leg.handle_disconnect();
            }
            self.leg.handle_timeout(now);
            match self.leg.poll_output()? {
                HelperLegOutput::CallUser { request, call } => return Some((request, call)),
                HelperLegOutput::Send { id, command } => {
                    session.send(now, id.map(CommandId), command);
                }
                HelperLegOutput::Failed { id, error } => session.give_up(CommandId(id), error),
                // B96
                HelperLegOutput::AuthenticationRequired => session.handle_logout(now),
            }
        }
    }
}

impl HelperLeg {
    /// Handles a list of all channels, before the store does.
    fn handle_list(&mut self, list: &InitialInfo<'_>, store: &Store) {
        if matches!(self.state, State::None) && self.kept.is_none() {
            return;
        }
        // A list with an invalid record is refused as a whole.
        let Ok(records) = list.records().collect::<Result<Vec<_>, _>>() else { return };
        // An offered leg that was not seen may still come after the list.
        let is_known = |uuid: &str| {
            store.table(ElementKind::Channel).is_some_and(|table: &Table| table.get(uuid).is_some())
        };
        let mut missing: Vec<String> = self
            .channels()
            .filter(|uuid| self.kept.as_ref() == Some(uuid) || is_known(uuid))
            .cloned()
            .collect();
        for record in &records {
            if let Some(channel) = record.typed::<Channel<'_>>() {
                missing.retain(|uuid| channel.uuid() != **uuid);
                self.handle_channel(&channel);
            }
        }
        missing.iter().for_each(|uuid| self.handle_missing(uuid));
    }
}
