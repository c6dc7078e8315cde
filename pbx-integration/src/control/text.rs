//! The checks of an argument's text.

use super::error::InvalidCall;

/// Refuses control characters.
pub(super) fn check(argument: &'static str, text: &str) -> Result<(), InvalidCall> {
    match text.char_indices().find(|(_, character)| character.is_control()) {
        Some((position, _)) => Err(InvalidCall::ControlCharacter { argument, position }),
        None => Ok(()),
    }
}

/// Refuses blank text, too.
pub(super) fn check_filled(argument: &'static str, text: &str) -> Result<(), InvalidCall> {
    if text.trim().is_empty() {
        return Err(InvalidCall::Blank { argument });
    }
    check(argument, text)
}
