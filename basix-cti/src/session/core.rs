//! Store, events and commands of a session: everything but the connection itself.

use std::collections::VecDeque;
use std::time::Instant;

use super::expected::Expected;
use super::pending::Pending;
use super::queue::EventQueue;
use super::{
    CommandError, CommandId, DisconnectReason, Disconnected, Event, Refused, SessionOptions,
    Transmit, Unchanged, later, log,
};
use crate::bert::Term;
use crate::command::Command;
use crate::error::Error;
use crate::message::{InfoEvent, InitialInfo, Message, Subject, SystemMessage};
use crate::record::ElementKind;
use crate::store::{Store, Table};

#[derive(Debug)]
pub(super) struct Core {
    pub(super) options: SessionOptions,
    pub(super) store: Store,
    pub(super) events: EventQueue,
    pub(super) transmits: VecDeque<Transmit>,
    pub(super) pending: Pending,
    expected: Expected,
    /// True if `Resynced` was emitted, and no `Stale` since.
    pub(super) current: bool,
    /// Start of the time for which a connection has been open without being current.
    pub(super) stale_since: Option<Instant>,
    /// End of the wait for further lists, once everything was listed.
    settled_at: Option<Instant>,
    /// Number of connections that ended or could not be made.
    pub(super) disconnects: u64,
}

impl Core {
    pub(super) fn new(options: SessionOptions) -> Self {
        Self {
            store: Store::with_limits(options.store_limits),
            events: EventQueue::new(options.events, options.event_bytes),
            transmits: VecDeque::new(),
            pending: Pending::new(options.commands, options.command_timeout),
            expected: Expected::new(options.expected.as_deref()),
            current: false,
            stale_since: None,
            settled_at: None,
            disconnects: 0,
            options,
        }
    }

    pub(super) fn emit(&mut self, event: Event) {
        log::event(&event);
        self.events.push(event, self.store.generation(), self.current);
    }

    pub(super) fn transmit(&mut self, transmit: Transmit) {
        self.transmits.push_back(transmit);
    }

    pub(super) fn stale_deadline(&self) -> Option<Instant> {
        if self.settled_at.is_some() {
            return None;
        }
        Some(later(self.stale_since?, self.options.stale_limit?))
    }

    /// Returns the elements whose records are not current.
    pub(super) fn missing(&self) -> Vec<ElementKind> {
        self.expected.missing(&self.store).collect()
    }

    /// Handles a message. Returns the reason if it announces the end of the connection.
    pub(super) fn message(
        &mut self,
        now: Instant,
        message: &Message<'_>,
        size: usize,
    ) -> Option<DisconnectReason> {
        match message {
            Message::InfoEvent(event) => self.info_event(now, event, message, size),
            Message::InitialInfo(info) => self.initial_info(now, info, message, size),
            Message::FieldSpec(spec) => {
                self.expected.announced(spec.kind());
                self.unsettle(now);
                self.check_current(now);
            }
            Message::SystemMsg(payload) => {
                self.emit(Event::System(payload.to_owned()));
                return payload.system_message().map(close_reason);
            }
            Message::Msg(payload) => self.emit(Event::Message(payload.to_owned())),
            Message::Unknown(term) => self.emit(Event::Unknown(Term::to_owned(*term))),
        }
        None
    }

    fn info_event(
        &mut self,
        now: Instant,
        event: &InfoEvent<'_>,
        message: &Message<'_>,
        size: usize,
    ) {
        let kind = event.kind();
        let dropped = self.dropped(kind);
        let mut changed = false;
        let changes = match self.store.apply(message) {
            Ok(changes) => changes,
            Err(error) => return self.refused(now, Subject::Element(kind), error, size),
        };
        for change in changes {
            changed = true;
            if change.element() == ElementKind::Channel {
                self.pending.handle_change(&change);
            }
            self.emit(Event::Changed(change));
        }
        if self.dropped(kind) != dropped {
            self.full(now, kind);
        } else if !changed {
            self.emit(Event::Unchanged(Unchanged {
                element: event.element_name().into(),
                event_name: event.event_name().map(|name| name.to_str().into()),
                records: vec![event.record().to_owned()],
            }));
        }
    }

    fn initial_info(
        &mut self,
        now: Instant,
        info: &InitialInfo<'_>,
        message: &Message<'_>,
        size: usize,
    ) {
        let kind = info.kind();
        let dropped = self.dropped(kind);
        let changes = match self.store.apply(message) {
            Ok(changes) => changes,
            Err(error) => return self.refused(now, Subject::List(kind), error, size),
        };
        let Some(table) = self.store.table(kind) else {
            let records = info.records().flatten().map(|record| record.to_owned()).collect();
            let element = info.element_name().to_str().into();
            return self.emit(Event::Unchanged(Unchanged { element, event_name: None, records }));
        };
        let (element, records) = (table.kind(), table.len());
        for change in changes {
            if element == ElementKind::Channel {
                self.pending.handle_change(&change);
            }
            self.emit(Event::Changed(change));
        }
        self.emit(Event::Listed { element, records });
        self.expected.listed(kind);
        self.unsettle(now);
        if self.dropped(kind) != dropped {
            self.full(now, kind);
        }
        self.check_current(now);
    }

