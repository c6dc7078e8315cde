//! Runs `cdr-report` as a user does, and checks what it prints.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn report(arguments: &[&str], input: &[u8]) -> Output {
    // Cargo has built it beside this test.
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap().join("examples").join("cdr-report");
    assert!(built.exists(), "cdr-report is not built; `cargo test` without --test builds it");
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

/// What it prints, when it ends well.
#[track_caller]
fn text(arguments: &[&str], input: &[u8]) -> String {
    let output = report(arguments, input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn lines(arguments: &[&str], input: &[u8]) -> Vec<Value> {
    text(arguments, input).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Data beside the tests.
fn data(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_worked_examples_e1_to_e3_come_to_what_they_should() {
    for mode in ["strict", "lenient"] {
        let printed = text(&["--mode", mode, &data("records.jsonl")], b"");
        let wanted = [
            r#"{"callid":"c7f2a1e0@pbx.example.com","summary":{"direction":"inbound","disposition":"answered","code":null,"agent":"41","total_ms":113500,"talk_ms":95000,"hold_ms":10000,"net_talk_ms":85000,"ring_ms":6500,"ivr_ms":12000,"queue_wait_ms":[18500],"cost":"0.0250","cost_partial":false,"worst_mos":4.4},"findings":[],"warnings":[]}"#,
            r#"{"callid":"d901@pbx.example.com","summary":{"direction":"inbound","disposition":"abandoned_waiting","code":null,"agent":null,"total_ms":7250,"talk_ms":0,"hold_ms":0,"net_talk_ms":0,"ring_ms":0,"ivr_ms":7250,"queue_wait_ms":[7250],"cost":null,"cost_partial":true,"worst_mos":null},"findings":[],"warnings":[]}"#,
            r#"{"callid":"e1@pbx","summary":{"direction":"internal","disposition":"unknown","code":null,"agent":null,"total_ms":3000,"talk_ms":0,"hold_ms":0,"net_talk_ms":0,"ring_ms":0,"ivr_ms":0,"queue_wait_ms":[],"cost":null,"cost_partial":false,"worst_mos":null},"findings":[],"warnings":[]}"#,
        ];
        assert_eq!(printed.lines().collect::<Vec<_>>(), wanted, "{mode}");
    }
}

#[test]
fn one_line_comes_out_for_every_line_that_is_not_blank_and_it_ends_well() {
    let input = b"\xef\xbb\xbf{\"domain\":\"t\",\"callid\":\"a\",\"start\":1000,\"end\":1001}\r\n\n  \t\r\nnonsense\n[]\n\
        {\"start\":1}\n{\"callid\":\"b\",\"start\":[]}\n{\"callid\":\"c\xff\"}\n{\"callid\":\"d\"}";
    let printed = lines(&["-"], input);
    assert_eq!(printed.len(), 7);
    assert_eq!(printed[0]["callid"], "a");
    let error = |rule: &str, path: &str, line: u64| json!({"error": {"rule": rule, "path": path}, "line": line});
    assert_eq!(printed[1], error("P11", "", 4));
    assert_eq!(printed[2], error("P11", "", 5));
    assert_eq!(printed[3], error("P13", "callid", 6));
    let dropped = json!([{"rule": "P16", "path": "start"}, {"rule": "P13", "path": "domain"}]);
    assert_eq!((&printed[4]["callid"], &printed[4]["warnings"]), (&json!("b"), &dropped));
    assert_eq!(
        printed[4]["findings"],
        json!([{"rule": "P143", "path": "", "severity": "violation"}])
    );
    assert_eq!(printed[5], error("P11", "", 8));
    assert_eq!(printed[6]["summary"]["total_ms"], Value::Null);
    assert!(lines(&["-"], b"").is_empty());
    assert!(lines(&[], b"\n\n").is_empty());
}

#[test]
fn an_error_names_rule_path_line_and_call() {
    let record = br#"{"domain":"t","callid":"c@pbx","start":1000,"end":1001,"states":[{"start":1000,"missed":["bob"]}]}"#;
    let strict = text(&["--mode=strict", "-"], record);
    let wanted =
        r#"{"error":{"rule":"P7","path":"states[0].missed[0]"},"line":1,"callid":"c@pbx"}"#;
    assert_eq!(strict.trim_end(), wanted);
    let lenient = lines(&["-"], record);
    assert_eq!(lenient[0]["warnings"], json!([{"rule": "P7", "path": "states[0].missed[0]"}]));
}

#[test]
fn findings_and_failures_are_printed() {
    let record = br#"{"domain":"t","callid":"c","start":1000,"end":1005,"states":[{"start":1000,"durationtalk":0,"durationhold":7}],
        "trunklegs":[{"direction":"O","start":1000,"code":404,"mos":7}]}"#;
    let record: Vec<u8> = record.iter().copied().filter(|&byte| byte != b'\n').collect();
    let printed = &lines(&["--mode", "strict", "-"], &record)[0];
    assert_eq!(
        printed["findings"],
        json!([{"rule": "P137", "path": "states[0]", "severity": "violation"}])
    );
    assert_eq!(printed["warnings"], json!([{"rule": "P65", "path": "trunklegs[0].mos"}]));
    let summary = &printed["summary"];
    assert_eq!((&summary["disposition"], &summary["code"]), (&json!("failed"), &json!(404)));
}

#[test]
fn fractions_are_read_as_asked() {
    let record = br#"{"domain":"t","callid":"c","start":1000.13,"end":1001}"#;
    for (arguments, total) in [
        (&["-"][..], 870),
        (&["--fraction", "decimal", "-"], 870),
        (&["--fraction", "unpadded", "-"], 987),
    ] {
        assert_eq!(lines(arguments, record)[0]["summary"]["total_ms"], total);
    }
}

#[test]
fn a_table_shows_each_queue_and_agent_and_counts_a_call_once() {
    let mut input = std::fs::read(data("records.jsonl")).unwrap();
    input.extend(input.clone());
    input.extend(b"nonsense\n");
    let table = |sla: &str| text(&["--table", "--sla", sla, "-"], &input);
    let within = table("20");
    assert!(within.starts_with("3 calls, 3 repeated records, 1 records refused\n"), "{within}");
    let row = |table: &str, name: &str| -> Vec<String> {
        let line = table.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.split_whitespace().map(str::to_owned).collect()
    };
    let queue = "300@tenant1.example.com 2 1 1 (50.0%) 0 (0.0%) 50.0% 0:00:18.500 0:00:18.500 0:01:35.000 69.3%";
    assert_eq!(row(&within, "300@"), queue.split(' ').collect::<Vec<_>>());
    assert_eq!(row(&table("15"), "300@")[7], "0.0%");
    assert_eq!(row(&table("18.5"), "300@")[7], "50.0%");
    let agent = "41@tenant1.example.com 1 0 0:01:35.000 0:00:06.500 0:00:42.000 1757926812.125 1757926913.625";
    assert_eq!(row(&within, "41@"), agent.split(' ').collect::<Vec<_>>());
    assert_eq!(row(&within, "42@")[2], "1");
    assert!(text(&["--table", "-"], b"").contains("none"));
}

#[test]
fn a_line_up_to_4_mib_is_read() {
    let record = |bytes: usize| {
        let mut json = br#"{"domain":"t","callid":"c","start":1000,"comment":""#.to_vec();
        json.resize(bytes - 2, b'x');
        json.extend(b"\"}");
        json
    };
    let mut input = Vec::new();
    for bytes in [4 << 20, (4 << 20) + 1, 6 << 20] {
        input.extend(record(bytes));
        input.extend(b"\r\n");
    }
    let printed = lines(&["-"], &input);
    assert_eq!(printed[0]["callid"], "c");
    let too_long = |line: u64| json!({"error": {"rule": "P11", "path": ""}, "line": line});
    assert_eq!(printed[1..], [too_long(2), too_long(3)]);
}

#[test]
fn it_says_what_is_wrong_with_its_arguments() {
    for (arguments, message) in [
        (&["--mode", "lax"][..], "--mode lax: strict or lenient"),
        (&["--fraction", "x"], "--fraction x: decimal or unpadded"),
        (&["--sla", "soon"], "--sla soon: a number of seconds"),
        (&["--sla", "-1"], "--sla -1: a number of seconds"),
        (&["--mode"], "--mode needs a value"),
        (&["--colour", "a"], "--colour: not understood"),
        (&["a", "b"], "b: not understood"),
        (&["/nowhere/at/all"], "/nowhere/at/all: "),
    ] {
        let output = report(arguments, b"");
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(message), "{said}");
    }
}
