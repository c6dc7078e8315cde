//! Floats in both wire forms, and as Erlang prints them.

use std::fmt;

/// Reads the 31-byte text of tag 99: sign, digits, point, digits, exponent, NUL padding.
pub(crate) fn float_text(field: &[u8; 31]) -> Option<f64> {
    // B13
    let text = field.split(|byte| *byte == 0).next()?;
    let (digits, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (text.get(..at)?, Some(text.get(at + 1..)?)),
        None => (text, None),
    };
    let mantissa = without_sign(digits);
    let point = mantissa.iter().position(|byte| *byte == b'.')?;
    let (whole, fraction) = mantissa.split_at_checked(point)?;
    let parts_are_digits = is_digits(whole)
        && is_digits(fraction.get(1..)?)
        && exponent.is_none_or(|exponent| is_digits(without_sign(exponent)));
    if !parts_are_digits {
        return None;
    }
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

fn without_sign(text: &[u8]) -> &[u8] {
    match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    }
}

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Writes the 31-byte text of tag 99 as Erlang does: one digit, a point, twenty digits, and an
/// exponent of at least two digits.
pub(crate) fn float_to_text(value: f64) -> [u8; 31] {
    let text = format!("{value:.20e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    let text = format!("{mantissa}e{sign}{digits:0>2}");
    let mut field = [0; 31];
    for (to, from) in field.iter_mut().zip(text.as_bytes()) {
        *to = *from;
    }
    field
}

/// Writes a float as Erlang prints it: the fewest digits that read back as the same number, in
/// exponent form if that is shorter, and always from 2^53 on, where plain digits would look exact.
pub(crate) fn write_float(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    const EXACT: f64 = (1u64 << 53) as f64;
    // 123 of 1.23e5, and the exponent 5.
    let scientific = shortest(value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = mantissa.replace('.', "");
    let count = digits.len() as i32;
    let plain = match exponent {
        0.. if count > exponent + 1 => count + 1,
        0.. => exponent + 3,
        _ => count + 1 - exponent,
    };
    let exponent_form = count.max(2) + 2 + exponent.to_string().len() as i32;
    if value.is_sign_negative() {
        f.write_str("-")?;
    }
    if value == 0.0 {
        f.write_str("0.0")
    } else if plain <= exponent_form && value.abs() < EXACT {
        let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
        let point = usize::try_from(exponent + 1).unwrap_or(0);
        match digits.split_at_checked(point) {
            _ if exponent < 0 => write!(f, "0.{}{digits}", zeros(-1 - exponent)),
            Some((whole, fraction)) if !fraction.is_empty() => write!(f, "{whole}.{fraction}"),
            _ => write!(f, "{digits}{}.0", zeros(exponent + 1 - count)),
        }
    } else {
        let point = if mantissa.contains('.') { "" } else { ".0" };
        write!(f, "{mantissa}{point}e{exponent}")
    }
}

/// The fewest digits that read back as the same number, in exponent form. Halfway between two, the
/// one with the even last digit, as Erlang chooses; Rust takes the larger one.
fn shortest(value: f64) -> String {
    let short = format!("{value:e}");
    let digits = short.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    // Fewer digits are never halfway between two floats.
    if digits < 15 {
        return short;
    }
    let exact = format!("{value:.*e}", digits + 30);
    let Some((mantissa, exponent)) = exact.split_once('e') else {
        return short;
    };
    // The digits and the point between the first two.
    let Some((below, rest)) = mantissa.split_at_checked(digits + 1) else {
        return short;
    };
    let is_halfway = rest.strip_prefix('5').is_some_and(|rest| rest.bytes().all(|b| b == b'0'));
    let is_even = below.bytes().last().is_some_and(|digit| digit % 2 == 0);
    let below = format!("{below}e{exponent}");
    if is_halfway && is_even && below.parse() == Ok(value) { below } else { short }
}
