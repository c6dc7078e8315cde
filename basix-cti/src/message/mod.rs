//! Messages of the PBX.

mod initial_info;
mod parser;

use std::sync::Arc;

pub use initial_info::{InitialInfo, Records};
pub use parser::Parser;
pub(crate) use parser::Subject;

pub use crate::error::{ErrorClass, ShapeError};
pub use crate::printed::{Printed, PrintedRecord};

use crate::bert::{OwnedTerm, Term, Text};
use crate::record::{ElementKind, EventName, Record, Schema};

/// A message of the PBX, borrowed from its bytes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Message<'a> {
    /// The order of the fields in the records of an element.
    FieldSpec(FieldSpec<'a>),
    /// All records of an element that exist now.
    InitialInfo(InitialInfo<'a>),
    /// A record was added, changed or removed.
    InfoEvent(InfoEvent<'a>),
    /// A notice for this connection; [`SystemMessage`] names the known ones.
    SystemMsg(Payload<'a>),
    /// A message from a user or an administrator.
    Msg(Payload<'a>),
    /// A message of a kind that this version does not know.
    Unknown(Term<'a>),
}

/// The order of the fields in the records of an element.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec<'a> {
    schema: &'a Arc<Schema>,
    name: Text<'a>,
}

impl<'a> FieldSpec<'a> {
    pub(crate) const fn new(schema: &'a Arc<Schema>, name: Text<'a>) -> Self {
        Self { schema, name }
    }

    /// The element.
    #[must_use]
    pub fn kind(&self) -> ElementKind {
        self.schema.kind()
    }

    /// The wire name of the element.
    #[must_use]
    pub const fn element_name(&self) -> Text<'a> {
        self.name
    }

    /// The order of the fields, which the parser uses from this message on.
    #[must_use]
    pub const fn schema(&self) -> &'a Arc<Schema> {
        self.schema
    }
}

/// A record that was added, changed or removed.
#[derive(Clone, Copy, Debug)]
pub struct InfoEvent<'a> {
    record: Record<'a>,
    event: Option<Term<'a>>,
}

impl<'a> InfoEvent<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn new(record: Record<'a>, event: Option<Term<'a>>) -> Self {
        Self { record, event }
    }

    /// The element that the record describes.
    #[must_use]
    pub fn kind(&self) -> ElementKind {
        self.record.kind()
    }

    /// The wire name of the element.
    #[must_use]
    pub fn element_name(&self) -> &'a str {
        self.record.schema().element_name()
    }

    /// The record.
    #[must_use]
    pub const fn record(&self) -> &Record<'a> {
        &self.record
    }

    /// The name of the event; `None` if the message has none.
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

/// The content of a notice or message: any term.
#[derive(Clone, Copy, Debug)]
pub struct Payload<'a> {
    term: Option<Term<'a>>,
}

impl<'a> Payload<'a> {
    /// The term; `None` if the PBX sent none.
    #[must_use]
    pub const fn term(&self) -> Option<Term<'a>> {
        self.term
    }

    /// The notice in the payload of a [`Message::SystemMsg`], if it is known.
    #[must_use]
    pub fn system_message(&self) -> Option<SystemMessage> {
        let text = self.term?.as_text()?;
        SystemMessage::ALL.into_iter().find(|message| text == message.as_str())
    }

    /// Copies the payload.
    #[must_use]
    pub fn to_owned(&self) -> OwnedPayload {
        OwnedPayload { term: self.term.map(Term::to_owned) }
    }
}

/// A [`Payload`] that keeps its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnedPayload {
    term: Option<OwnedTerm>,
}

impl OwnedPayload {
    /// The payload.
    #[must_use]
    pub fn as_payload(&self) -> Payload<'_> {
        Payload { term: self.term.as_ref().map(OwnedTerm::as_term) }
    }
}

/// A notice for this connection. Others exist.
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
