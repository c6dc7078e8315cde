//! Bytes of one connection to messages.

mod subject;

pub(crate) use subject::Subject;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{FieldSpec, InfoEvent, InitialInfo, Message, Payload};
use crate::bert::reader::{self, Head, between};
use crate::bert::{DecodeErrorKind, Decoder, Fail, Limits, Term, Text, pass, tag};
use crate::error::{Error, ShapeError};
use crate::record::schema::COLUMN_BYTES;
use crate::record::{ElementKind, Schema, read};

/// Reads the messages of one connection.
///
/// Keeps the order of the fields that the PBX has announced on this connection; use a new parser for
/// each connection, or call [`reconnected`](Self::reconnected).
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
    limits: Limits,
    announced: Schemas,
    /// Schemas of the previous connection, reused if they are announced again.
    earlier: Schemas,
}

/// Field specs by element.
#[derive(Clone, Debug, Default)]
struct Schemas {
    known: [Option<Arc<Schema>>; ElementKind::KNOWN.len()],
    unknown: BTreeMap<Box<str>, Arc<Schema>>,
    /// The memory of the schemas.
    bytes: usize,
}

/// Bytes that the field specs of a connection may take together. The usual ones take about 4 KiB.
const FIELD_SPEC_BYTES: usize = 4 << 20;

/// Containers that a message opens around the values of a record in `initial_info`.
const ENVELOPE_DEPTH: u32 = 3;

