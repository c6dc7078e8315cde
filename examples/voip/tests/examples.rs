//! Runs each example as a user would.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The example's program, which Cargo has built beside this test's.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    assert!(built.exists(), "{name} is not built; `cargo test` without --test builds it");
    Command::new(built)
}

fn pushes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pushes.jsonl")
}

#[track_caller]
fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What `voip-parse` prints for a line, by the way of standard input.
fn parse(arguments: &[&str], lines: &str) -> (Option<i32>, String, String) {
    let mut child = example("voip-parse")
        .args(arguments)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn voip_parse_prints_a_line_for_each_request_in_the_default_preset() {
    let output =
        example("voip-parse").args(["--token", "T0K", "--crm-token", "T0K"]).arg(pushes()).output();
    assert_eq!(
        text(&output.unwrap()),
        r#"{"status":200,"body":"","result":{"event":{"event":"notify_start","direction":"in","srcPhone":"79990000001","dstPhone":"701","disposition":"unknown","callId":"C-1"}}}
{"status":200,"body":"","result":{"event":{"event":"notify_start","direction":"out","srcPhone":"702","dstPhone":"79990000002","disposition":"unknown","callId":"C-2"}}}
{"status":200,"body":"","result":{"callRecord":{"srcPhone":"79990000003","dstPhone":"","direction":"in","disposition":"cancel","duration":0,"call":{"id":"C-3","status":"missed","user":"pbx"},"callId":"C-3"}}}
{"status":200,"body":"{}","result":{}}
{"status":401,"body":"{\"error\":\"Invalid token\"}","result":{}}
"#
    );
}

#[test]
fn voip_parse_knows_the_sample_preset_and_editions() {
    let lines = std::fs::read_to_string(pushes()).unwrap();
    let (code, sample, _) = parse(&["--preset", "sample"], &lines);
    assert_eq!(code, Some(0));
    let sample: Vec<_> = sample.lines().collect();
    assert_eq!(
        sample[1],
        r#"{"status":200,"body":"","result":{"event":{"event":"notify_start","direction":"out","srcPhone":"79990000002","dstPhone":"702","disposition":"unknown"}}}"#
    );
    assert_eq!(sample[3], r#"{"status":200,"body":"","result":{}}"#);
    let (_, old, _) = parse(&["--version", "2024"], &lines);
    assert!(!old.contains("callId") && old.lines().count() == 5);
    let (_, newer, _) = parse(&["--version=2025.8"], &lines);
    assert_eq!(newer.matches("callId").count(), 2);
}

#[test]
fn voip_parse_tells_a_line_that_is_no_request_from_others() {
    let lines =
        "{\"method\":\"GET\",\"uri\":\"/?cmd=x\"}\n\nnonsense\n{\"uri\":\"hook?cmd=a b\"}\n";
    let (code, output, _) = parse(&[], lines);
    let output: Vec<_> = output.lines().collect();
    assert_eq!((code, output.len()), (Some(1), 3));
    assert!(output[1].starts_with(r#"{"error":"line 3: not a request: "#), "{}", output[1]);
    assert_eq!(output[2], r#"{"status":200,"body":"","result":{}}"#);
}

#[test]
fn voip_parse_reads_bodies_that_are_no_text_and_odd_requests() {
    let form = r#""headers":{"Content-Type":["application/x-www-form-urlencoded"]}"#;
    let lines = [
        format!(r#"{{"method":"POST","uri":"/",{form},"body":{{"cmd":"event"}}}}"#),
        format!(r#"{{"method":"get ","uri":"/",{form}}}"#),
        format!(r#"{{"uri":"/{}"}}"#, "a".repeat(70_000)),
        format!(r#"{{"uri":"/",{form},"body":"cmd=x"}}"#),
        r#"{"uri":"/","headers":{"Content-Type":null,"bad name":"x"},"body":"cmd=x"}"#.to_owned(),
    ];
    let (_, output, _) = parse(&[], &lines.join("\n"));
    let statuses: Vec<_> = output.lines().map(|line| &line[..13]).collect();
    let expected =
        ["400", "405", "414", "200", "400"].map(|status| format!("{{\"status\":{status}"));
    assert_eq!(statuses, expected);
}

#[test]
fn voip_parse_follows_calls_with_a_journal() {
    let line = |at: &str, form: &str| {
        format!(
            r#"{{{at}"method":"POST","uri":"/","headers":{{"Content-Type":"application/x-www-form-urlencoded"}},"body":"{form}"}}"#
        )
    };
    let start = "cmd=event&type=OUTGOING&phone=79990000002&ext=702&callid=C";
    let end = "cmd=event&type=CANCELLED&phone=79990000002&ext=702&callid=C";
    let lines = [
        line("", start),
        line(r#""at":1.5,"#, end),
        "{}x".to_owned(),
        line("", start),
        line("", start),
        line("", start),
        line(r#""at":-1,"#, start),
    ];
    let (code, output, _) = parse(&["--journal"], &lines.join("\n"));
    let output: Vec<_> = output.lines().collect();
    assert_eq!((code, output.len()), (Some(1), 7));
    assert_eq!(
        output[1],
        r#"{"status":200,"body":"","result":{"event":{"event":"notify_end","direction":"in","srcPhone":"79990000002","dstPhone":"702","disposition":"cancel","callId":"C"}},"journal":"new","delivered":{"event":{"event":"notify_end","direction":"out","srcPhone":"702","dstPhone":"79990000002","disposition":"cancel","callId":"C"},"raw":{"callid":"C","cmd":"event","ext":"702","phone":"79990000002","type":"CANCELLED"}}}"#
    );
    // The line that is no request takes its second too: 3 s after the end is early, 4 s is not.
    assert!(output[4].ends_with(r#""journal":"repeat","delivered":null}"#), "{}", output[4]);
    assert!(output[5].contains(r#""journal":"new","delivered":{"event""#), "{}", output[5]);
    let refused = r#"{"error":"line 7: not a request: `at`: expected"#;
    assert!(output[6].starts_with(refused), "{}", output[6]);
    let (_, output, _) = parse(&["--journal", "--clock"], &lines[0]);
    assert!(output.contains(r#""journal":"new""#), "{output}");
}

#[test]
fn voip_parse_says_how_it_is_used() {
    for arguments in [
        &["--preset", "other"][..],
        &["--version", "1"],
        &["--what"],
        &["--token", ""],
        &["--clock"],
    ] {
        let (code, output, error) = parse(arguments, "");
        assert_eq!((code, &*output), (Some(2), ""), "{arguments:?}");
        assert!(error.starts_with("voip-parse: "), "{error}");
        assert!(error.ends_with("; see voip-parse --help\n"), "{error}");
    }
    let missing = example("voip-parse").arg("/no/such/file").output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn every_program_prints_its_usage_and_refuses_an_unknown_option() {
    let programs =
        ["custom-provider", "gravitel-webhook", "impatient-sender", "json-provider", "voip-parse"];
    for name in programs {
        let help = text(&example(name).arg("--help").output().unwrap());
        assert!(help.starts_with(&format!("usage: {name}")), "{help}");
        let refused = example(name).arg("--frob").output().unwrap();
        assert_eq!((refused.status.code(), &*refused.stdout), (Some(2), &b""[..]), "{name}");
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(error.ends_with(&format!("; see {name} --help\n")), "{error}");
    }
}

#[test]
fn custom_provider_keeps_the_contract() {
    let output = text(&example("custom-provider").output().unwrap());
    assert!(output.trim_end().ends_with(" checks, 0 findings"), "{output}");
    let source = include_str!("../custom-provider.rs");
    assert!(source.lines().count() < 80);
}

#[test]
fn json_provider_keeps_the_contract_and_its_recording_joins_the_record() {
    let output = text(&example("json-provider").output().unwrap());
    let lines: Vec<_> = output.lines().collect();
    assert!(lines[0].ends_with(" checks, 0 findings"), "{output}");
    assert_eq!(lines.len(), 6);
    assert!(lines[4].starts_with(r#"{"record":{"srcPhone":"79990000001","dstPhone":"701","#));
    assert!(lines[5].contains(r#""call":{"url":"https://a.example/7"}"#), "{output}");
    assert!(lines[5].contains(r#""update":true"#), "{output}");
}

#[test]
fn a_record_arrives_once_though_the_sink_is_slow_and_the_sender_gives_up() {
    let output = text(&example("impatient-sender").output().unwrap());
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines.iter().filter(|line| line.ends_with("gives up")).count(), 2, "{output}");
    assert_eq!(lines.iter().filter(|line| line.ends_with("HTTP/1.1 200 OK")).count(), 2);
    assert_eq!(lines.last(), Some(&"1 delivered, 2 undone, 1 repeated"), "{output}");
}

#[test]
fn gravitel_webhook_plays_three_calls_and_ends() {
    let output = text(&example("gravitel-webhook").output().unwrap());
    for line in [
        "member: 701 Anna Admin",
        "member: 702 ivan",
        r#"   answer: 200 {"contact_name":"Client One","responsible":"admin"}"#,
        "C-1 in +79990000001 admin 124 s",
        "recording: https://rec.example/a.mp3?id=1",
    ] {
        assert!(output.lines().any(|printed| printed == line), "{line}\n{output}");
    }
    let results: Vec<_> =
        output.lines().filter_map(|line| line.strip_prefix("   to the CRM: ")).collect();
    let of = |word: &str| results.iter().filter(|result| result.contains(word)).count();
    assert_eq!((of("\"record\""), of("notify_end"), of("notify_answer")), (3, 4, 2), "{output}");
    assert_eq!(output.matches("   answer: 200").count(), 15);
    assert_eq!(output.matches("nothing to deliver (Some(Repeat))").count(), 1);
    assert!(!output.contains("token-of-the-platform") && !output.contains("key-for-the-cloud-pbx"));
}

#[test]
fn gravitel_webhook_stays_with_listen() {
    let mut child = example("gravitel-webhook")
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let curl = lines.find(|line| line.starts_with("curl -i 'http://127.0.0.1:")).unwrap();
    let (_, rest) = curl.split_once("http://").unwrap();
    let (address, rest) = rest.split_once('/').unwrap();
    let (path, rest) = rest.split_once('\'').unwrap();
    let body = rest.split('\'').nth(1).unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let answer = std::io::read_to_string(stream).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(lines.any(|line| line.contains("to the CRM") && line.contains("notify_start")));
    child.kill().unwrap();
    child.wait().unwrap();
}
