//! The program: arguments, exit codes, what stands in its way.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The program, ended with its owner.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Program {
    /// Starts the program, and waits until it prints its address.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().strip_prefix("open http://").and_then(|rest| rest.strip_suffix('/'));
        let address = address.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap();
        Self { child, address }
    }

    /// Ends the program without any warning.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
    command.args(arguments).env("RUST_LOG", "error").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// A configuration with one source that says nothing.
pub(crate) fn write_config(folder: &Path, more: &str) -> String {
    let (token, path) = (folder.join("token"), folder.join("hub.toml"));
    std::fs::write(&token, "s3cret").unwrap();
    let database = folder.join("hub.sqlite3");
    let text = format!(
        "listen = \"127.0.0.1:0\"\ndatabase = {database:?}\n{more}\n[[source]]\nname = \"quiet\"\n\
         kind = \"gravitel\"\ntoken = {{ file = {token:?} }}\n"
    );
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn without_arguments_there_is_a_call_of_each_source_within_seconds() {
    let (code, stdout, stderr) = run(&["--for", "10s"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.starts_with("open http://127.0.0.1:"), "{stdout}");
    for source in ["basix", "gravitel", "ucom", "vodia"] {
        let line = format!("\n{source}: call ");
        assert!(stdout.contains(&line), "{stdout}");
    }
    assert!(stdout.ends_with("\nhealthy, and a call was seen from each source\n"), "{stdout}");
}

#[test]
fn a_source_without_calls_fails_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, stderr) = run(&["--config", &write_config(folder.path(), ""), "--for", "0s"]);
    assert_eq!((code, &*stderr), (Some(1), "hub: no call was seen from source quiet\n"));
}

#[test]
fn mistakes_are_named_and_the_usage_is_shown() {
    let (code, stdout, stderr) = run(&["--help"]);
    assert_eq!((code, &*stderr), (Some(0), ""));
    assert!(stdout.starts_with("usage: hub "), "{stdout}");
    let (code, _, stderr) = run(&["--token", "s3cret"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("usage: hub ") && !stderr.contains("s3cret"), "{stderr}");
    let (code, _, stderr) = run(&["--for", "soon"]);
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("hub: --for: expected a time, such as 10s\n"), "{stderr}");
    let (code, _, stderr) = run(&["--listen", "0.0.0.0:0", "--for", "0s"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("expected loopback"), "{stderr}");

    let folder = tempfile::tempdir().unwrap();
    let path = write_config(folder.path(), "inbox_hours = -1\ncolour = \"red\"");
    let (code, _, stderr) = run(&["--config", &path]);
    assert_eq!(code, Some(2));
    let lines: Vec<_> = stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{stderr}");
    assert!(lines[0].starts_with("hub: inbox_hours: expected a whole number from 1 to 8760"));
    assert!(lines[1].starts_with("hub: colour: expected one of name, listen, "));
    let (code, _, stderr) = run(&["--config", "no-such-file.toml"]);
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("hub: no-such-file.toml: expected a readable file"), "{stderr}");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, stdout, stderr) = run(&["--listen", &address]);
    assert_eq!((code, &*stdout), (Some(1), ""));
    assert!(stderr.starts_with(&format!("hub: cannot listen on {address}: ")), "{stderr}");
    assert!(stderr.ends_with("; set another `listen`\n"), "{stderr}");
}

#[test]
fn a_database_that_cannot_be_used_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = write_config(folder.path(), "");
    let database = folder.path().join("hub.sqlite3");
    let newer = rusqlite::Connection::open(&database).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    let (code, _, stderr) = run(&["--config", &path]);
    assert_eq!(code, Some(1));
    let expected = format!("hub: {}: the database has version 99, ", database.display());
    assert!(stderr.starts_with(&expected), "{stderr}");
    newer.pragma_update(None, "user_version", 0).unwrap();
    newer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (code, _, stderr) = run(&["--config", &path]);
    assert_eq!(code, Some(1));
    let expected =
        format!("hub: {}: the database is locked by another program\n", database.display());
    assert_eq!(stderr, expected);
    drop(newer);

    let first = Program::start(&["--config", &path]);
    let (code, _, stderr) = run(&["--config", &path]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("the database is in use by another hub"), "{stderr}");
    first.kill();
    let again = Program::start(&["--config", &path]);
    again.kill();
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_program_with_success() {
    let mut program = Program::start(&[]);
    let id = program.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(program.child.wait().unwrap().code(), Some(0));
}
