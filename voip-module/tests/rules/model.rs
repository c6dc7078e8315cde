//! The platform's types and their JSON.

use serde_json::{Value, json};
use voip_module::{
    HttpResponse, PlatformVersion, Secret, VoipCallDirection as Direction,
    VoipCallDisposition as Disposition, VoipCallRecord, VoipMember, VoipTestConnectionResult,
    VoipWebhookEvent as Event, VoipWebhookParseResult, VoipWebhookRequest,
};

fn full_event() -> VoipWebhookRequest {
    VoipWebhookRequest::new(Event::NotifyStart, Direction::In, "79990000001", "701")
        .disposition(Disposition::NoAnswer)
        .call_id("C-1")
        .src_phone_ext("701")
        .dst_phone_ext("702")
}

fn full_record() -> VoipCallRecord {
    VoipCallRecord::new(Direction::Out, "701", "79990000001")
        .disposition(Disposition::Answered)
        .duration(124)
        .call(json!({"id": "C-1"}))
        .call_id("C-1")
        .src_phone_ext("701")
        .dst_phone_ext("702")
}

// V15, V20
#[test]
fn members_have_the_documented_names() {
    assert_eq!(
        serde_json::to_value(full_event()).unwrap(),
        json!({"event": "notify_start", "direction": "in", "srcPhone": "79990000001",
            "dstPhone": "701", "disposition": "no_answer", "callId": "C-1",
            "srcPhoneExt": "701", "dstPhoneExt": "702"})
    );
    assert_eq!(
        serde_json::to_value(full_record()).unwrap(),
        json!({"srcPhone": "701", "dstPhone": "79990000001", "direction": "out",
            "disposition": "answered", "duration": 124, "call": {"id": "C-1"}, "callId": "C-1",
            "srcPhoneExt": "701", "dstPhoneExt": "702"})
    );
    assert_eq!(
        serde_json::to_value(VoipMember::new("701", "Anna")).unwrap(),
        json!({"id": "701", "label": "Anna"})
    );
}

// V12, V13
#[test]
fn all_parts_of_a_result_are_optional_and_independent() {
    assert_eq!(serde_json::to_string(&VoipWebhookParseResult::empty()).unwrap(), "{}");
    let mut both = VoipWebhookParseResult::event(full_event());
    both.call_record = Some(full_record());
    both.response = Some(HttpResponse::new().into());
    let json = serde_json::to_value(&both).unwrap();
    let names: Vec<_> = json.as_object().unwrap().keys().collect();
    assert_eq!(names, ["callRecord", "event"]);
    let back: VoipWebhookParseResult = serde_json::from_value(json).unwrap();
    assert_eq!((back.event, back.call_record), (both.event, both.call_record));
}

// V17
#[test]
fn absent_optionals_are_omitted_and_null_and_empty_read_as_absent() {
    let event =
        VoipWebhookRequest::new(Event::NotifyEnd, Direction::Internal, "1", "2").call_id("");
    let json = serde_json::to_value(&event).unwrap();
    assert_eq!(
        json,
        json!({"event": "notify_end", "direction": "internal", "srcPhone": "1", "dstPhone": "2",
            "disposition": "unknown"})
    );
    let mut with_nulls = json.clone();
    with_nulls["callId"] = Value::Null;
    with_nulls["srcPhoneExt"] = json!("");
    with_nulls["newMember"] = json!([1]);
    assert_eq!(serde_json::from_value::<VoipWebhookRequest>(with_nulls).unwrap(), event);
    let mut hand_made = event;
    hand_made.call_id = Some(String::new());
    assert_eq!(serde_json::to_value(&hand_made).unwrap(), json);
}

// V16, V47
#[test]
fn newer_fields_are_left_out_for_older_editions() {
    for (version, event_has, record_has) in [
        (PlatformVersion::V2024, vec![], vec![]),
        (PlatformVersion::V2025_8, vec!["callId"], vec![]),
        (
            PlatformVersion::V2026_4,
            vec!["callId", "srcPhoneExt", "dstPhoneExt"],
            vec!["callId", "srcPhoneExt", "dstPhoneExt"],
        ),
    ] {
        let mut result = VoipWebhookParseResult::event(full_event());
        result.call_record = Some(full_record());
        let json = serde_json::to_value(result.for_platform(version)).unwrap();
        for (part, has) in [("event", event_has), ("callRecord", record_has)] {
            for name in ["callId", "srcPhoneExt", "dstPhoneExt"] {
                assert_eq!(
                    json[part].get(name).is_some(),
                    has.contains(&name),
                    "{version} {part} {name}"
                );
            }
        }
        assert_eq!(version.to_string().parse(), Ok(version));
    }
    assert_eq!(PlatformVersion::default(), PlatformVersion::V2026_4);
    assert_eq!(
        "2023".parse::<PlatformVersion>().unwrap_err().to_string(),
        "unknown platform version, expected 2024, 2025.8 or 2026.4"
    );
}

