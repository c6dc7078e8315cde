//! One JSON object: its fields are taken by name, and what is left is kept.
//!
//! A payload is split level by level into slices of its text; no value is copied before its reader asks
//! for it. Nothing but a syntax error stops the reading: a bad value is noted in the [`Context`], and
//! what comes after it is read.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::wire::code::Code;
use crate::wire::issue::{Fault, Found, Issue};
use crate::wire::raw::{Extra, Handle};
use crate::wire::text::Bytes;
use crate::wire::value::{Json, Options, Read, Value};

/// The most issues kept: bad input must not fill the memory with reports about it.
const MAX_ISSUES: usize = 10_000;

/// The most entries of lists and unknown fields: two bytes of text, `{}`, take hundreds in memory.
const MAX_ENTRIES: usize = 100_000;

const MISSING: Fault =
    Fault { code: Code::Missing, expected: "a required field", found: Found::Nothing };

/// The consequence of a bad value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// A warning in both modes.
    Warning,
    /// An error in strict mode; in lenient mode the value is dropped with a warning.
    Drop,
    /// An error in both modes.
    Fatal,
}

/// What is common to a whole payload: options, limits and issues.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) options: Options,
    pub(crate) max_depth: usize,
    pub(crate) issues: Vec<(Severity, Issue)>,
    /// Issues beyond the limit.
    pub(crate) issues_left_out: usize,
    /// Half a surrogate pair was replaced.
    pub(crate) is_repaired: bool,
    pub(crate) is_too_deep: bool,
    entries: usize,
    pub(crate) fractions: crate::report::Fractions,
}

impl Context {
    pub(crate) fn new(options: Options, max_depth: usize) -> Self {
        Self {
            options,
            max_depth,
            issues: Vec::new(),
            issues_left_out: 0,
            is_repaired: false,
            is_too_deep: false,
            entries: 0,
            fractions: crate::report::Fractions::default(),
        }
    }

    pub(crate) const fn has_too_many_entries(&self) -> bool {
        self.entries > MAX_ENTRIES
    }

    /// Counts one more entry; false beyond the limit.
    fn count(&mut self) -> bool {
        self.entries += 1;
        !self.has_too_many_entries()
    }

    #[cold]
    fn note(&mut self, place: &Place<'_>, severity: Severity, fault: Fault) {
        if self.issues.len() >= MAX_ISSUES && severity != Severity::Fatal {
            self.issues_left_out += 1;
        } else {
            self.issues.push((severity, Issue::new(place.to_string(), fault)));
        }
    }
}

/// A place in a payload: a chain of steps up to the payload itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'p> {
    Payload,
    Field(&'p Self, &'static str),
    Item(&'p Self, usize),
}

impl Place<'_> {
    const fn depth(&self) -> usize {
        match self {
            Self::Payload => 1,
            Self::Field(parent, _) | Self::Item(parent, _) => 1 + parent.depth(),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payload => Ok(()),
            Self::Field(Self::Payload, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, at) => write!(f, "{parent}[{at}]"),
        }
    }
}

/// An object of the wire, as `record!` defines it.
pub(crate) trait Record: Sized {
    fn read(object: Object<'_, '_>) -> Self;
}

/// The fields of one object that nobody has taken yet.
#[derive(Debug)]
pub(crate) struct Object<'a, 'c> {
    fields: Vec<(Cow<'a, str>, Option<&'a RawValue>)>,
    place: Place<'c>,
    context: &'c mut Context,
}

impl<'a, 'c> Object<'a, 'c> {
    /// Splits an object, which is well-formed, into its fields.
    pub(crate) fn open(raw: &'a RawValue, place: Place<'c>, context: &'c mut Context) -> Self {
        let fields = members(raw);
        context.is_too_deep |= place.depth() > context.max_depth;
        if fields.len() > MAX_ENTRIES {
            context.entries = MAX_ENTRIES + 1;
        }
        let fields = fields.into_iter().map(|(name, raw)| (name, Some(raw))).collect();
        Self { fields, place, context }
    }

