//! Plays recorded events through a tracker, and prints notices and call records as JSON lines.
//!
//! ```text
//! cargo run --release -p tools --features ucom --bin ucom-calls -- \
//!     [--directory FILE] [--end] [--without-answer] [--restart-after N] [FILE]
//! ```
//!
//! A line of `FILE` is `{"at": MICROSECONDS, "body": "EventType=…"}`, or a body that comes at its own
//! `EventTime`. `--end` runs the clock on until every call is decided; `--restart-after N` turns the
//! tracker into JSON and back after the N-th line.

#![forbid(unsafe_code)]

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use tools::input::Input;
use tools::ucom::{Player, read_directory};
use tools::usage::{Failure, Long, Value, ValueExt as _, run};
use ucom_events::{Directory, TrackerOptions};

const USAGE: &str = "\
usage: ucom-calls [OPTION]... [FILE]
    FILE                an event on each line, {\"at\": MICROSECONDS, \"body\": \"EventType=…\"} or a body
                        that comes at its own time; - or nothing reads standard input
    --directory FILE    a JSON object with extensions, prefixes and own_numbers
    --end               run the clock on until every call is decided
    --without-answer    nothing is subscribed to `answer`
    --restart-after N   turn the tracker into JSON and back after line N; may be given again
    --help              print this text";

/// Maximum length of a line: a body of 64 KiB, every byte escaped.
const MAX_LINE: usize = 1 << 19;

fn main() -> ExitCode {
    run(env!("CARGO_BIN_NAME"), USAGE, |mut arguments| {
        let (mut options, mut directory) = (TrackerOptions::default(), Directory::default());
        let (mut end, mut restarts, mut file) = (false, Vec::new(), None);
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("directory") => directory = read_directory(&arguments.value()?)?,
                Long("end") => end = true,
                Long("without-answer") => options = options.without_answer(),
                Long("restart-after") => {
                    let wrong = || Failure::argument("--restart-after: expected a number");
                    restarts.push(arguments.value()?.parse().map_err(|_| wrong())?);
                }
                Value(name) if file.is_none() => file = Some(name.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        let mut input = Input::open(file.as_deref().unwrap_or("-"))?;
        let mut player = Player::new(options, directory, BufWriter::new(io::stdout().lock()));
        while let Some(line) = input.next_line(MAX_LINE)? {
            if let Some(wrong) = player.line(&line)? {
                // A closed standard error is no reason to stop.
                let _ = writeln!(io::stderr(), "{}:{}: {wrong}", input.name(), input.line());
            }
            if restarts.contains(&input.line()) {
                player.restart().map_err(|error| Failure::in_file("snapshot", error))?;
            }
        }
        if end {
            player.end()?;
        }
        player.flush()?;
        Ok(ExitCode::SUCCESS)
    })
}
