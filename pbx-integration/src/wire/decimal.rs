//! Exact decimal numbers.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::wire::code::Code;
use crate::wire::field::digits;
use crate::wire::value::{Read, Value};

/// Returns whether a text has the form of a JSON number without an exponent, where zeros may lead.
pub(crate) fn is_plain(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (integer, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(integer) && is_digits(fraction)
}

/// Returns the number in a text; `None` if the text is not a number, or has more digits than a
/// [`Decimal`] can hold.
pub(crate) fn number(text: &str) -> Option<Decimal> {
    match text.split_once(['e', 'E']) {
        None => is_plain(text).then(|| text.parse().ok())?,
        Some((mantissa, _)) => is_plain(mantissa).then(|| Decimal::from_scientific(text).ok())?,
    }
}

/// Returns a number for rounding half up to `places` digits, cut after the next digit, so that the
/// parser does not round first.
pub(crate) fn number_to_round(text: &str, places: usize) -> Option<Decimal> {
    let end = text.find('.').map_or(text.len(), |point| (point + 2 + places).min(text.len()));
    number(if is_plain(text) { text.get(..end)? } else { text })
}

/// Reads an integer, with or without a zero fraction or an exponent.
pub(crate) fn whole(text: &str) -> Option<i128> {
    number(text).filter(|number| number.fract().is_zero())?.to_i128()
}

/// Reads a decimal number and keeps its places; a comma, a thousands mark or a currency is an
/// error.
// P64
pub(crate) fn decimal(value: Value<'_>) -> Read<Decimal> {
    if value.is_nothing() {
        return Ok(None);
    }
    let exact = |text: &str| {
        // Beyond 28 digits, rounding in the parser would change the amount.
        let places = text.bytes().filter(u8::is_ascii_digit).count();
        number(text).filter(|_| places <= 28)
    };
    digits(&value).and_then(exact).map(Some).ok_or_else(|| {
        value.number_fault(Code::BadDecimal, "a decimal number of at most 28 digits with a point")
    })
}

#[cfg(test)]
mod tests {
    use super::{number, whole};

    #[test]
    fn only_plain_decimal_numbers_are_numbers() {
        for text in [
            "", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "1 ", " 1", "1,5", "١", "NaN", "inf",
            "1.2.3", "1_000", "1e40",
        ] {
            assert!(number(text).is_none(), "{text}");
        }
        for (text, expected) in
            [("007", "7"), ("-12.50", "-12.50"), ("1.5e3", "1500"), ("25e-3", "0.025")]
        {
            assert_eq!(number(text).map(|number| number.to_string()).as_deref(), Some(expected));
        }
    }

    #[test]
    fn an_integer_may_have_a_fraction_of_zero() {
        assert_eq!(whole("83.0"), Some(83));
        assert_eq!(whole("1e3"), Some(1_000));
        assert_eq!(whole("83.5"), None);
        assert_eq!(whole("18446744073709551615"), Some(u64::MAX.into()));
    }
}
