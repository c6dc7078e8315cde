//! Integers of any size.

use std::cmp::Ordering;
use std::fmt;

use super::steps;

/// An integer of any size, borrowed from the wire if it does not fit an `i64`.
///
/// Its text is decimal up to a magnitude of 4 KiB. A larger one is written in base 16 with the
/// prefix `16#`, in Erlang syntax, because decimal digits take quadratic time. `Display`, `Debug`,
/// the JSON view of a [`Term`](super::Term) and serde all give this text. A decimal text costs at
/// most 140 divisions for each byte of the magnitude, about a millisecond for 4 KiB.
///
/// ```
/// use basix_cti::bert::{Value, decode};
///
/// let term = decode(b"\x83o\0\0\0\x09\x01\0\0\0\0\0\0\0\0\x01")?;
/// let Value::Integer(integer) = term.value() else { panic!("an integer") };
/// assert_eq!(integer.to_string(), "-18446744073709551616");
/// assert_eq!(integer.as_i128(), Some(-(1 << 64)));
/// # Ok::<(), basix_cti::bert::DecodeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Integer<'a>(Repr<'a>);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Repr<'a> {
    Small(i64),
    /// Only for values outside `i64`; the magnitude is little-endian, its last byte is not 0.
    Big {
        negative: bool,
        magnitude: &'a [u8],
    },
}

impl<'a> Integer<'a> {
    /// Creates an integer from a sign and a little-endian magnitude of any length.
    #[must_use]
    pub fn from_sign_magnitude(negative: bool, mut magnitude: &'a [u8]) -> Self {
        // B19: today's timestamps.
        if let [a, b, c, d, e, f, g] = magnitude {
            let value = i64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, 0]);
            return Self(Repr::Small(if negative { -value } else { value }));
        }
        while let [head @ .., 0] = magnitude {
            steps::count(1);
            magnitude = head;
        }
        if magnitude.len() <= 8 {
            let mut bytes = [0; 8];
            for (to, from) in bytes.iter_mut().zip(magnitude) {
                *to = *from;
            }
            let absolute = u64::from_le_bytes(bytes);
            let small = if negative {
                0i64.checked_sub_unsigned(absolute)
            } else {
                i64::try_from(absolute).ok()
            };
            if let Some(small) = small {
                return Self(Repr::Small(small));
            }
        }
        Self(Repr::Big { negative, magnitude })
    }

    /// The value as an `i64`, if it fits.
    #[must_use]
    pub const fn as_i64(self) -> Option<i64> {
        match self.0 {
            Repr::Small(value) => Some(value),
            Repr::Big { .. } => None,
        }
    }

    /// The value as a `u64`, if it fits.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        self.as_i128().and_then(|value| u64::try_from(value).ok())
    }

    /// The value as an `i128`, if it fits.
    #[must_use]
    pub fn as_i128(self) -> Option<i128> {
        match self.0 {
            Repr::Small(value) => Some(value.into()),
            Repr::Big { negative, magnitude } => {
                let absolute = absolute(magnitude)?;
                if negative {
                    0i128.checked_sub_unsigned(absolute)
                } else {
                    i128::try_from(absolute).ok()
                }
            }
        }
    }

    /// The value as a `u128`, if it fits.
    #[must_use]
    pub fn as_u128(self) -> Option<u128> {
        match self.0 {
            Repr::Small(value) => value.try_into().ok(),
            Repr::Big { negative: false, magnitude } => absolute(magnitude),
            Repr::Big { negative: true, .. } => None,
        }
    }

    /// Returns true if the integer is negative.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        match self.0 {
            Repr::Small(value) => value < 0,
            Repr::Big { negative, .. } => negative,
        }
    }

    /// The magnitude as little-endian bytes without leading zeros, for an integer outside `i64`.
    #[must_use]
    pub const fn big_magnitude(self) -> Option<&'a [u8]> {
        match self.0 {
            Repr::Small(_) => None,
            Repr::Big { magnitude, .. } => Some(magnitude),
        }
    }

    /// The Unicode scalar value with this number, if there is one.
    pub(crate) fn as_char(self) -> Option<char> {
        char::from_u32(u32::try_from(self.as_i64()?).ok()?)
    }

    /// Compares with a float by value, exactly: no rounding to a float takes place.
    pub(crate) fn cmp_float(self, float: f64) -> Ordering {
        // 2^127. A float within ±2^127 and its fraction are exact as `i128` and rest.
        const BOUND: f64 = (1u128 << 127) as f64;
        match self.as_i128() {
            Some(value) if (-BOUND..BOUND).contains(&float) => {
                let whole = float.trunc();
                value
                    .cmp(&(whole as i128))
                    .then(0.0.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal))
            }
            Some(_) => 0.0.partial_cmp(&float).unwrap_or(Ordering::Equal),
            None if self.is_negative() != (float < 0.0) || float.abs() < BOUND => {
                if self.is_negative() { Ordering::Less } else { Ordering::Greater }
            }
            // From 2^127 on a float is a whole number, so its magnitude can be written out.
            None => {
                let bits = float.to_bits();
                let exponent = ((bits >> 52) & 0x7ff) as usize - 1075;
                let mantissa = u128::from(bits & ((1 << 52) - 1) | 1 << 52) << (exponent % 8);
                let mut bytes = vec![0; exponent / 8];
                bytes.extend_from_slice(&mantissa.to_le_bytes());
                self.cmp(&Integer::from_sign_magnitude(float < 0.0, &bytes))
            }
        }
    }
}

