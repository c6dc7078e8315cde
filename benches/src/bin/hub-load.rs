//! Measures the hub under load, and writes `benches/results/hub.md` and the table in the hub's README.
//!
//! ```text
//! cargo run --release -p benches --features hub --bin hub-load -- [CALLS]
//! ```
//!
//! `CALLS`: calls of each of the four PBXs; 25,000 without it. With fewer, nothing is written.

#![forbid(unsafe_code)]

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use benches::report::{Machine, replaced};

/// Calls of each PBX.
const CALLS: u64 = 25_000;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hub-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let calls = match std::env::args().nth(1) {
        Some(text) => text.parse().map_err(|_| "usage: hub-load [CALLS]")?,
        None => CALLS,
    };
    let table = benches::hub::report(calls)?;
    print!("{table}");
    if calls < CALLS {
        return Ok(());
    }
    let command = "cargo run --release -p benches --features hub --bin hub-load";
    let machine = Machine::here(command.to_owned());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::write(
        folder.join("results/hub.md"),
        format!("# The hub under load\n\n{}\n\n{table}\n{machine}\n", benches::hub::METHOD),
    )?;
    let readme = folder.join("../examples/hub/README.md");
    let page = replaced(&std::fs::read_to_string(&readme)?, &table);
    std::fs::write(readme, page.ok_or("the README's marks of the table are missing")?)?;
    Ok(())
}
