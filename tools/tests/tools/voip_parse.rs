use crate::program;

fn pushes() -> String {
    format!("{}/tests/tools/pushes.jsonl", env!("CARGO_MANIFEST_DIR"))
}

/// Exit code, output and errors of `voip-parse` for these lines.
fn parse(arguments: &[&str], lines: &str) -> (Option<i32>, String, String) {
    let run = program::run("voip-parse", &[arguments, &["-"]].concat(), lines.as_bytes());
    (run.code, run.out, run.errors)
}

#[test]
fn voip_parse_prints_a_line_for_each_request_in_the_default_preset() {
    let arguments = ["--token", "T0K", "--crm-token", "T0K", &pushes()];
    assert_eq!(
        program::run("voip-parse", &arguments, b"").done().out,
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
fn voip_parse_reports_a_line_that_is_not_a_request() {
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
    // The line that is not a request takes its second too: 3 s after the end is early, 4 s is not.
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
    let missing = program::run("voip-parse", &["/no/such/file"], b"");
    assert_eq!((missing.code, missing.out.as_str()), (Some(1), ""));
    assert!(missing.errors.starts_with("voip-parse: /no/such/file: cannot be read: "));
}