// V18
#[test]
fn call_data_comes_back_as_it_was() {
    for call in [
        json!(null),
        json!(1.5),
        json!("x"),
        json!([1, null]),
        json!({"a": {"b": [true]}, "ü": -1}),
    ] {
        let record = VoipCallRecord::new(Direction::In, "1", "2").call(call.clone());
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<VoipCallRecord>(&text).unwrap().call, call);
    }
}

// V24, V25
#[test]
fn words_are_read_in_any_case_and_written_from_the_table() {
    for word in ["notify_start", "NotifyStart", "NOTIFY_START", "notify-start", "notifystart"] {
        assert_eq!(word.parse(), Ok(Event::NotifyStart), "{word}");
        let json = json!({"event": word, "direction": "IN", "srcPhone": "", "dstPhone": "", "disposition": "No-Answer"});
        let event: VoipWebhookRequest = serde_json::from_value(json).unwrap();
        assert_eq!((event.event, event.disposition), (Event::NotifyStart, Disposition::NoAnswer));
    }
    let words = |words: &[&str], all: Vec<&str>| assert_eq!(words, all);
    words(&["in", "out", "internal"], Direction::ALL.iter().map(|word| word.as_str()).collect());
    words(
        &["notify_start", "notify_answer", "notify_end"],
        Event::ALL.iter().map(|word| word.as_str()).collect(),
    );
    words(
        &["answered", "busy", "cancel", "no_answer", "unknown"],
        Disposition::ALL.iter().map(|word| word.as_str()).collect(),
    );
}

// V26
#[test]
fn an_unknown_disposition_is_unknown_and_other_words_are_errors() {
    assert_eq!("voicemail".parse(), Ok(Disposition::Unknown));
    assert_eq!(serde_json::from_str::<Disposition>("\"x\"").unwrap(), Disposition::Unknown);
    assert_eq!("up".parse::<Direction>().unwrap_err().to_string(), "unknown call direction");
    assert_eq!("".parse::<Event>().unwrap_err().to_string(), "unknown webhook event");
    let error = serde_json::from_str::<Event>("\"x\"").unwrap_err();
    assert_eq!(error.to_string(), "unknown webhook event");
}

// V9
#[test]
fn a_failed_test_always_has_a_reason_and_a_passed_one_never() {
    for (json, success, reason) in [
        (json!({"success": true, "failReason": "x"}), true, None),
        (json!({"success": false, "failReason": "x"}), false, Some("x")),
        (json!({"success": false}), false, Some("the connection test failed without a reason")),
    ] {
        let result: VoipTestConnectionResult = serde_json::from_value(json).unwrap();
        assert_eq!((result.success(), result.fail_reason()), (success, reason));
    }
    assert!(VoipTestConnectionResult::failed(" ").fail_reason().unwrap().len() > 1);
}

// V11
#[test]
fn members_are_distinct() {
    let members = ["1", "", "2", "1"].map(|id| VoipMember::new(id, format!("label {id}")));
    let ids: Vec<_> = VoipMember::distinct(members).into_iter().map(|member| member.id).collect();
    assert_eq!(ids, ["1", "2"]);
}

// V14, V23
#[test]
fn a_response_is_200_and_empty_by_default() {
    let response: http::Response<bytes::Bytes> = HttpResponse::new().into();
    assert_eq!(
        (response.status().as_u16(), response.body().len(), response.headers().len()),
        (200, 0, 0)
    );
    let response: http::Response<_> = HttpResponse::new().json(&json!({"a": 1})).unwrap().into();
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.body(), r#"{"a":1}"#);
}

// V21, V77, V125
#[test]
fn both_number_orders_are_there() {
    use voip_module::gravitel::{Accounts, GravitelOptions, GravitelPush, NumberOrder};
    let push = "cmd=event&type=OUTGOING&phone=79990000002&ext=702";
    let push = GravitelPush::parse_form(push).unwrap();
    for (order, numbers) in [
        (NumberOrder::ByDirection, ("702", "79990000002")),
        (NumberOrder::ClientFirst, ("79990000002", "702")),
    ] {
        let options = GravitelOptions::default().with_number_order(order);
        let event = push.to_result(&options, &Accounts::default()).unwrap().event.unwrap();
        assert_eq!((&*event.src_phone, &*event.dst_phone), numbers);
    }
}

// V51
#[test]
fn a_secret_never_prints_itself() {
    let key = Secret::new("K3Y");
    let shown = format!("{key:?} {:?}", Some(&key));
    assert_eq!(shown, "Secret(…) Some(Secret(…))");
}

#[test]
fn types_are_send_sync_and_traits_are_object_safe() {
    fn is<T: Send + Sync + 'static + ?Sized>() {}
    is::<dyn voip_module::VoipProvider>();
    is::<dyn voip_module::gravitel::ContactLookup>();
    is::<dyn voip_module::Sink>();
    is::<dyn voip_module::router::journal::FingerprintStore>();
    is::<dyn voip_module::HttpTransport>();
    is::<voip_module::Error>();
    is::<VoipWebhookParseResult>();
    is::<voip_module::WebhookRouter<Box<dyn voip_module::VoipProvider>>>();
    is::<voip_module::gravitel::GravitelProvider<voip_module::transport::ReqwestTransport>>();
}
