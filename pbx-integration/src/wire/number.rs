//! Decimal numbers by their digits.

/// A decimal number by its digits: a JSON number, or text of the same form (where zeros may lead).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number<'a> {
    pub(crate) is_negative: bool,
    integer: &'a [u8],
    fraction: &'a [u8],
    exponent: Option<i64>,
}

/// The least amount with more than 38 digits.
const LIMIT: u128 = 10_u128.pow(38);

/// A number times a power of ten, as an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scaled {
    /// The amount, rounded half up.
    pub(crate) amount: u128,
    /// Whether nothing was rounded.
    pub(crate) is_exact: bool,
    /// Whether it was rounded up.
    pub(crate) is_rounded_up: bool,
}

impl Scaled {
    const fn exact(amount: u128) -> Self {
        Self { amount, is_exact: true, is_rounded_up: false }
    }
}

fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

impl<'a> Number<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let is_negative = bytes.first() == Some(&b'-');
        let (integer, mut rest) = digits(bytes.get(usize::from(is_negative)..)?);
        let mut fraction: &[u8] = &[];
        if let Some((b'.', after)) = rest.split_first() {
            (fraction, rest) = digits(after);
            if fraction.is_empty() {
                return None;
            }
        }
        let mut exponent = None;
        if let Some((b'e' | b'E', after)) = rest.split_first() {
            let (is_below, after) = match after.split_first() {
                Some((b'-', after)) => (true, after),
                Some((b'+', after)) => (false, after),
                _ => (false, after),
            };
            let (power, end) = digits(after);
            if power.is_empty() {
                return None;
            }
            let power = power.iter().fold(0_i64, |sum, digit| {
                sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')).min(1 << 40)
            });
            exponent = Some(if is_below { -power } else { power });
            rest = end;
        }
        (!integer.is_empty() && rest.is_empty()).then_some(Self {
            is_negative,
            integer,
            fraction,
            exponent,
        })
    }

    /// Whether it is written with a power of ten.
    pub(crate) const fn has_exponent(&self) -> bool {
        self.exponent.is_some()
    }

    /// How many digits stand after the point once the power of ten is carried out.
    pub(crate) fn fraction_digits(&self) -> i64 {
        (self.fraction.len() as i64).saturating_sub(self.exponent.unwrap_or(0)).max(0)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.integer.iter().chain(self.fraction).all(|&digit| digit == b'0')
    }

    /// The amount without its sign times ten to the power of `power`; nothing where that has more
    /// than 38 digits.
    pub(crate) fn scaled(&self, power: u32) -> Option<Scaled> {
        let point = (self.integer.len() as i64)
            .saturating_add(self.exponent.unwrap_or(0))
            .saturating_add(i64::from(power));
        if self.is_zero() {
            return Some(Scaled::exact(0));
        }
        let all = self.integer.iter().chain(self.fraction);
        let length = (self.integer.len() + self.fraction.len()) as i64;
        let Ok(kept) = usize::try_from(point) else {
            return Some(Scaled { is_exact: false, ..Scaled::exact(0) });
        };
        let amount = if point <= 19 {
            // The usual case: all of it in one machine word.
            let amount =
                all.clone().take(kept).fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
            let zeros = u32::try_from(point.saturating_sub(length).max(0)).ok()?;
            u128::from(amount).checked_mul(10_u128.checked_pow(zeros)?)?
        } else {
            let mut amount = 0_u128;
            for digit in all.clone().take(kept) {
                amount = amount.checked_mul(10)?.checked_add(u128::from(digit - b'0'))?;
            }
            let zeros = u32::try_from(point.saturating_sub(length).max(0)).ok()?;
            amount.checked_mul(10_u128.checked_pow(zeros)?)?
        };
        let mut rest = all.skip(kept);
        let Some(first) = rest.next() else {
            return (amount < LIMIT).then_some(Scaled::exact(amount));
        };
        let is_exact = *first == b'0' && rest.all(|&digit| digit == b'0');
        let is_rounded_up = *first >= b'5';
        let amount = amount.checked_add(u128::from(is_rounded_up))?;
        (amount < LIMIT).then_some(Scaled { amount, is_exact, is_rounded_up })
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, Scaled};

    fn scaled(text: &str, power: u32) -> Option<(u128, bool)> {
        let Scaled { amount, is_exact, .. } = Number::parse(text)?.scaled(power)?;
        Some((amount, is_exact))
    }

    #[test]
    fn digits_are_scaled_and_rounded_half_up() {
        assert_eq!(scaled("1757926800.125", 3), Some((1_757_926_800_125, true)));
        assert_eq!(scaled("0.0004", 3), Some((0, false)));
        assert_eq!(scaled("0.0005", 3), Some((1, false)));
        assert_eq!(scaled("0.99949", 3), Some((999, false)));
        assert_eq!(scaled("0.9995", 3), Some((1_000, false)));
        assert_eq!(scaled("-12.50", 0), Some((13, false)));
        assert_eq!(scaled("1.5e3", 0), Some((1_500, true)));
        assert_eq!(scaled("1500e-3", 0), Some((2, false)));
        assert_eq!(scaled("5e-1", 0), Some((1, false)));
        assert_eq!(scaled("5e-2", 0), Some((0, false)));
        assert_eq!(scaled("0e999999999999999999999", 0), Some((0, true)));
        assert_eq!(
            scaled("00000000000000000000000000000000000000000000000012", 1),
            Some((120, true))
        );
        assert_eq!(scaled("99999999999999999999", 0), Some((99_999_999_999_999_999_999, true)));
        assert_eq!(scaled("9999999999999999999", 0), Some((9_999_999_999_999_999_999, true)));
    }

    #[test]
    fn what_has_more_than_38_digits_is_no_amount() {
        assert_eq!(scaled("1e37", 0), Some((10_u128.pow(37), true)));
        assert_eq!(scaled("1e40", 0), None);
        assert_eq!(scaled("1e999999999999", 0), None);
        assert_eq!(scaled("1e-999999999999", 9), Some((0, false)));
        assert_eq!(scaled(&"9".repeat(60), 0), None);
    }

    #[test]
    fn what_is_no_decimal_number_is_refused() {
        for text in [
            "", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "1 ", " 1", "1,5", "١", "NaN", "inf",
            "1.2.3",
        ] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}
