//! Live events.
// P35 to P53, P135, P145, P146

use pbx_integration::event::{AgentKey, AsTenant, CallState, GroupKind, Phase, Tenant};
use pbx_integration::report::{Deliveries, Delivery};
use pbx_integration::wire::{Code, FractionMode, Spelled};
use pbx_integration::{GroupEvent, Reader};

use crate::support::warnings;

/// A group event that a strict reader accepts, with these fields beside the required ones.
fn group_json(fields: &str) -> String {
    let (state, times) = (r#""state":"x""#, r#""timestamps":{"start":1000}"#);
    let has = |name: &str| fields.contains(&format!("\"{name}\":"));
    let mut json = r#"{"callid":"c@pbx","inbound":true,"caller":{},"callee":{}"#.to_owned();
    for (name, field) in [
        ("domain", r#""domain":"t.example""#),
        ("state", state),
        ("timestamps", times),
        ("group", r#""group":{"type":"acd","number":"300"}"#),
    ] {
        if !has(name) {
            json.push(',');
            json.push_str(field);
        }
    }
    if !fields.is_empty() {
        json.push(',');
        json.push_str(fields);
    }
    json + "}"
}

#[track_caller]
fn group(fields: &str) -> GroupEvent {
    Reader::strict().read_group_event(group_json(fields)).unwrap().value
}

// P35, P36
#[test]
fn the_tenant_comes_as_text_or_object_and_goes_as_it_came() {
    let text = group(r#""domain":"tenant1.example.com""#).domain.unwrap();
    assert_eq!((text.address(), text.id(), text.name()), (Some("tenant1.example.com"), None, None));
    assert_eq!(serde_json::to_string(&text).unwrap(), r#""tenant1.example.com""#);
    let json = r#"{"address":"t.example","id":3,"zone":1}"#;
    let object = group(&format!(r#""domain":{json}"#)).domain.unwrap();
    assert_eq!((object.address(), object.id()), (Some("t.example"), Some(3)));
    assert_eq!(serde_json::to_string(&object).unwrap(), json);
    let cdr = Reader::strict()
        .read_cdr(format!(r#"{{"domain":{json},"callid":"c","start":1}}"#))
        .unwrap()
        .value;
    assert_eq!(cdr.domain, Some(object));
    let odd =
        Reader::lenient().read_cdr(r#"{"domain":{"id":"x"},"callid":"c","start":1}"#).unwrap();
    assert_eq!(warnings(&odd), ["missing domain.address", "bad_id domain.id"]);
    for (json, said) in [
        ("5", "wrong_type domain"),
        ("[]", "wrong_type domain"),
        (r#""""#, "missing domain"),
        ("null", "missing domain"),
    ] {
        let odd = Reader::lenient()
            .read_cdr(format!(r#"{{"domain":{json},"callid":"c","start":1}}"#))
            .unwrap();
        assert_eq!(warnings(&odd), [said]);
    }
}

// P37
#[test]
fn addresses_of_tenants_compare_without_case_and_final_dot() {
    let domain = group(r#""domain":"Tenant1.Example.com.""#).domain.unwrap();
    assert!(domain.is_at("tenant1.example.COM") && domain.is_at("tenant1.example.com."));
    assert!(!domain.is_at("tenant2.example.com"));
    assert_eq!(domain.as_tenant(), Tenant::new("tenant1.example.com"));
}

// P38
#[test]
fn a_party_has_no_id() {
    let event = group(r#""agent":{"number":"41","id":3}"#);
    assert_eq!(event.agent.unwrap().id, Some(3));
    let json = group_json("").replace(r#""caller":{}"#, r#""caller":{"number":"41","id":3}"#);
    let caller = Reader::strict().read_group_event(json).unwrap().value.caller.unwrap();
    assert_eq!((caller.number.as_deref(), caller.extra.get("id")), (Some("41"), Some("3")));
    assert!(!caller.is_anonymous());
    assert!(group("").caller.unwrap().is_anonymous()); // P34: withheld
}

// P12, P13, P36, P42
#[test]
fn what_a_tenant_or_group_object_holds_is_read_whatever_its_values() {
    for value in ["-1", "1.5", "1e400", "99999999999999999999", "[]"] {
        let domain = format!(r#""domain":{{"address":"t.example","id":3,"name":{value}}}"#);
        let json = group_json(&domain);
        let parsed = Reader::lenient().read_group_event(&json).unwrap();
        assert_eq!(parsed.value.domain.unwrap().id(), Some(3), "{value}");
        assert_eq!(parsed.warnings.len(), 1, "{value}");
        let error = Reader::strict().read_group_event(&json).unwrap_err();
        assert_eq!((error.code(), error.path()), (Code::WrongType, "domain.name"), "{value}");

        let json = format!(r#"{{"callid":"c","group":{{"number":"300","name":{value},"x":1}}}}"#);
        let parsed = Reader::lenient().read_agent_event(&json).unwrap();
        let group = parsed.value.group.unwrap();
        assert_eq!((group.number.as_deref(), group.extra.get("x")), (Some("300"), Some("1")));
        assert!(
            warnings(&Reader::lenient().read_agent_event(&json).unwrap())
                .contains(&"wrong_type group.name".to_owned())
        );
    }
}

// P39, P40, P41
#[test]
fn kinds_of_groups() {
    for (word, kind) in [
        ("acd", Some(GroupKind::Queue)),
        ("ACDS", Some(GroupKind::Queue)),
        ("hunt", Some(GroupKind::RingGroup)),
        ("Hunts", Some(GroupKind::RingGroup)),
        ("attendants", Some(GroupKind::AutoAttendant)),
        ("ivrnode", Some(GroupKind::IvrNode)),
        ("hoots", Some(GroupKind::Paging)),
        ("conference", Some(GroupKind::Conference)),
        ("orbit", Some(GroupKind::Park)),
        ("srvflags", Some(GroupKind::ServiceFlag)),
        ("extension", Some(GroupKind::Extension)),
        ("mailbox", Some(GroupKind::Mailbox)),
        ("acdss", None),
        ("robot", None),
    ] {
        let event = group(&format!(r#""group":{{"type":"{word}","number":"300"}}"#));
        let read = event.group.as_ref().unwrap().kind.as_ref().unwrap();
        assert_eq!(Some(read.word()).filter(|kind| kind.is_known()), kind.as_ref(), "{word}");
        assert_eq!(read.as_str(), word);
        assert!(serde_json::to_string(&event).unwrap().contains(&format!(r#""type":"{word}""#)));
    }
}

// P8, P42
#[test]
fn the_group_of_an_agent_event_is_a_number_or_an_object() {
    let read = |group: &str| {
        let json = format!(r#"{{"callid":"c","group":{group}}}"#);
        Reader::lenient().read_agent_event(json).unwrap().value.group
    };
    let number = read(r#""300""#);
    assert_eq!(number.as_ref().unwrap().number.as_deref(), Some("300"));
    assert_eq!(number, read("300"));
    assert_eq!(number, read(r#"{"number":"300"}"#));
    assert_eq!(number, read(r#"{"number":300}"#));
    assert_eq!(read("null"), None);
    assert_eq!(read("[]"), None);
    assert_eq!(
        read(r#"{"number":"300","type":"acd"}"#).unwrap().kind,
        Some(Spelled::known(GroupKind::Queue))
    );
}

// P43
#[test]
fn a_disconnect_code_out_of_range_is_a_warning() {
    for (code, is_odd) in [(99, true), (100, false), (487, false), (699, false), (700, true)] {
        let event = group(&format!(r#""reason":{{"code":{code},"text":"x"}}"#));
        let found: Vec<_> =
            event.validate().iter().map(|one| (one.code, one.path.clone())).collect();
        assert_eq!(
            found,
            if is_odd { vec![(Code::CodeRange, "reason.code".to_owned())] } else { vec![] },
            "{code}"
        );
    }
}

// P44
#[test]
fn other_timestamps_are_kept() {
    let event = group(r#""timestamps":{"start":1000,"answered":1005.5,"note":"x"}"#);
    let times = event.timestamps.as_ref().unwrap();
    assert_eq!(times.other("answered", FractionMode::Decimal).unwrap().as_millis(), 1_005_500);
    assert_eq!(
        times.other("answered", FractionMode::UnpaddedMillis).unwrap().as_millis(),
        1_005_005
    );
    assert_eq!(times.other("note", FractionMode::Decimal), None);
    let written = serde_json::to_string(&event).unwrap();
    assert!(
        written.contains(r#""timestamps":{"start":1000.000,"answered":1005.5,"note":"x"}"#),
        "{written}"
    );
}

// P45
#[test]
fn handles_are_opaque() {
    let with = group(r#""call":{ "secret" : 1 },"leg":[7],"user":3"#);
    assert_eq!(with.call.as_json(), Some(r#"{ "secret" : 1 }"#));
    let mut without = with.clone();
    without.call = pbx_integration::wire::Handle::default();
    without.leg = pbx_integration::wire::Handle::default();
    assert_eq!(with, without);
    assert_eq!(with.key(), without.key());
    assert!(!format!("{with:?}").contains("secret"));
    assert!(serde_json::to_string(&with).unwrap().contains(r#""call":{ "secret" : 1 }"#));
    assert!(!serde_json::to_string(&without).unwrap().contains("call\":{"));
}

// P47
#[test]
fn states_are_words() {
    for (word, state) in [
        ("ringing", Some(CallState::Ringing)),
        ("Alerting", Some(CallState::Ringing)),
        ("CONNECTED", Some(CallState::Connected)),
        ("connect", Some(CallState::Connected)),
        ("ended", Some(CallState::Ended)),
        ("end", Some(CallState::Ended)),
        ("disconnected", Some(CallState::Ended)),
        ("hangup", Some(CallState::Ended)),
        ("parked", None),
    ] {
        let event = group(&format!(r#""state":"{word}""#));
        let read = event.state.unwrap();
        assert_eq!(
            (Some(read.word()).filter(|state| state.is_known()), read.as_str()),
            (state.as_ref(), word)
        );
    }
}

// P46, P48
#[test]
fn the_phase_follows_the_facts_before_the_word() {
    for (fields, phase) in [
        ("", Phase::Waiting),
        (r#""state":"ringing""#, Phase::Ringing),
        (r#""ringing":[{"number":"41"}]"#, Phase::Ringing),
        (r#""state":"connected","ringing":[{"number":"41"}]"#, Phase::Connected),
        (r#""agent":{"number":"41"},"state":"ringing""#, Phase::Connected),
        (r#""agent":{"number":"41"},"reason":{"code":487}"#, Phase::Ended),
        (r#""timestamps":{"start":1000,"end":1001}"#, Phase::Ended),
        (r#""timestamps":{"start":1000,"end":0}"#, Phase::Waiting),
        // The PBX connects too (P114).
        (r#""timestamps":{"start":1000,"connect":1001}"#, Phase::Waiting),
        (r#""state":"hangup""#, Phase::Waiting),
    ] {
        assert_eq!(group(fields).phase(), phase, "{fields}");
    }
}

// P49, P51
#[test]
fn agents_are_counted_once_and_may_be_in_both_lists() {
    let event = group(
        r#""ringing":[{"number":"41","id":3},{"number":"041","id":3},{"number":"42"}],"missed":[{"number":"41","id":3}]"#,
    );
    assert_eq!((event.ringing.len(), event.missed.len()), (3, 1));
    let other = group(
        r#""ringing":[{"number":"42"},{"number":"41","id":"3"}],"missed":{"number":"41","id":3}"#,
    );
    assert_eq!(event.key(), other.key());
    for fields in [
        r#""ringing":[{"number":"42"}],"missed":[{"number":"41","id":3}]"#,
        r#""ringing":[{"number":"42"},{"number":"41","id":3}]"#,
        r#""ringing":[{"number":"42"},{"number":"41","id":3}],"missed":[{"number":"41","id":3}],"agent":{"number":"7"}"#,
        r#""domain":"u.example","ringing":[{"number":"42"},{"number":"41","id":3}],"missed":[{"number":"41","id":3}]"#,
        r#""group":{"type":"acd","number":"301"},"ringing":[{"number":"42"},{"number":"41","id":3}],"missed":[{"number":"41","id":3}]"#,
    ] {
        assert_ne!(group(fields).key(), event.key(), "{fields}");
    }
}

// P50
#[test]
fn an_ended_call_does_not_go_back() {
    let mut calls = Deliveries::new(2);
    let mut deliver = |fields: &str| {
        let look = calls.look(&group(fields));
        if look.delivery().is_news() {
            calls.commit(look);
        }
        look.delivery()
    };
    let (ringing, ended) = (r#""state":"ringing""#, r#""reason":{"code":487}"#);
    assert_eq!(deliver(ringing), Delivery::New);
    assert_eq!(deliver(ringing), Delivery::Duplicate);
    assert_eq!(deliver(""), Delivery::New);
    assert_eq!(deliver(ringing), Delivery::New);
    assert_eq!(deliver(ended), Delivery::New);
    assert_eq!(deliver(ended), Delivery::Duplicate);
    assert_eq!(deliver(ringing), Delivery::Stale);
    assert_eq!(deliver(r#""reason":{"code":487},"missed":[{"number":"41"}]"#), Delivery::Stale);
    // Another group of the same call goes its own way.
    assert_eq!(deliver(r#""group":{"type":"acd","number":"301"}"#), Delivery::New);
    // Beyond the capacity the oldest is forgotten.
    assert_eq!(deliver(r#""group":{"type":"acd","number":"302"}"#), Delivery::New);
    assert_eq!(deliver(ringing), Delivery::New);
    assert_eq!(calls.len(), 2);
    assert!(!calls.is_empty());
}

// P52, P53
#[test]
fn an_agent_event_has_no_lists_of_agents_and_a_subject() {
    let read = |fields: &str| {
        Reader::lenient().read_agent_event(format!(r#"{{"callid":"c",{fields}}}"#)).unwrap().value
    };
    let event = read(r#""ringing":[{"number":"41"}],"missed":[],"user":"3""#);
    assert_eq!(event.extra.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["ringing", "missed"]);
    assert_eq!(event.subject(), Some(AgentKey::Id(3)));
    assert_eq!(
        read(r#""agent":{"number":"41"},"user":3"#).subject(),
        Some(AgentKey::Number("41".to_owned()))
    );
    assert_eq!(read(r#""x":1"#).subject(), None);
    for (fields, phase) in [
        (r#""state":"ringing","agent":{"number":"41"}"#, Phase::Ringing),
        (r#""state":"connected","agent":{"number":"41"}"#, Phase::Connected),
        (r#""state":"idle","agent":{"number":"41"}"#, Phase::Waiting),
        (r#""state":"connected","reason":{"code":200}"#, Phase::Ended),
    ] {
        assert_eq!(read(fields).phase(), phase, "{fields}");
    }
    assert_ne!(read(r#""state":"ringing""#).key(), read(r#""state":"connected""#).key());
}

// P135, P145, P146
#[test]
fn a_live_event_is_checked() {
    let found = |fields: &str| -> Vec<String> {
        group(fields)
            .validate()
            .iter()
            .map(|one| format!("{} {} {:?}", one.code, one.path, one.severity))
            .collect()
    };
    assert_eq!(found(""), [""; 0]);
    assert_eq!(
        found(r#""timestamps":{"start":1000,"connect":999.5}"#),
        ["time_order timestamps.connect Warning"]
    );
    assert_eq!(
        found(r#""timestamps":{"start":1000,"connect":990}"#),
        ["time_order timestamps.connect Violation"]
    );
    // Only the word shows that the call has ended.
    assert_eq!(found(r#""state":"disconnected""#), ["phase state Warning"]);
    assert_eq!(found(r#""state":"disconnected","reason":{"code":487}"#), [""; 0]);
    let blank = group_json("").replace("c@pbx", " ");
    let blank = Reader::strict().read_group_event(blank).unwrap().value.validate();
    assert_eq!(blank[0].code, Code::BadCallid);
    let agent = Reader::lenient().read_agent_event(r#"{"callid":" "}"#).unwrap().value.validate();
    assert_eq!(agent[0].code, Code::BadCallid);
}

// P13, P151
#[test]
fn required_fields_of_live_events() {
    let empty = Reader::lenient().read_group_event(r#"{"callid":"c"}"#).unwrap();
    let wanted = ["domain", "state", "timestamps", "inbound", "caller", "callee", "group"];
    assert_eq!(warnings(&empty), wanted.map(|field| format!("missing {field}")));
    let agent = Reader::lenient().read_agent_event(r#"{"callid":"c"}"#).unwrap();
    assert_eq!(
        warnings(&agent),
        wanted[..6].iter().map(|field| format!("missing {field}")).collect::<Vec<_>>()
    );
    let inner = Reader::lenient()
        .read_group_event(group_json(
            r#""timestamps":{},"agent":{},"group":{},"reason":{},"ringing":[{},5]"#,
        ))
        .unwrap();
    let wanted = [
        "missing timestamps.start",
        "missing ringing[0].number",
        "wrong_type ringing[1]",
        "missing agent.number",
        "missing group.type",
        "missing group.number",
        "missing reason.code",
    ];
    assert_eq!(warnings(&inner), wanted);
    for (value, rule) in [("7", "wrong_type"), (r#""x""#, "wrong_type"), ("[]", "wrong_type")] {
        let odd =
            Reader::lenient().read_group_event(group_json(&format!(r#""agent":{value}"#))).unwrap();
        assert_eq!(warnings(&odd), [format!("{rule} agent")]);
    }
    let none =
        Reader::strict().read_group_event(group_json(r#""agent":"","reason":null"#)).unwrap().value;
    assert_eq!((none.agent, none.reason), (None, None));
    for json in ["{}", r#"{"callid":""}"#] {
        assert_eq!(Reader::lenient().read_agent_event(json).unwrap_err().path(), "callid");
        assert_eq!(Reader::lenient().read_group_event(json).unwrap_err().path(), "callid");
    }
}
