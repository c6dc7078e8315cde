//! Running a program.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value as Json;

/// Every program of the package.
pub(crate) const PROGRAMS: [(&str, &str); 9] = [
    ("basix-decode", env!("CARGO_BIN_EXE_basix-decode")),
    ("basix-follow", env!("CARGO_BIN_EXE_basix-follow")),
    ("cdr-report", env!("CARGO_BIN_EXE_cdr-report")),
    ("elma-script", env!("CARGO_BIN_EXE_elma-script")),
    ("etf-print", env!("CARGO_BIN_EXE_etf-print")),
    ("ucom-calls", env!("CARGO_BIN_EXE_ucom-calls")),
    ("ucom-classify", env!("CARGO_BIN_EXE_ucom-classify")),
    ("vodia-script", env!("CARGO_BIN_EXE_vodia-script")),
    ("voip-parse", env!("CARGO_BIN_EXE_voip-parse")),
];

/// The output of a program that has ended.
pub(crate) struct Run {
    pub(crate) out: String,
    pub(crate) errors: String,
    pub(crate) code: Option<i32>,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            out: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }

    /// Checks that the program succeeded.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!((self.errors.as_str(), self.code), ("", Some(0)), "{}", self.out);
        self
    }

    pub(crate) fn lines(&self) -> Vec<Json> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Checks that the program printed only one line to standard error, with an exit code.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, line: &str) {
        let found = (self.code, self.out.as_str(), self.errors.as_str());
        assert_eq!(found, (Some(code), "", format!("{line}\n").as_str()));
    }
}

/// An unused path for one test.
pub(crate) fn path(name: &str) -> String {
    let path = [env!("CARGO_TARGET_TMPDIR"), name].iter().collect::<PathBuf>();
    let _ = std::fs::remove_file(&path);
    path.into_os_string().into_string().unwrap()
}

/// A file for one test.
pub(crate) fn file(name: &str, content: &[u8]) -> String {
    let path = path(name);
    std::fs::write(&path, content).unwrap();
    path
}

pub(crate) fn command(name: &str, arguments: &[&str]) -> Command {
    let (_, path) = PROGRAMS.into_iter().find(|(program, _)| *program == name).unwrap();
    let mut command = Command::new(path);
    command.args(arguments).env_remove("BASIX_TOKEN").env_remove("BRIDGE_SECRET");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn start(mut command: Command) -> Child {
    command.spawn().unwrap()
}

/// Runs a program with this standard input.
pub(crate) fn run(name: &str, arguments: &[&str], input: &[u8]) -> Run {
    let mut child = command(name, arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    Run::of(std::thread::scope(|scope| {
        // Beside the reading, or both would wait for each other once the pipes are full.
        scope.spawn(move || match stdin.write_all(input) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => panic!("{error}"),
            // A program that refuses its arguments does not read.
            _ => {}
        });
        child.wait_with_output().unwrap()
    }))
}
