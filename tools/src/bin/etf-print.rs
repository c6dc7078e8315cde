//! Prints Erlang terms: one term in hexadecimal per line in, one JSON line per term out.
//!
//! ```text
//! cargo run --release -p tools --bin etf-print -- [--cti] FILE
//! ```
//!
//! `FILE` may be `-` for standard input. `--cti` rejects terms that a CTI message must not contain.
//! Blanks between digits are ignored. For a line that is not a term, it prints an object with the
//! kind of the error, its byte offset, its line and column, and a message.

#![forbid(unsafe_code)]

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use basix_cti::bert::{self, DecodeError, Decoder, Limits};
use serde_json::json;
use tools::input::Input;
use tools::usage::{Failure, Long, Value, ValueExt as _, run};
use tools::{hex, tree};

const USAGE: &str = "\
usage: etf-print [--cti] FILE
    FILE      a term in hexadecimal on each line, with or without blanks; - reads standard input
    --cti     refuse what a CTI message must not hold
    --help    print this text";

/// Maximum length of a line.
const MAX_LINE: usize = 1 << 30;

/// The tag of a compressed term.
const COMPRESSED: u8 = 80;

fn main() -> ExitCode {
    run(env!("CARGO_BIN_NAME"), USAGE, |mut arguments| {
        let (mut cti, mut file) = (false, None);
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("cti") => cti = true,
                Value(name) if file.is_none() => file = Some(name.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        let file = file.ok_or_else(|| Failure::argument("FILE is missing"))?;
        print(&mut Input::open(&file)?, cti)
    })
}

fn print(input: &mut Input, cti: bool) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    // Bytes, so that a line that is not even text has a position.
    while let Some(line) = input.next_line(MAX_LINE)? {
        let number = input.line();
        let printed = match hex::decode(&line) {
            Ok(message) => term(&message, cti).unwrap_or_else(|error| {
                let (code, offset) = (error.kind().code(), error.offset());
                // In a compressed term the offset belongs to the inflated term, which has no
                // columns.
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
    out.flush()?;
    Ok(ExitCode::SUCCESS)
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
