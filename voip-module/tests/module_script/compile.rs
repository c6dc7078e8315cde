//! The script compiles with the real compiler, the oldest and the newest one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::json;
use voip_module::module_script::ModuleScript;
use voip_module::{Buttons, PlatformVersion};

use crate::{node, variants};

/// A folder with scripts and the declarations of an edition.
struct Project {
    folder: PathBuf,
    files: Vec<String>,
    options: serde_json::Value,
}

impl Project {
    fn new(name: &str, edition: PlatformVersion) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        // W31
        let options = json!({
            "target": "es2017", "lib": ["es2016"], "module": "commonjs", "types": [],
            "noImplicitAny": true, "strictNullChecks": true, "noEmit": true,
        });
        let mut project = Self { folder, files: Vec::new(), options };
        project.declare("platform");
        project.declare(edition.as_str());
        project
    }

    fn declare(&mut self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/module_script/declarations");
        let text = std::fs::read_to_string(folder.join(format!("{name}.d.ts"))).unwrap();
        self.add(&format!("{name}.d.ts"), &text);
    }

    fn add(&mut self, name: &str, text: &str) {
        std::fs::write(self.folder.join(name), text).unwrap();
        self.files.push(name.into());
    }

    // W34
    fn be_strict(&mut self) {
        for option in ["strict", "noUnusedLocals", "noUnusedParameters", "noImplicitReturns"] {
            self.options[option] = true.into();
        }
    }

    fn compile(&self, compiler: &str) -> Output {
        let config = json!({ "compilerOptions": self.options, "files": self.files });
        std::fs::write(self.folder.join("tsconfig.json"), config.to_string()).unwrap();
        let tsc = node::packages().join(compiler).join("bin/tsc");
        let output = Command::new("node").arg(tsc).arg("-p").arg(&self.folder).output();
        output.unwrap()
    }

    #[track_caller]
    fn compiles(&self) {
        for compiler in ["typescript-oldest", "typescript-newest"] {
            let output = self.compile(compiler);
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{compiler}, {}: {text}", self.folder.display());
        }
    }
}

// W31, W34, W166
#[test]
fn the_script_compiles_alone_for_each_edition() {
    if !node::has_typescript() {
        return;
    }
    for edition in variants::EDITIONS {
        for body in ["body-string", "body-union"] {
            let mut project = Project::new(&format!("alone-{edition}-{body}"), edition);
            project.declare(body);
            let script = ModuleScript::builder(Buttons::ALL).edition(edition).build().unwrap();
            project.add("script.ts", script.text());
            if body == "body-union" {
                project.be_strict();
            }
            project.compiles();
        }
    }
}

/// As a module whose exports are the platform's functions, so that the compiler finds each function
/// of the script's own that is not used.
// W32, W34, W166
#[test]
fn every_variant_compiles_strictly_and_uses_all_it_defines() {
    if !node::has_typescript() {
        return;
    }
    for edition in variants::EDITIONS {
        let mut project = Project::new(&format!("variants-{edition}"), edition);
        project.declare("body-union");
        project.declare("timers");
        project.be_strict();
        for (at, script) in variants::of(edition).iter().enumerate() {
            let exports = script.functions().join(", ");
            project.add(
                &format!("script-{at}.ts"),
                &format!("{}export {{ {exports} }};\n", script.text()),
            );
        }
        project.compiles();
    }
}

// W68, W166
#[test]
fn the_newest_script_does_not_compile_for_the_oldest_edition() {
    if !node::has_typescript() {
        return;
    }
    let mut project = Project::new("control", PlatformVersion::V2024);
    project.declare("body-string");
    let script = ModuleScript::builder(Buttons::ALL).build().unwrap();
    project.add("script.ts", script.text());
    for compiler in ["typescript-oldest", "typescript-newest"] {
        let output = project.compile(compiler);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success(), "{compiler}");
        for member in ["'Internal'", "'callId'", "'srcPhoneExt'"] {
            assert!(text.contains(member), "{compiler}: {text}");
        }
    }
}
