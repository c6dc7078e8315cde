//! One JSON value, seen by its text.

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

/// A JSON value. Numbers stay the digits they are: nothing passes through binary floating point.
#[derive(Debug)]
pub(crate) enum Json<'a> {
    Null,
    Boolean(bool),
    Number(&'a str),
    Text(Cow<'a, str>),
    List,
    Object,
}

/// A JSON value with its text, and how to read it.
#[derive(Debug)]
pub(crate) struct Value<'a> {
    pub(crate) json: Json<'a>,
    pub(crate) raw: &'a RawValue,
    pub(crate) options: Options,
    /// Half a surrogate pair was replaced in its text.
    pub(crate) is_repaired: bool,
}

/// The outcome of reading a field: a value, no value, or what is wrong with it.
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

    /// Returns whether it is `null` or empty text, which for most fields is no value.
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

    /// This value is not what a field of numbers takes: by its form, or already by its type.
    // P12, P151
    pub(crate) fn number_fault(&self, code: Code, expected: &'static str) -> Fault {
        let is_other = matches!(self.json, Json::Boolean(_) | Json::List | Json::Object);
        self.fault(if is_other { Code::WrongType } else { code }, expected)
    }

    /// This value is not what the field takes.
    pub(crate) fn fault(&self, code: Code, expected: &'static str) -> Fault {
        Fault { code, expected, found: self.found() }
    }
}
