//! From JSON to payloads.

use serde::de::Deserializer as _;
use serde_json::value::RawValue;

use crate::wire::context::Context;
use crate::wire::error::{Found, Harm, ReadError, Warning};
use crate::wire::json::Json;
use crate::wire::record::{Record, RecordVisitor, fields_in};
use crate::wire::scalar::{self, DurationUnit};
use crate::wire::timestamp::FractionMode;

/// What happens to a field that cannot be read (P13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// The first bad field is an error.
    Strict,
    /// A bad field is dropped with a warning; only the call-ID must be there.
    Lenient,
}

/// What was read, and what was dropped on the way.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Parsed<T> {
    /// The payload.
    pub value: T,
    /// Fields that were dropped (lenient mode), and scores out of range (both modes), in the order
    /// in which they stand.
    pub warnings: Vec<Warning>,
    /// How many more warnings there were than the 10,000 that are kept.
    pub warnings_left_out: usize,
}

/// Reads payloads.
///
/// Input larger than a limit (4 MiB) or nested deeper than a limit (64 levels, the payload itself
/// being the first) is refused before it is read into types (P11, P161). So is one with more than 100,000
/// objects in its lists, which would take far more memory than its text.
///
/// ```
/// use pbx_integration::Reader;
///
/// let json = r#"{"domain": "tenant1.example.com", "callid": "e1@pbx",
///     "start": "1757934000.5", "end": 1757934003, "states": "none"}"#;
/// let cdr = Reader::lenient().read_cdr(json)?;
/// assert_eq!(cdr.value.start.map(|start| start.as_millis()), Some(1_757_934_000_500));
/// assert_eq!(cdr.warnings.len(), 1); // the states
/// assert!(Reader::strict().read_cdr(json).is_err());
/// # Ok::<(), pbx_integration::ReadError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    mode: Mode,
    fraction: FractionMode,
    max_bytes: usize,
    max_depth: usize,
}

/// Beyond this depth serde_json itself refuses.
const DEEPEST: usize = 120;

impl Reader {
    /// A reader in a mode, with the default limits.
    #[must_use]
    pub const fn new(mode: Mode) -> Self {
        Self { mode, fraction: FractionMode::Decimal, max_bytes: 4 << 20, max_depth: 64 }
    }

    /// A reader that stops at the first bad field.
    #[must_use]
    pub const fn strict() -> Self {
        Self::new(Mode::Strict)
    }

    /// A reader that drops bad fields with a warning.
    #[must_use]
    pub const fn lenient() -> Self {
        Self::new(Mode::Lenient)
    }

    /// Reads fractions of seconds in this way. Default: [`FractionMode::Decimal`].
    #[must_use]
    pub const fn with_fraction(mut self, fraction: FractionMode) -> Self {
        self.fraction = fraction;
        self
    }

    /// Refuses input of more bytes than this. Default: 4 MiB.
    #[must_use]
    pub const fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Refuses input nested deeper than this. Default: 64 levels; at most 120.
    #[must_use]
    pub const fn with_max_depth(mut self, levels: usize) -> Self {
        self.max_depth = if levels < DEEPEST { levels } else { DEEPEST };
        self
    }

    /// How it treats bad fields.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// How it reads fractions of seconds.
    #[must_use]
    pub const fn fraction(&self) -> FractionMode {
        self.fraction
    }

    /// The largest input, in bytes.
    #[must_use]
    pub const fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// The call-ID of a payload whose other fields may be beyond reading, for telling in a log which
    /// record was refused.
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
        let json = self.checked(json.as_ref()).ok()?;
        let raw: &RawValue = serde_json::from_str(json).ok()?;
        let fields = matches!(Json::of(raw.get()), Json::Object).then(|| fields_in(raw.get()))?;
        scalar::text(&mut Json::of(fields.get("callid")?)).ok()?
    }

    /// The text of a payload within the limits.
    fn checked<'a>(&self, json: &'a [u8]) -> Result<&'a str, ReadError> {
        if json.len() > self.max_bytes {
            return Err(ReadError::of_payload(
                "a payload within the limit on bytes",
                Found::Object,
            ));
        }
        if is_deeper(json, self.max_depth) {
            return Err(ReadError::of_payload(
                "a payload within the limit on nested levels",
                Found::Object,
            ));
        }
        std::str::from_utf8(json)
            .map_err(|_| ReadError::of_payload("JSON in UTF-8", Found::Malformed))
    }

    /// Reads a payload. Public methods name the payload.
    pub(crate) fn read<R: Record>(&self, json: &[u8]) -> Result<Parsed<R>, ReadError> {
        self.read_with_unit(json, DurationUnit::Milliseconds)
    }

    /// Reads a payload whose durations are in this unit.
    pub(crate) fn read_with_unit<R: Record>(
        &self,
        json: &[u8],
        unit: DurationUnit,
    ) -> Result<Parsed<R>, ReadError> {
        let text = self.checked(json)?;
        let first = text.trim_start_matches([' ', '\t', '\n', '\r']).as_bytes().first().copied();
        let malformed = || ReadError::of_payload("JSON", Found::Malformed);
        if first != Some(b'{') {
            let raw: &RawValue = serde_json::from_str(text).map_err(|_| malformed())?;
            let found = Json::of(raw.get()).found();
            return Err(ReadError::of_payload("a JSON object", found));
        }
        let mut context = Context::new(self, unit, false);
        let value = match pass(text, &mut context) {
            Ok(value) => value,
            Err(_) => {
                context = Context::new(self, unit, true);
                pass(text, &mut context).map_err(|_| malformed())?
            }
        };
        if context.is_overfull {
            return Err(ReadError::of_payload(
                "a payload within the limit on objects in lists",
                Found::Object,
            ));
        }
        let is_error = |harm| match self.mode {
            Mode::Strict => harm != Harm::Warns,
            Mode::Lenient => harm == Harm::IsFatal,
        };
        let (mut issues, warnings_left_out) = (context.issues, context.left_out);
        if let Some(at) = issues.iter().position(|issue| is_error(issue.harm)) {
            return Err(issues.swap_remove(at).into());
        }
        // What was kept has come again since and was in order then; what was left out is not known.
        if self.mode == Mode::Strict && warnings_left_out > 0 {
            return Err(ReadError::of_payload("a payload with fewer bad fields", Found::Object));
        }
        let warnings = issues.into_iter().map(Warning::from).collect();
        Ok(Parsed { value, warnings, warnings_left_out })
    }
}

fn pass<R: Record>(text: &str, context: &mut Context) -> Result<R, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let record = deserializer.deserialize_map(RecordVisitor::new(context))?;
    deserializer.end()?;
    Ok(record)
}

/// How many opening brackets there are, those in text too.
fn brackets(json: &[u8]) -> usize {
    // A sum of small numbers over few bytes at a time becomes vector instructions. One bit parts
    // `[` from `{`.
    let of_chunk =
        |chunk: &[u8]| chunk.iter().map(|byte| u8::from(byte | 0x20 == b'{')).sum::<u8>();
    json.chunks(128).map(|chunk| usize::from(of_chunk(chunk))).sum()
}

/// Whether lists and objects are nested in more levels than that.
fn is_deeper(json: &[u8], levels: usize) -> bool {
    // With so few brackets there is nothing to look at more closely.
    if brackets(json) <= levels {
        return false;
    }
    let (mut depth, mut bytes) = (0_usize, json.iter());
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => depth += 1,
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
        if depth > levels {
            return true;
        }
    }
    false
}