fn absolute(magnitude: &[u8]) -> Option<u128> {
    let mut bytes = [0; 16];
    bytes.get_mut(..magnitude.len())?.copy_from_slice(magnitude);
    Some(u128::from_le_bytes(bytes))
}

impl From<i64> for Integer<'_> {
    #[inline]
    fn from(value: i64) -> Self {
        Self(Repr::Small(value))
    }
}

impl Ord for Integer<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.0, other.0) {
            (Repr::Small(a), Repr::Small(b)) => a.cmp(&b),
            (Repr::Small(_), Repr::Big { negative, .. }) => {
                if negative {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (Repr::Big { .. }, Repr::Small(_)) => other.cmp(self).reverse(),
            (
                Repr::Big { negative: false, magnitude: a },
                Repr::Big { negative: false, magnitude: b },
            ) => cmp_magnitude(a, b),
            (
                Repr::Big { negative: true, magnitude: a },
                Repr::Big { negative: true, magnitude: b },
            ) => cmp_magnitude(b, a),
            (Repr::Big { negative, .. }, Repr::Big { .. }) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

fn cmp_magnitude(a: &[u8], b: &[u8]) -> Ordering {
    if a.len() == b.len() {
        steps::count(a.len());
    }
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

impl PartialOrd for Integer<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Integer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Decimal digits, or base 16 with the prefix `16#` if the magnitude has more than 4 KiB.
impl fmt::Display for Integer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.as_i128()) {
            (_, Some(value)) => fmt::Display::fmt(&value, f),
            (Repr::Big { negative, magnitude }, None) => {
                steps::count(magnitude.len());
                if magnitude.len() <= DECIMAL_BYTES {
                    f.pad_integral(!negative, "", &decimal(magnitude))
                } else {
                    write_base_16(f, negative, magnitude)
                }
            }
            (Repr::Small(value), None) => fmt::Display::fmt(&value, f),
        }
    }
}

/// The largest magnitude that is written in decimal digits.
const DECIMAL_BYTES: usize = 4096;

fn write_base_16(f: &mut fmt::Formatter<'_>, negative: bool, magnitude: &[u8]) -> fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    f.write_str(if negative { "-16#" } else { "16#" })?;
    let digit = |value: u8| char::from(DIGITS.get(usize::from(value)).copied().unwrap_or(b'0'));
    // In pieces: a write to a formatter for each byte is slow.
    let mut piece = String::with_capacity(512);
    for (at, byte) in magnitude.iter().rev().enumerate() {
        if at > 0 || *byte > 15 {
            piece.push(digit(byte >> 4));
        }
        piece.push(digit(byte & 15));
        if piece.len() > 500 {
            f.write_str(&piece)?;
            piece.clear();
        }
    }
    f.write_str(&piece)
}

/// Decimal digits of a little-endian magnitude, by repeated division by 10^9.
fn decimal(magnitude: &[u8]) -> String {
    // Larger limbs would need a division that processors lack.
    const BASE: u64 = 1_000_000_000;
    let mut limbs: Vec<u32> = magnitude
        .chunks(4)
        .map(|chunk| chunk.iter().rev().fold(0, |limb, byte| limb << 8 | u32::from(*byte)))
        .collect();
    let mut groups = Vec::with_capacity(limbs.len() * 15 / 14 + 1);
    while !limbs.is_empty() {
        steps::count(limbs.len());
        let mut remainder = 0;
        for limb in limbs.iter_mut().rev() {
            let value = remainder << 32 | u64::from(*limb);
            *limb = (value / BASE) as u32;
            remainder = value % BASE;
        }
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        groups.push(remainder);
    }
    let mut text = groups.pop().unwrap_or(0).to_string();
    for group in groups.iter().rev() {
        text.push_str(&format!("{group:09}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_digits_of_a_big_integer_are_exact() {
        // 2^200, from `bc`.
        let mut magnitude = [0; 26];
        magnitude[25] = 1;
        let integer = Integer::from_sign_magnitude(true, &magnitude);
        assert_eq!(
            integer.to_string(),
            "-1606938044258990275541962092341162602522202993782792835301376"
        );
    }

    // B12
    #[test]
    fn leading_zero_bytes_do_not_make_another_integer() {
        let short = Integer::from_sign_magnitude(false, &[1]);
        assert_eq!(Integer::from_sign_magnitude(false, &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0]), short);
        assert_eq!(Integer::from_sign_magnitude(true, &[0, 0]), Integer::from(0));
    }

    #[test]
    fn integers_and_floats_compare_exactly() {
        let two_53 = Integer::from((1 << 53) + 1);
        assert_eq!(two_53.cmp_float(9_007_199_254_740_992.0), Ordering::Greater);
        assert_eq!(Integer::from(-3).cmp_float(-2.5), Ordering::Less);
        assert_eq!(Integer::from(2).cmp_float(2.0), Ordering::Equal);
        let mut two_1000 = [0; 126];
        two_1000[125] = 1;
        let big = Integer::from_sign_magnitude(false, &two_1000);
        assert_eq!(big.cmp_float(2f64.powi(1000)), Ordering::Equal);
        assert_eq!(big.cmp_float(2f64.powi(1001)), Ordering::Less);
        assert_eq!(big.cmp_float(-1e300), Ordering::Greater);
    }
}
