//! Worked examples of every family.

use std::time::Duration;

use ucom_events::classify::Reason;
use ucom_events::event::{
    AgentStatus, AgentType, CallFlow, CallStatus, EventKind, EventSource, ExtensionId,
    PhoneStatusEvent,
};
use ucom_events::{
    Directory, Event, Policy, Timestamp, classify, parse_body, parse_query, parse_request,
};

use crate::support::extension_event;

pub(crate) const E1: &str = "EventType=dial-in&CallID=a4c0a634c2b94d0e9d5a1c7b8f2e6d31&SubCallID=33335-5f1c9be2a6d84f0c&CallAPIID=3584709139-3849618a-cd61-11e9-b297-bd083c9cfa95&CallerIDNum=%2B79215550142&CallerIDName=Ivan+Petrov&CallerExtension=453%2A099%40sip.example.com&CallerExtensionID=33330&CalledDID=78125550100&CalledExtension=453%2A106%40sip.example.com&CalledExtensionID=33335&CalledNumber=453%2A106&CallStatus=CALLING&CallFlow=IN&EventTime=1766736711480097";
pub(crate) const E2: &str = "EventType=answer&CallID=a4c0a634c2b94d0e9d5a1c7b8f2e6d31&SubCallID=33335-5f1c9be2a6d84f0c&CallAPIID=3584709139-3849618a-cd61-11e9-b297-bd083c9cfa95&CallerIDNum=%2B79215550142&CallerIDName=Ivan+Petrov&CallerExtension=453%2A099%40sip.example.com&CallerExtensionID=33330&CalledDID=78125550100&CalledExtension=453%2A106%40sip.example.com&CalledExtensionID=33335&CalledNumber=453%2A106&CallStatus=ANSWER&CallFlow=IN&EventTime=1766736718112004";
pub(crate) const E3: &str = "EventType=hangup&CallID=a4c0a634c2b94d0e9d5a1c7b8f2e6d31&SubCallID=33335-5f1c9be2a6d84f0c&CallAPIID=3584709139-3849618a-cd61-11e9-b297-bd083c9cfa95&CallerIDNum=%2B79215550142&CallerIDName=Ivan+Petrov&CallerExtension=453%2A099%40sip.example.com&CallerExtensionID=33330&CalledDID=78125550100&CalledExtension=453%2A106%40sip.example.com&CalledExtensionID=33335&CalledNumber=453%2A106&CallStatus=ANSWER&CallFlow=IN&Duration=74352999&RecID=33335-3a849fa6cb6111e9b6b1bd083c9cfa95&EventTime=1766736792465003";
pub(crate) const E4: &str = "EventType=dial-out&CallID=0b9de7f3c1a24f5f8f5f7f0c9a1e2d44&SubCallID=33335-0b9de7f3c1a24f5f&CallAPIID=3584709140-77aa1180-cd61-11e9-b297-bd083c9cfa95&CallerIDNum=453%2A106&CallerIDName=Anna+Smirnova&CallerExtension=453%2A106%40sip.example.com&CallerExtensionID=33335&CalledNumber=%2B78125550177&CallStatus=CALLING&CallFlow=OUT&EventTime=1766737000000001";
pub(crate) const E5: &str = "EventType=dial-out&CallID=a4c0a634c2b94d0e9d5a1c7b8f2e6d31&SubCallID=33335-91aa00d2b7e34c11&CallerIDNum=%2B79215550142&CallerExtension=453%2A106%40sip.example.com&CallerExtensionID=33335&CalledNumber=%2B79215550188&CalledDID=78125550100&CallStatus=CALLING&CallFlow=OUT&Transfered=yes&EventTime=1766736720000000";
pub(crate) const E6: &str = "EventType=dial-out&CallID=a4c0a634c2b94d0e9d5a1c7b8f2e6d31&SubCallID=33335-91aa00d2b7e34c12&CallerIDNum=%2B79215550142&CallerExtension=453%2A106%40sip.example.com&CallerExtensionID=33335&CalledNumber=453%2A107&CalledExtension=453%2A107%40sip.example.com&CalledExtensionID=33336&CallStatus=CALLING&CallFlow=OUT&Transfered=yes&EventTime=1766736720000000";
pub(crate) const E7: &str = "EventType=dial-in&CallID=c3&SubCallID=33336-c3&CallerIDNum=453%2A106&CallerExtension=453%2A106%40sip.example.com&CallerExtensionID=33335&CalledExtension=453%2A107%40sip.example.com&CalledExtensionID=33336&CalledNumber=453%2A107&CallStatus=CALLING&CallFlow=IN&EventTime=1766737100000000";
pub(crate) const E8: &str = "EventType=dial-in&CallID=a4c0a634c2b94d0e9d5a1c7b8f2e6d31&SubCallID=33336-77ffab1290dd4a10&CallerIDNum=453%2A106&CallerExtension=453%2A106%40sip.example.com&CallerExtensionID=33335&CalledExtension=453%2A107%40sip.example.com&CalledExtensionID=33336&CalledNumber=453%2A107&RemoteNumber=%2B79215550142&CalledDID=78125550100&CallStatus=CALLING&CallFlow=IN&EventTime=1766736750000000";
pub(crate) const E9: &str = "EventType=hangup&CallID=77d1f2b0aa614c3e9f0d6f3b1f8a5e02&SubCallID=33330-77d1f2b0aa614c3e9f0d6f3b1f8a5e02&CallerIDNum=%2B79215550199&CalledDID=78125550100&CalledExtension=453%2A099%40sip.example.com&CalledExtensionID=33330&CalledNumber=453%2A099&CallStatus=ANSWER&CallFlow=IN&Bridged=no&Duration=63500000&EventTime=1766737999700000";
pub(crate) const E10: &str = "EventType=hangup&CallID=77d1f2b0aa614c3e9f0d6f3b1f8a5e02&SubCallID=33334-77d1f2b0aa614c3e9f0d6f3b1f8a5e02&CallerIDNum=%2B79215550199&CalledDID=78125550100&CalledExtension=453%2A300%40sip.example.com&CalledExtensionID=33334&CalledNumber=453%2A300&CallStatus=NOANSWER&CallFlow=IN&Bridged=no&Duration=61000000&EventTime=1766738000000000";
pub(crate) const E11: &str = "EventType=message-in&CallID=m-1&CallerIDNum=%2B79215550142&CalledExtension=453%2A106%40sip.example.com&CalledExtensionID=33335&CalledNumber=453%2A106&CallFlow=IN&EventTime=1766739000000000";
pub(crate) const E12: &str = "EventType=message-out&CallID=m-2&CallerIDNum=453%2A106&CallerExtension=453%2A106%40sip.example.com&CallerExtensionID=33335&CalledNumber=%2B79215550142&CallFlow=OUT&EventTime=1766739010000000";
pub(crate) const E13: &str = "EventType=voicemail&CallID=vm-1&CallerIDNum=%2B79215550142&CalledExtension=453%2A106%40sip.example.com&CalledExtensionID=33335&CalledNumber=453%2A106&CalledDID=78125550100&EventTime=1766739100000000";
pub(crate) const E14: &str = "agent_status=available&agent_type=local&event_source=api&agent_id=136&extension_name=000%2A094%40ringme.ru";
pub(crate) const E15: &str = "agent_id=140&agent_status=logged_out&agent_type=remote&agent_number=%2B79215550111&event_source=api";
pub(crate) const E16: &str = "event_type=call-status-change&client_id=801&extension_id=33335&extension_name=453%2A106&old_status_id=&new_status_id=4&change_dt=2025-12-26+08%3A11%3A51";
pub(crate) const E17: &str =
    "EventType=dial-in&CallID=c4&SubCallID=s4&CallerNum=453%2A106&CalledNum=453%2A107&CallFlow=IN";
