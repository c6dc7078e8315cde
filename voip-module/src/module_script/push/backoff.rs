//! Waiting times: retries, and `Retry-After`.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// Returns the wait before the next attempt: random between 0 and 1 s doubled with each attempt, at
/// most 60 s ("full jitter"). `attempts` counts those made.
// W147
pub(super) fn delay(random: &mut fastrand::Rng, attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(6);
    let most = (1_000_u64 << doublings).min(60_000);
    Duration::from_millis(random.u64(0..=most))
}

/// Returns the wait that a 429 asks for: seconds, or a date compared with the answer's own `Date`;
/// between 1 and 120 s, and 15 s if it is missing or unusable.
// W144
pub(super) fn retry_after(headers: &HeaderMap) -> Duration {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let date = |text: Option<&str>| -> Option<Timestamp> {
        DateTimeParser::new().parse_timestamp(text?).ok()
    };
    let asked = text(RETRY_AFTER);
    let is_number = asked
        .is_some_and(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    let seconds = if is_number {
        // More digits than the type holds are more than the limit too.
        asked.map(|text| text.parse::<u64>().unwrap_or(u64::MAX))
    } else {
        let until = date(asked).zip(date(text(DATE)));
        until.map(|(until, now)| {
            until.as_second().saturating_sub(now.as_second()).max(0).unsigned_abs()
        })
    };
    Duration::from_secs(seconds.unwrap_or(15).clamp(1, 120))
}
