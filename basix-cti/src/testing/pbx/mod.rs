//! The model of a PBX: what exists, and who is told of it.

mod account;
mod call;
mod call_user;
mod command;
mod directory;
mod opening;
mod traffic;

pub use call::{Callee, Ending, HangupNotice};
pub use command::ReceivedCommand;
pub use traffic::Traffic;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use account::Accounts;
pub(super) use account::Caller;
use call_user::CallUser;

use super::connection::{Connection, ConnectionId, Effect, Sent, Told, after};
use super::fault::{Fault, Faults};
use super::random::Random;
use super::record::{
    Entry, ModelChannel, ModelDomain, ModelGroup, ModelMember, ModelTerminal, ModelUser, Tables,
};
use super::wire::{Layout, Payload, WireForm};
use crate::{ElementKind, GroupId, Timestamp, UserId};

/// A PBX that exists only in memory: a model without sockets, threads and clock.
///
/// It keeps users, groups, memberships, terminals, its domain, channels, waiting channels and
/// parking slots; what is done to them comes out of every connection as messages. The
/// [module](super) shows how it is used.
///
/// Its clock goes only when [`advance`](Self::advance) is called, and what is random in it, such
/// as the identities of channels, comes from the seed.
#[derive(Clone, Debug)]
pub struct Pbx {
    now: Timestamp,
    random: Random,
    tables: Tables,
    accounts: Accounts,
    connections: BTreeMap<ConnectionId, Connection>,
    asked: u64,
    form: WireForm,
    form_of_each: bool,
    follow_told: bool,
    faults: Faults,
    hangup_notice: HangupNotice,
    call_user: CallUser,
    commands: VecDeque<ReceivedCommand>,
    received: u64,
    ids: i64,
}

/// What cannot be done to the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PbxError {
    /// There is no such channel.
    #[error("the PBX has no channel {0}")]
    NoChannel(String),
    /// There is no such user.
    #[error("the PBX has no user {0}")]
    NoUser(UserId),
    /// There is no such group.
    #[error("the PBX has no group {0}")]
    NoGroup(GroupId),
    /// All parking slots are taken.
    #[error("all parking slots of the PBX are taken")]
    NoSlot,
}

/// What happened to a record, for those who are told.
struct Notice<'a> {
    entry: &'a Arc<Entry>,
    before: Option<&'a Arc<Entry>>,
    gone: bool,
    event: &'a str,
}

/// A message in a layout, with the name of its event.
type Written<'a> = (Arc<Layout>, &'a str, Arc<[u8]>);

impl Default for Pbx {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Pbx {
    /// A PBX with the domain `example.test`, whose API token is `token`, and nothing else. Its
    /// clock stands at 2019-01-07 05:34:00 UTC.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut tables = Tables::default();
        let domain = "example.test".to_owned();
        tables.put(Arc::new(Entry::Domain(ModelDomain {
            id: 1000,
            name: domain.clone(),
            label: "Example".to_owned(),
        })));
        Self {
            now: Timestamp::from_micros(1_546_839_240_000_000),
            random: Random::new(seed),
            tables,
            accounts: Accounts::new(domain, "token".to_owned()),
            connections: BTreeMap::new(),
            asked: 0,
            form: WireForm::default(),
            form_of_each: false,
            follow_told: true,
            faults: Faults::none(),
            hangup_notice: HangupNotice::default(),
            call_user: CallUser::default(),
            commands: VecDeque::new(),
            received: 0,
            ids: 10_001_000,
        }
    }

    /// The PBX's clock.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets time pass, and happen what is due by then.
    pub fn advance(&mut self, time: Duration) {
        self.advance_to(after(self.now, time));
    }

    /// Lets time pass until `now`, and happen what is due by then. Time never goes back.
    pub fn advance_to(&mut self, now: Timestamp) {
        while let Some(due) = self.next_due().filter(|due| *due <= now) {
            self.now = self.now.max(due);
            self.answer_due();
            self.send_late();
        }
        self.now = self.now.max(now);
    }

