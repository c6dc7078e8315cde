//! The model of a PBX: its records and connections.

mod account;
mod call;
mod call_user;
mod command;
mod directory;
mod opening;
mod query;
mod sending;
mod traffic;

use call::CallLog;
pub use call::{
    Callee, Ending, HangupNotice, LoggedBridge, LoggedCall, LoggedLeg, LoggedPark, LoggedTransfer,
    WaitingLists,
};
pub use command::ReceivedCommand;
pub use traffic::Traffic;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use account::Accounts;
pub(super) use account::Caller;
use call_user::CallUser;

use super::connection::{Connection, ConnectionId, after};
use super::delivered::Effect;
use super::fault::Faults;
use super::random::Random;
use super::record::{Entry, ModelDomain, Tables};
use super::wire::{Layout, WireForm};
use basix_cti::element::{GroupId, UserId};
use basix_cti::{ElementKind, Timestamp};

/// A PBX in memory: a model without sockets, threads and clock.
///
/// It keeps users, groups, memberships, terminals, its domain, channels, waiting channels and
/// parking slots; every connection gets their changes as messages. The [crate](crate) shows how to
/// use it.
///
/// Its clock moves only with [`advance`](Self::advance), and everything random, such as the
/// identities of channels, comes from the seed.
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
    track_delivered: bool,
    faults: Faults,
    hangup_notice: HangupNotice,
    waiting_lists: WaitingLists,
    odd_records: bool,
    call_user: CallUser,
    commands: VecDeque<ReceivedCommand>,
    received: u64,
    ids: i64,
    log: CallLog,
}

/// An action that the model refuses.
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

/// A change of a record, as sent to connections.
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
            track_delivered: true,
            faults: Faults::none(),
            hangup_notice: HangupNotice::default(),
            waiting_lists: WaitingLists::default(),
            odd_records: false,
            call_user: CallUser::default(),
            commands: VecDeque::new(),
            received: 0,
            ids: 10_001_000,
            log: CallLog::default(),
        }
    }

    /// The PBX's clock.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Advances the clock and runs everything due.
    pub fn advance(&mut self, time: Duration) {
        self.advance_to(after(self.now, time));
    }

    /// Advances the clock to `now` and runs everything due. Time never goes back.
    pub fn advance_to(&mut self, now: Timestamp) {
        while let Some(due) = self.next_due().filter(|due| *due <= now) {
            self.now = self.now.max(due);
            self.answer_due();
            self.send_late();
        }
        self.now = self.now.max(now);
    }

    /// Time of the next event that is due, on any connection.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let connections = self.connections.values().filter_map(|it| it.due(self.now));
        let late = self.connections.values().flat_map(|it| it.late.iter().map(|(due, _)| *due));
        connections.chain(late).chain(self.call_user.due()).min()
    }

    /// Sets the wire form of connections opened from now on.
    pub fn set_wire_form(&mut self, form: WireForm) {
        self.form = form;
        self.form_of_each = false;
    }

    /// Varies the wire form with every connection opened from now on ([`WireForm::varied`]): the
    /// order of the fields and the forms of text.
    pub const fn vary_wire_form(&mut self) {
        self.form_of_each = true;
    }

    /// Sets the faults of connections opened from now on. Connections are numbered from the first
    /// that was ever requested.
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// The plan of faults.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Sets the announcement of ended channels from now on.
    pub const fn set_hangup_notice(&mut self, notice: HangupNotice) {
        self.hangup_notice = notice;
    }

    /// Enables records that are legal but that the vendor's client loses: memberships without an
    /// identity, and, in [`Traffic`], customers with malformed percent-encoding. Off by default.
    pub const fn set_odd_records(&mut self, on: bool) {
        self.odd_records = on;
    }

    /// Enables a copy of the state that each connection's messages convey, for
    /// [`compare_delivered`](Self::compare_delivered). On by default; takes memory for each connection.
    /// Applies to connections opened from now on.
    pub const fn track_delivered(&mut self, follow: bool) {
        self.track_delivered = follow;
    }

    /// Adds or changes a record, and sends the change. An equal record sends no message.
    fn put(&mut self, entry: Entry) {
        let entry = Arc::new(entry);
        let before = self.tables.put(Arc::clone(&entry));
        if before.as_deref() == Some(&*entry) {
            return;
        }
        let event = if before.is_none() { "added" } else { "updated" };
        self.broadcast(Notice { entry: &entry, before: before.as_ref(), gone: false, event });
    }

    /// Removes a record, and sends the change.
    fn remove(&mut self, kind: ElementKind, key: &str) -> bool {
        let Some(before) = self.tables.remove(kind, key) else { return false };
        self.broadcast(Notice {
            entry: &before,
            before: Some(&before),
            gone: true,
            event: "removed",
        });
        true
    }

    /// Sends to every connection that may see the record. Equal bytes are encoded once.
    fn broadcast(&mut self, notice: Notice<'_>) {
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

    /// An unused number.
    const fn next_id(&mut self) -> i64 {
        self.ids += 1;
        self.ids
    }
}
