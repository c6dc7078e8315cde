//! Runs the examples as a user would.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod cdr_store;
mod vodia;
mod websocket;

use std::path::Path;
use std::process::Command;

/// An example, which Cargo has built beside this test.
fn command(name: &str, arguments: &[&str]) -> Command {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    assert!(built.exists(), "{name} is not built; `cargo test` without --test builds it");
    let mut command = Command::new(built);
    command.args(arguments);
    command
}

/// The output of an example.
#[track_caller]
fn run(name: &str, arguments: &[&str]) -> String {
    let output = command(name, arguments).output().unwrap();
    let found = (String::from_utf8(output.stderr).unwrap(), output.status.code());
    assert_eq!(found, (String::new(), Some(0)));
    String::from_utf8(output.stdout).unwrap()
}
