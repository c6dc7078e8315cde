//! A supervisor beside a session.

use std::time::Instant;

use super::{CallUser, CallUserAnswer, CallUserError, HelperLeg, HelperLegOutput, State};
use crate::command::Eavesdrop;
use crate::element::{Channel, Element};
use crate::message::{InitialInfo, Message};
use crate::record::ElementKind;
use crate::session::{CommandError, CommandId, Session};
use crate::store::{Store, Table};

/// Listens to channels of a [`Session`] through a [`HelperLeg`], for a driver of one's own; a
/// `Client` has one inside.
///
/// Pass binary messages to [`handle_frame`](Self::handle_frame) in place of
/// [`Session::handle_frame`]. After each input of supervisor or session, and at
/// [`poll_timeout`](Self::poll_timeout), take what [`poll_call`](Self::poll_call) returns until it
/// returns `None`.
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
    /// Those of the session that the leg knows about.
    disconnects: u64,
}

impl Supervisor {
    /// A supervisor with this leg.
    #[must_use]
    pub const fn new(leg: HelperLeg) -> Self {
        Self { leg, disconnects: 0 }
    }

    /// The helper leg.
    #[must_use]
    pub const fn leg(&self) -> &HelperLeg {
        &self.leg
    }

    /// Listens to a channel: gets the leg if it is not there yet, and sends the command then.
    /// [`Session::poll_outcome`] gives the outcome.
    ///
    /// # Errors
    ///
    /// As of [`Session::command`].
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

    /// Ends the leg, whether it is there or on its way.
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

    /// Takes the result of an HTTP call.
    pub fn handle_answer(&mut self, request: u64, answer: Result<CallUserAnswer, CallUserError>) {
        self.leg.handle_answer(request, answer);
    }

    /// When [`poll_call`](Self::poll_call) is to be called, if nothing happens before.
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Instant> {
        self.leg.poll_timeout()
    }

    /// Sends what the leg wants to send. Returns the HTTP call to make, if any, with the number to
    /// give back to [`handle_answer`](Self::handle_answer).
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
    /// Takes in a list of all channels, before the store does.
    fn handle_list(&mut self, list: &InitialInfo<'_>, store: &Store) {
        if matches!(self.state, State::None) && self.kept.is_none() {
            return;
        }
        // A list with a wrong record is refused as a whole.
        let Ok(records) = list.records().collect::<Result<Vec<_>, _>>() else { return };
        // A leg that was offered and never seen may come after the list.
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
