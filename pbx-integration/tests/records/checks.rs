//! Inconsistencies within a record.
// P22, P57, P59, P135 to P148, P152, P174, P175

use crate::support::{cdr, findings, lenient};

/// Fields beside start 1000 and end 1100, and the findings.
type Row = (&'static str, &'static [&'static str]);

#[track_caller]
fn check(rows: &[Row]) {
    for (fields, wanted) in rows {
        assert_eq!(findings(&cdr(fields)), *wanted, "{fields}");
    }
}

// P22, P135, P150
#[test]
fn moments_are_in_order() {
    check(&[
        ("", &[]),
        (r#""connect":1050"#, &[]),
        (r#""connect":999.6"#, &["time_order connect Warning"]),
        (r#""connect":999.001"#, &["time_order connect Warning"]),
        (r#""connect":999"#, &["time_order connect Violation"]),
        (r#""connect":1100.5"#, &["time_order end Warning"]),
        (r#""connect":1102"#, &["time_order end Violation"]),
        (
            r#""trunklegs":[{"direction":"I","start":1001,"end":1000.9}]"#,
            &["time_order trunklegs[0].end Warning"],
        ),
        (
            r#""extensionlegs":[{"extension":"41","start":1050,"connect":1060,"end":1055}]"#,
            &["time_order extensionlegs[0].end Violation"],
        ),
    ]);
    let early = lenient(r#"{"domain":"t","callid":"c","start":1000,"end":995}"#).value;
    assert_eq!(findings(&early), ["time_order end Violation"]);
    assert_eq!(early.summary().total, None);
}

// P136, P174
#[test]
fn legs_and_states_lie_in_the_record() {
    check(&[
        (r#""states":[{"start":999}]"#, &[]),
        (r#""states":[{"start":998.999}]"#, &["outside_call states[0].start Warning"]),
        (r#""trunklegs":[{"direction":"I","start":999,"end":1101}]"#, &[]),
        (
            r#""trunklegs":[{"direction":"I","start":998,"end":1102}]"#,
            &["outside_call trunklegs[0].start Warning"],
        ),
        (
            r#""extensionlegs":[{"extension":"1","start":1000,"end":1101.001}]"#,
            &["outside_call extensionlegs[0].end Warning"],
        ),
    ]);
}

// P27, P137
#[test]
fn hold_is_part_of_talk() {
    check(&[
        (r#""states":[{"start":1000,"durationtalk":5,"durationhold":5}]"#, &[]),
        (
            r#""states":[{"start":1000,"durationtalk":5,"durationhold":6}]"#,
            &["hold_over_talk states[0].durationhold Violation"],
        ),
        (r#""states":[{"start":1000,"durationhold":6}]"#, &[]),
    ]);
    let summary = cdr(r#""states":[{"start":1000,"durationtalk":5,"durationhold":6}]"#).summary();
    assert!(summary.net_talk.is_zero());
}

// P58, P138, P139, P174, P175
#[test]
fn a_state_is_no_longer_than_it_lasted() {
    check(&[
        (r#""states":[{"start":1000,"durationivr":50000,"durationtalk":51000}]"#, &[]),
        (
            r#""states":[{"start":1000,"durationivr":50000,"durationtalk":51001}]"#,
            &["state_too_long states[0] Warning", "states_too_long states Warning"],
        ),
        // The next state's start is the end of the first.
        (
            r#""states":[{"start":1000,"durationring":11001},{"start":1010}]"#,
            &["state_too_long states[0] Warning"],
        ),
        (
            r#""states":[{"start":1000,"durationring":11000},{"start":1010,"durationring":91000}]"#,
            &[],
        ),
        (
            r#""states":[{"start":1000,"durationring":11000},{"start":1010,"durationring":91001}]"#,
            &["state_too_long states[1] Warning", "states_too_long states Warning"],
        ),
        // States out of order: these checks are left out (P175).
        (
            r#""states":[{"start":1050,"durationring":99999},{"start":1010,"durationring":99999}]"#,
            &["state_order states[1].start Warning"],
        ),
        (r#""states":[{"start":1050},{"start":1050}]"#, &[]),
    ]);
    let endless = r#"{"domain":"t","callid":"c","start":1000,"states":[{"start":1000,"durationring":99999},{"start":1001}]}"#;
    assert_eq!(findings(&lenient(endless).value), ["no_end end Violation"]);
}

// P59, P152
#[test]
fn states_keep_the_order_of_the_wire() {
    let cdr = cdr(r#""states":[{"start":1050},{"start":1010},{"start":1020},{"start":1005}]"#);
    let starts: Vec<_> =
        cdr.states.iter().map(|state| state.start.unwrap().as_millis() / 1000).collect();
    assert_eq!(starts, [1050, 1010, 1020, 1005]);
    assert_eq!(
        findings(&cdr),
        ["state_order states[1].start Warning", "state_order states[3].start Warning"]
    );
}

// P140, P141, P142
#[test]
fn who_talks_is_connected() {
    let talk = r#""states":[{"start":1000,"durationtalk":9}]"#;
    check(&[
        (talk, &[]),
        (
            r#""states":[{"start":1000,"durationtalk":9}],"trunklegs":[{"direction":"I","start":1000}]"#,
            &["talk_without_connect states[0].durationtalk Warning"],
        ),
        (
            r#""states":[{"start":1000,"durationtalk":9}],"trunklegs":[{"direction":"I","start":1000}],
            "extensionlegs":[{"extension":"1","start":1000,"connect":1001}]"#,
            &[],
        ),
        (r#""connect":1001"#, &[]),
        (
            r#""connect":1001,"extensionlegs":[{"extension":"1","start":1000}]"#,
            &["connect_without_leg connect Warning"],
        ),
        (
            r#""states":[{"start":1000,"durationtalk":9,"missed":[3,"4"],"extensionuser":4}]"#,
            &["agent_also_missed states[0].missed Warning"],
        ),
        (r#""states":[{"start":1000,"durationtalk":0,"missed":[4],"extensionuser":4}]"#, &[]),
    ]);
}

// P143
#[test]
fn a_finished_call_has_an_end() {
    assert_eq!(
        findings(&lenient(r#"{"domain":"t","callid":"c","start":1000}"#).value),
        ["no_end end Violation"]
    );
}

// P144, P154
#[test]
fn codes() {
    for (code, is_odd) in [(99, true), (100, false), (699, false), (700, true), (-1, true)] {
        let found = findings(&cdr(&format!(
            r#""trunklegs":[{{"direction":"I","start":1000,"code":{code}}}]"#
        )));
        let wanted: &[&str] = if is_odd { &["code_range trunklegs[0].code Warning"] } else { &[] };
        assert_eq!(found, wanted, "{code}");
    }
    check(&[(r#""states":[{"start":1000,"code":7}]"#, &[])]);
}

// P145
#[test]
fn call_ids() {
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
        assert_eq!(
            found,
            if is_odd { vec!["bad_callid callid Violation"] } else { vec![] },
            "{callid}"
        );
    }
}

// P147
#[test]
fn counts_and_costs_are_not_negative() {
    check(&[
        (r#""available":0"#, &[]),
        (r#""available":-1"#, &["negative available Violation"]),
        (
            r#""trunklegs":[{"direction":"I","start":1000,"cost":"-0.01"}]"#,
            &["negative trunklegs[0].cost Violation"],
        ),
        (r#""trunklegs":[{"direction":"I","start":1000,"cost":"-0.00"}]"#, &[]),
    ]);
}

// P57, P148, P152, P174
#[test]
fn recordings_lie_in_the_record() {
    check(&[
        (r#""recordings":[{"time":999,"file":"a"},{"time":1101,"file":"b"}]"#, &[]),
        (
            r#""recordings":[{"time":998.999,"file":"a"},{"time":1101.001,"file":"b"}]"#,
            &[
                "recording_outside recordings[0].time Warning",
                "recording_outside recordings[1].time Warning",
            ],
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
