//! Leg records and queue records, and their conversion to calls.

use pbx_integration::cdr::{AnyRecord, Legs, Source};
use pbx_integration::report::{
    CallDirection, Delivery, Disposition, QueueId, Report, ReportOptions,
};
use pbx_integration::wire::DurationUnit;
use pbx_integration::{Cdr, Parsed, Reader};

use crate::examples::ALL;
use crate::support::{findings, warnings};

fn calls(legs: &[&str]) -> Vec<Parsed<Cdr>> {
    let mut collected = Legs::default();
    assert!(collected.is_empty());
    for leg in legs {
        collected.add(Reader::lenient().read_leg_record(leg).unwrap());
    }
    collected.into_calls()
}

// P29, P208
#[test]
fn e10_a_queue_record_is_a_call_of_one_state() {
    let json = ALL[7];
    let record = Reader::strict().read_queue_record(json, DurationUnit::Seconds).unwrap();
    let cdr = record.value.into_cdr(None);
    let call = cdr.summary();
    assert_eq!((call.direction, call.disposition), (CallDirection::Unknown, Disposition::Answered));
    assert_eq!(
        (call.agent.as_deref(), call.talk.as_secs(), call.queue_wait().as_secs()),
        (Some("223"), 40, 8)
    );
    assert_eq!(call.customer.unwrap().number.as_deref(), Some("x"));
    assert_eq!((cdr.source, findings(&cdr)), (Source::Queue, vec![]));
    let mut report = Report::new(ReportOptions::default());
    assert_eq!(report.add(&cdr.clone().into()), Delivery::New);
    assert_eq!(report.add(&cdr.into()), Delivery::Duplicate);
    assert!(report.figures().queues.contains_key(&QueueId::new("tenant.example", "y")));
    let millis = Reader::strict().read_queue_record(json, DurationUnit::Milliseconds).unwrap();
    assert_eq!(millis.value.into_cdr(None).summary().talk.as_millis(), 40);
}

