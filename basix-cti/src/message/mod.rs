//! Messages of the PBX.

mod initial_info;
mod parser;
mod printed;

use std::sync::Arc;

pub use initial_info::{Elements, InitialInfo, Records, TypedRecords};
pub use parser::Parser;
pub use printed::Printed;

use crate::bert::Term;
use crate::element::Element;
use crate::record::{ElementKind, EventName, Record, Schema};

/// A message of the PBX (section 4 of the protocol), borrowed from its bytes.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "boxing would cost an allocation an event")]
pub enum Message<'a> {
    /// The order of the fields in the records of an element (B30).
    FieldSpec(FieldSpec<'a>),
    /// All records of an element that exist now (B32).
    InitialInfo(InitialInfo<'a>),
    /// A record was added, changed or removed (B33).
    InfoEvent(InfoEvent<'a>),
    /// A notice for this connection (B34); [`SystemMessage`] names the known ones.
    SystemMsg(Payload<'a>),
    /// A message from a user or an administrator (B35).
    Msg(Payload<'a>),
    /// A message of a kind that this version does not know (B36).
    Unknown(Term<'a>),
}

/// The order of the fields in the records of an element (B30).
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec<'a> {
    schema: &'a Arc<Schema>,
    element: ElementKind<'a>,
}

impl<'a> FieldSpec<'a> {
    pub(crate) const fn new(schema: &'a Arc<Schema>, element: ElementKind<'a>) -> Self {
        Self { schema, element }
    }

    /// The element.
    #[must_use]
    pub const fn element(&self) -> ElementKind<'a> {
        self.element
    }

    /// The order of the fields, which the parser now uses.
    #[must_use]
    pub const fn schema(&self) -> &'a Arc<Schema> {
        self.schema
    }
}

/// A record that was added, changed or removed (B33).
#[derive(Clone, Debug)]
pub struct InfoEvent<'a> {
    kind: ElementKind<'a>,
    element: Element<'a>,
    event: Option<Term<'a>>,
}

impl<'a> InfoEvent<'a> {
    /// The kind of the element.
    #[must_use]
    pub const fn kind(&self) -> ElementKind<'a> {
        self.kind
    }

    /// The record with its meaning.
    #[must_use]
    pub const fn element(&self) -> &Element<'a> {
        &self.element
    }

    /// The record with its raw values.
    #[must_use]
    pub const fn record(&self) -> Record<'a> {
        self.element.record()
    }

    /// What happened to the record; `None` if the message does not say.
    #[must_use]
    pub fn event_name(&self) -> Option<EventName<'a>> {
        self.event?.as_text().map(EventName::from_text)
    }

    /// The term that says what happened.
    #[must_use]
    pub const fn event_term(&self) -> Option<Term<'a>> {
        self.event
    }
}

/// What a notice or message carries: any term.
#[derive(Clone, Copy, Debug)]
pub struct Payload<'a> {
    term: Option<Term<'a>>,
}

impl<'a> Payload<'a> {
    /// The term; `None` if none was sent (B112).
    #[must_use]
    pub const fn term(&self) -> Option<Term<'a>> {
        self.term
    }

    /// The notice that the payload of a [`Message::SystemMsg`] is, if it is a known one.
    #[must_use]
    pub fn system_message(&self) -> Option<SystemMessage> {
        let text = self.term?.as_text()?;
        SystemMessage::ALL.into_iter().find(|message| text == message.as_str())
    }
}

/// A notice for this connection (B34). Others exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SystemMessage {
    /// The user has too many CTI connections.
    ConnectionLimitReached,
    /// Another connection took the place of this one.
    ConnectionReplaced,
    /// The login session has ended.
    Logout,
}

impl SystemMessage {
    const ALL: [Self; 3] = [Self::ConnectionLimitReached, Self::ConnectionReplaced, Self::Logout];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionLimitReached => "connection_limit_reached",
            Self::ConnectionReplaced => "connection_replaced",
            Self::Logout => "logout",
        }
    }
}
