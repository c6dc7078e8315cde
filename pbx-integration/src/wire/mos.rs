//! Mean opinion scores.

use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

use crate::wire::code::Code;
use crate::wire::decimal::number;
use crate::wire::value::{Json, Read, Value};

/// A mean opinion score from 1.0 to 5.0 (ITU-T P.800.1).
///
/// ```
/// use pbx_integration::wire::{Mos, MosBand};
///
/// let mos = Mos::new(4.4).ok_or("out of range")?;
/// assert_eq!(mos.band(), MosBand::Excellent);
/// assert!(Mos::new(7.0).is_none());
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Mos(f64);

/// A score in words, by the boundaries of ITU-T G.107 Annex B for narrowband.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MosBand {
    /// Below 3.10.
    Bad,
    /// 3.10 and above.
    Poor,
    /// 3.60 and above.
    Fair,
    /// 4.03 and above.
    Good,
    /// 4.34 and above.
    Excellent,
}

impl Mos {
    /// Creates a score; `None` outside 1.0 to 5.0. It is never rescaled or clamped.
    #[must_use]
    pub fn new(score: f64) -> Option<Self> {
        (1.0..=5.0).contains(&score).then_some(Self(score))
    }

    /// Returns the score.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Returns the score in words.
    #[must_use]
    pub fn band(self) -> MosBand {
        match self.0 {
            4.34.. => MosBand::Excellent,
            4.03.. => MosBand::Good,
            3.60.. => MosBand::Fair,
            3.10.. => MosBand::Poor,
            _ => MosBand::Bad,
        }
    }

    /// Reads the score in a text that is a decimal number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        number(text)?;
        Self::new(text.parse().ok()?)
    }
}

/// Reads a score. Zero means "not measured"; any other value out of range is a warning in both
/// modes.
// P65, P154
pub(crate) fn mos(value: Value<'_>) -> Read<Mos> {
    if value.is_nothing() {
        return Ok(None);
    }
    let text = match &value.json {
        Json::Text(text) => text.as_ref(),
        Json::Number(digits) => digits,
        _ => "",
    };
    if number(text).is_some_and(|score| score.is_zero()) {
        return Ok(None);
    }
    Mos::parse(text).map(Some).ok_or_else(|| value.fault(Code::BadMos, "a score from 1.0 to 5.0"))
}

impl Hash for Mos {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl Serialize for Mos {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}
