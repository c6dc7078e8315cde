//! Bytes of one connection to messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{FieldSpec, InfoEvent, InitialInfo, Message, Payload};
use crate::bert::reader::{self, Head, between};
use crate::bert::{DecodeErrorKind, Decoder, Fail, Limits, Term, Text, tag};
use crate::element::typed::RecordValues;
use crate::element::{self, Element};
use crate::error::{Error, ShapeError};
use crate::record::schema::Column;
use crate::record::{self, ElementKind, Opened, Schema};

/// Reads the messages of one connection.
///
/// Keeps the order of the fields that the PBX has announced on this connection (B30); make a new
/// one for each connection (B86).
///
/// ```
/// use basix_cti::{Message, Parser, bert::Encoder};
///
/// let mut parser = Parser::new();
/// let spec = Encoder::new().tuple(3).atom("field_spec").string("group").list(1).atom("id").finish()?;
/// let event = Encoder::new()
///     .tuple(4).atom("info_event").string("group").tuple(1).integer(7).atom("added")
///     .finish()?;
///
/// parser.parse(&spec)?;
/// let Message::InfoEvent(event) = parser.parse(&event)? else { return Err("no event".into()) };
/// assert_eq!(event.record().get("id").and_then(|id| id.as_i64()), Some(7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Parser {
    decoder: Decoder,
    known: [Option<Arc<Schema>>; ElementKind::KNOWN.len()],
    unknown: BTreeMap<Box<str>, Arc<Schema>>,
    /// Bytes that the field specs take, about.
    bytes: usize,
}

/// Bytes that the field specs of a connection may take together. The usual ones take about 4 KiB.
const FIELD_SPEC_BYTES: usize = 4 << 20;

/// Containers that a message opens around the values of a record in `initial_info`.
const ENVELOPE_DEPTH: u32 = 3;

/// Why a message was refused, before it is known whether its bytes are all in order.
pub(super) enum Refusal {
    Fail(Fail),
    Shape(ShapeError, usize),
    NoFieldSpec(usize),
    TooManyFieldSpecs,
}

impl From<Fail> for Refusal {
    fn from(fail: Fail) -> Self {
        Self::Fail(fail)
    }
}

impl Refusal {
    #[cold]
    fn shape(part: ShapeError, rest: &[u8]) -> Self {
        Self::Shape(part, rest.len())
    }
}

impl Parser {
    /// A parser for a new connection, with the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// A parser for a new connection.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            decoder: Decoder::cti().with_limits(limits),
            known: Default::default(),
            unknown: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// The order of the fields of an element, once announced.
    #[must_use]
    pub fn schema(&self, element: &str) -> Option<&Arc<Schema>> {
        match ElementKind::KNOWN.into_iter().position(|kind| kind == *element) {
            Some(index) => self.known.get(index)?.as_ref(),
            None => self.unknown.get(element),
        }
    }

    /// Reads a message.
    ///
    /// The message borrows its bytes and the parser's field names; nothing is allocated, except for
    /// field names. All of it has been checked, except for the records of an
    /// [`InitialInfo`], which are checked as they are read.
    ///
    /// # Errors
    ///
    /// When the message is refused (B110). The parser stays as it was and reads on.
    pub fn parse<'a>(&'a mut self, message: &'a [u8]) -> Result<Message<'a>, Error> {
        let decoder = self.decoder;
        let body = decoder.body(message)?;
        let limits = decoder.limits();
        // The quick way below counts neither terms nor the containers around values. Limits that a
        // message could exceed there are rare enough to be checked beforehand.
        if message.len() > limits.terms as usize || limits.depth < 8 {
            decoder.decode(message)?;
        }
        // One value from here to the caller, filled in place: moving a message that holds a channel
        // would cost as much as reading it.
        let mut result;
        match Envelope::open(body, limits.depth.saturating_sub(2)) {
            Ok((Kind::InfoEvent, envelope)) => match self.info_event(envelope) {
                Ok((kind, values, rest)) => {
                    let element = Element::empty(values.record());
                    result = Ok(Message::InfoEvent(InfoEvent { kind, element, event: None }));
                    if let Ok(Message::InfoEvent(event)) = &mut result {
                        if let Err(refusal) = event.fill(values, rest) {
                            result = Err(explain(&decoder, message, refusal));
                        }
                    }
                }
                Err(refusal) => result = Err(explain(&decoder, message, refusal)),
            },
            Ok((kind, envelope)) => {
                let read = self.read(kind, envelope, body);
                result = read.map_err(|refusal| explain(&decoder, message, refusal));
            }
            Err(refusal) => result = Err(explain(&decoder, message, refusal)),
        }
        result
    }

