//! Prints what each event of a file is: one form-encoded body a line, one JSON line for each.
//!
//! ```text
//! cargo run --release -p ucom-examples --example ucom-classify -- \
//!     [--policy default|strict-seed] [--directory FILE] [FILE]
//! ```
//!
//! `FILE` holds bodies, one a line; `-` or nothing is standard input. The directory is a JSON object:
//! `{"extensions": {"106": "phone"}, "prefixes": ["453"], "own_numbers": ["+78125550100"]}`, each member
//! optional, or only the extensions. A body that is no event gives a line with `error`; the program
//! ends with 0 all the same.

#![forbid(unsafe_code)]

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use ucom_events::form::Limits;
use ucom_examples::options::{Options, flushed, in_file};
use ucom_examples::{json_line, lines, usage};

const USAGE: &str = "usage: ucom-classify [--policy default|strict-seed] [--directory FILE] [FILE]
    FILE    one form-encoded body a line; - or nothing reads standard input";

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|argument| argument == "--help") {
        usage::help(USAGE);
    }
    let options = Options::parse(std::env::args().skip(1), &["--policy", "--directory"])
        .unwrap_or_else(|error| usage::refuse("ucom-classify", &error));
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("ucom-classify: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let mut input = options.open()?;
    let mut out = BufWriter::new(io::stdout().lock());
    while let Some(body) = lines::read_line(&mut input, Limits::default().bytes)
        .map_err(|error| in_file(options.name(), &error))?
    {
        let line = json_line::of_body(&body, options.policy, &options.directory);
        if let Err(error) = writeln!(out, "{line}") {
            return flushed(Err(error));
        }
    }
    flushed(out.flush())
}
