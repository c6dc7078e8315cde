//! Typed elements: what the PBX's records mean.

pub(crate) mod avatar;
pub(crate) mod channel;
mod domain;
pub(crate) mod field;
mod group;
mod id;
pub(crate) mod printed;
mod scalar;
mod terminal;
mod timestamp;
pub(crate) mod typed;
mod user;

pub use avatar::BaseUrl;
pub use channel::{
    CallTarget, Calling, Channel, Direction, EndUser, EndUsers, GroupType, Hangup, HangupCause,
    HangupMethod, HangupSide, LastEvent, Origination, OtherInfo, Party, PeerLocation, State,
    StateKind, Tags, Target, TargetLocation, TargetType, WaitingChannel,
};
pub use domain::Domain;
pub use group::{Group, GroupMember};
pub use id::{ChannelUuid, GroupId, UserId};
pub use scalar::Scalar;
pub use terminal::Terminal;
pub use timestamp::Timestamp;
pub use typed::TypedElement;
pub use user::User;

use crate::bert::Fail;
use crate::record::schema::{Column, View};
use crate::record::{self, ElementKind, OwnedRecord, Record, Schema};
use typed::{ReadElement, RecordValues};

/// A record with its meaning.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "boxing would cost an allocation an event")]
pub enum Element<'a> {
    /// A call leg.
    Channel(Channel<'a>),
    /// A channel waiting in a queue.
    ChannelWaiting(WaitingChannel<'a>),
    /// A channel in a ring queue.
    QueuedChannel(WaitingChannel<'a>),
    /// A channel on a parking slot.
    ParkedChannel(WaitingChannel<'a>),
    /// A user.
    User(User<'a>),
    /// A group.
    Group(Group<'a>),
    /// A membership.
    GroupMember(GroupMember<'a>),
    /// A terminal.
    Terminal(Terminal<'a>),
    /// The domain.
    Domain(Domain<'a>),
    /// An element that this version does not know (B42).
    Unknown(Record<'a>),
}

impl<'a> Element<'a> {
    /// The record behind the value.
    #[must_use]
    pub const fn record(&self) -> Record<'a> {
        match self {
            Self::Channel(channel) => channel.record,
            Self::ChannelWaiting(channel)
            | Self::QueuedChannel(channel)
            | Self::ParkedChannel(channel) => channel.record,
            Self::User(user) => user.record,
            Self::Group(group) => group.record,
            Self::GroupMember(member) => member.record,
            Self::Terminal(terminal) => terminal.record,
            Self::Domain(domain) => domain.record,
            Self::Unknown(record) => *record,
        }
    }

    /// The record on its own, for keeping.
    #[must_use]
    pub fn into_owned(self) -> OwnedRecord {
        self.record().to_owned()
    }

    /// Reads a record that is opened, checking all of it.
    #[inline]
    pub(crate) fn read(record: RecordValues<'a>) -> Result<(Self, &'a [u8]), Fail> {
        match record.schema.known_index() {
            Some(0) => {
                let (channel, rest) = Channel::read(record)?;
                Ok((Self::Channel(channel), rest))
            }
            index => Self::read_other(index, record),
        }
    }

    #[inline(never)]
    fn read_other(
        index: Option<usize>,
        record: RecordValues<'a>,
    ) -> Result<(Self, &'a [u8]), Fail> {
        fn typed<'a, T: ReadElement<'a>>(
            element: fn(T) -> Element<'a>,
            record: RecordValues<'a>,
        ) -> Result<(Element<'a>, &'a [u8]), Fail> {
            let (value, rest) = T::read(record)?;
            Ok((element(value), rest))
        }
        match index {
            Some(1) => typed(Self::ChannelWaiting, record),
            Some(2) => typed(Self::QueuedChannel, record),
            Some(3) => typed(Self::ParkedChannel, record),
            Some(4) => typed(Self::User, record),
            Some(5) => typed(Self::Group, record),
            Some(6) => typed(Self::GroupMember, record),
            Some(7) => typed(Self::Terminal, record),
            Some(8) => typed(Self::Domain, record),
            _ => {
                let (record, rest) = Record::pass(record)?;
                Ok((Self::Unknown(record), rest))
            }
        }
    }
}

impl<'a> Record<'a> {
    /// Passes over the values of a record that is opened, checking them.
    pub(crate) fn pass(record: RecordValues<'a>) -> Result<(Self, &'a [u8]), Fail> {
        let mut rest = record.values;
        for _ in 0..record.count {
            rest = field::other(rest, record.depth)?;
        }
        record.close(rest)
    }

    /// The record with its meaning.
    #[must_use]
    pub fn element(self) -> Element<'a> {
        self.opened()
            .and_then(|values| Element::read(values).ok())
            .map_or(Element::Unknown(self), |(element, _)| element)
    }

    /// The record as one type of element; `None` if it is of another.
    #[must_use]
    pub fn typed<T: TypedElement<'a>>(self) -> Option<T> {
        let kind = self.schema().known_element()?;
        if !T::KINDS.contains(&kind) {
            return None;
        }
        T::read(self.opened()?).ok().map(|(value, _)| value)
    }

    /// The record's values; it has been checked, so no limit applies any more.
    fn opened(self) -> Option<RecordValues<'a>> {
        match record::open(self.wire()) {
            Ok(record::Opened::Record(count, is_list, values)) => Some(RecordValues {
                schema: self.schema(),
                start: self.wire(),
                values,
                count,
                is_list,
                depth: u32::MAX,
            }),
            _ => None,
        }
    }
}

impl OwnedRecord {
    /// The record with its meaning.
    #[must_use]
    pub fn element(&self) -> Element<'_> {
        self.as_record().element()
    }

    /// The record as one type of element; `None` if it is of another.
    #[must_use]
    pub fn typed<'a, T: TypedElement<'a>>(&'a self) -> Option<T> {
        self.as_record().typed()
    }
}

/// How the columns of an element's records are read and shown: a schema for announced names.
pub(crate) fn schema(kind: ElementKind<'_>, names: Vec<Box<str>>) -> Schema {
    let (fields, usual) = fields(kind);
    let column = |name: &str| {
        let field = fields.iter().position(|field| *field == name);
        (field.and_then(|at| u8::try_from(at).ok()).unwrap_or(Column::OTHER), view(kind, name))
    };
    Schema::new(kind, names, column, usual)
}

/// The fields of the typed element, and how many of them usually come.
const fn fields(kind: ElementKind<'_>) -> (&'static [&'static str], usize) {
    const fn of<'a, T: ReadElement<'a>>() -> (&'static [&'static str], usize) {
        (T::FIELDS, T::USUAL)
    }
    match kind {
        ElementKind::Channel => of::<Channel<'_>>(),
        ElementKind::ChannelWaiting | ElementKind::QueuedChannel | ElementKind::ParkedChannel => {
            of::<WaitingChannel<'_>>()
        }
        ElementKind::User => of::<User<'_>>(),
        ElementKind::Group => of::<Group<'_>>(),
        ElementKind::GroupMember => of::<GroupMember<'_>>(),
        ElementKind::Terminal => of::<Terminal<'_>>(),
        ElementKind::Domain => of::<Domain<'_>>(),
        ElementKind::Unknown(_) => (&[], 0),
    }
}

/// How a field is shown as JSON: composites by their structure, fields that the protocol's
/// description names anywhere as known scalars (B26), others as any term (B42).
fn view(kind: ElementKind<'_>, name: &str) -> View {
    if kind.index().is_none() {
        return View::Generic;
    }
    match name {
        "state" if kind.is_channel() => View::State,
        "target" if kind.is_channel() => View::Target,
        "end_user" if kind.is_channel() => View::EndUser,
        "origination" if kind.is_channel() => View::Origination,
        "tags" if kind.is_channel() => View::Tags,
        "other_info" if kind == ElementKind::Channel => View::OtherInfo,
        "avatar" if kind == ElementKind::User => View::Avatar,
        _ if ElementKind::KNOWN.iter().any(|kind| fields(*kind).0.contains(&name)) => View::Scalar,
        _ => View::Generic,
    }
}