pub(crate) const E18: &str = "EventType=dial-in&CallID=c5&SubCallID=s5&CallerIDNum=+79215550142&CalledNumber=453*106&CallFlow=IN";
pub(crate) const E19: &str = "EventType=dial-in&CallID=c6&SubCallID=s6&CallerIDNum=%2b79215550142&CalledNumber=453*106&CallFlow=in";

pub(crate) const ALL: &[&str] =
    &[E1, E2, E3, E4, E5, E6, E7, E8, E9, E10, E11, E12, E13, E14, E15, E16, E17, E18, E19];

/// Scope, party and reason of each example that is about an extension, default policy, no directory.
const SCOPES: &[(&str, &str, Option<&str>, Option<Reason>)] = &[
    (E1, "external", Some("+79215550142"), Some(Reason::OutsideCaller)),
    (E2, "external", Some("+79215550142"), Some(Reason::OutsideCaller)),
    (E3, "external", Some("+79215550142"), Some(Reason::OutsideCaller)),
    (E4, "external", Some("+78125550177"), Some(Reason::OutsideCalled)),
    (E5, "external", Some("+79215550188"), Some(Reason::OutsideCalled)),
    (E6, "internal_forward", None, Some(Reason::InternalForward)),
    (E7, "internal", None, Some(Reason::BothOurs)),
    (E8, "external", Some("+79215550142"), Some(Reason::RemoteNumber)),
    (E9, "external", Some("+79215550199"), Some(Reason::OutsideCaller)),
    (E10, "external", Some("+79215550199"), Some(Reason::OutsideCaller)),
    (E11, "external", Some("+79215550142"), Some(Reason::OutsideCaller)),
    (E12, "external", Some("+79215550142"), Some(Reason::OutsideCalled)),
    (E13, "external", Some("+79215550142"), Some(Reason::OutsideCaller)),
    (E17, "internal", None, Some(Reason::BothOurs)),
    (E18, "external", Some("+79215550142"), Some(Reason::OutsideCaller)),
    (E19, "external", Some("+79215550142"), Some(Reason::OutsideCaller)),
];

