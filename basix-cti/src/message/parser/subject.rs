//! The records that a refused message could have touched, as far as it can be read.

use std::borrow::Cow;

use super::{Envelope, Kind, Parser};
use crate::bert::reader::{self, Head, between};
use crate::bert::{Term, pass};
use crate::record::ElementKind;
use crate::record::key::key_part;

/// The records that a refused message could have touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// No record that a store holds.
    Nothing,
    /// Any record: not even the element can be read.
    Everything,
    /// One record, by its key.
    Record(ElementKind, String),
    /// Some record of an element.
    Element(ElementKind),
    /// All records of an element.
    List(ElementKind),
}

impl Parser {
    /// Returns what a message that this parser refused could have touched.
    #[cold]
    pub(crate) fn subject(&self, message: &[u8]) -> Subject {
        let [_, body @ ..] = message else { return Subject::Everything };
        let Ok((kind, mut envelope)) = Envelope::open(body, self.limits.depth.saturating_sub(2))
        else {
            return Subject::Everything;
        };
        match kind {
            Kind::SystemMsg | Kind::Msg => return Subject::Nothing,
            // Bytes that are not a tuple with a readable kind could be part of anything.
            Kind::Unknown if kind_is_readable(body) => return Subject::Nothing,
            Kind::Unknown => return Subject::Everything,
            Kind::FieldSpec | Kind::InitialInfo | Kind::InfoEvent => {}
        }
        let Ok(element) = envelope.element() else { return Subject::Everything };
        if element.kind == ElementKind::Unknown {
            return Subject::Nothing;
        }
        match kind {
            Kind::InitialInfo => Subject::List(element.kind),
            Kind::InfoEvent => match self.key(element.kind, envelope.rest) {
                Some(key) => Subject::Record(element.kind, key),
                None => Subject::Element(element.kind),
            },
            _ => Subject::Element(element.kind),
        }
    }

    /// Returns the key of a record of which perhaps only the first values are valid.
    fn key(&self, kind: ElementKind, record: &[u8]) -> Option<String> {
        // A domain has one record, whatever its key; it is never removed.
        if kind == ElementKind::Domain {
            return None;
        }
        let schema = self.announced.get(kind, kind.as_str())?;
        let place = schema.position(if kind.is_channel() { "uuid" } else { "id" })?;
        let (count, mut rest) = match reader::head::<false>(record).ok()? {
            (Head::Tuple(count) | Head::List(count), rest) => (count as usize, rest),
            _ => return None,
        };
        if place >= count {
            return None;
        }
        let depth = self.limits.depth.saturating_sub(2);
        for _ in 0..place {
            rest = pass::value(rest, depth).ok()?;
        }
        let after = pass::value(rest, depth).ok()?;
        key_part(Term::from_wire(between(rest, after)), true).map(Cow::into_owned)
    }
}

/// Returns true if a message is a tuple whose first part is text.
fn kind_is_readable(body: &[u8]) -> bool {
    let Ok((Head::Tuple(1..), rest)) = reader::head::<false>(body) else { return false };
    pass::value(rest, 1)
        .is_ok_and(|after| Term::from_wire(between(rest, after)).as_text().is_some())
}