/// The reason of a refusal, before all bytes have been checked. Positions are distances from the
/// end of the message.
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
        Self::default()
    }

    /// A parser for a new connection.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Forgets the field specs, since a new connection announces its own.
    ///
    /// An element whose fields are announced as before gets the same [`Schema`] again, so that
    /// records of both connections share it.
    pub fn reconnected(&mut self) {
        let announced = std::mem::take(&mut self.announced);
        if announced.bytes > 0 {
            self.earlier = announced;
        }
    }

    /// The order of the fields of an element, once announced.
    #[must_use]
    pub fn schema(&self, element: &str) -> Option<&Arc<Schema>> {
        self.announced.get(ElementKind::from_name(element), element)
    }

    /// Reads a message.
    ///
    /// The message borrows its bytes and the parser's field names; nothing is allocated, except for
    /// field names. All of it has been checked, except for the records of an
    /// [`InitialInfo`], which are checked as they are read.
    ///
    /// # Errors
    ///
    /// If the message is refused. The parser is unchanged and can read the next message.
    pub fn parse<'a>(&'a mut self, message: &'a [u8]) -> Result<Message<'a>, Error> {
        let limits = self.limits;
        let body = Decoder::new().with_limits(limits).body(message)?;
        // The fast path does not count terms. A message of more bytes than terms are allowed is
        // rare enough to be checked beforehand, and so is a limit that the envelope itself may
        // exceed.
        if message.len() > limits.terms as usize || limits.depth < ENVELOPE_DEPTH {
            check(body, &limits).map_err(|fail| fail.in_message(message.len()))?;
        }
        let depth = limits.depth.saturating_sub(2);
        let read = match Envelope::open(body, depth) {
            Ok((Kind::InfoEvent, envelope)) => self.info_event(envelope).map(Message::InfoEvent),
            Ok((kind, envelope)) => self.read(kind, envelope, body),
            Err(refusal) => Err(refusal),
        };
        match read {
            Ok(message) => Ok(message),
            Err(refusal) => Err(explain(&limits, message, refusal)),
        }
    }

    /// Reads a message that is not an event.
    #[inline(never)]
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

    #[inline]
    fn info_event<'a>(&'a self, mut envelope: Envelope<'a>) -> Result<InfoEvent<'a>, Refusal> {
        let element = envelope.element()?;
        let start = envelope.rest;
        let refused = || Refusal::shape(ShapeError::Record, start);
        envelope.left = envelope.left.checked_sub(1).ok_or_else(refused)?;
        let Some(schema) = self.announced.of(element) else {
            return Err(match read::is_record(start)? {
                true => Refusal::NoFieldSpec(start.len()),
                false => refused(),
            });
        };
        let (record, rest) = read::take(schema, start, envelope.depth)?.ok_or_else(refused)?;
        envelope.rest = rest;
        let event = envelope.term()?;
        envelope.end()?;
        Ok(InfoEvent::new(record, event))
    }

    fn initial_info<'a>(&'a self, mut envelope: Envelope<'a>) -> Result<Message<'a>, Refusal> {
        let element = envelope.element()?;
        let start = envelope.rest;
        let refused = || Refusal::shape(ShapeError::RecordList, start);
        envelope.left = envelope.left.checked_sub(1).ok_or_else(refused)?;
        let (count, rest) = match reader::head::<false>(start)? {
            (Head::Nil, rest) => (0, rest),
            (Head::List(0), rest) => (0, reader::nil(rest)?),
            (Head::List(count), rest) => (count, rest),
            (Head::Tuple(2), _) => {
                let rest = pass::value(start, envelope.depth)?;
                if !Term::from_wire(between(start, rest)).is_none() {
                    return Err(refused());
                }
                (0, rest)
            }
            _ => return Err(refused()),
        };
        let schema = self.announced.of(element);
        if count == 0 {
            envelope.rest = rest;
            envelope.end()?;
            return Ok(Message::InitialInfo(InitialInfo::empty(element, schema)));
        }
        let Some(schema) = schema else {
            return Err(records_without_schema(count, rest, envelope.depth));
        };
        let depth = envelope.depth.saturating_sub(ENVELOPE_DEPTH - 2);
        let (after, message) = (envelope.left, envelope.message);
        let info = InitialInfo::new(element, schema, (count, rest), after, depth, message);
        Ok(Message::InitialInfo(info))
    }

    fn field_spec<'a>(&'a mut self, mut envelope: Envelope<'a>) -> Result<Message<'a>, Refusal> {
        let element = envelope.element()?;
        let start = envelope.rest;
        let Some(names) = envelope.term()? else {
            return Err(Refusal::shape(ShapeError::FieldList, start));
        };
        envelope.end()?;
        let others = self.announced.bytes - self.announced.of(element).map_or(0, entry_bytes);
        let room = FIELD_SPEC_BYTES.saturating_sub(others);
        let name = element.name.to_str();
        let names = field_names(names, start, room.saturating_sub(2 * name.len()))?;
        let schema = Schema::new(name.as_ref().into(), names);
        // An equal schema is reused, so that comparing records of both is quick.
        let known = [&self.announced, &self.earlier].map(|schemas| schemas.of(element));
        let schema = match known.into_iter().flatten().find(|known| ***known == schema) {
            Some(known) => Arc::clone(known),
            None => Arc::new(schema),
        };
        if entry_bytes(&schema) > room {
            return Err(Refusal::TooManyFieldSpecs);
        }
        self.announced.bytes = others + entry_bytes(&schema);
        Ok(Message::FieldSpec(FieldSpec::new(self.announced.set(schema), element.name)))
    }
}

/// The memory that a field spec takes in a parser, its name as a key included.
fn entry_bytes(schema: &Arc<Schema>) -> usize {
    schema.bytes() + schema.element_name().len()
}

impl Schemas {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn of(&self, element: ElementName<'_>) -> Option<&Arc<Schema>> {
        match element.kind.index() {
            Some(index) => self.known.get(index)?.as_ref(),
            None => self.unknown.get(&*element.name.to_str()),
        }
    }

    fn get(&self, kind: ElementKind, name: &str) -> Option<&Arc<Schema>> {
        match kind.index() {
            Some(index) => self.known.get(index)?.as_ref(),
            None => self.unknown.get(name),
        }
    }

