//! Waiting callers: in a queue or on a parking slot, from any table that lists them.

use std::time::Duration;

use serde_json::Value;

use super::{Store, rows};
use crate::bert::Text;
use crate::element::channel::{
    CallTarget, Calling, Direction, EndUsers, State, StateKind, WaitingChannel, shown, whoscall,
};
use crate::element::{ChannelUuid, GroupId, Timestamp, UserId};
use crate::record::{ElementKind, OwnedRecord};

/// The tables that list waiting channels, in order of precedence.
const TABLES: [ElementKind; 3] =
    [ElementKind::ChannelWaiting, ElementKind::ParkedChannel, ElementKind::QueuedChannel];

/// A waiting caller, once for each channel even if several tables list it.
#[derive(Clone, Copy, Debug)]
pub struct WaitingCaller<'a> {
    store: &'a Store,
    channel: WaitingChannel<'a>,
    state: Option<State<'a>>,
    kind: WaitingKind,
}

/// The way in which a caller waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitingKind {
    /// For a member of a group.
    Queued,
    /// On a parking slot.
    Parked,
    /// Any other wait, or an outbound call.
    Other,
}

/// The place on a phone where a parking slot is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ParkPlace {
    /// The park group whose users see the slot; `None` for a slot of the whole domain.
    pub park_group: Option<i64>,
    /// The place: 1 to 3 for the slots of a park group, 4 to 6 for those of the domain.
    pub place: u8,
}

impl ParkPlace {
    /// The place of a slot; `None` for a slot that phones do not show.
    #[must_use]
    pub fn of_slot(slot: i64) -> Option<Self> {
        let place =
            |park_group, place: i64| Some(Self { park_group, place: u8::try_from(place).ok()? });
        match slot {
            901..=996 => place(Some((slot - 901) / 3), (slot - 901) % 3 + 1),
            997..=999 => place(None, slot - 997 + 4),
            _ => None,
        }
    }
}

impl<'a> WaitingCaller<'a> {
    fn new(store: &'a Store, row: &'a OwnedRecord) -> Option<Self> {
        let channel: WaitingChannel<'a> = row.typed()?;
        let state = channel.state();
        let kind = match state.map(|state| state.kind) {
            Some(StateKind::Park { .. }) => WaitingKind::Parked,
            Some(StateKind::Calling(Calling { target: CallTarget::Group { .. }, .. })) => {
                WaitingKind::Queued
            }
            // A state without a name cannot be read (B151).
            Some(StateKind::Unknown { name }) if name.is_empty() => by_table(row.kind()),
            Some(_) => WaitingKind::Other,
            None => by_table(row.kind()),
        };
        let is_outbound = channel.direction() == Some(Direction::Outbound);
        let kind = match kind {
            // An outbound leg is not a caller in a queue (B152).
            WaitingKind::Queued if is_outbound => WaitingKind::Other,
            kind => kind,
        };
        Some(Self { store, channel, state, kind })
    }

    /// Identity of the channel.
    #[must_use]
    pub fn uuid(&self) -> ChannelUuid<'a> {
        self.channel.uuid()
    }

    /// The record of the channel, from the table with precedence.
    #[must_use]
    pub const fn channel(&self) -> &WaitingChannel<'a> {
        &self.channel
    }

    /// The way in which the caller waits.
    #[must_use]
    pub const fn kind(&self) -> WaitingKind {
        self.kind
    }

    /// The state in the record.
    #[must_use]
    pub fn state(&self) -> Option<StateKind<'a>> {
        Some(self.state?.kind)
    }

    /// The time since which the caller has been waiting in this way.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.state?.since
    }

    /// The time for which the caller has been waiting in this way at `now`.
    #[must_use]
    pub fn waiting_for(&self, now: Timestamp) -> Option<Duration> {
        Some(self.since()?.elapsed_at(now))
    }

    /// The caller's number; empty if it is not known.
    #[must_use]
    pub fn number(&self) -> Text<'a> {
        let channel = &self.channel;
        let by_direction = |direction, calling, called| match direction {
            Some(Direction::Inbound) => shown(calling),
            Some(Direction::Outbound) => shown(called),
            _ => None,
        };
        let own =
            || by_direction(channel.direction(), channel.calling_number(), channel.called_number());
        let live = || {
            let live = self.store.channel(&channel.record().key()?)?;
            by_direction(live.direction(), live.calling_number(), live.called_number())
        };
        shown(channel.peer_number()).or_else(own).or_else(live).unwrap_or_default()
    }

    /// The user on the channel, if the caller is a user of the PBX.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.channel.user_id()
    }

    /// The customer, from the CRM, if known and not a user of the PBX.
    #[must_use]
    pub fn end_user(&self) -> Option<EndUsers<'a>> {
        self.channel.end_user()
    }

    /// The group whose members the caller waits for.
    #[must_use]
    pub fn group_id(&self) -> Option<GroupId> {
        if self.kind != WaitingKind::Queued {
            return None;
        }
        match self.state.map(|state| state.kind) {
            Some(StateKind::Calling(Calling {
                target: CallTarget::Group { group_id: Some(group_id), .. },
                ..
            })) => Some(group_id),
            _ => self.channel.group_id(),
        }
    }

    /// The parking slot, such as 901.
    #[must_use]
    pub fn slot(&self) -> Option<i64> {
        match self.state?.kind {
            StateKind::Park { slot, .. } => slot,
            _ => None,
        }
    }

    /// The place on a phone where the parking slot is shown.
    #[must_use]
    pub fn park_place(&self) -> Option<ParkPlace> {
        ParkPlace::of_slot(self.slot()?)
    }

    /// The JSON that the PBX sends under the name `whoscall`, for users with flag 1024; its content is
    /// not documented.
    #[must_use]
    pub fn whoscall(&self) -> Option<Value> {
        whoscall(self.channel.whoscall())
    }
}

