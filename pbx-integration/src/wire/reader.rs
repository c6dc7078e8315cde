//! From JSON to payloads.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::wire::code::Code;
use crate::wire::context::{Context, Place, Severity};
use crate::wire::field;
use crate::wire::issue::{Found, Issue};
use crate::wire::object::{Object, Record};
use crate::wire::text::{Surrogates, repair};
use crate::wire::timestamp::FractionMode;
use crate::wire::value::{DurationUnit, Json, Options, Value};

/// The treatment of unreadable fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// The first invalid field is an error.
    Strict,
    /// An invalid field is dropped with a warning; only the call-ID is required.
    Lenient,
}

/// A payload, and warnings about dropped values.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Parsed<T> {
    /// The payload.
    pub value: T,
    /// Dropped values (lenient mode), and scores out of range (both modes).
    pub warnings: Vec<Issue>,
    /// The number of further warnings beyond the 10,000 that are kept.
    pub warnings_left_out: usize,
    /// The fractions of its timestamps.
    pub(crate) fractions: crate::report::Fractions,
}

impl<T> Parsed<T> {
    /// Converts the value.
    #[must_use]
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Parsed<U> {
        let Self { value, warnings, warnings_left_out, fractions } = self;
        Parsed { value: convert(value), warnings, warnings_left_out, fractions }
    }
}

/// Wraps a payload that was created, not read.
impl<T> From<T> for Parsed<T> {
    fn from(value: T) -> Self {
        let fractions = crate::report::Fractions::default();
        Self { value, warnings: Vec::new(), warnings_left_out: 0, fractions }
    }
}

/// Reads payloads of the PBX from JSON.
///
/// Input is rejected beyond 4 MiB, 64 nested levels (the payload is the first), or 100,000 entries
/// in lists and unknown fields.
///
/// ```
/// use pbx_integration::Reader;
///
/// let json = r#"{"domain": "tenant1.example.com", "callid": "e1@pbx",
///     "start": "1757934000.5", "end": 1757934003, "states": "none"}"#;
/// let cdr = Reader::lenient().read_cdr(json)?;
/// assert_eq!(cdr.value.start.map(|start| start.as_millis()), Some(1_757_934_000_500));
/// assert_eq!(cdr.warnings[0].to_string(), "states: expected a list, found a text");
/// assert!(Reader::strict().read_cdr(json).is_err());
/// # Ok::<(), pbx_integration::Issue>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    mode: Mode,
    options: Options,
    max_bytes: usize,
    max_depth: usize,
}

impl Reader {
    /// Creates a reader in a mode, with the default limits.
    #[must_use]
    pub const fn new(mode: Mode) -> Self {
        let options = Options { fraction: FractionMode::Decimal, unit: DurationUnit::Milliseconds };
        Self { mode, options, max_bytes: 4 << 20, max_depth: 64 }
    }

    /// Creates a reader that stops at the first invalid field.
    #[must_use]
    pub const fn strict() -> Self {
        Self::new(Mode::Strict)
    }

    /// Creates a reader that drops invalid fields with a warning.
    #[must_use]
    pub const fn lenient() -> Self {
        Self::new(Mode::Lenient)
    }

    /// Sets the meaning of fractions of seconds. Default: [`FractionMode::Decimal`].
    #[must_use]
    pub const fn with_fraction(mut self, fraction: FractionMode) -> Self {
        self.options.fraction = fraction;
        self
    }

    /// Sets the limit on bytes. Default: 4 MiB.
    #[must_use]
    pub const fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets the limit on nested levels. Default: 64.
    #[must_use]
    pub const fn with_max_depth(mut self, levels: usize) -> Self {
        self.max_depth = levels;
        self
    }

    /// Sets the unit of durations whose names do not show it.
    pub(crate) const fn with_unit(mut self, unit: DurationUnit) -> Self {
        self.options.unit = unit;
        self
    }

