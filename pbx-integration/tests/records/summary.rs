//! Outcomes and summaries of calls.
// P60, P61, P69, P70, P114 to P124, P149, P162 to P173

use std::time::Duration;

use pbx_integration::report::{CallDirection, Disposition, RoundingPlan};
use pbx_integration::wire::{Mos, MosBand};

use crate::support::{cdr, lenient};

const IN: &str = r#""trunklegs":[{"direction":"I","start":1000}]"#;

/// The fields' direction and disposition.
#[track_caller]
fn ended(fields: &str) -> (CallDirection, Disposition) {
    let summary = cdr(fields).summary();
    (summary.direction, summary.disposition)
}

// P116, P162
#[test]
fn the_earliest_trunk_leg_decides_the_direction() {
    let legs = |legs: &str| cdr(&format!(r#""trunklegs":[{legs}]"#)).direction();
    assert_eq!(legs(""), CallDirection::Internal);
    assert_eq!(
        legs(r#"{"direction":"O","start":1001},{"direction":"I","start":1000}"#),
        CallDirection::Inbound
    );
    assert_eq!(
        legs(r#"{"direction":"O","start":1000},{"direction":"I","start":1000}"#),
        CallDirection::Outbound
    );
    assert_eq!(
        legs(r#"{"direction":"?","start":1000},{"direction":"I","start":1001}"#),
        CallDirection::Unknown
    );
}

// P114, P117, P163, P164, P167, P169
#[test]
fn who_answers() {
    use CallDirection::{Inbound, Internal, Outbound, Unknown};
    let answered = |fields: &str| {
        let (direction, disposition) = ended(fields);
        (direction, disposition == Disposition::Answered)
    };
    let ext = |direction: &str| {
        format!(
            r#""extensionlegs":[{{"extension":"1","direction":"{direction}","start":1000,"connect":1001}}]"#
        )
    };
    let trunk = |direction: &str, connect: &str| {
        format!(r#""trunklegs":[{{"direction":"{direction}","start":1000,"connect":{connect}}}]"#)
    };
    // Connected by the PBX, without an answer by a person.
    assert_eq!(answered(&format!(r#""connect":1001,{}"#, trunk("I", "1001"))), (Inbound, false));
    assert_eq!(answered(&format!("{IN},{}", ext("O"))), (Inbound, true));
    assert_eq!(answered(&format!("{IN},{}", ext(""))), (Inbound, true));
    // The originator's own leg is no answer.
    assert_eq!(answered(&format!("{IN},{}", ext("I"))), (Inbound, false));
    assert_eq!(answered(&ext("I")), (Internal, false));
    assert_eq!(answered(&ext("O")), (Internal, true));
    assert_eq!(answered(r#""states":[{"start":1000,"durationtalk":1}]"#), (Internal, true));
    assert_eq!(
        answered(r#""states":[{"start":1000,"durationtalk":0,"reason":"hc"}]"#),
        (Internal, false)
    );
    assert_eq!(answered(&trunk("O", "1001")), (Outbound, true));
    assert_eq!(answered(&format!("{},{}", trunk("O", "0"), ext("O"))), (Outbound, false));
    let talk = r#""states":[{"start":1000,"durationtalk":1}]"#;
    assert_eq!(answered(&format!("{},{talk}", trunk("O", "0"))), (Outbound, false));
    assert_eq!(answered(&trunk("?", "0")), (Unknown, false));
    assert_eq!(answered(&trunk("?", "1001")), (Unknown, true));
    assert_eq!(answered(&format!("{},{}", trunk("?", "0"), ext("I"))), (Unknown, false));
    assert_eq!(answered(&format!("{},{}", trunk("?", "0"), ext("O"))), (Unknown, true));
    assert_eq!(answered(&format!("{},{talk}", trunk("?", "0"))), (Unknown, true));
}

// P60, P61, P115, P118, P165, P166
#[test]
fn dispositions_first_match_wins() {
    use Disposition::{
        AbandonedRinging, AbandonedWaiting, Answered, Busy, Canceled, Declined, Failed, NoAnswer,
        Redirected, Unknown,
    };
    const MISSED: &str =
        r#""extensionlegs":[{"extension":"1","direction":"O","start":1000,"end":1001}]"#;
    let reasons = |reasons: &[&str]| {
        let states: Vec<_> = reasons
            .iter()
            .map(|reason| format!(r#"{{"start":1000,"reason":"{reason}"}}"#))
            .collect();
        format!(r#""states":[{}]"#, states.join(","))
    };
    let codes = |codes: &[&str]| {
        let legs: Vec<_> = codes
            .iter()
            .map(|code| format!(r#"{{"direction":"I","start":1000,"code":{code}}}"#))
            .collect();
        format!(r#""trunklegs":[{}]"#, legs.join(","))
    };
    let abandoned = r#""abandoned":true"#;
    let rows: &[(String, Disposition)] = &[
        (String::new(), Unknown),
        (reasons(&["hw"]), AbandonedWaiting),
        (reasons(&["hr"]), AbandonedRinging),
        (reasons(&["rw"]), Redirected),
        (reasons(&["rr"]), Redirected),
        (reasons(&["ra"]), Redirected),
        (reasons(&["hc"]), Unknown),
        (reasons(&["zz"]), Unknown),
        // The last state that has one.
        (reasons(&["rw", "hw", ""]), AbandonedWaiting),
        (reasons(&["hw", "zz"]), AbandonedWaiting),
        (abandoned.to_owned(), AbandonedWaiting),
        (format!("{abandoned},{MISSED}"), AbandonedRinging),
        // The reason wins over the flag (P165).
        (format!("{abandoned},{}", reasons(&["hr"])), AbandonedRinging),
        (format!("{abandoned},{MISSED},{}", reasons(&["hw"])), AbandonedWaiting),
        (format!("{abandoned},{}", reasons(&["rr"])), Redirected),
        (format!("{abandoned},{}", reasons(&["hc"])), AbandonedWaiting),
        (r#""abandoned":false"#.to_owned(), Unknown),
        (codes(&["486"]), Busy),
        (codes(&["600"]), Busy),
        (codes(&["603"]), Declined),
        (codes(&["487"]), Canceled),
        (codes(&["408"]), NoAnswer),
        (codes(&["480"]), NoAnswer),
        (codes(&["404"]), Failed(404)),
        (codes(&["400"]), Failed(400)),
        (codes(&["399"]), Unknown),
        (codes(&["486", "null"]), Busy),
        (codes(&["486", "200"]), Unknown),
        (MISSED.to_owned(), NoAnswer),
        (format!("{},{MISSED}", codes(&["404"])), NoAnswer),
        (format!("{},{MISSED}", codes(&["486"])), Busy),
        (format!("{},{}", codes(&["486"]), reasons(&["hw"])), AbandonedWaiting),
        // Codes of states do not count (P166).
        (r#""states":[{"start":1000,"code":486}]"#.to_owned(), Unknown),
        (
            format!(r#"{abandoned},"states":[{{"start":1000,"reason":"hw","durationtalk":5}}]"#),
            Answered,
        ),
    ];
    for (fields, wanted) in rows {
        assert_eq!(cdr(fields).disposition(), *wanted, "{fields}");
    }
    assert_eq!(
        (Failed(404).code(), Failed(404).as_str(), Busy.code()),
        (Some(404), "failed", None)
    );
}

// P69, P70, P115
#[test]
fn missed_legs_are_derived_whatever_type_and_deleted_say() {
    for (leg, is_missed) in [
        (r#""direction":"O","end":1001"#, true),
        (r#""direction":"","end":1001"#, true),
        (r#""direction":"I","end":1001"#, false),
        (r#""direction":"O""#, false),
        (r#""direction":"O","end":1001,"connect":1000.5"#, false),
        (r#""direction":"O","end":1001,"type":"answered","deleted":true"#, true),
    ] {
        let cdr = cdr(&format!(r#""extensionlegs":[{{"extension":"1","start":1000,{leg}}}]"#));
        assert_eq!(cdr.extension_legs[0].is_missed(), is_missed, "{leg}");
    }
    let kept = cdr(r#""extensionlegs":[{"extension":"1","start":1000,"type":"missed-read"}]"#);
    assert_eq!(kept.extension_legs[0].kind.as_deref(), Some("missed-read"));
}

// P26, P119, P120, P149
#[test]
fn sums_of_states() {
    let summary = cdr(
        r#""states":[{"start":1000,"type":"ivrnode","durationivr":5},
        {"start":1001,"type":"acd","durationivr":7,"durationring":3,"durationtalk":100,"durationhold":40},
        {"start":1002,"type":"ACDS","durationring":2},{"start":1003,"type":"acd"},
        {"start":1004,"type":"hunt","durationring":9,"durationtalk":20,"durationhold":90}]"#,
    )
    .summary();
    let millis = [summary.talk, summary.hold, summary.net_talk, summary.ring, summary.ivr];
    assert_eq!(millis.map(|time| time.as_millis()), [120, 130, 0, 14, 12]);
    assert_eq!(summary.queue_waits, [10, 2, 0].map(Duration::from_millis));
    assert_eq!(summary.queue_wait(), Duration::from_millis(12));
    let empty = cdr("").summary();
    assert_eq!(
        [empty.talk, empty.hold, empty.net_talk, empty.ring, empty.ivr],
        [Duration::ZERO; 5]
    );
    assert_eq!((empty.agent, empty.cost.total, empty.worst_mos), (None, None, None));
    assert_eq!(empty.total, Some(Duration::from_secs(100)));
}

// P119, P168, P169
#[test]
fn talk_is_that_of_legs_where_no_state_says() {
    let legs = r#""extensionlegs":[{"extension":"1","direction":"I","start":1000,"connect":1000,"end":1050},
        {"extension":"2","direction":"O","start":1000,"connect":1010,"end":1050,"deleted":true},
        {"extension":"3","direction":"O","start":1000,"connect":1020,"end":1019},
        {"extension":"4","direction":"O","start":1000,"connect":1020}]"#;
    let talk = |fields: &str| cdr(fields).summary().talk.as_secs();
    assert_eq!(talk(legs), 40);
    assert_eq!(talk(&format!("{IN},{legs}")), 40);
    assert_eq!(talk(&format!(r#"{legs},"states":[{{"start":1000,"durationivr":5}}]"#)), 40);
    assert_eq!(talk(&format!(r#"{legs},"states":[{{"start":1000,"durationtalk":0}}]"#)), 0);
    let out = r#""trunklegs":[{"direction":"O","start":1000,"connect":1005,"end":1050},
        {"direction":"I","start":1001,"connect":1001,"end":1050}]"#;
    assert_eq!(talk(&format!("{out},{legs}")), 45);
    assert_eq!(
        talk(&format!(
            r#""trunklegs":[{{"direction":"?","start":1000,"connect":1001,"end":1050}}],{legs}"#
        )),
        0
    );
}

// P173
#[test]
fn total_is_unknown_rather_than_negative() {
    for (end, total) in [
        ("1000", Some(0)),
        ("999.999", None),
        ("1e3", Some(0)),
        ("null", None),
        ("1000.001", Some(1)),
    ] {
        let cdr =
            lenient(&format!(r#"{{"domain":"t","callid":"c","start":1000,"end":{end}}}"#)).value;
        assert_eq!(cdr.summary().total.map(|total| total.as_millis()), total, "{end}");
    }
}

// P124, P170, P180
#[test]
fn the_agent_of_a_call() {
    let agent = |fields: &str| cdr(fields).summary().agent;
    let states = r#""states":[{"start":1000,"type":"acd","durationtalk":5,"extension":"41"},
        {"start":1001,"type":"hunt","durationtalk":5,"extension":"42"},
        {"start":1002,"type":"acd","durationtalk":0,"extension":"43"},
        {"start":1003,"type":"ivrnode","durationtalk":5,"extension":"44"}]"#;
    let legs = r#""extensionlegs":[{"extension":"51","start":1000,"connect":1001,"end":1002},
        {"extension":"52","start":1000,"connect":1050,"end":1060},{"extension":"53","start":1000}]"#;
    let trunk = r#""trunklegs":[{"direction":"I","start":1000,"extension":"61"},{"direction":"I","start":1000}]"#;
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(agent(&format!("{states},{trunk}")), named("42"));
    // The leg that was connected in the state wins over its extension.
    assert_eq!(agent(&format!("{states},{legs},{trunk}")), named("51"));
    assert_eq!(agent(&format!("{legs},{trunk}")), named("52"));
    let nameless = r#""states":[{"start":1000,"type":"acd","durationtalk":5}]"#;
    assert_eq!(agent(&format!("{nameless},{trunk}")), named("61"));
    assert_eq!(agent(nameless), None);
    assert_eq!(agent(trunk), None, "nobody answered");
    // Who starts a call is never its agent.
    let out = r#""trunklegs":[{"direction":"O","start":1000,"connect":1001,"extension":"35"}]"#;
    let callback =
        r#""extensionlegs":[{"extension":"35","direction":"O","start":1000,"connect":1000}]"#;
    let summary = cdr(&format!("{out},{callback}")).summary();
    assert_eq!((summary.originator, summary.agent), (named("35"), None));
}

// P31, P121
#[test]
fn billable_time_is_rounded_up_on_exact_milliseconds() {
    let plan = |first, step| RoundingPlan::new(first, step).unwrap();
    for (millis, billed) in [
        (0, [0, 0, 0]),
        (1, [60, 30, 1]),
        (30_000, [60, 30, 30]),
        (30_001, [60, 36, 31]),
        (60_000, [60, 60, 60]),
        (60_001, [120, 66, 61]),
        (113_499, [120, 114, 114]),
    ] {
        let time = Duration::from_millis(millis);
        let read = [plan(60, 60), plan(30, 6), plan(1, 1)].map(|plan| plan.round(time).as_secs());
        assert_eq!(read, billed, "{millis}");
    }
    assert!(RoundingPlan::new(60, 0).is_none());
    assert_eq!(plan(0, 60).round(Duration::from_secs(1)).as_secs(), 60);
    let leg = |fields: &str| {
        cdr(&format!(r#""trunklegs":[{{"direction":"O","start":1000{fields}}}]"#))
            .trunk_legs
            .remove(0)
    };
    assert_eq!(leg("").billable_time(plan(60, 60)), Duration::ZERO);
    assert_eq!(leg(r#","connect":1010,"end":1005"#).billable_time(plan(60, 60)), Duration::ZERO);
    assert_eq!(leg(r#","connect":1010,"end":1011"#).billable_time(plan(60, 60)).as_secs(), 60);
}

// P64, P122, P171
#[test]
fn costs_add_up_exactly() {
    let cost = |legs: &[&str]| {
        let legs: Vec<_> =
            legs.iter().map(|leg| format!(r#"{{"direction":"O","start":1000,{leg}}}"#)).collect();
        let cost = cdr(&format!(r#""trunklegs":[{}]"#, legs.join(","))).cost();
        (cost.total.map(|total| total.to_string()), cost.is_partial)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(cost(&[]), (None, false));
    assert_eq!(cost(&[r#""code":200"#]), (None, false));
    assert_eq!(cost(&[r#""connect":1001"#]), (None, true));
    assert_eq!(cost(&[r#""cost":"0.0250""#]), (some("0.0250"), false));
    assert_eq!(
        cost(&[r#""cost":0.1"#, r#""cost":0.2"#, r#""cost":"0.0250""#]),
        (some("0.3250"), false)
    );
    assert_eq!(cost(&[r#""cost":0"#, r#""connect":1001"#]), (some("0"), true));
    assert_eq!(cost(&[r#""cost":"-1.5""#, r#""cost":1.50"#]), (some("0.00"), false));
    let huge = format!(r#""cost":"{}""#, "7".repeat(28));
    assert_eq!(cost(&[huge.as_str(); 20]), (None, false));
}

// P123, P172
#[test]
fn scores() {
    let fields = r#""trunklegs":[
        {"direction":"I","start":1000,"connect":1000,"end":1010,"mos":4.0,"quality":"mos=1.0"},
        {"direction":"O","start":1000,"connect":1000,"end":1030,"mos":"3.0"},
        {"direction":"O","start":1000,"mos":2.5},{"direction":"O","start":1000,"mos":0}]"#;
    let summary = cdr(fields).summary();
    assert_eq!(summary.worst_mos, Mos::new(2.5));
    assert_eq!(summary.mean_mos, Mos::new(3.25));
    assert_eq!(
        cdr(r#""trunklegs":[{"direction":"O","start":1000,"mos":2.5}]"#).summary().mean_mos,
        None
    );
    for (score, band) in [
        (4.34, MosBand::Excellent),
        (4.339, MosBand::Good),
        (4.03, MosBand::Good),
        (4.02, MosBand::Fair),
        (3.60, MosBand::Fair),
        (3.59, MosBand::Poor),
        (3.10, MosBand::Poor),
        (3.09, MosBand::Bad),
        (1.0, MosBand::Bad),
    ] {
        assert_eq!(Mos::new(score).unwrap().band(), band, "{score}");
    }
}
