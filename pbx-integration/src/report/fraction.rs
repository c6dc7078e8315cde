//! Detection of a PBX's form of fractions of seconds.

use crate::wire::decimal::is_plain;
use crate::wire::value::{Json, Value};
use crate::wire::{FractionMode, Parsed};

/// The fractions of the timestamps of one payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fractions {
    numbers: Tally,
    texts: Tally,
}

/// Fractions of one JSON type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    count: u64,
    /// Fractions of one or two digits.
    short: u64,
    /// Fractions of three digits.
    full: u64,
    /// Fractions of two or three digits that end in zero.
    ends_in_zero: u64,
    begins_with_zero: u64,
    /// Fractions that must be decimal: a leading zero in two or more digits, or more than three
    /// digits.
    decimal: u64,
}

impl Tally {
    fn observe(&mut self, digits: &str) {
        let fraction = match digits.split_once('.') {
            Some((_, fraction)) if fraction != "0" && !digits.contains(['e', 'E']) => fraction,
            _ => return,
        };
        let length = fraction.len();
        let begins_with_zero = fraction.starts_with('0');
        self.count += 1;
        self.short += u64::from(length <= 2);
        self.full += u64::from(length == 3);
        self.ends_in_zero += u64::from(matches!(length, 2 | 3) && fraction.ends_with('0'));
        self.begins_with_zero += u64::from(begins_with_zero);
        self.decimal += u64::from(length > 3 || (length >= 2 && begins_with_zero));
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.short += other.short;
        self.full += other.full;
        self.ends_in_zero += other.ends_in_zero;
        self.begins_with_zero += other.begins_with_zero;
        self.decimal += other.decimal;
    }

    /// Returns whether leading zeros are missing. A writer of decimals either pads to three digits
    /// or cuts trailing zeros; a mixture of both lacks leading zeros. So does a writer without a
    /// leading zero in fifty fractions: the chance of that is 0.6 %.
    const fn is_unpadded(&self) -> bool {
        let is_mixed = self.short > 0 && self.full > 0 && self.ends_in_zero > 0;
        let is_unlikely = self.count >= 50 && self.begins_with_zero == 0 && self.short > 0;
        is_mixed || is_unlikely
    }
}

impl Fractions {
    pub(crate) fn observe(&mut self, value: &Value<'_>) {
        match &value.json {
            Json::Number(digits) => self.numbers.observe(digits),
            // Dates of leg records and texts that are not timestamps are no evidence.
            Json::Text(text) if is_plain(text) => self.texts.observe(text),
            _ => {}
        }
    }
}

/// A detector of a PBX's form of fractions of seconds, from many payloads.
///
/// Some versions wrote 13 ms after the second as `.13`, without the leading zero. It takes many
/// records to see that.
///
/// ```
/// use pbx_integration::{Reader, report::FractionDetector, wire::FractionMode};
///
/// let mut detector = FractionDetector::default();
/// for json in [
///     r#"{"domain": "t.example", "callid": "a", "start": 1757934000.120, "end": 1757934007.971}"#,
///     r#"{"domain": "t.example", "callid": "b", "start": 1757934010.7, "end": 1757934019.35}"#,
/// ] {
///     detector.observe(&Reader::lenient().read_cdr(json)?);
/// }
/// assert_eq!(detector.choice().mode, FractionMode::UnpaddedMillis);
/// # Ok::<(), pbx_integration::Issue>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct FractionDetector(Fractions);

/// A fraction mode, and the evidence for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FractionChoice {
    /// The mode for the reader.
    pub mode: FractionMode,
    /// The evidence for it.
    pub evidence: FractionEvidence,
}

/// The evidence for a fraction mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FractionEvidence {
    /// The fractions fit one mode only.
    Detected,
    /// The fractions fit both modes; the default is assumed.
    Assumed,
    /// Some fractions fit one mode only, some the other; the default is assumed.
    Contradictory,
}

impl FractionDetector {
    /// Adds the timestamps of a payload.
    pub fn observe<T>(&mut self, payload: &Parsed<T>) {
        self.0.numbers.merge(payload.fractions.numbers);
        self.0.texts.merge(payload.fractions.texts);
    }

    /// Returns the mode that fits the payloads so far.
    // P187. Numbers and texts apart: a writer of both may cut zeros off numbers only.
    #[must_use]
    pub const fn choice(&self) -> FractionChoice {
        let Fractions { numbers, texts } = &self.0;
        let is_decimal = numbers.decimal > 0 || texts.decimal > 0;
        let is_unpadded = numbers.is_unpadded() || texts.is_unpadded();
        let (mode, evidence) = match (is_decimal, is_unpadded) {
            (false, true) => (FractionMode::UnpaddedMillis, FractionEvidence::Detected),
            (true, false) => (FractionMode::Decimal, FractionEvidence::Detected),
            (true, true) => (FractionMode::Decimal, FractionEvidence::Contradictory),
            (false, false) => (FractionMode::Decimal, FractionEvidence::Assumed),
        };
        FractionChoice { mode, evidence }
    }
}