    /// Returns the treatment of invalid fields.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns the limit on bytes.
    #[must_use]
    pub const fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Returns the call-ID of a payload whose other fields may be unreadable, to name a refused
    /// record in a log.
    ///
    /// ```
    /// use pbx_integration::Reader;
    ///
    /// let json = r#"{"callid": "e1@pbx", "start": "tomorrow"}"#;
    /// assert!(Reader::strict().read_cdr(json).is_err());
    /// assert_eq!(Reader::strict().read_call_id(json).as_deref(), Some("e1@pbx"));
    /// ```
    #[must_use]
    pub fn read_call_id(&self, json: impl AsRef<[u8]>) -> Option<String> {
        let lenient = Self { mode: Mode::Lenient, ..*self };
        // Leg records name the call by the ids of legs.
        let names = ["callid", "PrimaryCallID", "CallID"];
        let read = |mut object: Object<'_, '_>| {
            names.into_iter().find_map(|name| object.optional(name, field::text))
        };
        lenient.read_with(json.as_ref(), read).ok()?.value
    }

    /// Reads a payload. Public methods name the payload.
    pub(crate) fn read<T: Record>(&self, json: &[u8]) -> Result<Parsed<T>, Issue> {
        self.read_with(json, T::read)
    }

    /// Reads a payload with a function.
    pub(crate) fn read_with<T>(
        &self,
        json: &[u8],
        read: impl FnOnce(Object<'_, '_>) -> T,
    ) -> Result<Parsed<T>, Issue> {
        if json.len() > self.max_bytes {
            let expected = "a payload within the limit on bytes";
            return Err(Issue::of_payload(Code::TooLarge, expected, Found::More));
        }
        let (text, is_repaired) = match std::str::from_utf8(json) {
            Ok(text) => (Cow::Borrowed(text), false),
            Err(_) => (Cow::Owned(repair(json, Surrogates::Raw).unwrap_or_default()), true),
        };
        let not_utf8 = || Issue::of_payload(Code::NotUtf8, "text in UTF-8", Found::InvalidBytes);
        if is_repaired && self.mode == Mode::Strict {
            return Err(not_utf8());
        }
        let raw: &RawValue = serde_json::from_str(&text).map_err(|error| {
            let found = Found::SyntaxError { line: error.line(), column: error.column() };
            Issue::of_payload(Code::BadJson, "JSON", found)
        })?;
        let root = Value::of(raw, self.options);
        if !matches!(root.json, Json::Object) {
            return Err(Issue::of_payload(Code::NotAnObject, "a JSON object", root.found()));
        }
        let mut context = Context::new(self.options, self.max_depth);
        let value = read(Object::open(raw, Place::Payload, &mut context));
        let is_repaired = is_repaired || context.is_repaired;
        if is_repaired && self.mode == Mode::Strict {
            return Err(not_utf8());
        }
        let mut warnings = self.judge(&mut context)?;
        if is_repaired {
            warnings.insert(0, not_utf8());
        }
        let Context { issues_left_out: warnings_left_out, fractions, .. } = context;
        Ok(Parsed { value, warnings, warnings_left_out, fractions })
    }

    /// Returns the warnings of a payload; an error if one of its issues is an error.
    fn judge(&self, context: &mut Context) -> Result<Vec<Issue>, Issue> {
        let more = |code, expected| Err(Issue::of_payload(code, expected, Found::More));
        if context.is_too_deep {
            return more(Code::TooDeep, "a payload within the limit on nested levels");
        }
        if context.has_too_many_entries() {
            return more(
                Code::TooManyEntries,
                "at most 100000 entries in lists and unknown fields",
            );
        }
        let is_error = |severity: Severity| match self.mode {
            Mode::Strict => severity != Severity::Warning,
            Mode::Lenient => severity == Severity::Fatal,
        };
        let mut warnings = Vec::with_capacity(context.issues.len());
        for (severity, issue) in std::mem::take(&mut context.issues) {
            if is_error(severity) {
                return Err(issue);
            }
            warnings.push(issue);
        }
        Ok(warnings)
    }
}