    /// Whether a field is there, whatever its value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(own, raw)| raw.is_some() && own == name)
    }

    /// A value that stays in the object.
    pub(crate) fn peek(&self, name: &str) -> Option<Value<'a>> {
        let found = self.fields.iter().rev().find(|(own, _)| own == name)?.1;
        found.map(|raw| Value::of(raw, self.context.options))
    }

    /// Takes a value; if its name occurs more than once, the last.
    // P160
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let same = self.fields.iter_mut().filter(|(own, _)| own == name);
        same.fold(None, |last, (_, raw)| raw.take().or(last))
    }

    /// A value for a reader of single values; notes what is wrong with its text.
    pub(crate) fn value(&mut self, raw: &'a RawValue) -> Value<'a> {
        let value = Value::of(raw, self.context.options);
        self.context.is_repaired |= value.is_repaired;
        self.check_depth(raw);
        value
    }

    fn check_depth(&mut self, raw: &RawValue) {
        let is_container = raw.get().starts_with(['{', '[']);
        if is_container && self.place.depth() + nesting(raw.get()) > self.context.max_depth {
            self.context.is_too_deep = true;
        }
    }

    pub(crate) fn note(&mut self, name: &'static str, severity: Severity, fault: Fault) {
        self.context.note(&Place::Field(&self.place, name), severity, fault);
    }

    pub(crate) fn note_missing(&mut self, name: &'static str, severity: Severity) {
        self.note(name, severity, MISSING);
    }

    /// Notes that an object in a field lacks a member which is optional elsewhere.
    pub(crate) fn require_member(&mut self, name: &'static str, member: &'static str) {
        let Some(Value { json: Json::Object, raw, .. }) = self.peek(name) else { return };
        let is_nothing = |raw: &RawValue| matches!(raw.get(), "null" | "\"\"");
        if members(raw).iter().all(|(own, raw)| own != member || is_nothing(raw)) {
            let object = Place::Field(&self.place, name);
            self.context.note(&Place::Field(&object, member), Severity::Drop, MISSING);
        }
    }

    /// Reads an optional field.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value<'a>) -> Read<T>,
    ) -> Option<T> {
        let raw = self.take(name)?;
        let value = self.value(raw);
        read(value).unwrap_or_else(|fault| {
            // A score is never an error (P154).
            let severity =
                if fault.code == Code::BadMos { Severity::Warning } else { Severity::Drop };
            self.note(name, severity, fault);
            None
        })
    }

    /// Reads a field that must be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value<'a>) -> Read<T>,
    ) -> Option<T> {
        self.mandatory(name, Severity::Drop, read)
    }

    /// Reads a text without which the payload means nothing, in either mode.
    // P13
    pub(crate) fn fatal(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value<'a>) -> Read<String>,
    ) -> String {
        self.mandatory(name, Severity::Fatal, read).unwrap_or_default()
    }

    fn mandatory<T>(
        &mut self,
        name: &'static str,
        severity: Severity,
        read: impl FnOnce(Value<'a>) -> Read<T>,
    ) -> Option<T> {
        let raw = self.take(name);
        match raw.map(|raw| read(self.value(raw))) {
            Some(Ok(Some(value))) => return Some(value),
            None | Some(Ok(None)) => self.note_missing(name, severity),
            Some(Err(fault)) => self.note(name, severity, fault),
        }
        None
    }

    /// Reads a timestamp, and looks at its fraction.
    pub(crate) fn moment(&mut self, name: &'static str) -> Option<crate::Timestamp> {
        self.look_at_fraction(name);
        self.optional(name, crate::wire::timestamp::moment)
    }

    /// Reads a start, which must be there.
    pub(crate) fn start(&mut self, name: &'static str) -> Option<crate::Timestamp> {
        self.look_at_fraction(name);
        self.required(name, crate::wire::timestamp::start)
    }

    pub(crate) fn look_at_fraction(&mut self, name: &str) {
        if let Some(value) = self.peek(name) {
            self.context.fractions.observe(&value);
        }
    }

    /// Reads a live object of the PBX.
    // P45
    pub(crate) fn handle(&mut self, name: &'static str) -> Handle {
        let raw = self.take(name);
        raw.inspect(|raw| self.check_depth(raw)).map(Handle::new).unwrap_or_default()
    }

    /// Reads an object.
    pub(crate) fn object<T: Record>(&mut self, name: &'static str) -> Option<T> {
        let raw = self.take(name)?;
        self.nested(name, raw)
    }

    /// Reads an object that must be there.
    pub(crate) fn required_object<T: Record>(&mut self, name: &'static str) -> Option<T> {
        let raw = self.take(name);
        let is_nothing = |raw: &&RawValue| matches!(raw.get(), "null" | "\"\"");
        let Some(raw) = raw.filter(|raw| !is_nothing(raw)) else {
            self.note_missing(name, Severity::Drop);
            return None;
        };
        self.nested(name, raw)
    }

    /// Reads an object from its text.
    pub(crate) fn nested<T: Record>(&mut self, name: &'static str, raw: &RawValue) -> Option<T> {
        let value = Value::of(raw, self.context.options);
        if let Json::Object = value.json {
            return Some(T::read(Object::open(raw, Place::Field(&self.place, name), self.context)));
        }
        if !value.is_nothing() {
            self.check_depth(raw);
            self.note(name, Severity::Drop, value.fault(Code::WrongType, "an object"));
        }
        None
    }

    /// Reads a list of objects.
    pub(crate) fn list<T: Record>(&mut self, name: &'static str) -> Vec<T> {
        self.items(name, |item| item.object())
    }

    /// Reads a list of ids, where an object counts by its `id`.
    // P62
    pub(crate) fn ids(&mut self, name: &'static str) -> Vec<u64> {
        self.items(name, |item| match item.raw.get().as_bytes().first() {
            Some(b'{') => item.open().required("id", crate::wire::field::id),
            _ => item.scalar(crate::wire::field::entry_id),
        })
    }

    /// Reads the items of a list; a single value stands for a list of one, if it is an object.
    // P10, P156
    pub(crate) fn items<T>(
        &mut self,
        name: &'static str,
        mut read: impl FnMut(Item<'a, '_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(raw) = self.take(name) else { return Vec::new() };
        let value = Value::of(raw, self.context.options);
        let items = match value.json {
            Json::List => items(raw),
            Json::Object => vec![raw],
            _ if value.is_nothing() => return Vec::new(),
            _ => {
                self.note(name, Severity::Drop, value.fault(Code::WrongType, "a list"));
                return Vec::new();
            }
        };
        let list = Place::Field(&self.place, name);
        let mut read_items = Vec::new();
        for (at, raw) in items.into_iter().enumerate() {
            if !self.context.count() {
                break;
            }
            let item = Item { raw, place: Place::Item(&list, at), context: self.context };
            read_items.extend(read(item));
        }
        read_items
    }

    /// What nobody has taken.
    // P4
    pub(crate) fn rest(mut self) -> Extra {
        let mut extra = Vec::new();
        for (name, raw) in std::mem::take(&mut self.fields) {
            let Some(raw) = raw else { continue };
            if !self.context.count() {
                break;
            }
            self.check_depth(raw);
            extra.push((name.into(), raw.to_owned()));
        }
        Extra::new(extra)
    }
}

/// One item of a list.
#[derive(Debug)]
pub(crate) struct Item<'a, 'c> {
    pub(crate) raw: &'a RawValue,
    place: Place<'c>,
    context: &'c mut Context,
}

impl<'a, 'c> Item<'a, 'c> {
    /// The item as an object, which it is.
    pub(crate) fn open(self) -> Object<'a, 'c> {
        Object::open(self.raw, self.place, self.context)
    }

    fn object<T: Record>(self) -> Option<T> {
        let value = Value::of(self.raw, self.context.options);
        if let Json::Object = value.json {
            return Some(T::read(self.open()));
        }
        self.context.note(&self.place, Severity::Drop, value.fault(Code::WrongType, "an object"));
        None
    }

    /// The item as a single value.
    pub(crate) fn scalar<T>(self, read: impl FnOnce(Value<'a>) -> Read<T>) -> Option<T> {
        let value = Value::of(self.raw, self.context.options);
        self.context.is_repaired |= value.is_repaired;
        read(value).unwrap_or_else(|fault| {
            self.context.note(&self.place, Severity::Drop, fault);
            None
        })
    }
}

/// The members of an object, which is well-formed.
pub(crate) fn members(raw: &RawValue) -> Vec<(Cow<'_, str>, &RawValue)> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(Name(name)) = map.next_key()? {
                // One more than the limit is enough to see that there are too many.
                if members.len() <= MAX_ENTRIES {
                    members.push((name, map.next_value()?));
                } else {
                    map.next_value::<serde::de::IgnoredAny>()?;
                }
            }
            Ok(members)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    deserializer.deserialize_map(Members).unwrap_or_default()
}

/// The items of a list, which is well-formed.
fn items(raw: &RawValue) -> Vec<&RawValue> {
    struct Items;
    impl<'de> Visitor<'de> for Items {
        type Value = Vec<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut items = Vec::new();
            while items.len() <= MAX_ENTRIES {
                let Some(item) = list.next_element()? else { return Ok(items) };
                items.push(item);
            }
            while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok(items)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    deserializer.deserialize_seq(Items).unwrap_or_default()
}

/// The name of a member. Half a surrogate pair in it is replaced.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_bytes<E: serde::de::Error>(
                self,
                name: &'de [u8],
            ) -> Result<Name<'de>, E> {
                match std::str::from_utf8(name) {
                    Ok(name) => Ok(Name(Cow::Borrowed(name))),
                    Err(_) => self.visit_bytes(name),
                }
            }

            fn visit_bytes<E>(self, name: &[u8]) -> Result<Name<'de>, E> {
                Ok(Name(Bytes(name.to_vec()).into_text().0))
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_bytes(NameVisitor)
    }
}

/// How many levels of lists and objects a well-formed value has.
fn nesting(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => loop {
                match bytes.next() {
                    Some(b'\\') => drop(bytes.next()),
                    Some(b'"') | None => break,
                    Some(_) => {}
                }
            },
            _ => {}
        }
    }
    deepest
}
