//! Names on which sources disagree.

// C1, C2, C3, C4, C5, C6, C7, C11; D4, D5, D16.

use ucom_events::event::{CallFlow, EventKind};

use crate::support::extension_event;

/// Body, caller, called, transferred, unknown fields.
type Row = (
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    Option<bool>,
    &'static [(&'static str, &'static str)],
);

const ROWS: &[Row] = &[
    ("CallerIDNum=1&CalledNumber=2", Some("1"), Some("2"), None, &[]),
    ("CallerNum=1&CalledNum=2&Transferred=yes", Some("1"), Some("2"), Some(true), &[]),
    ("CallerNum=9&CallerIDNum=1", Some("1"), None, None, &[("CallerNum", "9")]),
    ("CalledNumber=1&CalledNum=9&CalledNum=8", None, Some("1"), None, &[("CalledNum", "9")]),
    ("CallerIDNum=1&CallerNum=1", Some("1"), None, None, &[]),
    ("CallerIDNum=&CallerNum=1", Some("1"), None, None, &[]),
    ("CallerIDNum=1&CallerNum=", Some("1"), None, None, &[]),
    ("Transfered=no&Transferred=yes", None, None, Some(false), &[("Transferred", "yes")]),
    ("Transfered=YES", None, None, Some(true), &[]),
    ("CallerIDNam=x", None, None, None, &[("CallerIDNam", "x")]), // C3
    ("Status=CANCEL", None, None, None, &[("Status", "CANCEL")]), // C5
    ("bundle_info=b", None, None, None, &[("bundle_info", "b")]),
];

#[test]
fn both_spellings_are_read_and_the_vendors_own_wins() {
    for (pairs, caller, called, transferred, unknown) in ROWS {
        let event = extension_event(format!("EventType=hangup&CallID=c&{pairs}"));
        assert_eq!(
            (event.caller(), event.called(), event.transferred()),
            (*caller, *called, *transferred),
            "{pairs}"
        );
        let left: Vec<_> = event.unknown().collect();
        let unknown: Vec<_> =
            unknown.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        assert_eq!(left, unknown, "{pairs}");
    }
}

#[test]
fn flow_is_read_in_any_case_printed_in_upper_case_and_else_follows_the_kind() {
    let flow = |body: &str| extension_event(body).flow();
    assert_eq!(flow("EventType=dial-in&CallID=c&CallFlow=out"), Some(CallFlow::Out));
    assert_eq!(CallFlow::from("in").as_str(), "IN");
    assert_eq!(flow("EventType=dial-in&CallID=c"), Some(CallFlow::In));
    assert_eq!(flow("EventType=dial-out&CallID=c&CallFlow=sideways"), Some(CallFlow::Out));
    assert_eq!(flow("EventType=message-in"), Some(CallFlow::In));
    assert_eq!(flow("EventType=message-out"), Some(CallFlow::Out));
    assert_eq!(flow("EventType=voicemail"), Some(CallFlow::In));
    assert_eq!(flow("EventType=hangup&CallID=c"), None);
    let odd = extension_event("EventType=hangup&CallID=c&CallFlow=sideways");
    assert_eq!(odd.call_flow().unwrap().as_str(), "sideways");
}

// A number field as sent, and its value (D5).
const PLUS: &[(&str, &str)] = &[
    ("+79215550142", "+79215550142"),
    ("%2079215550142", "+79215550142"),
    ("%2B79215550142", "+79215550142"),
    ("++79215550142", "  79215550142"),
    ("+7921a", " 7921a"),
    ("+453*106", " 453*106"),
    ("79215550142+", "79215550142 "),
];

#[test]
fn one_leading_blank_before_digits_is_a_lost_plus_in_number_fields_alone() {
    for (encoded, read) in PLUS {
        let body = format!(
            "EventType=hangup&CallID=c&CallerNum={encoded}&CalledNumber={encoded}\
             &RemoteNumber={encoded}&CalledDID={encoded}&Tag={encoded}"
        );
        let event = extension_event(&body);
        let numbers = [event.caller(), event.called(), event.remote_number(), event.called_did()];
        assert_eq!(numbers, [Some(*read); 4], "{encoded}");
        let tag = encoded.replace('+', " ").replace("%20", " ").replace("%2B", "+");
        assert_eq!(event.tag(), Some(&*tag));
    }
}

#[test]
fn voicemail_is_a_known_kind_and_bridged_is_read_anywhere() {
    assert_eq!(extension_event("EventType=voicemail").kind(), &EventKind::Voicemail);
    assert_eq!(extension_event("EventType=answer&CallID=c&Bridged=yes").bridged(), Some(true));
}
