//! Invariants (§14): P22, P57, P59, P135 to P148, P152, P174, P175.

use crate::support::{cdr, findings, lenient};

/// Fields beside start 1000 and end 1100, and what is found.
type Row = (&'static str, &'static [&'static str]);

#[track_caller]
fn check(rows: &[Row]) {
    for (fields, wanted) in rows {
        assert_eq!(findings(&cdr(fields)), *wanted, "{fields}");
    }
}

#[test]
fn moments_are_in_order_p22_p135_p150() {
    check(&[
        ("", &[]),
        (r#""connect":1050"#, &[]),
        (r#""connect":999.6"#, &["P135  Warning"]),
        (r#""connect":999.001"#, &["P135  Warning"]),
        (r#""connect":999"#, &["P135  Violation"]),
        (r#""connect":1100.5"#, &["P135  Warning"]),
        (r#""connect":1102"#, &["P135  Violation"]),
        (
            r#""trunklegs":[{"direction":"I","start":1001,"end":1000.9}]"#,
            &["P135 trunklegs[0] Warning"],
        ),
        (
            r#""extensionlegs":[{"extension":"41","start":1050,"connect":1060,"end":1055}]"#,
            &["P135 extensionlegs[0] Violation"],
        ),
    ]);
    let early = lenient(r#"{"domain":"t","callid":"c","start":1000,"end":995}"#).value;
    assert_eq!(findings(&early), ["P135  Violation"]);
    assert_eq!(early.summary().total, None);
}

#[test]
fn legs_and_states_lie_in_the_record_p136_p174() {
    check(&[
        (r#""states":[{"start":999}]"#, &[]),
        (r#""states":[{"start":998.999}]"#, &["P136 states[0] Warning"]),
        (r#""trunklegs":[{"direction":"I","start":999,"end":1101}]"#, &[]),
        (
            r#""trunklegs":[{"direction":"I","start":998,"end":1102}]"#,
            &["P136 trunklegs[0] Warning"],
        ),
        (
            r#""extensionlegs":[{"extension":"1","start":1000,"end":1101.001}]"#,
            &["P136 extensionlegs[0] Warning"],
        ),
    ]);
}

#[test]
fn hold_is_part_of_talk_p27_p137() {
    check(&[
        (r#""states":[{"start":1000,"durationtalk":5,"durationhold":5}]"#, &[]),
        (
            r#""states":[{"start":1000,"durationtalk":5,"durationhold":6}]"#,
            &["P137 states[0] Violation"],
        ),
        (r#""states":[{"start":1000,"durationhold":6}]"#, &[]),
    ]);
    let summary = cdr(r#""states":[{"start":1000,"durationtalk":5,"durationhold":6}]"#).summary();
    assert!(summary.net_talk.is_zero());
}

#[test]
fn a_state_is_no_longer_than_it_lasted_p58_p138_p139_p174_p175() {
    check(&[
        (r#""states":[{"start":1000,"durationivr":50000,"durationtalk":51000}]"#, &[]),
        (
            r#""states":[{"start":1000,"durationivr":50000,"durationtalk":51001}]"#,
            &["P138 states[0] Warning", "P139  Warning"],
        ),
        // The next state's start is the end of the first.
        (
            r#""states":[{"start":1000,"durationring":11001},{"start":1010}]"#,
            &["P138 states[0] Warning"],
        ),
        (
            r#""states":[{"start":1000,"durationring":11000},{"start":1010,"durationring":91000}]"#,
            &[],
        ),
        (
            r#""states":[{"start":1000,"durationring":11000},{"start":1010,"durationring":91001}]"#,
            &["P138 states[1] Warning", "P139  Warning"],
        ),
        // States out of order: these checks are left out (P175).
        (
            r#""states":[{"start":1050,"durationring":99999},{"start":1010,"durationring":99999}]"#,
            &["P59 states[1] Warning"],
        ),
        (r#""states":[{"start":1050},{"start":1050}]"#, &[]),
    ]);
    let endless = r#"{"domain":"t","callid":"c","start":1000,"states":[{"start":1000,"durationring":99999},{"start":1001}]}"#;
    assert_eq!(findings(&lenient(endless).value), ["P143  Violation"]);
}

#[test]
fn states_keep_the_order_of_the_wire_p59_p152() {
    let cdr = cdr(r#""states":[{"start":1050},{"start":1010},{"start":1020},{"start":1005}]"#);
    let starts: Vec<_> =
        cdr.states.iter().map(|state| state.start.unwrap().as_millis() / 1000).collect();
    assert_eq!(starts, [1050, 1010, 1020, 1005]);
    assert_eq!(findings(&cdr), ["P59 states[1] Warning", "P59 states[3] Warning"]);
}

#[test]
fn who_talks_is_connected_p140_p141_p142() {
    let talk = r#""states":[{"start":1000,"durationtalk":9}]"#;
    check(&[
        (talk, &[]),
        (
            r#""states":[{"start":1000,"durationtalk":9}],"trunklegs":[{"direction":"I","start":1000}]"#,
            &["P140 states[0] Warning"],
        ),
        (
            r#""states":[{"start":1000,"durationtalk":9}],"trunklegs":[{"direction":"I","start":1000}],
            "extensionlegs":[{"extension":"1","start":1000,"connect":1001}]"#,
            &[],
        ),
        (r#""connect":1001"#, &[]),
        (r#""connect":1001,"extensionlegs":[{"extension":"1","start":1000}]"#, &["P141  Warning"]),
        (
            r#""states":[{"start":1000,"durationtalk":9,"missed":[3,"4"],"extensionuser":4}]"#,
            &["P142 states[0] Warning"],
        ),
        (r#""states":[{"start":1000,"durationtalk":0,"missed":[4],"extensionuser":4}]"#, &[]),
    ]);
}

#[test]
fn a_finished_call_has_an_end_p143() {
    assert_eq!(
        findings(&lenient(r#"{"domain":"t","callid":"c","start":1000}"#).value),
        ["P143  Violation"]
    );
}

#[test]
fn codes_p144_p154() {
    for (code, is_odd) in [(99, true), (100, false), (699, false), (700, true), (-1, true)] {
        let found = findings(&cdr(&format!(
            r#""trunklegs":[{{"direction":"I","start":1000,"code":{code}}}]"#
        )));
        let wanted: &[&str] = if is_odd { &["P144 trunklegs[0] Warning"] } else { &[] };
        assert_eq!(found, wanted, "{code}");
    }
    check(&[(r#""states":[{"start":1000,"code":7}]"#, &[])]);
}

#[test]
fn call_ids_p145() {
    for (callid, is_odd) in [
        ("c".to_owned(), false),
        ("c".repeat(512), false),
        ("c".repeat(513), true),
        ("ж".repeat(257), true),
        (r"  ".to_owned(), true),
        (r"a\u0000b".to_owned(), true),
        (r"a\nb".to_owned(), true),
        (r"a\u0085b".to_owned(), true),
    ] {
        let json = format!(r#"{{"domain":"t","callid":"{callid}","start":1000,"end":1001}}"#);
        let found = findings(&lenient(&json).value);
        assert_eq!(found, if is_odd { vec!["P145  Violation"] } else { vec![] }, "{callid}");
    }
}

#[test]
fn counts_and_costs_are_not_negative_p147() {
    check(&[
        (r#""available":0"#, &[]),
        (r#""available":-1"#, &["P147  Violation"]),
        (
            r#""trunklegs":[{"direction":"I","start":1000,"cost":"-0.01"}]"#,
            &["P147 trunklegs[0] Violation"],
        ),
        (r#""trunklegs":[{"direction":"I","start":1000,"cost":"-0.00"}]"#, &[]),
    ]);
}

#[test]
fn recordings_lie_in_the_record_p57_p148_p152_p174() {
    check(&[
        (r#""recordings":[{"time":999,"file":"a"},{"time":1101,"file":"b"}]"#, &[]),
        (
            r#""recordings":[{"time":998.999,"file":"a"},{"time":1101.001,"file":"b"}]"#,
            &["P148 recordings[0] Warning", "P148 recordings[1] Warning"],
        ),
    ]);
}

#[test]
fn checking_changes_nothing() {
    let cdr = cdr(r#""available":-1,"states":[{"start":1050},{"start":1010}]"#);
    let before = cdr.clone();
    let _ = cdr.validate();
    assert_eq!(cdr, before);
}
