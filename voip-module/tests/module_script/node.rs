//! The script in node, with stand-ins for the platform's globals.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/module_script")
}

/// The installed packages.
pub(crate) fn packages() -> PathBuf {
    folder().join("typescript/node_modules")
}

/// Returns `true` if node and both compilers are there. Without them a test says so and passes, unless it is
/// required.
pub(crate) fn has_typescript() -> bool {
    let has_node = Command::new("node").arg("--version").output().is_ok();
    let has_both = ["typescript-oldest", "typescript-newest"]
        .iter()
        .all(|package| packages().join(package).join("bin/tsc").exists());
    if has_node && has_both {
        return true;
    }
    assert!(std::env::var_os("REQUIRE_TYPESCRIPT").is_none(), "node or typescript is missing");
    eprintln!("skipped: node is missing, or `npm ci` was not run in {}", folder().display());
    false
}

/// The process that runs scripts: one for all tests.
struct Node {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _child: Child,
}

impl Node {
    fn start() -> Self {
        let mut child = Command::new("node")
            .arg(folder().join("platform.js"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { input, output: BufReader::new(output), _child: child }
    }

    fn ask(&mut self, job: &Value) -> Value {
        writeln!(self.input, "{job}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

/// A call of a function of a script: `{"script","settings","function","args","random"?}`. Gives
/// `{"value"}` or `{"thrown"}`, and what else the script did.
pub(crate) fn run(job: &Value) -> Value {
    static NODE: OnceLock<Mutex<Node>> = OnceLock::new();
    let node = NODE.get_or_init(|| Mutex::new(Node::start()));
    node.lock().unwrap_or_else(PoisonError::into_inner).ask(job)
}

/// A script with its settings.
#[derive(Clone)]
pub(crate) struct Module {
    pub(crate) script: String,
    pub(crate) settings: Value,
}

impl Module {
    pub(crate) fn call(&self, function: &str, args: Value) -> Value {
        self.call_with(function, args, json!({}))
    }

    /// Calls a function with more members of the job.
    pub(crate) fn call_with(&self, function: &str, args: Value, more: Value) -> Value {
        let mut job = json!({
            "script": self.script, "settings": self.settings, "function": function, "args": args,
        });
        for (name, value) in more.as_object().unwrap() {
            job[name] = value.clone();
        }
        run(&job)
    }
}
