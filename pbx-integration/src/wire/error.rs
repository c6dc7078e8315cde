//! What is wrong with a payload, and where.

use std::fmt;

use thiserror::Error;

use crate::Rule;

/// The kind of value that was found where another was expected. Never the value itself, which may
/// be personal data (P12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Found {
    /// Nothing: the field is absent, `null` or empty.
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
    /// Bytes that are no JSON.
    Malformed,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Object => "an object",
            Self::Malformed => "something else",
        })
    }
}

/// Why a payload cannot be read: the rule, the path of the field and the kind of value found.
///
/// Holds no part of the payload's values, so it may be logged. (A path holds no names but those of
/// known fields.)
///
/// ```
/// use pbx_integration::{Found, Reader, Rule};
///
/// let json = r#"{"domain": "tenant1.example.com", "callid": "e1@pbx", "start": 1757934000,
///     "states": [{"start": 1757934000, "missed": ["bob"]}]}"#;
/// let error = Reader::strict().read_cdr(json).unwrap_err();
/// assert_eq!((error.rule(), error.path()), (Rule::new(7), "states[0].missed[0]"));
/// assert_eq!(error.found(), Found::Text);
/// assert_eq!(error.to_string(), "states[0].missed[0]: an id is expected, found a text (P7)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}{expected} is expected, found {found} ({rule})", Place(.path))]
pub struct ReadError {
    rule: Rule,
    path: Box<str>,
    expected: &'static str,
    found: Found,
}

/// A path before a message.
struct Place<'a>(&'a str);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "{}: ", self.0) }
    }
}

impl ReadError {
    /// An error of the payload as a whole.
    pub(crate) fn of_payload(expected: &'static str, found: Found) -> Self {
        Self { rule: Rule::new(11), path: Box::default(), expected, found }
    }

    /// The rule that is broken.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }

    /// The full path of the field, such as `states[2].durationtalk`; empty for the payload.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The kind of value that was found.
    #[must_use]
    pub const fn found(&self) -> Found {
        self.found
    }
}

/// A value that was dropped in lenient mode, or one that has no meaning in either mode (a MOS out of
/// range): the rule, the path of the field and the kind of value found.
///
/// ```
/// use pbx_integration::Reader;
///
/// let json = r#"{"domain": "tenant1.example.com", "callid": "e1@pbx", "start": 1757934000,
///     "states": [{"start": 1757934000, "durationtalk": -1}]}"#;
/// let cdr = Reader::lenient().read_cdr(json)?;
/// assert_eq!(cdr.value.states[0].duration_talk, None);
/// assert_eq!(
///     cdr.warnings[0].to_string(),
///     "states[0].durationtalk: a duration of 0 or more is expected, found a number (P25)"
/// );
/// # Ok::<(), pbx_integration::ReadError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The rule that is broken.
    pub rule: Rule,
    /// The full path of the field.
    pub path: Box<str>,
    /// The kind of value that was found.
    pub found: Found,
    expected: &'static str,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, path, found, expected } = self;
        write!(f, "{}{expected} is expected, found {found} ({rule})", Place(path))
    }
}

/// Why a value is not what its field wants; the path is known further up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bad {
    pub(crate) rule: u16,
    pub(crate) expected: &'static str,
    pub(crate) found: Found,
}

impl Bad {
    pub(crate) const fn new(rule: u16, expected: &'static str, found: Found) -> Self {
        Self { rule, expected, found }
    }
}

/// How much harm a bad value does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Harm {
    /// A warning in both modes.
    Warns,
    /// An error in strict mode, a warning in lenient mode.
    IsDropped,
    /// An error in both modes.
    IsFatal,
}

/// A bad value with its path.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    pub(crate) harm: Harm,
    pub(crate) path: Box<str>,
    pub(crate) bad: Bad,
}

impl From<Issue> for ReadError {
    fn from(Issue { path, bad, .. }: Issue) -> Self {
        Self { rule: Rule::new(bad.rule), path, expected: bad.expected, found: bad.found }
    }
}

impl From<Issue> for Warning {
    fn from(Issue { path, bad, .. }: Issue) -> Self {
        Self { rule: Rule::new(bad.rule), path, expected: bad.expected, found: bad.found }
    }
}
