//! Issues: problems in a payload, with their place.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::wire::code::Code;

/// The kind of value found where another was expected. Never the value itself, which may be personal
/// data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Found {
    /// The field is absent, `null` or empty.
    Nothing,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// Text.
    Text,
    /// A list.
    List,
    /// An object.
    Object,
    /// More than the limit allows.
    More,
    /// Bytes that are not valid UTF-8.
    InvalidBytes,
    /// A syntax error.
    SyntaxError {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "no value",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Object => "an object",
            Self::More => "more",
            Self::InvalidBytes => "invalid bytes",
            Self::SyntaxError { line, column } => {
                return write!(f, "a syntax error in line {line}, column {column}");
            }
        })
    }
}

/// A problem in a payload: a code, the path of the field, what was expected and the kind of value found.
///
/// A reader returns it as its error, and in lenient mode as a warning for each value that it
/// dropped. It contains no value of the payload, and its path only names of known fields, so it may
/// be logged.
///
/// ```
/// use pbx_integration::{Reader, wire::Code};
///
/// let json = r#"{"domain": "tenant1.example.com", "callid": "e1@pbx", "start": 1757934000,
///     "states": [{"start": 1757934000, "missed": ["bob"]}]}"#;
/// let issue = Reader::strict().read_cdr(json).unwrap_err();
/// assert_eq!((issue.code(), issue.path()), (Code::BadId, "states[0].missed[0]"));
/// assert_eq!(issue.to_string(), "states[0].missed[0]: expected an id (an integer of 0 or more), found a text");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    code: Code,
    path: Box<str>,
    expected: &'static str,
    found: Found,
}

impl Issue {
    pub(crate) fn new(path: impl Into<Box<str>>, fault: Fault) -> Self {
        let Fault { code, expected, found } = fault;
        Self { code, path: path.into(), expected, found }
    }

    /// Creates an issue of the payload as a whole.
    pub(crate) fn of_payload(code: Code, expected: &'static str, found: Found) -> Self {
        Self::new("", Fault { code, expected, found })
    }

    /// Returns the stable word for the problem.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Returns the full path of the field, such as `states[2].durationtalk`; empty for the payload
    /// as a whole.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the kind of value found.
    #[must_use]
    pub const fn found(&self) -> Found {
        self.found
    }

    /// Returns the message without the path.
    #[must_use]
    pub fn message(&self) -> String {
        format!("expected {}, found {}", self.expected, self.found)
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for Issue {}

/// A problem whose path the caller adds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) expected: &'static str,
    pub(crate) found: Found,
}

/// Writes code, path and message.
impl Serialize for Issue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("code", &self.code)?;
        map.serialize_entry("path", self.path())?;
        map.serialize_entry("message", &self.message())?;
        map.end()
    }
}
