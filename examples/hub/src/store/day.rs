//! The calls of a day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rusqlite::Connection;
use serde::Serialize;

use super::{Store, StoreError};
use crate::timeline::{Micros, Outcome};

/// The calls of a day, by the hour in which they began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Day {
    /// 24 hours.
    pub hours: Vec<Hour>,
}

/// The calls of an hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Hour {
    /// 0 to 23, in the time zone of the question.
    pub hour: u8,
    /// Calls that were answered.
    pub answered: u64,
    /// Calls that were missed or abandoned.
    pub missed: u64,
    /// All others that have ended.
    pub other: u64,
    /// Mean wait of calls that have ended.
    pub wait_average_us: Micros,
    /// Longest wait of calls that have ended.
    pub wait_longest_us: Micros,
}

impl Store {
    /// The calls of a day in a time zone.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub async fn day(&self, date: Date, zone: TimeZone) -> Result<Day, StoreError> {
        self.read(move |connection| day(connection, date, &zone)).await
    }
}

fn day(connection: &Connection, date: Date, zone: &TimeZone) -> Result<Day, StoreError> {
    let start = |date: Date| {
        date.to_zoned_datetime(zone.clone()).map(|day| day.timestamp().as_microsecond())
    };
    let next = date.checked_add(1.day());
    let (Ok(from), Ok(to)) = (start(date), next.and_then(start)) else {
        return Ok(Day { hours: Vec::new() }); // at the end of time
    };
    let mut hours: Vec<Hour> = (0..24).map(|hour| Hour { hour, ..Hour::default() }).collect();
    let mut waits = [(0_i128, 0_i128); 24];
    let select = "SELECT started_at_us, outcome, wait_us FROM call
        WHERE started_at_us >= ?1 AND started_at_us < ?2 AND NOT is_open";
    let mut statement = connection.prepare_cached(select)?;
    let mut rows = statement.query([from, to])?;
    while let Some(row) = rows.next()? {
        let Ok(started) = Timestamp::from_microsecond(row.get(0)?) else { continue };
        let at = usize::from(started.to_zoned_datetime(zone.clone()).hour().unsigned_abs());
        let (Some(hour), Some(wait)) = (hours.get_mut(at), waits.get_mut(at)) else { continue };
        match row.get_ref(1)?.as_str_or_null().ok().flatten().and_then(Outcome::from_word) {
            Some(Outcome::Answered) => hour.answered += 1,
            Some(Outcome::Missed | Outcome::Abandoned) => hour.missed += 1,
            _ => hour.other += 1,
        }
        if let Some(waited) = row.get::<_, Option<Micros>>(2)? {
            *wait = (wait.0 + i128::from(waited), wait.1 + 1);
            hour.wait_longest_us = hour.wait_longest_us.max(waited);
        }
    }
    for (hour, (sum, count)) in hours.iter_mut().zip(waits) {
        hour.wait_average_us = Micros::try_from(sum / count.max(1)).unwrap_or(Micros::MAX);
    }
    Ok(Day { hours })
}
