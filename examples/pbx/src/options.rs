//! The options of `cdr-report`.

use std::ops::Range;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use pbx_integration::Timestamp;
use pbx_integration::wire::{DurationUnit, FractionMode, Mode};

/// The usage text.
pub const USAGE: &str = "\
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, clippy::exhaustive_enums, reason = "the words of the option")]
pub enum Format {
    Auto,
    Cdr,
    Leg,
    Queue,
}

/// The options of `cdr-report`.
#[derive(Debug)]
#[expect(missing_docs, clippy::exhaustive_structs, reason = "the words of the options")]
pub struct Options {
    pub mode: Mode,
    /// `None` to detect it.
    pub fraction: Option<FractionMode>,
    pub format: Format,
    pub queue: Option<String>,
    pub unit: DurationUnit,
    pub target: Duration,
    pub window: Option<Range<Timestamp>>,
    pub table: bool,
    pub help: bool,
    pub file: Option<String>,
}

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    ///
    /// One line that says which argument is wrong.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            mode: Mode::Lenient,
            fraction: None,
            format: Format::Auto,
            queue: None,
            unit: DurationUnit::Seconds,
            target: Duration::from_secs(20),
            window: None,
            table: false,
            help: false,
            file: None,
        };
        let (mut day, mut zone) = (None, TimeZone::UTC);
        while let Some(argument) = arguments.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let mut value = || {
                let value = inline.clone().or_else(|| arguments.next());
                value.ok_or_else(|| format!("{name} needs a value"))
            };
            match name {
                "--mode" => {
                    let words = [("strict", Mode::Strict), ("lenient", Mode::Lenient)];
                    options.mode = word(name, &value()?, &words)?;
                }
                "--fraction" => {
                    let words = [
                        ("auto", None),
                        ("decimal", Some(FractionMode::Decimal)),
                        ("unpadded", Some(FractionMode::UnpaddedMillis)),
                    ];
                    options.fraction = word(name, &value()?, &words)?;
                }
                "--format" => {
                    let words = [
                        ("auto", Format::Auto),
                        ("cdr", Format::Cdr),
                        ("leg", Format::Leg),
                        ("queue", Format::Queue),
                    ];
                    options.format = word(name, &value()?, &words)?;
                }
                "--unit" => {
                    let words = [("s", DurationUnit::Seconds), ("ms", DurationUnit::Milliseconds)];
                    options.unit = word(name, &value()?, &words)?;
                }
                "--queue" => options.queue = Some(value()?),
                "--sla" => {
                    let text = value()?;
                    let seconds = text.parse().ok();
                    let target = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
                    options.target = target
                        .ok_or_else(|| format!("--sla {text}: expected a number of seconds"))?;
                }
                "--day" => {
                    let text = value()?;
                    let date = text.parse::<Date>().ok().filter(|_| text.len() == 10);
                    let date = date.ok_or_else(|| {
                        format!("--day {text}: expected a date that exists, as YYYY-MM-DD")
                    })?;
                    day = Some(date);
                }
                "--zone" => {
                    let text = value()?;
                    zone = TimeZone::get(&text).map_err(|_| {
                        format!("--zone {text}: expected a time zone, such as Europe/Berlin")
                    })?;
                }
                "--table" if inline.is_none() => options.table = true,
                "--help" if inline.is_none() => options.help = true,
                path if options.file.is_none() && (path == "-" || !path.starts_with('-')) => {
                    options.file = Some(argument);
                }
                _ => return Err(format!("unknown argument {argument}")),
            }
        }
        if let Some(day) = day {
            options.window = Some(window(day, &zone).ok_or("--day: out of range")?);
        }
        Ok(options)
    }
}

fn word<T: Copy>(name: &str, given: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == given);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("{name} {given}: expected {}", words.join(" or "))
    })
}

/// The window of a day in a time zone: 23, 24 or 25 hours.
fn window(day: Date, zone: &TimeZone) -> Option<Range<Timestamp>> {
    let first = |day: Date| {
        let start = day.to_zoned_datetime(zone.clone()).ok()?.start_of_day().ok()?;
        Some(Timestamp::from_millis(start.timestamp().as_millisecond()))
    };
    Some(first(day)?..first(day.tomorrow().ok()?)?)
}
