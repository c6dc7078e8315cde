//! Runs the examples as a user does, and checks what they print.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn example(name: &str, arguments: &[&str], input: &[u8]) -> Output {
    // Cargo has built it beside this test.
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    assert!(built.exists(), "{name} is not built; `cargo test` without --test builds it");
    let mut child = Command::new(built)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // Beside the reading, or both would wait for each other once the pipes are full. A program
        // that ends before it has read all breaks the pipe.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    })
}

/// The lines that `ucom-classify` prints, as JSON.
fn classify(arguments: &[&str], input: &[u8]) -> Vec<Value> {
    let output = example("ucom-classify", arguments, input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Data beside the tests.
fn data(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn classify_prints_a_line_for_each_line_and_ends_well_whatever_they_are() {
    let input = b"EventType=hangup&CallID=c\r\n\nEventType=\n\r\nfoo=bar\nEventType=dial-in\n\
        EventType=hangup&CallID=c&CallerIDName=\xff\r\r\nEventType=voicemail";
    let lines = classify(&["-"], input);
    let not_an_event = json!({"error": "NotAnEvent"});
    assert_eq!(lines.len(), 8);
    assert_eq!(lines[0]["call_id"], "c");
    assert_eq!(lines[1], not_an_event);
    assert_eq!(lines[2], json!({"error": "MissingField", "field": "EventType"}));
    assert_eq!(lines[3], not_an_event);
    assert_eq!(lines[4], not_an_event);
    assert_eq!(lines[5], json!({"error": "MissingField", "field": "CallID"}));
    assert_eq!(lines[6]["warnings"], json!(["CallerIDName"]));
    assert_eq!(
        (lines[7]["event_type"].as_str(), lines[7]["flow"].as_str()),
        (Some("voicemail"), None)
    );
    assert!(classify(&["-"], b"").is_empty());
}

#[test]
fn classify_prints_the_examples_of_the_vendors_formats() {
    let lines = classify(&[&data("examples.form")], b"");
    let expected: Vec<Value> = std::fs::read_to_string(data("examples.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), expected.len());
    for (line, expected) in lines.iter().zip(&expected) {
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&line[name], value, "{name} of {line}");
        }
        // What is not expected is absent.
        for (name, value) in line.as_object().unwrap() {
            let is_absent = value.is_null() || *value == json!([]) || *value == json!({});
            assert!(expected.get(name).is_some() || is_absent, "{name} of {line}");
        }
    }
}

#[test]
fn classify_takes_a_policy_and_a_directory() {
    let local = b"EventType=dial-out&CallID=c&CallerIDNum=1&CalledNumber=453*107\n\
        EventType=dial-in&CallID=c&CallerIDNum=106&CalledNumber=453*107\n";
    let of = |arguments: &[&str]| -> Vec<(String, Value, Value)> {
        classify(arguments, local)
            .into_iter()
            .map(|line| {
                (
                    line["scope"].as_str().unwrap().to_owned(),
                    line["party"].clone(),
                    line["rule"].clone(),
                )
            })
            .collect()
    };
    let row = |scope: &str, party: Value, rule: &str| (scope.to_owned(), party, json!(rule));
    let outside = row("external", json!("106"), "R26");
    assert_eq!(of(&["-"]), [row("local", Value::Null, "V5"), outside.clone()]);
    assert_eq!(
        of(&["--policy", "default", "-"]),
        [row("local", Value::Null, "V5"), outside.clone()]
    );
    assert_eq!(
        of(&["--policy", "strict-seed", "-"]),
        [row("external", json!("453*107"), "V6"), outside]
    );
    assert_eq!(
        of(&["--directory", &data("directory.json"), "-"]),
        [row("local", Value::Null, "V5"), row("internal", Value::Null, "R26")]
    );
}

#[test]
fn classify_says_what_is_wrong_with_its_arguments() {
    for (arguments, message) in [
        (&["--policy", "lax"][..], "--policy lax: default or strict-seed"),
        (&["--policy"], "--policy needs a value"),
        (&["a", "b"], "b: not understood"),
        (&["/nowhere/at/all"], "/nowhere/at/all: "),
        (&["--directory", &data("examples.form"), "-"], "not a JSON object from short name"),
    ] {
        let output = example("ucom-classify", arguments, b"");
        assert!(!output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(message), "{text}");
    }
}

#[test]
fn classify_takes_a_line_up_to_64_kib_and_256_pairs() {
    let body = |bytes: usize| {
        let mut body = b"EventType=x&Y=".to_vec();
        body.resize(bytes, b'y');
        body
    };
    let mut input = Vec::new();
    for line in [body(65_536), body(65_537), body(200_000), b"&a".repeat(257)] {
        input.extend_from_slice(&line);
        input.extend_from_slice(b"\r\n");
    }
    let lines = classify(&["-"], &input);
    assert_eq!(lines[0]["event_type"], "x");
    assert_eq!(lines[1..], vec![json!({"error": "TooLarge"}); 3]);
}

#[test]
fn listener_leaves_others_alone_and_logs_each_outside_call_once() {
    let output = example("ucom-listener", &[], b"");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    for line in [
        "user gleb: ! the PBX has no extension 999",
        "453*108 (33337): 14 of 16 places used by others, 0 of ours right",
        "  ! extension 33337 has no place left for dial-out, answer: delete unused subscriptions, or ask the PBX administrator for more places",
        "13 of 13 steps done",
        "planned again: 0 steps",
        "18 subscriptions of another integration: untouched",
        "listing subscriptions: the hourly budget is spent, wait 1800 s",
        "  453*107   dial-in  external         V15: the outside number behind a transferred leg",
        "            left out of the log: 453*099, V12: the queue of the call decides",
        "            agent 136 is ready",
        "  refused: no such event URL",
    ] {
        let without_time = line.split(", wait ").next().unwrap();
        assert!(text.lines().any(|printed| printed.starts_with(without_time)), "{line}\n{text}");
    }
    let (_, log) = text.split_once("== call log\n").unwrap();
    let calls: Vec<Vec<&str>> = log
        .lines()
        .filter(|line| line.starts_with("  "))
        .map(|line| line.split_whitespace().take(6).collect())
        .collect();
    assert_eq!(
        calls,
        [
            ["IN", "453*106", "+79215550142", "answered", "talked", "74.4"],
            ["OUT", "453*106", "+78125550177", "answered", "talked", "25.0"],
            ["IN", "453*106", "+79215550199", "answered", "talked", "18.0"],
            ["IN", "453*107", "+79215550199", "answered", "talked", "37.0"],
            ["IN", "453*300", "+79215550199", "missed", "talked", "0.0"],
            ["OUT", "453*106", "+79215550188", "not_answered", "talked", "0.0"],
        ]
    );
    // No event URL is shown whole.
    assert!(!text.contains("ext-event/"), "{text}");
}
