//! Exact decimal numbers: the cost of a call.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::wire::json::Json;
use crate::wire::number::Number;
use crate::wire::scalar::Read;

/// An exact decimal number, such as a cost, in a currency that the wire does not name (P64).
///
/// Keeps its places: `0.0250` is written as `0.0250`. Compares by value. Written as text.
///
/// ```
/// use pbx_integration::Decimal;
///
/// let cost: Decimal = "0.0250".parse()?;
/// let sum = cost.checked_add("0.1".parse()?);
/// assert_eq!(sum.map(|sum| sum.to_string()).as_deref(), Some("0.1250"));
/// assert_eq!(cost, "0.025".parse()?);
/// assert!("1,20".parse::<Decimal>().is_err());
/// # Ok::<(), pbx_integration::DecimalError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    /// Fewer than 39 digits.
    units: i128,
    /// How many of its digits stand after the point.
    places: u32,
}

/// Text that is no decimal number of at most 38 digits, a point as decimal mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number of at most 38 digits with a point as decimal mark")]
#[non_exhaustive]
pub struct DecimalError;

impl Decimal {
    /// Zero, without places.
    pub const ZERO: Self = Self { units: 0, places: 0 };

    /// So many units of which so many digits stand after the point; nothing beyond 38 digits.
    #[must_use]
    pub const fn new(units: i128, places: u32) -> Option<Self> {
        const LIMIT: u128 = 10_u128.pow(38);
        if units.unsigned_abs() < LIMIT && places <= 38 {
            Some(Self { units, places })
        } else {
            None
        }
    }

    /// The sum, with the places of the one that has more; nothing beyond 38 digits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        let units = self.units_at(places)?.checked_add(other.units_at(places)?)?;
        Self::new(units, places)
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.units < 0
    }

    /// The number as units of ten to the power of minus [`places`](Self::places).
    #[must_use]
    pub const fn units(self) -> i128 {
        self.units
    }

    /// How many digits stand after the point.
    #[must_use]
    pub const fn places(self) -> u32 {
        self.places
    }

    fn units_at(self, places: u32) -> Option<i128> {
        self.units.checked_mul(10_i128.checked_pow(places.checked_sub(self.places)?)?)
    }

    fn of_number(number: &Number<'_>) -> Option<Self> {
        let places = u32::try_from(number.fraction_digits()).ok()?;
        let amount = number.scaled(places)?;
        let units = i128::try_from(amount.amount).ok()?;
        Self::new(if number.is_negative { -units } else { units }, places)
    }

    /// The same number without zeros at its end.
    const fn shortest(mut self) -> (i128, u32) {
        while self.places > 0 && self.units % 10 == 0 {
            self.units /= 10;
            self.places -= 1;
        }
        (self.units, self.places)
    }
}

/// A JSON number by its digits, or text without power of ten (P64).
pub(crate) fn decimal(json: &mut Json<'_>) -> Read<Decimal> {
    let number = match json {
        Json::Null => return Ok(None),
        Json::Text(text) if text.is_empty() => return Ok(None),
        Json::Text(text) => Number::parse(text).filter(|number| !number.has_exponent()),
        Json::Number(digits) => Number::parse(digits),
        Json::NotUnicode => None,
        _ => return Err(json.bad(12, "a decimal number")),
    };
    let decimal = number.as_ref().and_then(Decimal::of_number);
    decimal.map(Some).ok_or_else(|| json.bad(64, "a decimal number with a point as decimal mark"))
}

impl std::str::FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let number = Number::parse(text).filter(|number| !number.has_exponent());
        number.as_ref().and_then(Self::of_number).ok_or(DecimalError)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.shortest() == other.shortest()
    }
}

impl Eq for Decimal {}

impl std::hash::Hash for Decimal {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.shortest().hash(state);
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let places = self.places as usize;
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = places + 1);
        let (integer, fraction) = digits.split_at(digits.len() - places);
        let point = if fraction.is_empty() { "" } else { "." };
        f.pad(&format!("{sign}{integer}{point}{fraction}"))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
