//! Laws of the parser.

use proptest::collection::vec;
use proptest::prelude::*;
use ucom_events::form::{Fields, Limits};
use ucom_events::{Event, parse_body};

use crate::examples::ALL;

/// Names of all families, in odd letter cases too, and unknown names.
const NAMES: &[&str] = &[
    "EventType",
    "CallID",
    "SubCallID",
    "CallerIDNum",
    "CallerNum",
    "CalledNumber",
    "CalledNum",
    "CalledExtensionID",
    "CallerExtensionID",
    "CallStatus",
    "CallFlow",
    "Transfered",
    "Transferred",
    "RemoteNumber",
    "Bridged",
    "Duration",
    "EventTime",
    "CallerIDName",
    "callid",
    "DURATION",
    "agent_id",
    "agent_status",
    "extension_name",
    "event_type",
    "new_status_id",
    "X",
    "x",
    "",
];

const VALUES: &[&str] = &[
    "dial-in",
    "dial-out",
    "answer",
    "hangup",
    "voicemail",
    "teleport",
    "c",
    "+79215550142",
    " 79215550142",
    "453*106",
    "453*107@sip",
    "106",
    "yes",
    "no",
    "maybe",
    "IN",
    "out",
    "12",
    "-1",
    "99999999999999999999",
    "available",
    "call-status-change",
    "",
    "  ",
    "100%",
    "a&b=c",
    "null",
];

fn pair() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let name = prop_oneof![
        9 => proptest::sample::select(NAMES).prop_map(|name| name.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..8),
    ];
    let value = prop_oneof![
        9 => proptest::sample::select(VALUES).prop_map(|value| value.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..12),
    ];
    (name, value)
}

/// Pairs that usually form an event.
fn pairs() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>)>> {
    (vec(pair(), 0..24), any::<bool>()).prop_map(|(mut pairs, is_event)| {
        if is_event {
            pairs.push((b"EventType".to_vec(), b"hangup".to_vec()));
            pairs.push((b"CallID".to_vec(), b"c".to_vec()));
        }
        pairs
    })
}

proptest! {
    #[test]
    fn printing_and_parsing_gives_the_same_event_unknown_fields_and_order_included(pairs in pairs()) {
        let fields = Fields::from_pairs(pairs);
        let form = fields.to_form();
        let again = Fields::parse(form.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(&again, &fields);
        prop_assert_eq!(again.to_form(), form.clone());
        if let Ok(event) = Event::try_from(fields.clone()) {
            let parsed = parse_body(&form).unwrap();
            prop_assert_eq!(&parsed, &event);
            prop_assert_eq!(parsed.fields(), &fields);
        } else {
            prop_assert!(parse_body(&form).is_err());
        }
    }

    // D12: of pairs with distinct names.
    #[test]
    fn the_order_of_pairs_does_not_change_the_event(pairs in pairs(), seed in any::<u64>()) {
        let mut distinct = Vec::<(Vec<u8>, Vec<u8>)>::new();
        for pair in pairs {
            if !distinct.iter().any(|other| other.0.eq_ignore_ascii_case(&pair.0)) {
                distinct.push(pair);
            }
        }
        let event = Event::try_from(Fields::from_pairs(distinct.clone()));
        distinct.sort_by_key(|(name, _)| {
            name.iter().fold(seed, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        });
        prop_assert_eq!(Event::try_from(Fields::from_pairs(distinct)), event);
    }

    #[test]
    fn an_unknown_pair_changes_nothing_but_the_unknown_fields(
        pairs in pairs(),
        at in any::<prop::sample::Index>(),
        value in vec(any::<u8>(), 0..12),
    ) {
        let before = Event::try_from(Fields::from_pairs(pairs.clone()));
        let mut more = pairs.clone();
        more.insert(at.index(pairs.len() + 1), (b"NobodyKnows".to_vec(), value));
        let after = Event::try_from(Fields::from_pairs(more));
        match (before, after) {
            (Ok(Event::Extension(before)), Ok(Event::Extension(after))) => {
                prop_assert_eq!(after.unknown().count(), before.unknown().count() + 1);
                let known = |event: &ucom_events::event::ExtensionEvent| format!(
                    "{:?}", (
                        (event.kind(), event.call_id(), event.sub_call_id(), event.caller()),
                        (event.called(), event.remote_number(), event.transferred()),
                        (event.bridged(), event.duration(), event.event_time(), event.flow()),
                        (event.call_status(), event.warnings().collect::<Vec<_>>()),
                    )
                );
                prop_assert_eq!(known(&after), known(&before));
            }
            (Ok(_), Ok(_)) => {}
            (before, after) => prop_assert_eq!(before.is_err(), after.is_err()),
        }
    }

    #[test]
    fn no_input_panics(input in vec(any::<u8>(), 0..400)) {
        let _ = parse_body(&input);
        let mut form = b"EventType=hangup&CallID=".to_vec();
        form.extend(&input);
        let _ = parse_body(&form);
    }

    /// Every cut and every changed bit of an example is an event or an error, and prints.
    #[test]
    fn no_damage_to_an_example_panics(
        example in proptest::sample::select(ALL),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut body = example.as_bytes().to_vec();
        let at = at.index(body.len());
        let _ = parse_body(&body[..at]);
        body[at] ^= 1 << bit;
        if let Ok(event) = parse_body(&body) {
            prop_assert_eq!(parse_body(event.fields().to_form()), Ok(event));
        }
    }
}
