//! One JSON object: fields are taken by name, others are kept.
//!
//! A payload is split level by level into slices of its text; a value is copied only by its reader.
//! Only a syntax error stops the reading: an invalid value is reported in the [`Context`], and the
//! fields after it are read.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::wire::code::Code;
use crate::wire::context::{Context, MAX_ENTRIES, MISSING, Place, Severity};
use crate::wire::issue::Fault;
use crate::wire::raw::{Extra, Handle};
use crate::wire::split::{items, members};
use crate::wire::value::{Json, Read, Value};

/// An object of the wire, as `record!` defines it.
pub(crate) trait Record: Sized {
    fn read(object: Object<'_, '_>) -> Self;
}

/// The remaining fields of one object.
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

    /// Returns whether a field is present, with any value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(own, raw)| raw.is_some() && own == name)
    }

    /// Returns a value without taking it.
    pub(crate) fn peek(&self, name: &str) -> Option<Value<'a>> {
        let found = self.fields.iter().rev().find(|(own, _)| own == name)?.1;
        found.map(|raw| Value::of(raw, self.context.options))
    }

    /// Returns whether a field holds an object.
    pub(crate) fn holds_object(&self, name: &str) -> bool {
        self.peek(name).is_some_and(|value| matches!(value.json, Json::Object))
    }

    /// Takes a value; the last one if its name is repeated.
    // P160
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let same = self.fields.iter_mut().filter(|(own, _)| own == name);
        same.fold(None, |last, (_, raw)| raw.take().or(last))
    }

    /// Prepares a value for a reader of single values; reports problems of its text.
    pub(crate) fn value(&mut self, raw: &'a RawValue) -> Value<'a> {
        let value = Value::of(raw, self.context.options);
        self.context.is_repaired |= value.is_repaired;
        self.check_depth(raw);
        value
    }

    fn check_depth(&mut self, raw: &RawValue) {
        self.context.check_depth(self.place.depth(), raw.get());
    }

    /// Counts one more entry; returns false beyond the limit.
    pub(crate) fn count(&mut self) -> bool {
        self.context.count()
    }

    pub(crate) fn note(&mut self, name: &'static str, severity: Severity, fault: Fault) {
        self.context.note(&Place::Field(&self.place, name), severity, fault);
    }

    pub(crate) fn note_missing(&mut self, name: &'static str, severity: Severity) {
        self.note(name, severity, MISSING);
    }

    /// Reports that an object in a field lacks a member which is optional elsewhere.
    pub(crate) fn require_member(&mut self, name: &'static str, member: &'static str) {
        let Some(Value { json: Json::Object, raw, .. }) = self.peek(name) else { return };
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

    /// Reads an optional text; a missing one is empty.
    pub(crate) fn or_empty(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value<'a>) -> Read<String>,
    ) -> String {
        self.optional(name, read).unwrap_or_default()
    }

    /// Reads a required field.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value<'a>) -> Read<T>,
    ) -> Option<T> {
        self.mandatory(name, Severity::Drop, read)
    }

    /// Reads a text that is required in both modes.
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

    /// Reads a timestamp, and records its fraction.
    pub(crate) fn moment(&mut self, name: &'static str) -> Option<crate::wire::Timestamp> {
        self.look_at_fraction(name);
        self.optional(name, crate::wire::timestamp::moment)
    }

    /// Reads a required start.
    pub(crate) fn start(&mut self, name: &'static str) -> Option<crate::wire::Timestamp> {
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

    /// Reads a required object.
    pub(crate) fn required_object<T: Record>(&mut self, name: &'static str) -> Option<T> {
        let raw = self.take(name);
        let Some(raw) = raw.filter(|raw| !is_nothing(raw)) else {
            self.note_missing(name, Severity::Drop);
            return None;
        };
        self.nested(name, raw)
    }

    fn nested<T: Record>(&mut self, name: &'static str, raw: &RawValue) -> Option<T> {
        if is_nothing(raw) {
            return None;
        }
        let place = Place::Field(&self.place, name);
        Item { raw, place, context: self.context }.object()
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

    /// Returns the remaining fields.
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

/// Returns whether a value is `null` or empty text.
fn is_nothing(raw: &RawValue) -> bool {
    matches!(raw.get(), "null" | "\"\"")
}

/// A value with its own place: an item of a list, or an object in a field.
#[derive(Debug)]
pub(crate) struct Item<'a, 'c> {
    pub(crate) raw: &'a RawValue,
    place: Place<'c>,
    context: &'c mut Context,
}

impl<'a, 'c> Item<'a, 'c> {
    /// Opens the item, which is an object.
    pub(crate) fn open(self) -> Object<'a, 'c> {
        Object::open(self.raw, self.place, self.context)
    }

    fn check_depth(&mut self) {
        // The place is that of the value itself, not of its container.
        self.context.check_depth(self.place.depth() - 1, self.raw.get());
    }

    fn object<T: Record>(mut self) -> Option<T> {
        let value = Value::of(self.raw, self.context.options);
        if let Json::Object = value.json {
            return Some(T::read(self.open()));
        }
        self.check_depth();
        self.context.note(&self.place, Severity::Drop, value.fault(Code::WrongType, "an object"));
        None
    }

    /// Reads the item as a single value.
    pub(crate) fn scalar<T>(mut self, read: impl FnOnce(Value<'a>) -> Read<T>) -> Option<T> {
        let value = Value::of(self.raw, self.context.options);
        self.context.is_repaired |= value.is_repaired;
        self.check_depth();
        read(value).unwrap_or_else(|fault| {
            self.context.note(&self.place, Severity::Drop, fault);
            None
        })
    }
}
