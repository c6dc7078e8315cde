//! Runs each example as a user would.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

use std::path::Path;
use std::process::Command;

/// The output of an example, which Cargo has built beside this test.
#[track_caller]
fn run(name: &str) -> String {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    assert!(built.exists(), "{name} is not built; `cargo test` without --test builds it");
    let output = Command::new(built).output().unwrap();
    let found = (String::from_utf8(output.stderr).unwrap(), output.status.code());
    assert_eq!(found, (String::new(), Some(0)));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn custom_provider_keeps_the_contract() {
    let output = run("custom-provider");
    assert!(output.trim_end().ends_with(" checks, 0 findings"), "{output}");
}

#[test]
fn json_provider_keeps_the_contract_and_its_recording_joins_the_record() {
    let output = run("json-provider");
    let lines: Vec<_> = output.lines().collect();
    assert!(lines[0].ends_with(" checks, 0 findings"), "{output}");
    assert_eq!(lines.len(), 5);
    assert!(lines[1].starts_with(r#"{"event":{"event":"notify_start","direction":"in","#));
    assert!(lines[3].contains(r#""record":{"srcPhone":"79990000001","dstPhone":"701","#));
    assert!(lines[4].contains(r#""call":{"url":"https://a.example/7"}"#), "{output}");
    assert!(lines[4].contains(r#""update":true"#), "{output}");
}

#[test]
fn a_record_arrives_once_though_the_sink_is_slow_and_the_sender_gives_up() {
    assert_eq!(
        run("impatient-sender").lines().collect::<Vec<_>>(),
        [
            "attempt 1: the PBX gives up",
            "attempt 2: the PBX gives up",
            "attempt 3: HTTP/1.1 200 OK",
            "attempt 4: HTTP/1.1 200 OK",
            "1 delivered, 2 undone, 1 repeated",
        ]
    );
}

#[test]
fn gravitel_commands_reach_the_pbx() {
    let output = run("gravitel-commands");
    for line in [
        "member: 701 Anna Admin",
        "member: 702 ivan",
        r#"asked for: [("702", "79990000002")]"#,
        "C-1 in +79990000001 admin 124 s",
        "recording: https://rec.example/a.mp3?id=1",
    ] {
        assert!(output.lines().any(|printed| printed == line), "{line}\n{output}");
    }
    assert!(!output.contains("key-for-the-cloud-pbx"));
}

#[test]
fn gravitel_webhook_plays_three_calls_and_ends() {
    let output = run("gravitel-webhook");
    let contact = r#"   answer: 200 {"contact_name":"Client One","responsible":"admin"}"#;
    assert!(output.lines().any(|line| line == contact), "{output}");
    let results: Vec<_> =
        output.lines().filter_map(|line| line.strip_prefix("to the CRM: ")).collect();
    let of = |word: &str| results.iter().filter(|result| result.contains(word)).count();
    assert_eq!((of("\"record\""), of("notify_end"), of("notify_answer")), (3, 4, 2), "{output}");
    assert_eq!(output.matches("   answer: 200").count(), 15);
    assert!(output.ends_with("\n1 repeated\n"), "{output}");
    assert!(!output.contains("token-of-the-platform") && !output.contains("key-for-the-cloud-pbx"));
}
