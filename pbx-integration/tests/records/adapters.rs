//! Neighbouring formats: P29, P112; E8, E9, E10.

use std::time::Duration;

use pbx_integration::{Direction, DurationUnit, Reader, group_legs};

use crate::support::warnings;

#[test]
fn a_leg_record_is_read_e8_p112() {
    let json = include_str!("../vectors/e8_leg.json");
    let leg = Reader::strict().read_leg_record(json).unwrap().value;
    assert_eq!(leg.action.as_deref(), Some("call-data-record"));
    assert_eq!((leg.call_id.as_str(), leg.group_id()), ("mte7y70@pbx", "PRA93Tta2CzVcV73Yvs8tQ.."));
    assert!(leg.is_external() && !leg.is_first());
    assert_eq!(leg.direction.as_deref(), Some(&Direction::Outbound));
    assert_eq!((leg.trunk_id, leg.trunk_name.as_deref()), (Some(10), Some("SIP Trunk Vodia")));
    assert_eq!(
        (leg.remote_party.as_deref(), leg.local_party.as_deref()),
        (Some("+61132221"), Some("504"))
    );
    assert_eq!((leg.extension, leg.extension_name), (None, None));
}

#[test]
fn legs_are_grouped_by_the_primary_call_p112() {
    let leg = |primary: &str, id: &str| {
        let json = format!(r#"{{"PrimaryCallID":"{primary}","CallID":"{id}","Cost":"0.10"}}"#);
        Reader::strict().read_leg_record(json).unwrap().value
    };
    let calls = group_legs([leg("p1", "p1"), leg("p2", "x"), leg("p1", "t1"), leg("", "alone")]);
    let ids = |call: &str| calls[call].iter().map(|leg| leg.call_id.clone()).collect::<Vec<_>>();
    assert_eq!(calls.len(), 3);
    assert_eq!(
        (ids("p1"), ids("p2"), ids("alone")),
        (vec!["p1".into(), "t1".into()], vec!["x".into()], vec!["alone".to_owned()])
    );
    assert!(calls["p1"][0].is_first() && !calls["p1"][1].is_first());
}

#[test]
fn durations_of_a_leg_record_are_text_until_the_unit_is_told_p29() {
    let leg = |fields: &str| {
        let json = format!(r#"{{"CallID":"c",{fields}}}"#);
        Reader::strict().read_leg_record(json).unwrap().value
    };
    let timed = leg(r#""Duration":5,"DurationHHMMSS":"01:02:05""#);
    assert_eq!(timed.duration_in(DurationUnit::Seconds), Some(Duration::from_secs(5)));
    assert_eq!(timed.duration_in(DurationUnit::Milliseconds), Some(Duration::from_millis(5)));
    assert_eq!(timed.clock_duration(), Some(Duration::from_secs(3_725)));
    for odd in ["1:2", "00:60:00", "00:00:60", "a:b:c", "1:2:3:4", "99999999999999999999:0:0"] {
        assert_eq!(leg(&format!(r#""DurationHHMMSS":"{odd}""#)).clock_duration(), None, "{odd}");
    }
}

#[test]
fn a_short_record_is_read_e9_p16() {
    let record =
        Reader::strict().read_short_record(include_str!("../vectors/e9_short.json")).unwrap().value;
    assert_eq!((record.id, record.call_id.as_str()), (Some(20_753), "1490779371@198.51.100.9"));
    let millis = [record.start, record.connect, record.end].map(|time| time.unwrap().as_millis());
    assert_eq!(millis, [1_595_572_559_444, 1_595_572_559_445, 1_595_572_656_860]);
    assert_eq!(
        (&*record.extensions, &*record.trunks, record.pcap),
        (&[][..], &[106][..], Some(false))
    );
}

#[test]
fn a_queue_record_is_read_in_the_unit_told_e10_p29() {
    let json = include_str!("../vectors/e10_queue.json");
    for (unit, millis) in [(DurationUnit::Seconds, 1_000), (DurationUnit::Milliseconds, 1)] {
        let record = Reader::strict().read_queue_record(json, unit).unwrap().value;
        let durations = record.duration.unwrap();
        let read = [durations.ivr, durations.ring, durations.talk, durations.hold];
        assert_eq!(
            read.map(|time| time.unwrap().as_millis()),
            [3, 5, 40, 0].map(|time| time * millis)
        );
        assert_eq!(record.agent.unwrap().number().as_deref(), Some("223"));
    }
    let half = r#"{"start":1,"duration":{"ivr":1.5,"ring":"2","talk":-1,"hold":true}}"#;
    let parsed = Reader::lenient().read_queue_record(half, DurationUnit::Seconds).unwrap();
    assert_eq!(warnings(&parsed), ["P25 duration.talk", "P12 duration.hold"]);
    let durations = parsed.value.duration.unwrap();
    assert_eq!(
        (durations.ivr, durations.ring),
        (Some(Duration::from_millis(1_500)), Some(Duration::from_secs(2)))
    );
}

#[test]
fn a_history_record_is_read() {
    let json = r#"{"id":"77","from-name":"Alice","to-number":41,"inbound":"true","external":true,
        "queue":false,"start":"1595572559.444","connect":0,"end":1595572560}"#;
    let record = Reader::strict().read_history_record(json).unwrap().value;
    assert_eq!((record.id.as_deref(), record.from_name.as_deref()), (Some("77"), Some("Alice")));
    assert_eq!(
        (record.to_number.as_deref(), record.inbound, record.external),
        (Some("41"), Some(true), Some(true))
    );
    assert_eq!((record.queue.as_deref(), record.connect), (Some("false"), None));
}

#[test]
fn a_webcdr_record_is_a_call_record_p54_p112() {
    let json = r#"{"domain":"t","callid":"c","start":1000,"version":"69.5","system":"ABC-123","abandoned":true,
        "available":"2","calllog":[{"x":1}]}"#;
    let cdr = Reader::strict().read_cdr(json).unwrap().value;
    assert_eq!(
        (cdr.abandoned, cdr.available, cdr.version.as_deref()),
        (Some(true), Some(2), Some("69.5"))
    );
    assert_eq!(cdr.system.as_ref().unwrap().as_str(), "ABC-123");
    assert_eq!(cdr.extra.get("calllog"), Some(r#"[{"x":1}]"#));
    // It identifies a licence.
    assert!(!format!("{cdr:?}").contains("ABC-123"));
}
