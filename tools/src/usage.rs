//! The command line that all programs share: `--help`, wrong arguments, errors and exit codes.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::process::ExitCode;

pub use lexopt::Arg::{Long, Value};
pub use lexopt::ValueExt;

/// The exit code for wrong arguments.
const WRONG_ARGUMENTS: u8 = 2;

/// The end of a program before its work is done.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// `--help`.
    Help,
    /// An argument is wrong.
    Arguments(String),
    /// The input cannot be read, or another failure that the text explains.
    Failed(String),
    /// Standard output cannot be written.
    Output(io::Error),
}

impl Failure {
    /// A wrong argument.
    pub fn argument(text: impl Into<String>) -> Self {
        Self::Arguments(text.into())
    }

    /// An error in a file.
    #[must_use]
    pub fn in_file(name: &str, error: impl Display) -> Self {
        Self::Failed(format!("{name}: {error}"))
    }
}

impl From<lexopt::Error> for Failure {
    /// Names options only, because a value may be a secret.
    fn from(error: lexopt::Error) -> Self {
        use lexopt::Error as E;
        Self::Arguments(match error {
            E::UnexpectedOption(option) => format!("{option}: unknown option"),
            E::MissingValue { option: Some(option) } => format!("{option} needs a value"),
            E::UnexpectedValue { option, .. } => format!("{option} takes no value"),
            _ => "an argument is not understood".to_owned(),
        })
    }
}

/// Only output is written with `?`; errors of the input come with its name, as [`Failure::Failed`].
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// The arguments of a program.
#[derive(Debug)]
pub struct Arguments(lexopt::Parser);

impl Arguments {
    /// The next option or value.
    ///
    /// # Errors
    ///
    /// [`Failure::Help`] for `--help`, or an argument that cannot be read.
    #[expect(clippy::should_implement_trait, reason = "an argument borrows the parser")]
    pub fn next(&mut self) -> Result<Option<lexopt::Arg<'_>>, Failure> {
        match self.0.next()? {
            Some(Long("help")) => Err(Failure::Help),
            argument => Ok(argument),
        }
    }

    /// The value of the option that came last.
    ///
    /// # Errors
    ///
    /// If it is missing or not UTF-8.
    pub fn value(&mut self) -> Result<String, Failure> {
        Ok(self.0.value()?.string()?)
    }
}

/// Runs a program, prints its error, and returns its exit code: 0, 1 for a failure, 2 for wrong
/// arguments. A closed pipe of the output is not a failure.
pub fn run(
    name: &str,
    usage: &str,
    program: impl FnOnce(Arguments) -> Result<ExitCode, Failure>,
) -> ExitCode {
    let result = match program(Arguments(lexopt::Parser::from_env())) {
        Err(Failure::Help) => {
            writeln!(io::stdout(), "{}", usage.trim_end()).map_err(Failure::Output)
        }
        Ok(code) => return code,
        Err(failure) => Err(failure),
    };
    let (code, text) = match result {
        Ok(()) | Err(Failure::Help) => return ExitCode::SUCCESS,
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            return ExitCode::SUCCESS;
        }
        Err(Failure::Arguments(text)) => {
            (WRONG_ARGUMENTS.into(), format!("{text}; see {name} --help"))
        }
        Err(Failure::Failed(text)) => (ExitCode::FAILURE, text),
        Err(Failure::Output(error)) => (ExitCode::FAILURE, format!("standard output: {error}")),
    };
    // A closed standard error leaves the exit code.
    let _ = writeln!(io::stderr(), "{name}: {text}");
    code
}
