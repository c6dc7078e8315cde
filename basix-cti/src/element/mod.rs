//! Typed views of records: what the fields mean.

mod avatar;
pub(crate) mod channel;
mod domain;
pub(crate) mod field;
mod group;
mod id;
mod scalar;
mod terminal;
mod timestamp;
mod user;
pub(crate) mod view;

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
pub use user::User;
pub use view::TypedElement;

use crate::error::Error;
use crate::message::{InfoEvent, InitialInfo};
use crate::record::{ElementKind, OwnedRecord, Record};

/// A record as the type that its element has.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Element<'a> {
    /// A call leg.
    Channel(Channel<'a>),
    /// A channel that waits, from any of the three elements that list such channels.
    Waiting(WaitingChannel<'a>),
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
    /// An element that this version does not know, or a record without the identity that its type
    /// has.
    Unknown(Record<'a>),
}

impl<'a> Element<'a> {
    /// The record behind the view.
    #[must_use]
    pub const fn record(&self) -> &Record<'a> {
        match self {
            Self::Channel(channel) => channel.record(),
            Self::Waiting(channel) => channel.record(),
            Self::User(user) => user.record(),
            Self::Group(group) => group.record(),
            Self::GroupMember(member) => member.record(),
            Self::Terminal(terminal) => terminal.record(),
            Self::Domain(domain) => domain.record(),
            Self::Unknown(record) => record,
        }
    }
}

impl<'a> Record<'a> {
    /// The record as the type that its element has.
    #[must_use]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn element(&self) -> Element<'a> {
        let element = match self.kind() {
            ElementKind::Channel => self.typed().map(Element::Channel),
            ElementKind::ChannelWaiting
            | ElementKind::QueuedChannel
            | ElementKind::ParkedChannel => self.typed().map(Element::Waiting),
            ElementKind::User => self.typed().map(Element::User),
            ElementKind::Group => self.typed().map(Element::Group),
            ElementKind::GroupMember => self.typed().map(Element::GroupMember),
            ElementKind::Terminal => self.typed().map(Element::Terminal),
            ElementKind::Domain => self.typed().map(Element::Domain),
            ElementKind::Unknown => None,
        };
        element.unwrap_or(Element::Unknown(*self))
    }

    /// The record as one type; `None` if it is of another element, or lacks an identity that the
    /// type has.
    #[must_use]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn typed<T: TypedElement<'a>>(&self) -> Option<T> {
        T::from_record(*self)
    }
}

impl OwnedRecord {
    /// The record as the type that its element has.
    #[must_use]
    pub fn element(&self) -> Element<'_> {
        self.as_record().element()
    }

    /// The record as one type; `None` if it is of another element, or lacks an identity that the
    /// type has.
    #[must_use]
    pub fn typed<'a, T: TypedElement<'a>>(&'a self) -> Option<T> {
        self.as_record().typed()
    }
}

impl<'a> InfoEvent<'a> {
    /// The record as the type that its element has.
    #[must_use]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn element(&self) -> Element<'a> {
        self.record().element()
    }
}

impl<'a> InitialInfo<'a> {
    /// The records as the type that the element has.
    ///
    /// # Errors
    ///
    /// As for [`records`](Self::records).
    pub fn elements(&self) -> impl Iterator<Item = Result<Element<'a>, Error>> + use<'a> {
        self.records().map(|record| Ok(record?.element()))
    }

    /// The records that can be seen as one type; none if they are of another element.
    ///
    /// # Errors
    ///
    /// As for [`records`](Self::records).
    pub fn typed<T: TypedElement<'a>>(
        &self,
    ) -> impl Iterator<Item = Result<T, Error>> + use<'a, T> {
        self.records().filter_map(|record| record.map(|record| record.typed()).transpose())
    }
}