#[test]
fn each_example_has_the_scope_that_its_text_says() {
    for &(body, code, party, reason) in SCOPES {
        let event = extension_event(body);
        let found = classify(&event, &Directory::new(), Policy::Default);
        let found = (found.scope.code(), found.party, found.reason);
        assert_eq!(found, (code, party, reason), "{body}");
    }
}

#[test]
fn e1_is_read_field_by_field() {
    let event = extension_event(E1);
    assert_eq!(event.kind(), &EventKind::DialIn);
    assert_eq!(event.call_id().unwrap().as_str(), "a4c0a634c2b94d0e9d5a1c7b8f2e6d31");
    assert_eq!(event.sub_call_id().unwrap().as_str(), "33335-5f1c9be2a6d84f0c");
    assert_eq!(event.call_api_id(), Some("3584709139-3849618a-cd61-11e9-b297-bd083c9cfa95"));
    assert_eq!(event.caller(), Some("+79215550142"));
    assert_eq!(event.caller_name(), Some("Ivan Petrov"));
    assert_eq!(event.caller_extension(), Some("453*099@sip.example.com"));
    assert_eq!(event.caller_extension_id(), Some(ExtensionId::new(33_330)));
    assert_eq!(event.called_did(), Some("78125550100"));
    assert_eq!(event.called_extension(), Some("453*106@sip.example.com"));
    assert_eq!(event.called_extension_id(), Some(ExtensionId::new(33_335)));
    assert_eq!(event.called(), Some("453*106"));
    assert_eq!(event.call_status(), Some(CallStatus::Calling));
    assert_eq!(event.flow(), Some(CallFlow::In));
    assert_eq!(event.event_time(), Some(Timestamp::from_micros(1_766_736_711_480_097)));
    assert_eq!(event.warnings().count() + event.unknown().count(), 0);
    let absent = (event.transferred(), event.remote_number(), event.bridged(), event.duration());
    assert_eq!(absent, (None, None, None, None));
}

