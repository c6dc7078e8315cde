//! One outcome for each state, and its consequences.

use pbx_integration::report::{CallDirection, Disposition, Outcome};
use pbx_integration::wire::Code;

use crate::support::{cdr, findings, lenient, record};

fn outcomes(states: &str, more: &str) -> Vec<Outcome> {
    cdr(&format!(r#""states":[{states}]{more}"#)).outcomes()
}

// P176, P177
#[test]
fn every_kind_of_state_with_talk_has_the_outcome_of_its_class() {
    for (kind, outcome) in [
        (r#","type":"acd""#, Outcome::Answered),
        (r#","type":"HUNTS""#, Outcome::Answered),
        (r#","type":"extension""#, Outcome::Answered),
        ("", Outcome::Answered),
        (r#","type":"mailbox""#, Outcome::Voicemail),
        (r#","type":"Voicemail""#, Outcome::Voicemail),
        (r#","type":"attendant""#, Outcome::Service),
        (r#","type":"ivrnode""#, Outcome::Service),
        (r#","type":"conference""#, Outcome::Service),
        (r#","type":"hoot""#, Outcome::Service),
        (r#","type":"orbit""#, Outcome::Service),
        (r#","type":"srvflag""#, Outcome::Service),
        (r#","type":"fax""#, Outcome::Service),
        (r#","type":"fax","extension":"41""#, Outcome::Answered),
    ] {
        let state = format!(r#"{{"start":1000,"durationtalk":1,"reason":"hw"{kind}}}"#);
        assert_eq!(outcomes(&state, ""), [outcome], "{kind}");
    }
}

// P177, P188
#[test]
fn without_talk_the_reason_decides_and_then_the_flag_of_the_record() {
    let missed = r#","extensionlegs":[{"extension":"1","direction":"O","start":1000,"end":1001}]"#;
    for (state, more, outcome) in [
        (r#""reason":"hw""#, "", Outcome::AbandonedWaiting),
        (r#""reason":"HR""#, "", Outcome::AbandonedRinging),
        (r#""reason":"rw""#, "", Outcome::Transferred),
        (r#""reason":"Rr""#, "", Outcome::Transferred),
        (r#""reason":"ra""#, "", Outcome::Transferred),
        (r#""reason":"hc""#, "", Outcome::Other),
        (r#""reason":"zz""#, "", Outcome::Other),
        ("", "", Outcome::Other),
        ("", r#","abandoned":true"#, Outcome::AbandonedWaiting),
        (r#""reason":"hc""#, r#","abandoned":"True""#, Outcome::AbandonedWaiting),
        (r#""missed":[7]"#, r#","abandoned":true"#, Outcome::AbandonedRinging),
        (r#""reason":"rr""#, r#","abandoned":true"#, Outcome::Transferred),
    ] {
        let comma = if state.is_empty() { "" } else { "," };
        let state = format!(r#"{{"start":1000{comma}{state}}}"#);
        assert_eq!(outcomes(&state, more), [outcome], "{state} {more}");
    }
    let flagged = format!(r#","abandoned":true{missed}"#);
    // The flag speaks of the last state only.
    let states = r#"{"start":1000,"type":"acd"},{"start":1001,"type":"acd"}"#;
    assert_eq!(outcomes(states, &flagged), [Outcome::Other, Outcome::AbandonedRinging]);
}

// P118, P178
#[test]
fn the_disposition_follows_from_the_outcomes() {
    let trunk = r#""trunklegs":[{"direction":"I","start":1000,"code":486}]"#;
    for (states, disposition) in [
        (
            r#"{"start":1000,"type":"acd","reason":"rr"},{"start":1001,"type":"mailbox","durationtalk":9}"#,
            Disposition::Voicemail,
        ),
        (r#"{"start":1000,"type":"attendant","durationtalk":9}"#, Disposition::Service),
        // Back from the mailbox, and gone.
        (
            r#"{"start":1000,"type":"mailbox","durationtalk":9},{"start":1001,"type":"acd","reason":"hr"}"#,
            Disposition::AbandonedRinging,
        ),
        (
            r#"{"start":1000,"type":"acd","reason":"rw"},{"start":1001,"type":"acd"}"#,
            Disposition::Redirected,
        ),
        (r#"{"start":1000,"type":"acd"}"#, Disposition::Busy),
    ] {
        let call = cdr(&format!(r#"{trunk},"states":[{states}]"#)).summary();
        assert_eq!(call.disposition, disposition, "{states}");
        assert_eq!((call.agent, call.talk.as_millis()), (None, 0), "{states}");
    }
}

// P179, P180, P197
#[test]
fn the_agent_of_a_state_is_the_leg_that_was_connected_in_it() {
    let agent = |state: &str, legs: &[(&str, u32, u32)]| {
        let legs: Vec<String> = legs
            .iter()
            .map(|(extension, connect, end)| {
                format!(r#"{{"extension":"{extension}","direction":"O","start":1000,"connect":{connect},"end":{end}}}"#)
            })
            .collect();
        let call = cdr(&format!(
            r#""trunklegs":[{{"direction":"I","start":1000}}],"extensionlegs":[{}],
            "states":[{{"start":1000,"type":"acd","durationtalk":50000{state}}},{{"start":1060,"type":"mailbox"}}]"#,
            legs.join(",")
        ));
        let mismatch = call.validate().iter().any(|finding| finding.code == Code::AgentMismatch);
        (call.summary().agent, mismatch)
    };
    let named = |name: &str| Some(name.to_owned());
    let own = r#","extension":"41""#;
    assert_eq!(agent(own, &[]), (named("41"), false));
    assert_eq!(agent(own, &[("42", 1001, 1050), ("41", 1055, 1060)]), (named("41"), false));
    assert_eq!(agent(own, &[("42", 1001, 1050)]), (named("42"), true));
    assert_eq!(agent("", &[("42", 1001, 1010), ("43", 1011, 1050)]), (named("43"), false));
    assert_eq!(
        agent("", &[("42", 1001, 1011), ("43", 1011, 1021)]),
        (named("42"), false),
        "wire order"
    );
    // None overlaps the state: its own extension, or else the last leg.
    assert_eq!(agent(own, &[("42", 1070, 1090)]), (named("41"), false));
    assert_eq!(agent("", &[("42", 1061, 1062), ("43", 1070, 1090)]), (named("43"), false));
}

// P190, P191, P192
#[test]
fn the_customer_is_the_outside_party() {
    let customer = |direction: &str, remote: &str, from: &str, to: &str| {
        let call = cdr(&format!(
            r#""from":"{from}","to":"{to}","trunklegs":[{{"direction":"{direction}","start":1000,"remoteparty":"{remote}"}}]"#
        ));
        call.customer().map(|customer| (customer.number, customer.name, customer.is_withheld))
    };
    let row = |number: &str, name: Option<&str>| {
        Some((Some(number.to_owned()), name.map(str::to_owned), false))
    };
    let ann = r#"\"Ann, B\" <sip:+12025550100@t>"#;
    assert_eq!(customer("I", "", ann, "<sip:300@t>"), row("+12025550100", Some("Ann, B")));
    assert_eq!(customer("O", "", "<sip:41@t>", ann), row("+12025550100", Some("Ann, B")));
    assert_eq!(customer("I", "+12025550199", ann, ""), row("+12025550199", Some("Ann, B")));
    assert_eq!(
        customer("I", "sip:+12025550199@c.example", ann, ""),
        row("+12025550199", Some("Ann, B"))
    );
    assert_eq!(
        customer("I", "", r#"\"+12025550100\" sip:+12025550100@t;tag=1"#, ""),
        row("+12025550100", None)
    );
    assert_eq!(customer("?", "", ann, ann), None);
    let withheld = Some((None, None, true));
    assert_eq!(customer("I", "Restricted", ann, ""), withheld);
    assert_eq!(customer("I", "+12025550199", "<sip:x@Anonymous.invalid>", ""), withheld);
    assert_eq!(cdr(r#""from":"<sip:41@t>""#).customer(), None, "an internal call");
}

// P195, P196, P198
#[test]
fn findings_report_seconds_in_place_of_milliseconds_and_contradictions() {
    let leg = |end: u32| {
        format!(
            r#""extensionlegs":[{{"extension":"41","direction":"O","start":1000,"connect":1000,"end":{end}}}]"#
        )
    };
    let state = |talk: u32, reason: &str| {
        format!(
            r#""states":[{{"start":1000,"type":"acd","extension":"41","durationtalk":{talk},"reason":"{reason}"}}]"#
        )
    };
    let found = |state: &str, leg: &str| findings(&cdr(&format!("{state},{leg}")));
    assert_eq!(
        found(&state(50, "hc"), &leg(1050)),
        ["durations_too_small states[0].durationtalk Warning"]
    );
    assert_eq!(
        found(&state(500, "hc"), &leg(1050)),
        ["durations_too_small states[0].durationtalk Warning"]
    );
    assert_eq!(found(&state(501, "hc"), &leg(1050)), [""; 0]);
    assert_eq!(found(&state(4, "hc"), &leg(1004)), [""; 0], "too short to tell");
    assert_eq!(
        found(&state(50_000, "hw"), &leg(1050)),
        ["talk_and_abandoned states[0].reason Warning"]
    );
    let long = r#"{"domain":"t","callid":"c","start":1000,"end":44200.001}"#;
    assert_eq!(findings(&lenient(long).value), ["very_long end Warning"]);
    assert_eq!(findings(&lenient(&long.replace(".001", "")).value), [""; 0]);
}

// P189
#[test]
fn unknown_kinds_are_listed_as_they_are_spelled() {
    let call = cdr(
        r#""states":[{"start":1000,"type":"Fax"},{"start":1000,"type":"acd"},{"start":1000,"type":"Fax"}]"#,
    );
    assert_eq!(call.unknown_types().collect::<Vec<_>>(), ["Fax", "Fax"]);
}

#[test]
fn a_hostile_record_takes_linear_work() {
    // Every state searches its agent among the legs; both lists are long.
    let states = vec![r#"{"start":1000,"type":"acd","durationtalk":1}"#; 40_000].join(",");
    let legs =
        vec![r#"{"extension":"1","start":1000,"connect":1000,"end":1001}"#; 30_000].join(",");
    let json = record(&format!(r#""states":[{states}],"extensionlegs":[{legs}]"#));
    let call = lenient(&json).value;
    assert_eq!(call.summary().disposition, Disposition::Answered);
    assert_eq!(call.direction(), CallDirection::Internal);
    let _ = call.validate();
}
