//! Running an example.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value as Json;

/// What an example did.
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

    /// What was printed by an example that ended well.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!((self.errors.as_str(), self.code), ("", Some(0)), "{}", self.out);
        self
    }

    pub(crate) fn lines(&self) -> Vec<Json> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The first line of standard error, without the name of the program.
    #[track_caller]
    pub(crate) fn first_error(&self) -> &str {
        self.errors.lines().next().unwrap().strip_prefix("basix-follow: ").unwrap()
    }
}

/// The changes that the PBX sent, without their times.
pub(crate) fn changes(lines: &[Json]) -> impl Iterator<Item = Json> {
    let told = |line: &&Json| line["change"].is_string() && line["origin"].is_null();
    lines.iter().filter(told).cloned().map(|mut line| {
        line["time"].take();
        line
    })
}

/// A path for one test, at which there is nothing.
pub(crate) fn file(name: &str) -> String {
    let path = [env!("CARGO_TARGET_TMPDIR"), name].iter().collect::<PathBuf>();
    let _ = std::fs::remove_file(&path);
    path.into_os_string().into_string().unwrap()
}

/// An example, which Cargo has built beside this test.
pub(crate) fn command(name: &str, arguments: &[&str]) -> Command {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let example =
        profile.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        example.exists(),
        "{} is not there: run all tests of the package, with `cargo test -p basix-examples`",
        example.display()
    );
    let mut command = Command::new(example);
    command.args(arguments).env_remove("BASIX_TOKEN");
    command
}

pub(crate) fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

pub(crate) fn run_example(name: &str, arguments: &[&str]) -> Run {
    Run::of(start(command(name, arguments)).wait_with_output().unwrap())
}

pub(crate) fn run(arguments: &[&str]) -> Run {
    run_example("basix-follow", arguments)
}
