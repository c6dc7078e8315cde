//! Typed elements: what the PBX's records mean.

pub(crate) mod avatar;
pub(crate) mod channel;
mod domain;
pub(crate) mod field;
mod group;
mod id;
mod printed;
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
pub use printed::PrintedRecord;
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

    /// The element of a record, without any fields.
    #[inline]
    pub(crate) fn empty(record: Record<'a>) -> Self {
        match record.schema().known_element() {
            Some(ElementKind::Channel) => Self::Channel(Channel::empty(record)),
            Some(ElementKind::ChannelWaiting) => Self::ChannelWaiting(ReadElement::empty(record)),
            Some(ElementKind::QueuedChannel) => Self::QueuedChannel(ReadElement::empty(record)),
            Some(ElementKind::ParkedChannel) => Self::ParkedChannel(ReadElement::empty(record)),
            Some(ElementKind::User) => Self::User(User::empty(record)),
            Some(ElementKind::Group) => Self::Group(Group::empty(record)),
            Some(ElementKind::GroupMember) => Self::GroupMember(GroupMember::empty(record)),
            Some(ElementKind::Terminal) => Self::Terminal(Terminal::empty(record)),
            Some(ElementKind::Domain) => Self::Domain(Domain::empty(record)),
            Some(ElementKind::Unknown(_)) | None => Self::Unknown(record),
        }
    }

    /// Reads the values of a record that is opened into its empty element, checking all of them;
    /// gives what follows the record.
    #[inline]
    pub(crate) fn fill(&mut self, values: RecordValues<'a>) -> Result<&'a [u8], Fail> {
        match self {
            Self::Channel(channel) => channel.fill(values),
            Self::ChannelWaiting(channel)
            | Self::QueuedChannel(channel)
            | Self::ParkedChannel(channel) => channel.fill(values),
            Self::User(user) => user.fill(values),
            Self::Group(group) => group.fill(values),
            Self::GroupMember(member) => member.fill(values),
            Self::Terminal(terminal) => terminal.fill(values),
            Self::Domain(domain) => domain.fill(values),
            Self::Unknown(unknown) => {
                let (record, rest) = Record::pass(values)?;
                *unknown = record;
                Ok(rest)
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
        let mut element = Element::empty(self);
        // The record has been checked, so reading it again succeeds.
        if let Some(values) = self.opened() {
            let _ = element.fill(values);
        }
        element
    }

    /// The record as one type of element; `None` if it is of another.
    #[must_use]
    pub fn typed<T: TypedElement<'a>>(self) -> Option<T> {
        let kind = self.schema().known_element()?;
        if !T::KINDS.contains(&kind) {
            return None;
        }
        let mut value = T::empty(self);
        value.fill(self.opened()?).ok()?;
        Some(value)
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