    /// When something will happen of itself, on any connection.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let connections = self.connections.values().filter_map(|it| it.due(self.now));
        let late = self.connections.values().flat_map(|it| it.late.iter().map(|(due, _)| *due));
        connections.chain(late).chain(self.call_user.due()).min()
    }

    /// Writes so on connections that are opened from here on.
    pub fn set_wire_form(&mut self, form: WireForm) {
        self.form = form;
        self.form_of_each = false;
    }

    /// Writes in another form on every connection that is opened from here on
    /// ([`WireForm::varied`]): other order of the fields, other forms of text.
    pub const fn vary_wire_form(&mut self) {
        self.form_of_each = true;
    }

    /// What goes wrong on connections that are opened from here on; their numbers count from the
    /// first connection that was ever asked for.
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// The plan of what goes wrong.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// How the end of a channel is told from here on (B83).
    pub const fn set_hangup_notice(&mut self, notice: HangupNotice) {
        self.hangup_notice = notice;
    }

    /// Whether to remember what each connection has been told, for
    /// [`compare_told`](Self::compare_told). On unless told otherwise; takes memory for each
    /// connection. Applies to connections that are opened from here on.
    pub const fn follow_told(&mut self, follow: bool) {
        self.follow_told = follow;
    }

    /// Every connection that is open.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.connections.iter().filter(|(_, it)| !it.is_ended()).map(|(id, _)| *id)
    }

    /// How many connections were ever asked for, also those that were refused.
    #[must_use]
    pub const fn asked(&self) -> u64 {
        self.asked
    }

    /// Whether a connection is open.
    #[must_use]
    pub fn is_open(&self, connection: ConnectionId) -> bool {
        self.connections.get(&connection).is_some_and(|it| !it.is_ended())
    }

    /// Whether a connection says nothing at present, not even in answer to pings.
    #[must_use]
    pub fn is_silent(&self, connection: ConnectionId) -> bool {
        self.connections.get(&connection).is_some_and(|it| it.is_silent(self.now))
    }

    /// Whether everything that a connection has to say has been polled.
    #[must_use]
    pub fn is_drained(&self, connection: ConnectionId) -> bool {
        self.connections.get(&connection).is_none_or(Connection::is_drained)
    }

    /// The name of the application that a connection gave (B2).
    #[must_use]
    pub fn app_name(&self, connection: ConnectionId) -> Option<&str> {
        self.connections.get(&connection).map(|it| &*it.app_name)
    }

    /// What a connection sends next; `None` if it has nothing to say now. It may have later:
    /// [`poll_due`](Self::poll_due) tells when.
    pub fn poll_frame(&mut self, connection: ConnectionId) -> Option<Sent> {
        let (faults, now) = (&self.faults, self.now);
        let planned = |message| faults.before(connection.0, message).collect();
        self.connections.get_mut(&connection)?.poll(now, planned)
    }

    /// When a connection that has nothing to say now will have.
    #[must_use]
    pub fn poll_due(&self, connection: ConnectionId) -> Option<Timestamp> {
        self.connections.get(&connection)?.due(self.now)
    }

    /// The client has closed the connection, or has gone.
    pub fn close(&mut self, connection: ConnectionId) {
        self.connections.remove(&connection);
    }

    /// Lets something go wrong before the next message of a connection.
    pub fn inject(&mut self, connection: ConnectionId, fault: Fault) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.inject(fault);
        }
    }

    /// Closes a connection with this code, after what waits to be sent.
    pub fn send_close(&mut self, connection: ConnectionId, code: u16) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.send_close(code);
        }
    }

    /// Sends `{system_msg, text}` on a connection (B34).
    pub fn send_system_message(&mut self, connection: ConnectionId, text: &str) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.notify(Payload::System(text));
        }
    }

    /// Sends `{msg, text}` on a connection (B35).
    pub fn send_message(&mut self, connection: ConnectionId, text: &str) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.notify(Payload::Message(text));
        }
    }

    /// Sends a message of a kind that nobody knows (B36).
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

    /// Sends these bytes as a message, whatever they are.
    pub fn send_frame(&mut self, connection: ConnectionId, frame: Arc<[u8]>) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.send(frame, Effect::Nothing);
        }
    }

    /// A channel as a connection is told of it: the bytes of an `info_event` with the name
    /// `updated`, for sending again and again. `None` if one of the two is not there.
    pub fn event_frame(&mut self, connection: ConnectionId, uuid: &str) -> Option<Arc<[u8]>> {
        let entry = self.tables.get(ElementKind::Channel, uuid)?;
        let connection = self.connections.get_mut(&connection)?;
        Some(connection.layout.info_event(entry, "updated", &mut connection.random))
    }

    /// Announces the fields of an element in another order in the middle of a connection (B30).
    pub fn reorder_fields(&mut self, connection: ConnectionId, element: ElementKind<'_>) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            let layout = Arc::make_mut(&mut connection.layout);
            layout.reorder(element, &mut connection.random);
            let spec = layout.field_spec(element, &mut connection.random);
            let kind = ElementKind::KNOWN.into_iter().find(|kind| *kind == element);
            connection.send(spec, kind.map_or(Effect::Nothing, Effect::Spec));
        }
    }

    /// Sends the list of an element once more.
    pub fn send_initial_info(&mut self, connection: ConnectionId, element: ElementKind<'static>) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            send_initial_info(connection, &self.tables, element);
        }
    }

    /// Lists that come late.
    fn send_late(&mut self) {
        for connection in self.connections.values_mut() {
            let now = self.now;
            let (due, late) = connection.late.iter().partition(|(due, _)| *due <= now);
            connection.late = late;
            let due: Vec<(Timestamp, ElementKind<'static>)> = due;
            for (_, element) in due {
                send_initial_info(connection, &self.tables, element);
            }
        }
    }

    /// Adds or changes a record, and tells so. Nothing is told of what stays as it was.
    fn put(&mut self, entry: Entry) {
        let entry = Arc::new(entry);
        let before = self.tables.put(Arc::clone(&entry));
        if before.as_deref() == Some(&*entry) {
            return;
        }
        let event = if before.is_none() { "added" } else { "updated" };
        self.tell(Notice { entry: &entry, before: before.as_ref(), gone: false, event });
    }

    /// Removes a record, and tells so.
    fn remove(&mut self, kind: ElementKind<'static>, key: &str) -> bool {
        let Some(before) = self.tables.remove(kind, key) else { return false };
        self.tell(Notice { entry: &before, before: Some(&before), gone: true, event: "removed" });
        true
    }

    /// Tells every connection that may know. What several of them read alike is written once.
    fn tell(&mut self, notice: Notice<'_>) {
        let Notice { entry, before, gone, event } = notice;
        let mut written: Vec<Written<'_>> = Vec::new();
        for connection in self.connections.values_mut().filter(|it| !it.is_ended()) {
            let knows = before.is_some_and(|before| connection.sees(before));
            let may_know = connection.sees(entry);
            let (event, effect) = match (knows, may_know) {
                (false, false) => continue,
                (true, false) => ("removed", Effect::Remove(entry.kind(), entry.key())),
                _ if gone => (event, Effect::Remove(entry.kind(), entry.key())),
                (false, true) if before.is_some() => ("added", Effect::Set(Arc::clone(entry))),
                _ => (event, Effect::Set(Arc::clone(entry))),
            };
            let same = |(layout, other, _): &&Written<'_>| {
                Arc::ptr_eq(layout, &connection.layout) && *other == event
            };
            let frame = match written.iter().find(same) {
                Some((_, _, frame)) => Arc::clone(frame),
                None => {
                    let layout = Arc::clone(&connection.layout);
                    let frame = layout.info_event(entry, event, &mut connection.random);
                    written.push((layout, event, Arc::clone(&frame)));
                    frame
                }
            };
            connection.send(frame, effect);
            if connection.layout.form().unknown_elements && connection.random.once_in(8) {
                let layout = Arc::clone(&connection.layout);
                let frame = layout.unknown_event(&mut connection.random);
                connection.send(frame, Effect::Nothing);
            }
        }
    }

    pub(in crate::testing) const fn tables(&self) -> &Tables {
        &self.tables
    }

    pub(in crate::testing) fn told(&self, connection: ConnectionId) -> Option<&Told> {
        self.connections.get(&connection)?.told.as_ref()
    }

    pub(in crate::testing) fn sees(&self, connection: ConnectionId, entry: &Entry) -> bool {
        self.connections.get(&connection).is_none_or(|it| it.sees(entry))
    }

    /// A number that no record has yet.
    const fn next_id(&mut self) -> i64 {
        self.ids += 1;
        self.ids
    }

    /// A channel, as it is now.
    #[must_use]
    pub fn channel(&self, uuid: &str) -> Option<&ModelChannel> {
        match &**self.tables.get(ElementKind::Channel, uuid)? {
            Entry::Channel(channel) => Some(channel),
            _ => None,
        }
    }

    /// Every channel, by identity.
    pub fn channels(&self) -> impl Iterator<Item = &ModelChannel> {
        self.tables.of(ElementKind::Channel).filter_map(|(_, entry)| match &**entry {
            Entry::Channel(channel) => Some(channel),
            _ => None,
        })
    }

    /// A user, as it is now.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&ModelUser> {
        match &**self.tables.get(ElementKind::User, &id.to_string())? {
            Entry::User(user) => Some(user),
            _ => None,
        }
    }

    /// Every user.
    pub fn users(&self) -> impl Iterator<Item = &ModelUser> {
        self.tables.of(ElementKind::User).filter_map(|(_, entry)| match &**entry {
            Entry::User(user) => Some(user),
            _ => None,
        })
    }

    /// A group, as it is now.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<&ModelGroup> {
        match &**self.tables.get(ElementKind::Group, &id.to_string())? {
            Entry::Group(group) => Some(group),
            _ => None,
        }
    }

    /// Every group.
    pub fn groups(&self) -> impl Iterator<Item = &ModelGroup> {
        self.tables.of(ElementKind::Group).filter_map(|(_, entry)| match &**entry {
            Entry::Group(group) => Some(group),
            _ => None,
        })
    }

    /// Every membership.
    pub fn members(&self) -> impl Iterator<Item = &ModelMember> {
        self.tables.of(ElementKind::GroupMember).filter_map(|(_, entry)| match &**entry {
            Entry::GroupMember(member) => Some(member),
            _ => None,
        })
    }

    /// Every terminal.
    pub fn terminals(&self) -> impl Iterator<Item = &ModelTerminal> {
        self.tables.of(ElementKind::Terminal).filter_map(|(_, entry)| match &**entry {
            Entry::Terminal(terminal) => Some(terminal),
            _ => None,
        })
    }

    /// How many records of an element there are.
    #[must_use]
    pub fn count(&self, element: ElementKind<'_>) -> usize {
        self.tables.len(element)
    }
}

/// Sends the list of an element, as far as the connection may know.
fn send_initial_info(connection: &mut Connection, tables: &Tables, element: ElementKind<'static>) {
    let all = tables.of(element).map(|(_, entry)| entry);
    let entries: Vec<_> = all.filter(|entry| connection.sees(entry)).cloned().collect();
    let layout = Arc::clone(&connection.layout);
    let frame = layout.initial_info(element, &entries, &mut connection.random);
    connection.send(frame, Effect::Snapshot(element, entries));
}
