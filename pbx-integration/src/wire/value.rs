//! One JSON value and its text.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::wire::code::Code;
use crate::wire::issue::{Fault, Found};
use crate::wire::text::unescape;
use crate::wire::timestamp::FractionMode;

/// The unit of a duration whose name does not show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DurationUnit {
    /// Milliseconds.
    #[default]
    Milliseconds,
    /// Seconds.
    Seconds,
}

/// Options for numbers without a unit or with a fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) fraction: FractionMode,
    pub(crate) unit: DurationUnit,
}

/// A JSON value. Numbers are kept as digits, without binary floating point.
#[derive(Debug)]
pub(crate) enum Json<'a> {
    Null,
    Boolean(bool),
    Number(&'a str),
    Text(Cow<'a, str>),
    List,
    Object,
}

/// A JSON value with its text and the options for reading it.
#[derive(Debug)]
pub(crate) struct Value<'a> {
    pub(crate) json: Json<'a>,
    pub(crate) raw: &'a RawValue,
    pub(crate) options: Options,
    /// True if half a surrogate pair was replaced in its text.
    pub(crate) is_repaired: bool,
}

/// The result of reading a field: a value, no value, or a fault.
pub(crate) type Read<T> = Result<Option<T>, Fault>;

impl<'a> Value<'a> {
    pub(crate) fn of(raw: &'a RawValue, options: Options) -> Self {
        let text = raw.get();
        let mut is_repaired = false;
        let json = match text.as_bytes().first() {
            Some(b'"') => {
                let (text, repaired) = unescape(text);
                is_repaired = repaired;
                Json::Text(text)
            }
            Some(b'{') => Json::Object,
            Some(b'[') => Json::List,
            Some(b't') => Json::Boolean(true),
            Some(b'f') => Json::Boolean(false),
            Some(b'n') | None => Json::Null,
            Some(_) => Json::Number(text),
        };
        Self { json, raw, options, is_repaired }
    }

    /// Returns whether it is `null` or empty text, which means a missing value for most fields.
    // P6
    pub(crate) fn is_nothing(&self) -> bool {
        match &self.json {
            Json::Null => true,
            Json::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    pub(crate) fn found(&self) -> Found {
        match &self.json {
            Json::Null => Found::Nothing,
            Json::Boolean(_) => Found::Boolean,
            Json::Number(_) => Found::Number,
            Json::Text(text) if text.is_empty() => Found::Nothing,
            Json::Text(_) => Found::Text,
            Json::List => Found::List,
            Json::Object => Found::Object,
        }
    }

    /// Creates the fault of a field of numbers: wrong form, or wrong type.
    // P12, P151
    pub(crate) fn number_fault(&self, code: Code, expected: &'static str) -> Fault {
        let is_other = matches!(self.json, Json::Boolean(_) | Json::List | Json::Object);
        self.fault(if is_other { Code::WrongType } else { code }, expected)
    }

    /// Creates the fault of a field that does not accept this value.
    pub(crate) fn fault(&self, code: Code, expected: &'static str) -> Fault {
        Fault { code, expected, found: self.found() }
    }
}