    fn dropped(&self, kind: ElementKind) -> u64 {
        self.store.table(kind).map_or(0, Table::dropped)
    }

    fn full(&mut self, now: Instant, kind: ElementKind) {
        if let Some(table) = self.store.table(kind) {
            self.emit(Event::Full(table.kind()));
        }
        self.check_current(now);
    }

    /// Emits a refused message, and marks everything it could have touched as suspect.
    pub(super) fn refused(&mut self, now: Instant, subject: Subject, error: Error, size: usize) {
        let mut changes = None;
        let mut unavailable = None;
        match subject {
            Subject::Nothing => {}
            Subject::Everything => {
                self.expected.doubt();
                self.mark_all_stale();
            }
            Subject::Record(kind, key) => {
                changes = Some(self.store.remove_refused(kind, key.as_bytes()));
            }
            Subject::Element(kind) => {
                // Announced, or the announcement was lost: the element exists.
                self.expected.announced(kind);
                self.store.mark_stale(kind);
            }
            Subject::List(kind) => {
                self.expected.announced(kind);
                self.store.mark_stale(kind);
                unavailable = self.expected.list_refused(kind).then_some(kind);
                self.unsettle(now);
            }
        }
        self.emit(Event::Refused(Refused { error, size }));
        changes.into_iter().flatten().for_each(|change| self.emit(Event::Changed(change)));
        if let Some(kind) = unavailable {
            self.emit(Event::Unavailable(kind));
        }
        self.check_current(now);
    }

    fn mark_all_stale(&mut self) {
        ElementKind::KNOWN.into_iter().for_each(|kind| self.store.mark_stale(kind));
    }

    /// Restarts the settle time, since further lists or announcements may follow.
    fn unsettle(&mut self, now: Instant) {
        if !self.current {
            self.settled_at = Some(later(now, self.options.settle));
        }
    }

    /// Prepares the replacement of this connection by a new one.
    pub(super) fn resync(&mut self, now: Instant) {
        self.mark_all_stale();
        self.expected.end_connection(false);
        self.check_current(now);
        self.stale_since = None;
    }

    /// Emits `Resynced` or `Stale` when the store's currency changes.
    fn check_current(&mut self, now: Instant) {
        if self.expected.missing(&self.store).next().is_some() {
            self.settled_at = None;
            if std::mem::take(&mut self.current) {
                self.stale_since = Some(now);
                self.emit(Event::Stale);
            }
        } else if !self.current {
            let settle = self.options.settle;
            let settled_at = *self.settled_at.get_or_insert_with(|| later(now, settle));
            if settled_at <= now {
                (self.current, self.stale_since, self.settled_at) = (true, None, None);
                for kind in self.expected.give_up(&self.store) {
                    self.emit(Event::Unavailable(kind));
                }
                self.emit(Event::Resynced);
            }
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if self.settled_at.is_some_and(|settled_at| settled_at <= now) {
            self.check_current(now);
        }
        self.pending.handle_timeout(now);
    }

    /// Time when the next command or list is late.
    pub(super) fn deadline(&self) -> Option<Instant> {
        [self.pending.deadline(), self.settled_at].into_iter().flatten().min()
    }

    /// Returns a number for a command for this channel, if it can be sent now.
    pub(super) fn accept(&mut self, uuid: &str) -> Result<CommandId, CommandError> {
        let limit = self.options.unsent;
        if self.transmits.len() >= limit {
            return Err(CommandError::WriteBufferFull { limit });
        }
        match self.store.table(ElementKind::Channel) {
            Some(channels) if channels.is_current() && channels.get(uuid).is_none() => {
                Err(CommandError::NoSuchChannel)
            }
            _ => self.pending.next_id(),
        }
    }

    pub(super) fn send(&mut self, now: Instant, id: Option<CommandId>, command: Command) {
        log::command(command.verb());
        self.transmit(Transmit::Text(command.to_text()));
        if let Some(id) = id {
            self.pending.sent(now, id, command);
        }
    }

    /// Handles the loss of the connection.
    pub(super) fn disconnect(&mut self, disconnected: Disconnected) {
        self.pending.handle_disconnect();
        self.disconnects += 1;
        self.transmits.retain(|transmit| matches!(transmit, Transmit::Connect | Transmit::Close));
        let gave_up = matches!(disconnected.reason, DisconnectReason::StayedStale { .. });
        self.expected.end_connection(gave_up);
        let changes = self.store.disconnect();
        (self.stale_since, self.settled_at) = (None, None);
        self.emit(Event::Disconnected(disconnected));
        changes.for_each(|change| self.emit(Event::Changed(change)));
        if std::mem::take(&mut self.current) {
            self.emit(Event::Stale);
        }
    }
}

const fn close_reason(message: SystemMessage) -> DisconnectReason {
    match message {
        SystemMessage::ConnectionLimitReached => DisconnectReason::ConnectionLimitReached,
        SystemMessage::ConnectionReplaced => DisconnectReason::ConnectionReplaced,
        SystemMessage::Logout => DisconnectReason::LoggedOut,
    }
}
