//! Shares of integers.

use std::fmt;

/// A share of a whole that is not zero: two integers, divided only when shown.
///
/// ```
/// use pbx_integration::report::Ratio;
///
/// let rate = Ratio::new(1, 3).ok_or("nothing to divide by")?;
/// assert_eq!(rate.to_string(), "33.3%");
/// assert!(Ratio::new(0, 0).is_none());
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    part: u128,
    whole: u128,
}

impl Ratio {
    /// Creates a share; `None` if the whole is zero.
    #[must_use]
    pub const fn new(part: u128, whole: u128) -> Option<Self> {
        if whole == 0 { None } else { Some(Self { part, whole }) }
    }

    /// Returns the part.
    #[must_use]
    pub const fn part(self) -> u128 {
        self.part
    }

    /// Returns the whole.
    #[must_use]
    pub const fn whole(self) -> u128 {
        self.whole
    }

    /// Returns the share as a number, 1 being the whole.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.part as f64 / self.whole as f64
    }
}

impl fmt::Display for Ratio {
    /// Formats percent with one place, rounded half up.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self
            .part
            .checked_mul(2_000)
            .and_then(|part| part.checked_add(self.whole))
            .map_or(u128::MAX, |part| part / self.whole.saturating_mul(2));
        f.pad(&format!("{}.{}%", tenths / 10, tenths % 10))
    }
}
