//! Prints Erlang terms: one term in hexadecimal per line in, one JSON line per term out.
//!
//! ```text
//! cargo run --release -p basix-examples --example etf-print -- [--cti] FILE
//! ```
//!
//! `FILE` may be `-` for standard input. `--cti` refuses what a CTI message must not hold.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::process::ExitCode;

use basix_cti::bert::{self, DecodeError, Decoder, Limits};
use basix_examples::{hex, tree};
use serde_json::json;

const USAGE: &str = "usage: etf-print [--cti] FILE    (- reads standard input)";

fn main() -> ExitCode {
    let mut cti = false;
    let mut file = None;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--cti" => cti = true,
            _ if file.is_none() && (argument == "-" || !argument.starts_with('-')) => {
                file = Some(argument);
            }
            _ => return fail(&format!("{argument}: not understood\n{USAGE}")),
        }
    }
    let Some(file) = file else { return fail(USAGE) };
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
    eprintln!("etf-print: {message}");
    ExitCode::FAILURE
}

fn print(input: impl BufRead, cti: bool) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for line in input.lines() {
        let printed = match hex::decode(line?.trim()) {
            Some(message) => term(&message, cti).unwrap_or_else(|error| {
                json!({"error": error.kind().code(), "offset": error.offset()}).to_string()
            }),
            None => json!({"error": "hex", "offset": 0}).to_string(),
        };
        writeln!(out, "{printed}")?;
    }
    out.flush()
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