/// The kind of wait of a table's channels, if their state does not show it.
const fn by_table(kind: ElementKind) -> WaitingKind {
    match kind {
        ElementKind::ParkedChannel => WaitingKind::Parked,
        ElementKind::QueuedChannel => WaitingKind::Queued,
        _ => WaitingKind::Other,
    }
}

/// Waiting callers; see [`Store::waiting`].
#[derive(Clone, Debug)]
pub struct Waiting<'a> {
    store: &'a Store,
    /// The current table, as its place in [`TABLES`].
    table: usize,
    rows: rows::Iter<'a>,
}

impl<'a> Iterator for Waiting<'a> {
    type Item = WaitingCaller<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(caller) = self.rows.find_map(|row| self.store.caller(self.table, row)) {
                return Some(caller);
            }
            self.rows = self.store.table_of(*TABLES.get(self.table + 1)?).rows.iter();
            self.table += 1;
        }
    }
}

impl<'a> Waiting<'a> {
    /// Callers in the queue of a group.
    pub fn in_group(self, group: GroupId) -> impl Iterator<Item = WaitingCaller<'a>> {
        self.filter(move |caller| caller.group_id() == Some(group))
    }

    /// Callers in queues.
    pub fn queued(self) -> impl Iterator<Item = WaitingCaller<'a>> {
        self.filter(|caller| caller.kind == WaitingKind::Queued)
    }

    /// Callers on parking slots.
    pub fn parked(self) -> impl Iterator<Item = WaitingCaller<'a>> {
        self.filter(|caller| caller.kind == WaitingKind::Parked)
    }
}

impl Store {
    /// The waiting callers, in queues and on parking slots. A channel counts once, even if several
    /// of the three elements list it; an ended channel is left out.
    ///
    /// ```
    /// # use basix_cti::element::GroupId;
    /// # use basix_cti::{Parser, Store, bert::Encoder};
    /// # let spec = Encoder::new().tuple(3).atom("field_spec").string("queued_channel")
    /// #     .list(3).atom("uuid").atom("state").atom("peer_number").finish()?;
    /// # let event = Encoder::new().tuple(4).atom("info_event").string("queued_channel").tuple(3)
    /// #     .binary("c-1")
    /// #     .tuple(5).integer(2_000_000).atom("calling").atom("int").atom("group")
    /// #     .tuple(2).atom("ring").integer(7)
    /// #     .binary("0312345678").atom("added").finish()?;
    /// # let (mut parser, mut store) = (Parser::new(), Store::new());
    /// # parser.parse(&spec)?;
    /// # store.apply(&parser.parse(&event)?)?;
    /// let numbers: Vec<_> = store.waiting().in_group(GroupId(7)).map(|caller| caller.number()).collect();
    /// assert_eq!(numbers, ["0312345678"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn waiting(&self) -> Waiting<'_> {
        let [first, ..] = TABLES;
        Waiting { store: self, table: 0, rows: self.table_of(first).rows.iter() }
    }

    /// The caller of a row, unless another table has precedence or the channel has ended.
    fn caller<'a>(&'a self, table: usize, row: &'a OwnedRecord) -> Option<WaitingCaller<'a>> {
        let channel: WaitingChannel<'_> = row.typed()?;
        let mut has_ended = channel.has_ended();
        let key = channel.record().key_bytes()?;
        for (other, kind) in TABLES.into_iter().enumerate().filter(|(other, _)| *other != table) {
            let Some(listed) = self.table_of(kind).rows.get(&key) else { continue };
            if other < table {
                return None;
            }
            has_ended |= listed.typed::<WaitingChannel<'_>>()?.has_ended();
        }
        if has_ended { None } else { WaitingCaller::new(self, row) }
    }
}
