//! Plays recorded events through a tracker, and prints notices and call records as JSON lines.
//!
//! ```text
//! cargo run --release -p ucom-examples --example ucom-calls -- \
//!     [--directory FILE] [--end] [--without-answer] [--restart-after N] [FILE]
//! ```
//!
//! A line of `FILE` is `{"at": MICROSECONDS, "body": "EventType=…"}`, or a body that comes at its own
//! `EventTime`. `--end` runs the clock on until every call is decided; `--restart-after N` turns the
//! tracker into JSON and back after the N-th line.

#![forbid(unsafe_code)]

use std::io::{self, BufWriter};
use std::process::ExitCode;

use ucom_events::TrackerOptions;
use ucom_examples::options::{Options, flushed, in_file};
use ucom_examples::play::Player;
use ucom_examples::{lines, usage};

const KNOWN: [&str; 4] = ["--directory", "--end", "--without-answer", "--restart-after"];
const USAGE: &str =
    "usage: ucom-calls [--directory FILE] [--end] [--without-answer] [--restart-after N] [FILE]";

/// Longest line that is read: a body of 64 KiB, every byte escaped.
const MAX_LINE: usize = 1 << 19;

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|argument| argument == "--help") {
        usage::help(USAGE);
    }
    let options = Options::parse(std::env::args().skip(1), &KNOWN)
        .unwrap_or_else(|error| usage::refuse("ucom-calls", &error));
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("ucom-calls: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let mut input = options.open()?;
    let tracking = match options.without_answer {
        true => TrackerOptions::default().without_answer(),
        false => TrackerOptions::default(),
    };
    let out = BufWriter::new(io::stdout().lock());
    let mut player = Player::new(tracking, options.directory.clone(), out);
    let mut number = 0;
    while let Some(line) =
        lines::read_line(&mut input, MAX_LINE).map_err(|error| in_file(options.name(), &error))?
    {
        number += 1;
        match player.line(&line) {
            Ok(None) => {}
            Ok(Some(wrong)) => eprintln!("{}:{number}: {wrong}", options.name()),
            Err(error) => return flushed(Err(error)),
        }
        if options.restarts.contains(&number) {
            player.restart().map_err(|error| in_file("snapshot", &error))?;
        }
    }
    let ended = if options.end { player.end() } else { Ok(()) };
    if ended.is_err() {
        return flushed(ended);
    }
    flushed(player.flush())
}