    /// Reads a message that is not an event.
    fn read<'a>(
        &'a mut self,
        kind: Kind,
        envelope: Envelope<'a>,
        body: &'a [u8],
    ) -> Result<Message<'a>, Refusal> {
        match kind {
            Kind::InitialInfo => self.initial_info(envelope),
            Kind::FieldSpec => self.field_spec(envelope),
            Kind::SystemMsg => Ok(Message::SystemMsg(payload(envelope)?)),
            Kind::Msg => Ok(Message::Msg(payload(envelope)?)),
            Kind::InfoEvent | Kind::Unknown => unknown(body, envelope.depth),
        }
    }

    /// Reads an event up to its record: the kind of the element, the record, what follows it.
    #[inline]
    fn info_event<'a>(&'a self, mut envelope: Envelope<'a>) -> Result<Event<'a>, Refusal> {
        let kind = envelope.element()?;
        let start = envelope.rest;
        let Some(left) = envelope.left.checked_sub(1) else {
            return Err(Refusal::shape(ShapeError::Record, start));
        };
        let Opened::Record(count, is_list, values) = record::open(start)? else {
            return Err(Refusal::shape(ShapeError::Record, start));
        };
        let Some(schema) = self.schema_of(kind) else {
            return Err(Refusal::NoFieldSpec(start.len()));
        };
        envelope.left = left;
        let depth = envelope.depth;
        let values = RecordValues { schema, start, values, count, is_list, depth };
        Ok((kind, values, envelope))
    }

    fn initial_info<'a>(&'a self, mut envelope: Envelope<'a>) -> Result<Message<'a>, Refusal> {
        let kind = envelope.element()?;
        let start = envelope.rest;
        let refused = || Refusal::shape(ShapeError::RecordList, start);
        if envelope.left == 0 {
            return Err(refused());
        }
        envelope.left -= 1;
        let (count, rest) = match reader::head::<true>(start)? {
            (Head::Nil, rest) => (0, rest),
            (Head::List(0), rest) => (0, reader::nil(rest)?),
            (Head::List(count), rest) => (count, rest),
            (Head::Tuple(2), _) => {
                let rest = reader::skip::<true>(start, envelope.depth, u32::MAX)?;
                if !Term::from_wire(between(start, rest)).is_none() {
                    return Err(refused());
                }
                (0, rest)
            }
            _ => return Err(refused()),
        };
        let schema = self.schema_of(kind);
        if count == 0 {
            envelope.rest = rest;
            envelope.end()?;
            return Ok(Message::InitialInfo(InitialInfo::empty(kind, schema)));
        }
        match schema {
            Some(schema) => {
                let depth = envelope.depth.saturating_sub(ENVELOPE_DEPTH - 2);
                let after = envelope.left;
                let records = (count, rest);
                let message = envelope.message;
                let info = InitialInfo::new(kind, schema, records, after, depth, message);
                Ok(Message::InitialInfo(info))
            }
            None => Err(records_without_schema(count, rest, envelope.depth)),
        }
    }

    fn field_spec<'a>(&'a mut self, mut envelope: Envelope<'a>) -> Result<Message<'a>, Refusal> {
        let kind = envelope.element()?;
        let start = envelope.rest;
        let Some(names) = envelope.term()? else {
            return Err(Refusal::shape(ShapeError::FieldList, start));
        };
        envelope.end()?;
        let replaced = self.schema_of(kind).map_or(0, |schema| schema.size());
        let room = FIELD_SPEC_BYTES.saturating_sub(self.bytes - replaced);
        let schema = Arc::new(element::schema(kind, field_names(names, start, room)?));
        if schema.size() > room {
            return Err(Refusal::TooManyFieldSpecs);
        }
        self.bytes = self.bytes - replaced + schema.size();
        let slot = match kind.index().and_then(|index| self.known.get_mut(index)) {
            Some(slot) => slot.insert(schema),
            None => {
                let name = kind.to_str().into();
                let slot = self.unknown.entry(name).or_insert_with(|| Arc::clone(&schema));
                *slot = schema;
                slot
            }
        };
        Ok(Message::FieldSpec(FieldSpec::new(slot, kind)))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn schema_of(&self, kind: ElementKind<'_>) -> Option<&Arc<Schema>> {
        match kind.index() {
            Some(index) => self.known.get(index)?.as_ref(),
            None => self.unknown.get(&*kind.to_str()),
        }
    }
}

