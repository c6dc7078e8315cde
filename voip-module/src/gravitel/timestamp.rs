//! Moments, as the protocol writes them.

use std::fmt;
use std::str::FromStr;

/// A moment, in seconds since the Unix epoch. Written as `YYYYMMDDThhmmssZ` (V57); read from that
/// or from ISO 8601 with an offset, as in call histories.
///
/// ```
/// use voip_module::gravitel::Timestamp;
///
/// let start: Timestamp = "2024-01-05T13:15:00+03:00".parse()?;
/// assert_eq!(start.to_string(), "20240105T101500Z");
/// assert_eq!(start.unix_seconds(), 1_704_449_700);
/// # Ok::<(), voip_module::gravitel::InvalidTimestamp>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// The text is no moment between the years 0000 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected YYYYMMDDThhmmssZ, or ISO 8601 with an offset")]
#[non_exhaustive]
pub struct InvalidTimestamp;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;
const DAY: i64 = 86_400;
const FIRST: i64 = -62_167_219_200;
const LAST: i64 = 253_402_300_799;

impl Timestamp {
    /// A moment between the years 0000 and 9999.
    ///
    /// # Errors
    ///
    /// [`InvalidTimestamp`] for any other.
    pub const fn from_unix_seconds(seconds: i64) -> Result<Self, InvalidTimestamp> {
        if seconds < FIRST || seconds > LAST { Err(InvalidTimestamp) } else { Ok(Self(seconds)) }
    }

    /// Seconds since the Unix epoch.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.0.div_euclid(DAY) + EPOCH, self.0.rem_euclid(DAY));
        // Years begin in March, so that a leap day comes last; eras of 400 years repeat.
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        parse(text)
            .and_then(|seconds| Self::from_unix_seconds(seconds).ok())
            .ok_or(InvalidTimestamp)
    }
}

fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', ' '])?;
    let (time, offset) = match time.strip_suffix('Z') {
        Some(time) => (time, 0),
        None => {
            let at = time.rfind(['+', '-'])?;
            let (time, offset) = time.split_at(at);
            let [hours, minutes] = numbers(&offset[1..], ':', [2, 2])?;
            let seconds = (hours <= 23 && minutes <= 59).then_some(hours * 3_600 + minutes * 60)?;
            (time, if offset.starts_with('-') { -seconds } else { seconds })
        }
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last_day = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last_day).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let shifted_year = year - i64::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = shifted_year.rem_euclid(400) * 365 + shifted_year.rem_euclid(400) / 4
        - shifted_year.rem_euclid(400) / 100
        + day_of_year;
    let days = shifted_year.div_euclid(400) * 146_097 + day_of_era - EPOCH;
    Some(days * DAY + hour * 3_600 + minute * 60 + second - offset)
}

/// Reads numbers of fixed widths, with the separator between all of them or none.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let separated = text.contains(separator);
    let mut rest = text;
    let mut found = [0; N];
    for (at, (number, width)) in found.iter_mut().zip(widths).enumerate() {
        if separated && at > 0 {
            rest = rest.strip_prefix(separator)?;
        }
        let digits =
            rest.get(..width).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
        *number = digits.parse().ok()?;
        rest = &rest[width..];
    }
    rest.is_empty().then_some(found)
}
