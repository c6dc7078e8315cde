//! Checks of text arguments.

use super::error::InvalidCall;

/// Rejects control characters.
pub(super) fn check(argument: &'static str, text: &str) -> Result<(), InvalidCall> {
    match text.char_indices().find(|(_, character)| character.is_control()) {
        Some((position, _)) => Err(InvalidCall::ControlCharacter { argument, position }),
        None => Ok(()),
    }
}

/// Rejects blank text and control characters.
pub(super) fn check_filled(argument: &'static str, text: &str) -> Result<(), InvalidCall> {
    if text.trim().is_empty() {
        return Err(InvalidCall::Blank { argument });
    }
    check(argument, text)
}
