//! What every program does with `--help` and with arguments that it does not know.

use std::process::ExitCode;

/// The exit code for wrong arguments.
const WRONG_ARGUMENTS: u8 = 2;

/// Prints the usage text to standard output.
#[must_use]
pub fn help(usage: &str) -> ExitCode {
    println!("{usage}");
    ExitCode::SUCCESS
}

/// Prints what is wrong with the arguments, and where the usage text is.
#[must_use]
pub fn refuse(program: &str, error: &str) -> ExitCode {
    eprintln!("{program}: {error}; see {program} --help");
    ExitCode::from(WRONG_ARGUMENTS)
}

/// Ends a program that takes no arguments if it was given one: `--help` prints the usage text.
pub fn no_arguments(program: &str, usage: &str) {
    let code = match std::env::args().nth(1).as_deref() {
        None => return,
        Some("--help") => {
            println!("{usage}");
            0
        }
        // The argument may be a URL with a token in it.
        Some(_) => {
            eprintln!("{program}: expected no arguments; see {program} --help");
            WRONG_ARGUMENTS.into()
        }
    };
    std::process::exit(code);
}