// P208
#[test]
fn the_tenant_of_a_queue_record_is_a_host_without_its_port() {
    for (host, tenant) in [
        ("t.example", "t.example"),
        ("t.example:5060", "t.example"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("[2001:db8::1]:5060", "[2001:db8::1]"),
    ] {
        let json = format!(r#"{{"start":1598070201,"to":"<sip:300@{host};tag=1>"}}"#);
        let record = Reader::strict().read_queue_record(json, DurationUnit::Seconds).unwrap();
        let cdr = record.value.into_cdr(None);
        assert_eq!(cdr.domain.as_ref().unwrap().address(), Some(tenant));
    }
}

// P208
#[test]
fn without_talk_only_the_flag_shows_that_a_caller_gave_up() {
    let outcome = |more: &str| {
        let json = format!(
            r#"{{"start":1598070201,"to":"<sip:300@t.example:5060>","duration":{{"ring":5}}{more}}}"#
        );
        let record = Reader::strict().read_queue_record(json, DurationUnit::Seconds).unwrap();
        let cdr = record.value.into_cdr(Some("301"));
        assert_eq!(cdr.states[0].account.as_deref(), Some("301"));
        assert_eq!(cdr.domain.as_ref().unwrap().address(), Some("t.example"));
        cdr.disposition()
    };
    assert_eq!(outcome(""), Disposition::Unknown);
    assert_eq!(outcome(r#","abandoned":"true""#), Disposition::AbandonedWaiting);
    assert_eq!(outcome(r#","abandoned":false"#), Disposition::Unknown);
}

// P112, P206, P207
#[test]
fn e8_legs_of_one_primary_id_are_one_call() {
    let trunk = ALL[6].trim().strip_suffix('}').unwrap();
    let trunk = format!(
        r#"{trunk},"Domain":"T.example.","TimeStart":"2025-09-15 12:18:02","TimeConnected":"20250915121805","TimeEnd":1757938687}}"#
    );
    let own = r#"{"action":"CALL-data-record","PrimaryCallID":"PRA93Tta2CzVcV73Yvs8tQ..","CallID":"PRA93Tta2CzVcV73Yvs8tQ..",
        "Domain":"t.example","Direction":"I","Extension":"504","From":"<sip:504@t.example>","To":"<sip:+61132221@t.example>",
        "TimeStart":"2025-09-15T12:18:01.5Z","TimeEnd":"2025-09-15T12:18:07Z","CMC":"77","RecordLocation":"r/1.wav","Cost":"0.10"}"#;
    let calls = calls(&[&trunk, own]);
    assert_eq!(calls.len(), 1);
    let Parsed { value: cdr, .. } = &calls[0];
    assert_eq!((warnings(&calls[0]), findings(cdr)), (vec![], vec![]));
    assert_eq!(
        (cdr.callid.as_str(), cdr.source, cdr.cmc.as_deref()),
        ("PRA93Tta2CzVcV73Yvs8tQ..", Source::Legs, Some("77"))
    );
    let call = cdr.summary();
    assert_eq!(
        (call.direction, call.disposition),
        (CallDirection::Outbound, Disposition::Answered)
    );
    assert_eq!((call.originator.as_deref(), call.agent), (Some("504"), None));
    assert_eq!((call.total.unwrap().as_millis(), call.talk.as_secs()), (5_500, 2));
    assert_eq!(call.customer.unwrap().number.as_deref(), Some("+61132221"));
    assert_eq!(cdr.trunk_legs[0].trunk.as_deref(), Some("SIP Trunk Vodia"));
    assert_eq!(cdr.recordings[0].file.as_deref(), Some("r/1.wav"));
}

// P206
#[test]
fn legs_are_grouped_replaced_and_left_out() {
    let leg = |primary: &str, id: &str, more: &str| {
        format!(
            r#"{{"action":"call-data-record","Domain":"t","PrimaryCallID":"{primary}","CallID":"{id}","Direction":"O","TimeStart":1000{more}}}"#
        )
    };
    let legs = [
        leg("p2", "a", r#","Extension":"41","TimeEnd":1005"#),
        leg("p1", "b", ""),
        leg("p2", "a", r#","Extension":"41","TimeEnd":1009"#),
        leg("p2", "c", r#","TrunkID":7,"TimeEnd":"soon""#),
        leg("", "d", r#","Extension":"42""#),
    ];
    let calls = calls(&legs.iter().map(String::as_str).collect::<Vec<_>>());
    let ids: Vec<_> = calls.iter().map(|call| call.value.callid.as_str()).collect();
    assert_eq!(ids, ["p2", "p1", "d"], "in the order of first legs");
    let first = &calls[0].value;
    assert_eq!((first.extension_legs.len(), first.trunk_legs.len()), (1, 1));
    assert_eq!(
        first.end.unwrap().as_millis(),
        1_009_000,
        "the same leg again replaces the earlier one"
    );
    assert_eq!(first.trunk_legs[0].trunk.as_deref(), Some("7"));
    assert_eq!(warnings(&calls[0]), ["bad_timestamp TimeEnd"]);
    assert_eq!(warnings(&calls[1]), ["unused_leg "]);
}

// P211
#[test]
fn the_format_of_a_record_shows_in_its_fields() {
    let format = |json: &str| match Reader::lenient()
        .read_record(json, DurationUnit::Seconds)
        .unwrap()
        .value
    {
        AnyRecord::Call(_) => "call",
        AnyRecord::Leg(_) => "leg",
        AnyRecord::Queue(_) => "queue",
        _ => "another",
    };
    assert_eq!(format(r#"{"callid":"c","duration":{}}"#), "call");
    assert_eq!(format(r#"{"start":1,"duration":{"talk":1}}"#), "queue");
    assert_eq!(format(r#"{"CallID":"c","Direction":"I"}"#), "leg");
    assert_eq!(format(r#"{"CallID":"c","action":"Call-Data-Record"}"#), "leg");
    let error =
        Reader::lenient().read_record(r#"{"duration":5}"#, DurationUnit::Seconds).unwrap_err();
    assert_eq!(error.to_string(), "callid: expected a required field, found no value");
}
