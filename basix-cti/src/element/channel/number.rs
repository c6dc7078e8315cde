//! Words in place of phone numbers, and the JSON of `whoscall`.

use serde_json::Value;

use crate::bert::Text;
use crate::element::scalar::Scalar;
use crate::percent;

/// The text as a phone number; `None` if it is empty, or a word by which phones and the PBX steer
/// calls.
pub(crate) fn shown(number: Text<'_>) -> Option<Text<'_>> {
    let text = number.to_str();
    let steers = ringing_reference(&text).is_some()
        || text == "media_plug"
        || text.starts_with("pickup_uuid.")
        || text.starts_with("assimilate.");
    (!text.is_empty() && !steers).then_some(number)
}

/// The reference after the first dot in the called number of a leg that rings at a web phone, empty
/// without one. `None` for other legs.
pub(crate) fn ringing_reference(called: &str) -> Option<&str> {
    let after =
        called.strip_prefix("RINGING_PARK").or_else(|| called.strip_prefix("LOCAL_PARK"))?;
    match after.strip_prefix('.') {
        Some(reference) => Some(reference),
        None if after.is_empty() => Some(after),
        None => None,
    }
}

/// The JSON of a `whoscall`, if it is some.
pub(crate) fn whoscall(value: Scalar<'_>) -> Option<Value> {
    let text = value.as_text()?.to_str();
    serde_json::from_str(&percent::decode_strict(&text)?).ok()
}
