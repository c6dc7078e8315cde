//! The engine of Debian's package `duktape`, an ES5 engine.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A running engine, in which the test plays the PBX.
pub(crate) struct Duk {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    _folder: TempDir,
}

impl Duk {
    /// Starts the engine with the host's functions; `None` if the engine is missing and not required.
    pub(crate) fn start(script: &str, has_timer: bool) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let timer = if has_timer { "var setTimeout = Host.setTimeout;\n" } else { "" };
        let source = serde_json::to_string(script).unwrap();
        let host = format!("{}{timer}var source = {source};\n", include_str!("host.js"));
        std::fs::write(folder.path().join("host.js"), host).unwrap();
        let mut command = Command::new("duk");
        command.current_dir(folder.path()).args(["-i", "host.js"]);
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => {
                assert!(std::env::var_os("REQUIRE_DUK").is_none(), "duk: {error}");
                eprintln!("skipped: the engine `duk` is missing (package duktape)");
                return None;
            }
        };
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Some(Self { child, stdin, stdout: BufReader::new(stdout), _folder: folder })
    }

    /// Runs JavaScript in one line, and gives what the host was asked for meanwhile.
    pub(crate) fn eval(&mut self, script: &str) -> Vec<(String, Value)> {
        assert!(script.len() < 60_000 && !script.contains('\n'), "the engine reads short lines");
        let end = "emit('done', null)";
        writeln!(
            self.stdin,
            "try {{ {script} }} catch (e) {{ emit('thrown', String(e)); }} {end};"
        )
        .unwrap();
        self.stdin.flush().unwrap();
        let mut asked = Vec::new();
        loop {
            let mut line = String::new();
            let read = self.stdout.read_line(&mut line).unwrap();
            assert!(read > 0, "the engine has ended");
            // A prompt may stand before it.
            let Some(at) = line.find("@[") else { continue };
            let (kind, value): (String, Value) =
                serde_json::from_str(line[at + 1..].trim()).unwrap();
            match &*kind {
                "done" => return asked,
                "thrown" => panic!("thrown: {value}"),
                _ => asked.push((kind, value)),
            }
        }
    }
}

impl Drop for Duk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