/// What a message is, by its first part.
#[derive(Clone, Copy)]
enum Kind {
    FieldSpec,
    InitialInfo,
    InfoEvent,
    SystemMsg,
    Msg,
    Unknown,
}

type Event<'a> = (ElementKind<'a>, RecordValues<'a>, Envelope<'a>);

impl<'a> InfoEvent<'a> {
    #[inline]
    fn fill(
        &mut self,
        values: RecordValues<'a>,
        mut envelope: Envelope<'a>,
    ) -> Result<(), Refusal> {
        envelope.rest = self.element.fill(values)?;
        self.event = envelope.term()?;
        envelope.end()
    }
}

/// The parts of a message after its kind.
struct Envelope<'a> {
    left: u32,
    rest: &'a [u8],
    depth: u32,
    /// Length of the message.
    message: usize,
}

impl<'a> Envelope<'a> {
    /// Reads a message up to what follows its kind.
    #[inline]
    fn open(body: &'a [u8], depth: u32) -> Result<(Kind, Self), Refusal> {
        let message = body.len() + 1;
        // Events, as the PBX writes them.
        let event = body.strip_prefix(b"h\x04d\0\x0ainfo_event");
        if let Some(rest) = event.or_else(|| body.strip_prefix(b"h\x04w\x0ainfo_event")) {
            return Ok((Kind::InfoEvent, Self { left: 3, rest, depth, message }));
        }
        let unknown = (Kind::Unknown, Self { left: 0, rest: body, depth, message });
        let (arity, rest) = match body {
            [tag::SMALL_TUPLE, arity, rest @ ..] => (u32::from(*arity), rest),
            [tag::LARGE_TUPLE, a, b, c, d, rest @ ..] => {
                (u32::from_be_bytes([*a, *b, *c, *d]), rest)
            }
            _ => return Ok(unknown),
        };
        let Some(left) = arity.checked_sub(1) else { return Ok(unknown) };
        let (kind, rest) = name(rest, depth + 1)?;
        let kind = match kind {
            Some((_, b"info_event")) => Kind::InfoEvent,
            Some((_, b"initial_info")) => Kind::InitialInfo,
            Some((_, b"field_spec")) => Kind::FieldSpec,
            Some((_, b"system_msg")) => Kind::SystemMsg,
            Some((_, b"msg")) => Kind::Msg,
            _ => return Ok(unknown),
        };
        Ok((kind, Self { left, rest, depth, message }))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn element(&mut self) -> Result<ElementKind<'a>, Refusal> {
        let refused = Refusal::Shape(ShapeError::ElementName, self.rest.len());
        let Some(left) = self.left.checked_sub(1) else {
            return Err(refused);
        };
        // The element with the most events, as the PBX writes it (B37).
        if let Some(rest) = self.rest.strip_prefix(b"k\0\x07channel") {
            self.left = left;
            self.rest = rest;
            return Ok(ElementKind::Channel);
        }
        let (name, rest) = name(self.rest, self.depth + 1)?;
        let Some((text, bytes)) = name else {
            return Err(refused);
        };
        self.left = left;
        self.rest = rest;
        Ok(ElementKind::from_word(element::field::Word { text, bytes }))
    }

