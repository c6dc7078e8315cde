//! The options of `cdr-report`.

use std::ops::Range;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use pbx_integration::wire::Timestamp;
use pbx_integration::wire::{DurationUnit, FractionMode, Mode};
use tools::usage::{Arguments, Failure, Long, Value, ValueExt as _};

pub(crate) const USAGE: &str = "\
usage: cdr-report [OPTION]... [FILE]

Prints what each call record of a file came to, one line of JSON for each call, or figures for queues and
agents. FILE holds one record a line, records over several lines, or one JSON array; - or no file is
standard input.

  --mode strict|lenient             refuse a record with a bad field, or drop the field (default: lenient)
  --fraction auto|decimal|unpadded  how fractions of seconds are written (default: auto, detected)
  --format auto|cdr|leg|queue       the format of the records (default: auto, by their fields)
  --queue NUMBER                    the queue of queue records that do not name it
  --unit s|ms                       the unit of durations in queue records (default: s)
  --sla SECONDS                     the time within which a queue should answer (default: 20)
  --day YYYY-MM-DD                  only this day
  --zone AREA/CITY                  the time zone of the day (default: UTC)
  --table                           figures in tables, each call counted once
  --help                            this text

example: cdr-report --table --day 2025-11-02 --zone America/New_York records.jsonl
";

/// The format of records.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Auto,
    Cdr,
    Leg,
    Queue,
}

/// The options of `cdr-report`.
pub(crate) struct Options {
    pub(crate) mode: Mode,
    /// `None` to detect it.
    pub(crate) fraction: Option<FractionMode>,
    pub(crate) format: Format,
    pub(crate) queue: Option<String>,
    pub(crate) unit: DurationUnit,
    pub(crate) target: Duration,
    pub(crate) window: Option<Range<Timestamp>>,
    pub(crate) table: bool,
    pub(crate) file: String,
}

impl Options {
    pub(crate) fn parse(mut arguments: Arguments) -> Result<Self, Failure> {
        let mut options = Self {
            mode: Mode::Lenient,
            fraction: None,
            format: Format::Auto,
            queue: None,
            unit: DurationUnit::Seconds,
            target: Duration::from_secs(20),
            window: None,
            table: false,
            file: "-".to_owned(),
        };
        let (mut day, mut zone, mut file) = (None, TimeZone::UTC, None);
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("mode") => {
                    let words = [("strict", Mode::Strict), ("lenient", Mode::Lenient)];
                    options.mode = word("--mode", &arguments.value()?, &words)?;
                }
                Long("fraction") => {
                    let words = [
                        ("auto", None),
                        ("decimal", Some(FractionMode::Decimal)),
                        ("unpadded", Some(FractionMode::UnpaddedMillis)),
                    ];
                    options.fraction = word("--fraction", &arguments.value()?, &words)?;
                }
                Long("format") => {
                    let words = [
                        ("auto", Format::Auto),
                        ("cdr", Format::Cdr),
                        ("leg", Format::Leg),
                        ("queue", Format::Queue),
                    ];
                    options.format = word("--format", &arguments.value()?, &words)?;
                }
                Long("unit") => {
                    let words = [("s", DurationUnit::Seconds), ("ms", DurationUnit::Milliseconds)];
                    options.unit = word("--unit", &arguments.value()?, &words)?;
                }
                Long("queue") => options.queue = Some(arguments.value()?),
                Long("sla") => {
                    let text = arguments.value()?;
                    let seconds = text.parse().ok();
                    let target = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
                    options.target =
                        target.ok_or_else(|| wrong("--sla", &text, "a number of seconds"))?;
                }
                Long("day") => {
                    let text = arguments.value()?;
                    let date = text.parse::<Date>().ok().filter(|_| text.len() == 10);
                    let expected = "a date that exists, as YYYY-MM-DD";
                    day = Some(date.ok_or_else(|| wrong("--day", &text, expected))?);
                }
                Long("zone") => {
                    let text = arguments.value()?;
                    let expected = "a time zone, such as Europe/Berlin";
                    zone = TimeZone::get(&text).map_err(|_| wrong("--zone", &text, expected))?;
                }
                Long("table") => options.table = true,
                Value(name) if file.is_none() => file = Some(name.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        if let Some(day) = day {
            let window = window(day, &zone);
            options.window = Some(window.ok_or_else(|| Failure::argument("--day: out of range"))?);
        }
        options.file = file.unwrap_or(options.file);
        Ok(options)
    }
}

fn word<T: Copy>(option: &str, given: &str, words: &[(&str, T)]) -> Result<T, Failure> {
    let found = words.iter().find(|(word, _)| *word == given);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        wrong(option, given, &words.join(" or "))
    })
}

fn wrong(option: &str, given: &str, expected: &str) -> Failure {
    Failure::argument(format!("{option} {given}: expected {expected}"))
}

/// The window of a day in a time zone: 23, 24 or 25 hours.
fn window(day: Date, zone: &TimeZone) -> Option<Range<Timestamp>> {
    let first = |day: Date| {
        let start = day.to_zoned_datetime(zone.clone()).ok()?.start_of_day().ok()?;
        Some(Timestamp::from_millis(start.timestamp().as_millisecond()))
    };
    Some(first(day)?..first(day.tomorrow().ok()?)?)
}
