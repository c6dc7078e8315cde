//! Dates and times of leg records.

use jiff::Unit;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::wire::Timestamp;
use crate::wire::code::Code;
use crate::wire::timestamp::moment;
use crate::wire::value::{Json, Read, Value};

/// Reads a time, whose form is not documented: seconds since 1970, or a date and time as public
/// receivers store it. UTC unless it has an offset. Zero counts as missing.
// P207
pub(crate) fn date_or_seconds(value: Value<'_>) -> Read<Timestamp> {
    let written = match &value.json {
        Json::Text(text) => text.as_ref(),
        Json::Number(digits) => digits,
        _ => "",
    };
    if !is_date(written) {
        return moment(value);
    }
    let expected = "a date and time, or seconds since 1970";
    let Some(time) = date(written) else { return Err(value.fault(Code::BadTimestamp, expected)) };
    if time.as_millis() < 0 {
        return Err(value.fault(Code::NegativeTime, "a time from 1970 on"));
    }
    Ok(Some(time))
}

/// Returns whether a text has the form of a date and time: `YYYYMMDDhhmmss`, or `YYYY-MM-DD hh:mm:ss` with a space
/// or `T` between, an optional fraction and an optional offset.
fn is_date(text: &str) -> bool {
    let is_like = |text: &str, form: &str| {
        text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                b'T' => byte == b'T' || byte == b' ',
                form => byte == form,
            })
    };
    let rest = text.get(19..).unwrap_or_default();
    is_like(text, "00000000000000")
        || text.get(..19).is_some_and(|head| is_like(head, "0000-00-00T00:00:00"))
            && rest.bytes().all(|byte| byte.is_ascii_digit() || b".+-:Z".contains(&byte))
}

fn date(text: &str) -> Option<Timestamp> {
    let civil =
        |civil: DateTime| civil.to_zoned_datetime(TimeZone::UTC).ok().map(|time| time.timestamp());
    let moment = match text.len() {
        14 => civil(DateTime::strptime("%Y%m%d%H%M%S", text).ok()?)?,
        _ => match text.parse::<jiff::Timestamp>() {
            Ok(moment) => moment,
            Err(_) => civil(text.parse().ok()?)?,
        },
    };
    Some(Timestamp::from_millis(moment.round(Unit::Millisecond).ok()?.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::{date, is_date};

    #[test]
    fn dates_are_read_in_the_forms_that_receivers_store() {
        for (text, millis) in [
            ("20250915090000", 1_757_926_800_000),
            ("2025-09-15 09:00:00", 1_757_926_800_000),
            ("2025-09-15T09:00:00.1256Z", 1_757_926_800_126),
            ("2025-09-15 11:00:00+02:00", 1_757_926_800_000),
        ] {
            assert!(is_date(text), "{text}");
            assert_eq!(date(text).map(|time| time.as_millis()), Some(millis), "{text}");
        }
        for text in ["20250230090000", "2025-09-15T25:00:00"] {
            assert!(is_date(text) && date(text).is_none(), "{text}");
        }
        for text in
            ["2025-09-15", "09:00:00", "1757926800", "2025-09-15 09:00", "2025-09-15 09:00:00[UTC]"]
        {
            assert!(!is_date(text), "{text}");
        }
    }
}