    fn set(&mut self, schema: Arc<Schema>) -> &Arc<Schema> {
        match schema.kind().index().and_then(|index| self.known.get_mut(index)) {
            Some(slot) => slot.insert(schema),
            None => {
                let slot = self
                    .unknown
                    .entry(schema.element_name().into())
                    .or_insert_with(|| Arc::clone(&schema));
                *slot = schema;
                slot
            }
        }
    }
}

/// The kind of a message, by its first part.
#[derive(Clone, Copy)]
enum Kind {
    FieldSpec,
    InitialInfo,
    InfoEvent,
    SystemMsg,
    Msg,
    Unknown,
}

/// The name of an element, as it stands in a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct ElementName<'a> {
    pub(super) kind: ElementKind,
    pub(super) name: Text<'a>,
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
    /// Reads a message up to its kind.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn open(body: &'a [u8], depth: u32) -> Result<(Kind, Self), Refusal> {
        let message = body.len() + 1;
        // Events, as the PBX writes them.
        let event = body.strip_prefix(b"h\x04d\0\x0ainfo_event");
        if let Some(rest) = event.or_else(|| body.strip_prefix(b"h\x04w\x0ainfo_event")) {
            return Ok((Kind::InfoEvent, Self { left: 3, rest, depth, message }));
        }
        let (kind, left, rest) = Self::open_other(body, depth)?;
        Ok((kind, Self { left, rest, depth, message }))
    }

    #[inline(never)]
    fn open_other(body: &'a [u8], depth: u32) -> Result<(Kind, u32, &'a [u8]), Refusal> {
        let unknown = (Kind::Unknown, 0, body);
        let (arity, rest) = match body {
            [tag::SMALL_TUPLE, arity, rest @ ..] => (u32::from(*arity), rest),
            [tag::LARGE_TUPLE, a, b, c, d, rest @ ..] => {
                (u32::from_be_bytes([*a, *b, *c, *d]), rest)
            }
            _ => return Ok(unknown),
        };
        let Some(left) = arity.checked_sub(1) else { return Ok(unknown) };
        let (kind, rest) = name(rest, depth + 1)?;
        let Some(kind) = kind else { return Ok(unknown) };
        let kind = match kind.word_bytes() {
            Some(b"info_event") => Kind::InfoEvent,
            Some(b"initial_info") => Kind::InitialInfo,
            Some(b"field_spec") => Kind::FieldSpec,
            Some(b"system_msg") => Kind::SystemMsg,
            Some(b"msg") => Kind::Msg,
            _ => return Ok(unknown),
        };
        Ok((kind, left, rest))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn element(&mut self) -> Result<ElementName<'a>, Refusal> {
        let refused = Refusal::Shape(ShapeError::ElementName, self.rest.len());
        let Some(left) = self.left.checked_sub(1) else {
            return Err(refused);
        };
        self.left = left;
        // The element with the most events, as the PBX writes it (B37).
        if let Some(rest) = self.rest.strip_prefix(b"k\0\x07channel") {
            let name = Text::from_wire(between(self.rest, rest));
            self.rest = rest;
            return Ok(ElementName { kind: ElementKind::Channel, name });
        }
        let (name, rest) = name(self.rest, self.depth + 1)?;
        let Some(name) = name else {
            return Err(refused);
        };
        self.rest = rest;
        let kind = name.word_bytes().map_or(ElementKind::Unknown, ElementKind::from_bytes);
        Ok(ElementName { kind, name })
    }

    /// The next part, if there is one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn term(&mut self) -> Result<Option<Term<'a>>, Refusal> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        let rest = pass::text(self.rest, self.depth + 1)?;
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

/// Reads a name of the protocol: text as atom, binary or STRING. Lists and `undefined` are not
/// names.
#[cfg_attr(not(debug_assertions), inline(always))]
fn name(start: &[u8], depth: u32) -> Result<(Option<Text<'_>>, &[u8]), Refusal> {
    let rest = pass::text(start, depth)?;
    Ok((Term::from_wire(between(start, rest)).as_text(), rest))
}