// C15.
/// A duration has its own type, so it cannot be confused with seconds of the call history.
#[test]
fn e3_has_duration_in_microseconds_and_the_recording() {
    let event = extension_event(E3);
    assert_eq!(event.duration(), Some(Duration::from_micros(74_352_999)));
    assert_eq!(event.recording_id(), Some("33335-3a849fa6cb6111e9b6b1bd083c9cfa95"));
    assert_eq!(event.call_status(), Some(CallStatus::Answer));
}

#[test]
fn e9_was_answered_by_a_menu_and_bridged_to_nobody() {
    let event = extension_event(E9);
    assert_eq!((event.call_status(), event.bridged()), (Some(CallStatus::Answer), Some(false)));
}

#[test]
fn e14_and_e15_are_agents_as_sent() {
    let Event::Agent(local) = parse_body(E14).unwrap() else { panic!("not an agent") };
    assert_eq!(local.agent_id().unwrap().as_str(), "136");
    assert_eq!(local.agent_status(), Some(AgentStatus::Available));
    assert_eq!(local.agent_type(), Some(AgentType::Local));
    assert_eq!(local.extension(), Some("000*094@ringme.ru"));
    assert_eq!((local.agent_number(), local.event_source()), (None, Some(EventSource::Api)));
    let Event::Agent(remote) = parse_body(E15).unwrap() else { panic!("not an agent") };
    assert_eq!(remote.agent_status(), Some(AgentStatus::LoggedOut));
    assert_eq!(remote.agent_type(), Some(AgentType::Remote));
    assert_eq!((remote.extension(), remote.agent_number()), (None, Some("+79215550111")));
}

#[test]
fn e16_is_a_phone_whose_status_has_appeared() {
    let Event::PhoneStatus(event) = parse_body(E16).unwrap() else { panic!("not a status") };
    assert_eq!(event.client_id(), Some(801));
    assert_eq!(event.extension_id(), Some(ExtensionId::new(33_335)));
    assert_eq!(event.extension(), Some("453*106"));
    assert_eq!((event.old_status_id(), event.new_status_id()), (None, Some(4)));
    assert_eq!(event.change_dt(), Some("2025-12-26 08:11:51"));
    assert_eq!(event.warnings().count(), 0);
}

#[test]
fn null_is_written_in_four_ways() {
    for null in ["", "null", "None", "+"] {
        let body = format!("event_type=call-status-change&old_status_id={null}&new_status_id=1");
        let Event::PhoneStatus(event) = parse_body(&body).unwrap() else { panic!("{body}") };
        assert_eq!((event.old_status_id(), event.warnings().count()), (None, 0), "{body}");
    }
    assert_eq!(PhoneStatusEvent::EVENT_TYPE, "call-status-change");
}

#[test]
fn e18_has_the_plus_that_was_lost_and_the_raw_view_has_not() {
    let event = extension_event(E18);
    assert_eq!(event.caller(), Some("+79215550142"));
    assert_eq!(event.fields().first("CallerIDNum"), Some(b" 79215550142".as_slice()));
}

#[test]
fn get_brings_the_fields_in_the_query_and_post_in_the_body() {
    let event = parse_body(E1).unwrap();
    assert_eq!(parse_query(E1).unwrap(), event);
    let uri = format!("/ext-event/x?{E1}").parse().unwrap();
    assert_eq!(parse_request(&http::Method::GET, &uri, b"").unwrap(), event);
    assert_eq!(parse_request(&http::Method::POST, &uri, E2.as_bytes()), parse_body(E2));
    // The subscription's own query precedes the event's.
    let own = parse_query(format!("shop=12&{E1}")).unwrap();
    let Event::Extension(own) = own else { panic!("not a call") };
    assert_eq!(own.unknown().collect::<Vec<_>>(), [(b"shop".as_slice(), b"12".as_slice())]);
}
