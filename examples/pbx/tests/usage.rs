//! Runs every program with `--help` and with an option that none has.

use std::path::Path;
use std::process::{Command, Output};

#[test]
fn every_program_prints_its_usage_and_refuses_an_unknown_option() {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap().join("examples");
    let run = |name: &str, option: &str| -> Output {
        Command::new(built.join(name)).arg(option).output().unwrap()
    };
    for name in ["cdr-report", "cdr-store", "vodia-events"] {
        let help = run(name, "--help");
        let printed = String::from_utf8(help.stdout).unwrap();
        assert!(help.status.success(), "{name}");
        assert!(printed.starts_with(&format!("usage: {name}")), "{printed}");
        let refused = run(name, "--frob");
        assert_eq!((refused.status.code(), &*refused.stdout), (Some(2), &b""[..]), "{name}");
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(error.ends_with(&format!("; see {name} --help\n")), "{error}");
    }
}