    /// The next part, if there is one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn term(&mut self) -> Result<Option<Term<'a>>, Refusal> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        let rest = reader::skip::<true>(self.rest, self.depth + 1, u32::MAX)?;
        let term = Term::from_wire(between(self.rest, rest));
        self.left = left;
        self.rest = rest;
        Ok(Some(term))
    }

    /// Passes over surplus parts; nothing may follow them.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn end(mut self) -> Result<(), Refusal> {
        while self.left > 0 {
            self.term()?;
        }
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(Fail::at(DecodeErrorKind::Trailing, self.rest).into())
    }
}

type Name<'a> = (Option<(Text<'a>, &'a [u8])>, &'a [u8]);

/// A name of the protocol: text as atom, binary or STRING (B16). A list is none.
#[cfg_attr(not(debug_assertions), inline(always))]
fn name(start: &[u8], depth: u32) -> Result<Name<'_>, Refusal> {
    if matches!(start, [tag::NIL | tag::LIST, ..]) {
        return Ok((None, start));
    }
    let (word, rest) = element::field::word(start, depth)?;
    Ok((word.map(|word| (word.text, word.bytes)), rest))
}

fn payload(mut envelope: Envelope<'_>) -> Result<Payload<'_>, Refusal> {
    let term = envelope.term()?;
    envelope.end()?;
    Ok(Payload { term })
}

#[cold]
fn unknown(body: &[u8], depth: u32) -> Result<Message<'_>, Refusal> {
    let rest = reader::skip::<true>(body, depth + 2, u32::MAX)?;
    if !rest.is_empty() {
        return Err(Fail::at(DecodeErrorKind::Trailing, rest).into());
    }
    Ok(Message::Unknown(Term::from_wire(body)))
}

/// The names in a `field_spec` (B31), as long as there is room for their columns. `start` is where
/// they stand.
fn field_names(names: Term<'_>, start: &[u8], mut room: usize) -> Result<Vec<Box<str>>, Refusal> {
    if matches!(start, [tag::STRING, ..]) {
        return Err(Refusal::shape(ShapeError::FieldList, start));
    }
    let mut owned = |name: Term<'_>| {
        let Some(text) = name.as_text() else {
            return Err(Refusal::shape(ShapeError::FieldName, start));
        };
        // Counted first: a column takes many times the bytes of a short name.
        let needed = size_of::<Column>() + text.wire().len();
        room = room.checked_sub(needed).ok_or(Refusal::TooManyFieldSpecs)?;
        Ok(record::schema::owned_name(text))
    };
    match (names.as_list(), names.as_tuple()) {
        (Some(list), _) => list.iter().map(&mut owned).collect(),
        (_, Some(_)) if names.is_none() => Ok(Vec::new()),
        (_, Some(tuple)) if names.as_bool().is_none() => tuple.iter().map(&mut owned).collect(),
        // The atom `undefined` is no list either (B110).
        _ => Err(Refusal::shape(ShapeError::FieldList, start)),
    }
}

/// Records that no `field_spec` was seen for: a wrong record among them is the graver mistake.
#[cold]
fn records_without_schema(count: u32, mut rest: &[u8], depth: u32) -> Refusal {
    let start = rest;
    for _ in 0..count {
        match record::open(rest) {
            Ok(Opened::Record(..)) => {}
            Ok(Opened::Other) => return Refusal::shape(ShapeError::Record, rest),
            Err(fail) => return fail.into(),
        }
        match reader::skip::<true>(rest, depth, u32::MAX) {
            Ok(after) => rest = after,
            Err(fail) => return fail.into(),
        }
    }
    Refusal::NoFieldSpec(start.len())
}

/// What to tell of a refused message: bytes that are not in order come before everything else.
#[cold]
#[inline(never)]
fn explain(decoder: &Decoder, message: &[u8], refusal: Refusal) -> Error {
    let error = match refusal {
        Refusal::Fail(fail) => return fail.in_message(message.len()).into(),
        Refusal::Shape(part, left) => Error::Shape { part, offset: message.len() - left },
        Refusal::NoFieldSpec(left) => Error::NoFieldSpec { offset: message.len() - left },
        Refusal::TooManyFieldSpecs => Error::TooManyFieldSpecs { limit: FIELD_SPEC_BYTES },
    };
    match decoder.decode(message) {
        Ok(_) => error,
        Err(decode) => decode.into(),
    }
}
