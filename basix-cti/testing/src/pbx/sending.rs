//! Messages of connections, sent by the model or on demand.

use std::sync::Arc;

use super::super::connection::{Connection, ConnectionId, Sent};
use super::super::delivered::Effect;
use super::super::fault::Fault;
use super::super::record::Tables;
use super::super::wire::Payload;
use super::Pbx;
use basix_cti::{ElementKind, Timestamp};

impl Pbx {
    /// Every connection that is open.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.connections.iter().filter(|(_, it)| !it.is_ended()).map(|(id, _)| *id)
    }

    /// Number of connections requested so far, refused ones included.
    #[must_use]
    pub const fn asked(&self) -> u64 {
        self.asked
    }

    /// Returns whether a connection is open.
    #[must_use]
    pub fn is_open(&self, connection: ConnectionId) -> bool {
        self.connections.get(&connection).is_some_and(|it| !it.is_ended())
    }

    /// Returns whether a connection is silent at present, even in reply to pings.
    #[must_use]
    pub fn is_silent(&self, connection: ConnectionId) -> bool {
        self.connections.get(&connection).is_some_and(|it| it.is_silent(self.now))
    }

    /// Returns whether every message of a connection has been polled.
    #[must_use]
    pub fn is_drained(&self, connection: ConnectionId) -> bool {
        self.connections.get(&connection).is_none_or(Connection::is_drained)
    }

    /// The name of the application that a connection gave.
    #[must_use]
    pub fn app_name(&self, connection: ConnectionId) -> Option<&str> {
        self.connections.get(&connection).map(|it| &*it.app_name)
    }

    /// The next message of a connection; `None` if no message is due yet. [`poll_due`](Self::poll_due)
    /// returns the time of the next one.
    pub fn poll_frame(&mut self, connection: ConnectionId) -> Option<Sent> {
        let (faults, now) = (&self.faults, self.now);
        let planned = |message| faults.before(connection.0, message).collect();
        self.connections.get_mut(&connection)?.poll(now, planned)
    }

    /// Time of the next message of a connection without a message at present.
    #[must_use]
    pub fn poll_due(&self, connection: ConnectionId) -> Option<Timestamp> {
        self.connections.get(&connection)?.due(self.now)
    }

    /// Handles the client's end of the connection.
    pub fn close(&mut self, connection: ConnectionId) {
        self.connections.remove(&connection);
    }

    /// Injects a fault before the next message of a connection.
    pub fn inject(&mut self, connection: ConnectionId, fault: Fault) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.inject(fault);
        }
    }

    /// Closes a connection with this code, after the waiting messages.
    pub fn send_close(&mut self, connection: ConnectionId, code: u16) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.send_close(code);
        }
    }

    /// Sends `{system_msg, text}` on a connection.
    pub fn send_system_message(&mut self, connection: ConnectionId, text: &str) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.notify(Payload::System(text));
        }
    }

    /// Sends `{msg, text}` on a connection.
    pub fn send_message(&mut self, connection: ConnectionId, text: &str) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.notify(Payload::Message(text));
        }
    }

    /// Sends a message of an unknown kind.
    pub fn send_unknown_kind(&mut self, connection: ConnectionId, kind: &str) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.notify(Payload::Unknown(kind));
        }
    }

    /// Sends a text message, which the protocol does not have.
    pub fn send_text(&mut self, connection: ConnectionId, text: &str) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.send_text(text);
        }
    }

    /// Sends any bytes as a message.
    pub fn send_frame(&mut self, connection: ConnectionId, frame: Arc<[u8]>) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.send(frame, Effect::Nothing);
        }
    }

    /// The message about a channel on a connection: the bytes of an `info_event` with the name
    /// `updated`, for sending repeatedly. `None` if the channel or the connection is gone.
    pub fn event_frame(&mut self, connection: ConnectionId, uuid: &str) -> Option<Arc<[u8]>> {
        let entry = self.tables.get(ElementKind::Channel, uuid)?;
        let connection = self.connections.get_mut(&connection)?;
        Some(connection.layout.info_event(entry, "updated", &mut connection.random))
    }

    /// Announces the fields of an element in another order in the middle of a connection.
    pub fn reorder_fields(&mut self, connection: ConnectionId, element: ElementKind) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            let layout = Arc::make_mut(&mut connection.layout);
            layout.reorder(element, &mut connection.random);
            let spec = layout.field_spec(element, &mut connection.random);
            let kind = ElementKind::KNOWN.into_iter().find(|kind| *kind == element);
            connection.send(spec, kind.map_or(Effect::Nothing, Effect::Spec));
        }
    }

    /// Sends the list of an element once more.
    pub fn send_initial_info(&mut self, connection: ConnectionId, element: ElementKind) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            send_initial_info(connection, &self.tables, element);
        }
    }

    /// Sends the delayed lists that are due.
    pub(super) fn send_late(&mut self) {
        for connection in self.connections.values_mut() {
            let now = self.now;
            let (due, late) = connection.late.iter().partition(|(due, _)| *due <= now);
            connection.late = late;
            let due: Vec<(Timestamp, ElementKind)> = due;
            for (_, element) in due {
                send_initial_info(connection, &self.tables, element);
            }
        }
    }
}

/// Sends the list of an element, limited to the records that the connection may see.
pub(super) fn send_initial_info(
    connection: &mut Connection,
    tables: &Tables,
    element: ElementKind,
) {
    let all = tables.of(element).map(|(_, entry)| entry);
    let entries: Vec<_> = all.filter(|entry| connection.sees(entry)).cloned().collect();
    let layout = Arc::clone(&connection.layout);
    let frame = layout.initial_info(element, &entries, &mut connection.random);
    connection.send(frame, Effect::Snapshot(element, entries));
}
