//! Classifies each event of a file: one form-encoded body a line in, one JSON line out.
//!
//! ```text
//! cargo run --release -p tools --features ucom --bin ucom-classify -- \
//!     [--policy default|strict-seed] [--directory FILE] [FILE]
//! ```
//!
//! `FILE` holds bodies, one a line; `-` or nothing is standard input. The directory is a JSON
//! object: `{"extensions": {"106": "phone"}, "prefixes": ["453"], "own_numbers":
//! ["+78125550100"]}`, each member optional, or only the extensions. A body that is not an event
//! gives a line with `error`; the exit code is still 0.

#![forbid(unsafe_code)]

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use tools::input::Input;
use tools::ucom::{json_line, read_directory};
use tools::usage::{Failure, Long, Value, ValueExt as _, run};
use ucom_events::form::Limits;
use ucom_events::{Directory, Policy};

const USAGE: &str = "\
usage: ucom-classify [--policy default|strict-seed] [--directory FILE] [FILE]
    FILE                          one form-encoded body a line; - or nothing reads standard input
    --policy default|strict-seed  the rule for numbers that no directory has
    --directory FILE              a JSON object with extensions, prefixes and own_numbers
    --help                        print this text";

fn main() -> ExitCode {
    run(env!("CARGO_BIN_NAME"), USAGE, |mut arguments| {
        let (mut policy, mut directory, mut file) = (Policy::Default, Directory::default(), None);
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("policy") => {
                    policy = match &*arguments.value()? {
                        "default" => Policy::Default,
                        "strict-seed" => Policy::StrictSeed,
                        _ => {
                            let expected = "--policy: expected default or strict-seed";
                            return Err(Failure::argument(expected));
                        }
                    }
                }
                Long("directory") => directory = read_directory(&arguments.value()?)?,
                Value(name) if file.is_none() => file = Some(name.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        let mut input = Input::open(file.as_deref().unwrap_or("-"))?;
        let mut out = BufWriter::new(io::stdout().lock());
        while let Some(body) = input.next_line(Limits::default().bytes)? {
            writeln!(out, "{}", json_line::of_body(&body, policy, &directory))?;
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    })
}
