use serde_json::{Value, json};

use crate::program::{file, run};

/// The lines that `ucom-classify` prints, as JSON.
fn classify(arguments: &[&str], input: &[u8]) -> Vec<Value> {
    run("ucom-classify", arguments, input).done().lines()
}

/// Data beside the tests.
fn data(name: &str) -> String {
    format!("{}/tests/tools/ucom/{name}", env!("CARGO_MANIFEST_DIR"))
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
                    line["reason"].clone(),
                )
            })
            .collect()
    };
    let row = |scope: &str, party: Value, rule: &str| (scope.to_owned(), party, json!(rule));
    let outside = row("external", json!("106"), "outside_caller");
    assert_eq!(of(&["-"]), [row("local", Value::Null, "to_extension"), outside.clone()]);
    assert_eq!(
        of(&["--policy", "default", "-"]),
        [row("local", Value::Null, "to_extension"), outside.clone()]
    );
    assert_eq!(
        of(&["--policy", "strict-seed", "-"]),
        [row("external", json!("453*107"), "outside_called"), outside]
    );
    assert_eq!(
        of(&["--directory", &data("directory.json"), "-"]),
        [row("local", Value::Null, "to_extension"), row("internal", Value::Null, "both_ours")]
    );
}

#[test]
fn classify_says_what_is_wrong_with_its_arguments() {
    for (arguments, code, message) in [
        (&["--policy", "lax"][..], 2, "--policy: expected default or strict-seed; see "),
        (&["--policy"], 2, "--policy needs a value; see "),
        (&["a", "b"], 2, "an argument is not understood; see "),
        (&["/nowhere/at/all"], 1, "/nowhere/at/all: cannot be read: "),
        (
            &["--directory", &data("examples.form"), "-"],
            1,
            "examples.form: expected a JSON object of extensions",
        ),
    ] {
        let run = run("ucom-classify", arguments, b"");
        assert_eq!((run.code, run.out.as_str()), (Some(code), ""));
        assert!(run.errors.contains(message), "{}", run.errors);
        assert_eq!(run.errors.lines().count(), 1);
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

/// The lines that `ucom-calls` prints, as JSON, and its errors.
fn calls(arguments: &[&str], input: &[u8]) -> (Vec<Value>, String) {
    let run = run("ucom-calls", arguments, input);
    assert_eq!(run.code, Some(0), "{}", run.errors);
    (run.lines(), run.errors)
}

/// Asserts that a value has all expected members; lists have the same length.
#[track_caller]
fn holds(wanted: &Value, found: &Value, place: &str) {
    match wanted {
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(name, value)| holds(value, &found[name], &format!("{place}.{name}")));
        }
        Value::Array(items) => {
            let found = found.as_array().unwrap_or_else(|| panic!("{place}: {found}"));
            assert_eq!(items.len(), found.len(), "{place}: {found:?}");
            let pairs = items.iter().zip(found).enumerate();
            pairs.for_each(|(at, (wanted, found))| holds(wanted, found, &format!("{place}[{at}]")));
        }
        _ => assert_eq!(found, wanted, "{place}"),
    }
}

/// Each case: `name`, `args`, `directory`, `lines` in, `records` and `notices` out.
#[test]
fn calls_prints_what_the_recorded_calls_were() {
    let cases = std::fs::read_to_string(data("calls.jsonl")).unwrap();
    for case in cases.lines() {
        let case: Value = serde_json::from_str(case).unwrap();
        let name = case["name"].as_str().unwrap();
        let directory = file(&format!("ucom-{name}"), case["directory"].to_string().as_bytes());
        let mut arguments = vec!["--directory", &*directory];
        arguments.extend(case["args"].as_array().unwrap().iter().filter_map(Value::as_str));
        let lines = case["lines"].as_array().unwrap().iter();
        let lines: Vec<_> = lines
            .map(|line| line.as_str().map_or_else(|| line.to_string(), str::to_owned))
            .collect();
        let (printed, wrong) = calls(&arguments, lines.join("\n").as_bytes());
        assert_eq!(wrong, "", "{name}");
        let (notices, records): (Vec<_>, Vec<_>) =
            printed.into_iter().partition(|line| line["kind"] == "notice");
        holds(&case["records"], &records.into(), name);
        if !case["notices"].is_null() {
            holds(&case["notices"], &notices.into(), name);
        }
        // The same through JSON after any line.
        let restarts: Vec<_> = (1..=lines.len()).map(|n| format!("--restart-after={n}")).collect();
        let all: Vec<_> = arguments.iter().copied().chain(restarts.iter().map(|s| &**s)).collect();
        let (again, _) = calls(&all, lines.join("\n").as_bytes());
        let (first, _) = calls(&arguments, lines.join("\n").as_bytes());
        assert_eq!(again, first, "{name}");
    }
}

#[test]
fn calls_reports_lines_that_are_no_events_and_goes_on() {
    let input = b"\n{\"at\": 5}\nfoo=bar\nagent_id=1&agent_status=available\nEventType=dial-in\n";
    let (printed, wrong) = calls(&["--end", "-"], input);
    assert!(printed.is_empty());
    assert_eq!(wrong.lines().count(), 3, "{wrong}");
    assert!(wrong.contains("-:5: field CallID is missing or empty"), "{wrong}");
    let (printed, _) = calls(&["-"], b"EventType=hangup&CallID=c");
    assert!(printed.is_empty(), "without --end what is open stays unprinted");
    let (printed, _) = calls(&["--end", "-"], b"EventType=hangup&CallID=c");
    assert_eq!((&printed[0]["kind"], &printed[0]["party"]), (&json!("call"), &Value::Null));
}

#[test]
fn calls_prints_notices_of_a_moment_before_its_records() {
    let hangup = |call: &str, at: u64| {
        format!(
            "EventType=hangup&CallID={call}&CallFlow=IN&CallerIDNum=%2B4930&CalledNumber=731*20\
             &CallStatus=ANSWER&Duration=1000000&EventTime={at}"
        )
    };
    let start = 1_781_000_000_000_000;
    let dial = format!(
        "EventType=dial-in&CallID=b&CallFlow=IN&CallerIDNum=%2B4930&CalledNumber=731*21&EventTime={}",
        start + 5_000_000
    );
    let input = [hangup("a", start), dial].join("\n");
    let (printed, _) = calls(&["-"], input.as_bytes());
    let kinds: Vec<_> = printed.iter().map(|line| (&line["kind"], &line["at"])).collect();
    let at = json!(start + 5_000_000);
    assert_eq!(kinds, [(&json!("notice"), &at), (&json!("call"), &at)]);
}
