//! Log lines, with the feature `tracing`; without it, none.
//!
//! Callers pass text without secrets. Here text from outside is cut, its control characters are
//! escaped, and its numbers are redacted.

/// Logs a refusal before the token check, which anyone may cause.
pub(crate) fn rejected(status: http::StatusCode, reason: &str) {
    #[cfg(feature = "tracing")]
    tracing::debug!(target: "voip_module", status = status.as_u16(), reason, "webhook request refused");
    #[cfg(not(feature = "tracing"))]
    let _ = (status, reason);
}

/// Logs a refusal after the token check.
pub(crate) fn refused(status: http::StatusCode, code: &str, reason: &str) {
    #[cfg(feature = "tracing")]
    tracing::info!(target: "voip_module", status = status.as_u16(), code, reason = shown(reason, 200), "webhook request refused");
    #[cfg(not(feature = "tracing"))]
    let _ = (status, code, reason);
}

/// Logs a push that was acknowledged without effect.
pub(crate) fn without_effect(command: &str) {
    #[cfg(feature = "tracing")]
    tracing::info!(target: "voip_module", command = shown(command, 64), "push acknowledged without effect");
    #[cfg(not(feature = "tracing"))]
    let _ = command;
}

/// Logs a fault of a provider or sink.
pub(crate) fn fault(what: &str, detail: &str) {
    #[cfg(feature = "tracing")]
    tracing::error!(target: "voip_module", what, detail = shown(detail, 200), "fault");
    #[cfg(not(feature = "tracing"))]
    let _ = (what, detail);
}

/// Logs the body of an unexpected answer.
pub(crate) fn unexpected_body(operation: &str, body: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "voip_module", operation, body = shown(body, 200), "unexpected response");
    #[cfg(not(feature = "tracing"))]
    let _ = (operation, body);
}

/// Logs an ask of the module's script.
#[cfg(feature = "module-script")]
pub(crate) fn ask(
    function: &str,
    id: Option<&str>,
    code: &str,
    milliseconds: u64,
    detail: Option<&str>,
) {
    #[cfg(feature = "tracing")]
    tracing::info!(target: "voip_module", function, id, code, milliseconds, detail, "ask");
    #[cfg(not(feature = "tracing"))]
    let _ = (function, id, code, milliseconds, detail);
}

/// Logs a weak setting.
pub(crate) fn warning(text: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "voip_module", "{text}");
    #[cfg(not(feature = "tracing"))]
    let _ = text;
}

/// Replaces everything that may be a telephone number: five or more digits, also with spaces,
/// brackets, hyphens or dots between them.
pub(crate) fn without_numbers(text: &str) -> String {
    without_runs(text, 5)
}

fn without_runs(text: &str, least: usize) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|character: char| character.is_numeric()) {
        let (before, from) = rest.split_at(start);
        let is_part =
            |c: char| c.is_numeric() || matches!(c, ' ' | '(' | ')' | '-' | '.' | '\u{a0}');
        let end = from.find(|character| !is_part(character)).unwrap_or(from.len());
        let (run, after) = from.split_at(end);
        let digits = run.chars().filter(|character| character.is_numeric()).count();
        shown.push_str(before);
        if digits < least {
            shown.push_str(run);
        } else {
            let number = run.trim_end_matches(|character: char| !character.is_numeric());
            shown.push('…');
            shown.push_str(&run[number.len()..]);
        }
        rest = after;
    }
    shown + rest
}

/// Quotes a received value for an error: cut to 64 characters and escaped. A value with seven digits
/// in a row, which may be a telephone number, is hidden.
pub(crate) fn quoted(value: &str) -> String {
    if value.is_empty() {
        return "nothing".into();
    }
    let cut: String = value.chars().take(64).collect();
    if without_runs(&cut, 7) != cut {
        return "\"…\"".into();
    }
    format!("\"{}\"", cut.escape_debug())
}

#[cfg(feature = "tracing")]
fn shown(text: &str, characters: usize) -> String {
    let cut: String = text.chars().take(characters).collect();
    without_numbers(&cut).chars().flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::without_numbers;

    // V186
    #[test]
    fn numbers_are_redacted_in_any_notation() {
        for (text, shown) in [
            ("call 79990000001 now", "call … now"),
            ("+7 (999) 000-00-01, code 1234", "+…, code 1234"),
            ("7.999.000.00.01.", "…."),
            ("a 1 2 3 4 b", "a 1 2 3 4 b"),
            ("a 1 2 3 4 5 b", "a … b"),
            ("٧٩٩٩٠ x", "… x"),
            ("", ""),
        ] {
            assert_eq!(without_numbers(text), shown, "{text}");
        }
    }
}
