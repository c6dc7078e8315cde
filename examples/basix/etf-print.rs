//! Prints Erlang terms: one term in hexadecimal per line in, one JSON line per term out.
//!
//! ```text
//! cargo run --release -p basix-examples --example etf-print -- [--cti] FILE
//! ```
//!
//! `FILE` may be `-` for standard input. `--cti` refuses what a CTI message must not hold. Blanks
//! between digits are ignored. For a line that is no term, an object with the kind of the error, its
//! byte offset, its line and column, and a sentence about it is printed.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::process::ExitCode;

use basix_cti::bert::{self, DecodeError, Decoder, Limits};
use basix_examples::{hex, tree, usage};
use serde_json::json;

const NAME: &str = "etf-print";
const USAGE: &str = "\
usage: etf-print [--cti] FILE
    FILE      a term in hexadecimal on each line, with or without blanks; - reads standard input
    --cti     refuse what a CTI message must not hold
    --help    print this text";

/// The tag of a compressed term.
const COMPRESSED: u8 = 80;

fn main() -> ExitCode {
    let mut cti = false;
    let mut file = None;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--help" => return usage::help(USAGE),
            "--cti" => cti = true,
            _ if file.is_none() && (argument == "-" || !argument.starts_with('-')) => {
                file = Some(argument);
            }
            _ => return usage::refuse(NAME, &format!("{argument}: not understood")),
        }
    }
    let Some(file) = file else { return usage::refuse(NAME, "FILE is missing") };
    let input: Box<dyn BufRead> = if file == "-" {
        Box::new(io::stdin().lock())
    } else {
        match File::open(&file) {
            Ok(open) => Box::new(BufReader::new(open)),
            Err(error) => return fail(&format!("{file}: {error}")),
        }
    };
    match print(input, cti) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("{file}: {error}")),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("{NAME}: {message}");
    ExitCode::FAILURE
}

fn print(input: impl BufRead, cti: bool) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    // Bytes, so that a line that is not even text has a position.
    for (number, line) in (1_u64..).zip(input.split(b'\n')) {
        let line = line?;
        let printed = match hex::decode(&line) {
            Ok(message) => term(&message, cti).unwrap_or_else(|error| {
                let (code, offset) = (error.kind().code(), error.offset());
                // In a compressed term the offset is one of the inflated term, which has no columns.
                let is_inflated = !cti && message.get(1) == Some(&COMPRESSED);
                let column = hex::column_of(&line, if is_inflated { 1 } else { offset });
                explain(number, column, code, offset, &error.to_string())
            }),
            Err(error) => {
                let offset = hex::bytes_before(&line, error.column);
                explain(number, error.column, "hex", offset, &error.to_string())
            }
        };
        writeln!(out, "{printed}")?;
    }
    out.flush()
}

fn explain(line: u64, column: usize, code: &str, offset: usize, error: &str) -> String {
    let message = format!("line {line}, column {column}: {error}");
    json!({"error": code, "offset": offset, "line": line, "column": column, "message": message})
        .to_string()
}

fn term(message: &[u8], cti: bool) -> Result<String, DecodeError> {
    let plain;
    let term = if cti {
        bert::decode_cti(message)?
    } else {
        let limits = Limits::default().with_inflated_bytes(1 << 20);
        plain = bert::inflate(message, &limits)?;
        Decoder::new().with_limits(limits).decode(&plain)?
    };
    let text = json!(term.to_string());
    Ok(format!("{{\"tree\":{},\"text\":{text}}}", tree::to_json(term)))
}