fn payload(mut envelope: Envelope<'_>) -> Result<Payload<'_>, Refusal> {
    let term = envelope.term()?;
    envelope.end()?;
    Ok(Payload { term })
}

#[cold]
fn unknown(body: &[u8], depth: u32) -> Result<Message<'_>, Refusal> {
    let rest = pass::value(body, depth + 2)?;
    if !rest.is_empty() {
        return Err(Fail::at(DecodeErrorKind::Trailing, rest).into());
    }
    Ok(Message::Unknown(Term::from_wire(body)))
}

/// Reads the names in a `field_spec`, which starts at `start`, while there is room for their
/// columns.
fn field_names(names: Term<'_>, start: &[u8], mut room: usize) -> Result<Vec<Box<str>>, Refusal> {
    if matches!(start, [tag::STRING, ..]) {
        return Err(Refusal::shape(ShapeError::FieldList, start));
    }
    let mut owned = |name: Term<'_>| {
        let Some(text) = name.as_text() else {
            return Err(Refusal::shape(ShapeError::FieldName, start));
        };
        // Counted first: a column takes many times the bytes of a short name.
        let needed = COLUMN_BYTES + text.wire().len();
        room = room.checked_sub(needed).ok_or(Refusal::TooManyFieldSpecs)?;
        Ok(Box::from(text.to_str()))
    };
    match (names.as_list(), names.as_tuple()) {
        (Some(list), _) => list.iter().map(&mut owned).collect(),
        (_, Some(_)) if names.is_none() => Ok(Vec::new()),
        (_, Some(tuple)) if names.as_bool().is_none() => tuple.iter().map(&mut owned).collect(),
        // The atom `undefined` is not a list either (B110).
        _ => Err(Refusal::shape(ShapeError::FieldList, start)),
    }
}

/// The refusal of records without a `field_spec`; an invalid record among them takes precedence.
#[cold]
fn records_without_schema(count: u32, mut rest: &[u8], depth: u32) -> Refusal {
    let start = rest;
    for _ in 0..count {
        match read::is_record(rest) {
            Ok(true) => {}
            Ok(false) => return Refusal::shape(ShapeError::Record, rest),
            Err(fail) => return fail.into(),
        }
        match pass::value(rest, depth) {
            Ok(after) => rest = after,
            Err(fail) => return fail.into(),
        }
    }
    Refusal::NoFieldSpec(start.len())
}

/// Checks the bytes of a whole message after its version byte.
#[cold]
fn check(body: &[u8], limits: &Limits) -> Result<(), Fail> {
    let Some(terms) = limits.terms.checked_sub(1) else {
        return Err(Fail::at(DecodeErrorKind::TooManyTerms, body));
    };
    match pass::slow(body, limits.depth, terms)? {
        [] => Ok(()),
        rest => Err(Fail::at(DecodeErrorKind::Trailing, rest)),
    }
}

/// Turns a refusal into an error; invalid bytes anywhere in the message take precedence.
#[cold]
#[inline(never)]
fn explain(limits: &Limits, message: &[u8], refusal: Refusal) -> Error {
    let error = match refusal {
        Refusal::Fail(fail) => return fail.in_message(message.len()).into(),
        Refusal::Shape(part, left) => Error::Shape { part, offset: message.len() - left },
        Refusal::NoFieldSpec(left) => Error::NoFieldSpec { offset: message.len() - left },
        Refusal::TooManyFieldSpecs => Error::TooManyFieldSpecs { limit: FIELD_SPEC_BYTES },
    };
    match check(message.get(1..).unwrap_or_default(), limits) {
        Ok(()) => error,
        Err(fail) => fail.in_message(message.len()).into(),
    }
}
