//! Input that is refused, and input that is accepted with warnings.

use ucom_events::event::{EventKind, parse_with_limits};
use ucom_events::form::{Fields, Limits};
use ucom_events::{Event, ParseError, parse_body};

use crate::support::extension_event;

/// Refused input and its error.
const REFUSED: &[(&str, ParseError)] = &[
    ("", ParseError::NotAnEvent),
    ("&&&", ParseError::NotAnEvent),
    ("foo=bar", ParseError::NotAnEvent),
    ("EventType=", ParseError::MissingField("EventType")),
    ("EventType", ParseError::MissingField("EventType")),
    ("EventType=++%20", ParseError::MissingField("EventType")),
    ("EventType=&agent_id=1&agent_status=available", ParseError::MissingField("EventType")), // D13
    ("EventType=dial-in", ParseError::MissingField("CallID")),                               // D1
    ("EventType=dial-out&CallID=", ParseError::MissingField("CallID")),
    ("EventType=answer&CallID=+", ParseError::MissingField("CallID")),
    ("EventType=hangup&SubCallID=s", ParseError::MissingField("CallID")),
    (r#"{"EventType":"hangup"}"#, ParseError::NotAnEvent),
    ("agent_id=1", ParseError::NotAnEvent),
    ("agent_status=available", ParseError::NotAnEvent),
    ("event_type=something-else", ParseError::NotAnEvent),
];

#[test]
fn a_request_that_is_not_an_event_is_refused_with_a_reason() {
    for (body, error) in REFUSED {
        assert_eq!(parse_body(body).as_ref(), Err(error), "{body}");
    }
    assert_eq!(
        ParseError::NotAnEvent.to_string(),
        "no EventType, no agent_id with agent_status, no event_type=call-status-change: not an event"
    );
    assert_eq!(
        ParseError::TooLarge.to_string(),
        "request is larger than the limit on bytes or pairs"
    );
    let codes = [ParseError::TooLarge, ParseError::NotAnEvent, ParseError::MissingField("CallID")];
    assert_eq!(codes.map(ParseError::code), ["TooLarge", "NotAnEvent", "MissingField"]);
    assert_eq!(codes.map(ParseError::field), [None, None, Some("CallID")]);
}

#[test]
fn sizes_are_limited_to_the_byte_and_to_the_pair() {
    let with_bytes = |bytes: usize| {
        let body = "EventType=teleport&X=";
        format!("{body}{}", "x".repeat(bytes - body.len()))
    };
    assert!(parse_body(with_bytes(65_536)).is_ok());
    assert_eq!(parse_body(with_bytes(65_537)), Err(ParseError::TooLarge));
    let with_pairs = |pairs: usize| format!("EventType=teleport{}", "&x=1".repeat(pairs - 1));
    assert!(parse_body(with_pairs(256)).is_ok());
    assert_eq!(parse_body(with_pairs(257)), Err(ParseError::TooLarge));
    // D10: empty pieces do not count, and the limit comes before what it is.
    assert!(parse_body(with_pairs(256).replace('&', "&&&")).is_ok());
    assert_eq!(parse_body("x&".repeat(257)), Err(ParseError::TooLarge));
    assert_eq!(parse_body("x&".repeat(256)), Err(ParseError::NotAnEvent));
    let limits = Limits::default().with_pairs(1).with_bytes(19);
    assert!(parse_with_limits("EventType=voicemail", &limits).is_ok());
    assert_eq!(parse_with_limits("EventType=voicemail1", &limits), Err(ParseError::TooLarge));
    assert_eq!(parse_with_limits("EventType=a&b", &limits), Err(ParseError::TooLarge));
}

/// Accepted input and its fields with warnings.
const WARNED: &[(&str, &[&str])] = &[
    ("EventType=hangup&CallID=c&Duration=12s", &["Duration"]),
    ("EventType=hangup&CallID=c&Duration=-1", &["Duration"]),
    ("EventType=hangup&CallID=c&Duration=+12", &["Duration"]),
    ("EventType=hangup&CallID=c&Duration=1.5&BridgedDuration=x", &["Duration", "BridgedDuration"]),
    ("EventType=hangup&CallID=c&CalledExtensionID=abc", &["CalledExtensionID"]),
    ("EventType=hangup&CallID=c&CallerExtensionID=%D9%A3", &["CallerExtensionID"]),
    ("EventType=hangup&CallID=c&EventTime=99999999999999999999", &["EventTime"]),
    ("EventType=hangup&CallID=c&Bridged=maybe", &["Bridged"]),
    ("EventType=hangup&CallID=c&Transfered=1", &["Transfered"]),
    ("EventType=hangup&CallID=c&Transferred=1", &["Transfered"]),
    ("EventType=hangup&CallID=c&CallerIDName=%FF%FE", &["CallerIDName"]),
    ("EventType=hangup&CallID=%FF", &["CallID"]), // D14
    ("EventType=%FF", &["EventType"]),
    ("EventTime=x&Duration=y&EventType=hangup&CallID=c", &["Duration", "EventTime"]),
    // Open enums keep the word and do not warn (D15).
    ("EventType=hangup&CallID=c&CallStatus=WEIRD&CallFlow=SIDEWAYS", &[]),
    ("EventType=hangup&CallID=c&Duration=&Bridged=+&EventTime=", &[]),
    ("EventType=hangup&CallID=c&X=%FF", &[]),
];

#[test]
fn fields_that_cannot_be_read_are_named_and_do_not_fail_the_event() {
    for (body, warnings) in WARNED {
        let event = extension_event(body);
        assert_eq!(event.warnings().collect::<Vec<_>>(), *warnings, "{body}");
    }
    let event = extension_event("EventType=hangup&CallID=c&Duration=12s&Bridged=maybe");
    assert_eq!((event.duration(), event.bridged()), (None, None));
    assert_eq!(event.fields().first("Duration"), Some(b"12s".as_slice()));
}

#[test]
fn an_unknown_kind_is_an_event_with_all_its_fields() {
    let event = extension_event("EventType=teleport&X=1");
    assert!(matches!(event.kind(), EventKind::Unknown(_)));
    assert_eq!(event.kind().as_str(), "teleport");
    assert_eq!(event.unknown().collect::<Vec<_>>(), [(b"X".as_slice(), b"1".as_slice())]);
    // D9: in other letters it is another word; C14: numbers are not accepted as kinds.
    for text in ["DIAL-IN", "Dial-In", "1"] {
        let event = extension_event(format!("EventType={text}"));
        assert!(!event.kind().is_known(), "{text}");
        assert_eq!(event.event_type(), Some(text));
    }
}

// D17.
#[test]
fn bytes_that_are_not_text_stay_in_the_raw_view() {
    let event = extension_event("EventType=hangup&CallID=c&CallerIDName=%FF%FE");
    assert_eq!(event.caller_name(), None);
    assert_eq!(event.fields().first("CallerIDName"), Some(b"\xff\xfe".as_slice()));
    let broken = extension_event("EventType=hangup&CallID=%FF");
    assert_eq!((broken.call_id(), broken.kind()), (None, &EventKind::Hangup));
}

#[test]
fn the_first_of_two_values_counts_and_both_are_kept() {
    let event = extension_event("EventType=hangup&CallID=c&CallID=d");
    assert_eq!(event.call_id().unwrap().as_str(), "c");
    let all: Vec<_> = event.fields().iter().map(|(_, value)| value).collect();
    assert_eq!(all, [&b"hangup"[..], b"c", b"d"]);
    assert_eq!(event.unknown().count(), 0); // D16
}

#[test]
fn names_count_exactly_first_and_else_in_any_letter_case() {
    let event = extension_event("eventtype=hangup&callid=x&CallID=c&CALLERIDNUM=1");
    assert_eq!(event.call_id().unwrap().as_str(), "c");
    assert_eq!(event.caller(), Some("1"));
    assert_eq!(event.unknown().count(), 0); // D16
}

// Escapes and their decoded bytes (D11).
const ESCAPES: &[(&str, &[u8])] = &[
    ("100%", b"100%"),
    ("%4", b"%4"),
    ("%zz%41", b"%zzA"),
    ("%%41", b"%A"),
    ("%4%41", b"%4A"),
    ("a+b%20c", b"a b c"),
    ("%2b%2B", b"++"),
    ("a=b", b"a=b"),
    ("%00", b"\0"),
];

#[test]
fn broken_escapes_stay_and_decoding_goes_on() {
    for (encoded, decoded) in ESCAPES {
        let form = format!("x={encoded}");
        let fields = Fields::parse(form.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(fields.first("x"), Some(*decoded), "{encoded}");
    }
    let name = Fields::parse(b"%41+b=1&=2&c", &Limits::default()).unwrap();
    let pairs: Vec<_> = name.iter().collect();
    assert_eq!(pairs, [(&b"A b"[..], &b"1"[..]), (b"", b"2"), (b"c", b"")]);
}

#[test]
fn families_are_recognised_by_their_marker_fields() {
    let both = parse_body("agent_id=1&agent_status=available&EventType=voicemail").unwrap();
    let Event::Extension(event) = &both else { panic!("{both:?}") };
    assert_eq!(event.unknown().count(), 2);
    let agent = "event_type=call-status-change&agent_id=1&agent_status=available";
    assert!(matches!(parse_body(agent).unwrap(), Event::Agent(_)));
    let Event::Agent(empty) = parse_body("agent_id=&agent_status=x").unwrap() else { panic!() };
    assert_eq!(empty.agent_id(), None); // D14
    assert_eq!(empty.agent_status().unwrap().as_str(), "x");
    let local = "agent_id=1&agent_status=available&agent_type=local";
    let Event::Agent(local) = parse_body(local).unwrap() else { panic!() };
    assert_eq!((local.extension(), local.warnings().count()), (None, 0));
    let status = "event_type=call-status-change&client_id=x&new_status_id=4a&extension_id=5";
    let Event::PhoneStatus(status) = parse_body(status).unwrap() else { panic!() };
    assert_eq!(status.warnings().collect::<Vec<_>>(), ["client_id", "new_status_id"]); // D18
}
