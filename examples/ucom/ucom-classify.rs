//! Prints what each event of a file is: one form-encoded body a line, one JSON line for each.
//!
//! ```text
//! cargo run --release -p ucom-examples --example ucom-classify -- \
//!     [--policy default|strict-seed] [--directory FILE] [FILE]
//! ```
//!
//! `FILE` holds bodies, one a line; `-` or nothing is standard input. The directory is a JSON object
//! from short extension name to extension type, such as `{"106": "phone", "300": "queue"}`. A body
//! that is no event gives a line with `error`; the program ends with 0 all the same.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::process::ExitCode;

use ucom_events::{Directory, ExtensionType, Limits, Policy};
use ucom_examples::{json_line, lines};

const USAGE: &str = "usage: ucom-classify [--policy default|strict-seed] [--directory FILE] [FILE]
    FILE    one form-encoded body a line; - or nothing reads standard input";

fn main() -> ExitCode {
    let result = Options::parse(std::env::args().skip(1))
        .map_err(|message| format!("{message}\n{USAGE}"))
        .and_then(|options| run(&options));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("ucom-classify: {message}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Default)]
struct Options {
    policy: Policy,
    directory: Option<String>,
    file: Option<String>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
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
                "--policy" => {
                    options.policy = match value()?.as_str() {
                        "default" => Policy::default(),
                        "strict-seed" => Policy::strict_seed(),
                        other => return Err(format!("--policy {other}: default or strict-seed")),
                    }
                }
                "--directory" => options.directory = Some(value()?),
                file if options.file.is_none() && (file == "-" || !file.starts_with("--")) => {
                    options.file = Some(argument);
                }
                _ => return Err(format!("{argument}: not understood")),
            }
        }
        Ok(options)
    }
}

fn run(options: &Options) -> Result<(), String> {
    let directory = options.directory.as_deref().map(read_directory).transpose()?;
    let directory = directory.as_ref().map(|directory| directory as &dyn Directory);
    let name = options.file.as_deref().unwrap_or("-");
    let mut input: Box<dyn BufRead> = match name {
        "-" => Box::new(io::stdin().lock()),
        path => Box::new(BufReader::new(File::open(path).map_err(|error| in_file(path, &error))?)),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    loop {
        let line = lines::read_line(&mut input, Limits::default().bytes)
            .map_err(|error| in_file(name, &error))?;
        let result = match line {
            Some(body) => {
                writeln!(out, "{}", json_line::of_body(&body, &options.policy, directory))
            }
            None => return flushed(out.flush()),
        };
        if result.is_err() {
            return flushed(result);
        }
    }
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

fn read_directory(path: &str) -> Result<BTreeMap<String, ExtensionType>, String> {
    let text = std::fs::read(path).map_err(|error| in_file(path, &error))?;
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    serde_json::from_slice(text).map_err(|error| {
        format!("{path}: not a JSON object from short name to extension type: {error}")
    })
}

fn in_file(name: &str, error: &dyn std::fmt::Display) -> String {
    format!("{name}: {error}")
}
