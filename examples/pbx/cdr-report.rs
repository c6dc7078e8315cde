//! Prints what each call record of a file came to: one record (JSON) a line, one JSON line for each.
//!
//! ```text
//! cargo run --release -p pbx-examples --example cdr-report -- [--mode strict|lenient] \
//!     [--fraction decimal|unpadded] [--sla SECONDS] [--table] FILE
//! ```
//!
//! `-` or nothing is standard input; blank lines are left out. A record that cannot be read gives a
//! line with `error`; the program ends with 0 all the same. With `--table`, tables per queue and per
//! agent are printed in place of lines, each call counted once; `--sla` is the time within which a
//! queue should answer, 20 s unless told otherwise.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::process::ExitCode;
use std::time::Duration;

use pbx_examples::report_table::Tables;
use pbx_examples::{lines, report_line};
use pbx_integration::{FractionMode, Mode, Reader};

const USAGE: &str = "usage: cdr-report [--mode strict|lenient] [--fraction decimal|unpadded] \
    [--sla SECONDS] [--table] FILE
    FILE    one call record (JSON) a line; - reads standard input";

fn main() -> ExitCode {
    let result = Options::parse(std::env::args().skip(1))
        .map_err(|message| format!("{message}\n{USAGE}"))
        .and_then(|options| run(&options));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("cdr-report: {message}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    reader: Reader,
    target: Duration,
    table: bool,
    file: Option<String>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut mode, mut fraction) = (Mode::Lenient, FractionMode::Decimal);
        let (mut target, mut table, mut file) = (Duration::from_secs(20), false, None);
        while let Some(argument) = arguments.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let mut value = || {
                inline
                    .clone()
                    .or_else(|| arguments.next())
                    .ok_or_else(|| format!("{name} needs a value"))
            };
            match name {
                "--mode" => {
                    mode = match value()?.as_str() {
                        "strict" => Mode::Strict,
                        "lenient" => Mode::Lenient,
                        other => return Err(format!("--mode {other}: strict or lenient")),
                    }
                }
                "--fraction" => {
                    fraction = match value()?.as_str() {
                        "decimal" => FractionMode::Decimal,
                        "unpadded" => FractionMode::UnpaddedMillis,
                        other => return Err(format!("--fraction {other}: decimal or unpadded")),
                    }
                }
                "--sla" => {
                    let text = value()?;
                    let seconds = text.parse().ok();
                    target = seconds
                        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                        .ok_or_else(|| format!("--sla {text}: a number of seconds"))?;
                }
                "--table" if inline.is_none() => table = true,
                path if file.is_none() && (path == "-" || !path.starts_with("--")) => {
                    file = Some(argument);
                }
                _ => return Err(format!("{argument}: not understood")),
            }
        }
        Ok(Self { reader: Reader::new(mode).with_fraction(fraction), target, table, file })
    }
}

fn run(options: &Options) -> Result<(), String> {
    let name = options.file.as_deref().unwrap_or("-");
    let mut input: Box<dyn BufRead> = match name {
        "-" => Box::new(io::stdin().lock()),
        path => Box::new(BufReader::new(File::open(path).map_err(|error| in_file(path, &error))?)),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut tables = options.table.then(|| Tables::new(options.target));
    let mut number = 0_u64;
    let reader = &options.reader;
    loop {
        let line = lines::read_line(&mut input, reader.max_bytes())
            .map_err(|error| in_file(name, &error))?;
        let Some(line) = line else { break };
        number += 1;
        // Some editors begin a file with a byte order mark.
        let json = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(&line);
        if json.trim_ascii().is_empty() {
            continue;
        }
        let read = reader.read_cdr(json);
        let text = match (&mut tables, &read) {
            (Some(tables), Ok(parsed)) => {
                tables.add(&parsed.value);
                continue;
            }
            (Some(tables), Err(_)) => {
                tables.add_refused();
                continue;
            }
            (None, Ok(parsed)) => report_line::of_record(parsed),
            (None, Err(error)) => report_line::of_error(error, number, reader, json),
        };
        let text = text.map_err(|error| in_file(name, &error))?;
        let written = writeln!(out, "{text}");
        if written.is_err() {
            return flushed(written);
        }
    }
    if let Some(tables) = tables {
        let written = write!(out, "{tables}");
        if written.is_err() {
            return flushed(written);
        }
    }
    flushed(out.flush())
}

/// Whoever read the output may have seen enough; that is no error.
fn flushed(result: io::Result<()>) -> Result<(), String> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(in_file("standard output", &error))
        }
        _ => Ok(()),
    }
}

fn in_file(name: &str, error: &dyn std::fmt::Display) -> String {
    format!("{name}: {error}")
}
