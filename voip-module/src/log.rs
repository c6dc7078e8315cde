//! What goes into the log, with the feature `tracing`; without it, nothing.
//!
//! Callers pass text that holds no secret and no personal data. Text from outside is cut, and its
//! control characters are escaped.

/// A request was refused.
pub(crate) fn refused(status: http::StatusCode, reason: &str) {
    #[cfg(feature = "tracing")]
    tracing::debug!(target: "voip_module", status = status.as_u16(), reason, "webhook request refused");
    #[cfg(not(feature = "tracing"))]
    let _ = (status, reason);
}

/// A provider or sink failed.
pub(crate) fn fault(what: &str, detail: &str) {
    #[cfg(feature = "tracing")]
    tracing::error!(target: "voip_module", what, detail = cut(&without_numbers(detail), 200), "fault");
    #[cfg(not(feature = "tracing"))]
    let _ = (what, detail);
}

/// A provider answered with something else than expected.
pub(crate) fn unexpected_body(operation: &str, body: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "voip_module", operation, body = cut(body, 200), "unexpected response");
    #[cfg(not(feature = "tracing"))]
    let _ = (operation, body);
}

/// Something that deserves a look.
pub(crate) fn notice(text: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "voip_module", "{text}");
    #[cfg(not(feature = "tracing"))]
    let _ = text;
}

/// A text in which nothing is left that may be a telephone number: five digits in a row or more.
pub(crate) fn without_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|character: char| !character.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        shown.push_str(before);
        shown.push_str(if digits.len() < 5 { digits } else { "…" });
        rest = after;
    }
    shown + rest
}

#[cfg(feature = "tracing")]
fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).flat_map(char::escape_debug).collect()
}
