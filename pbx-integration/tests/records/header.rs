//! Party headers, addresses and quality reports.
// P30 to P34, P66, P67, P68

use pbx_integration::wire::{SipHeader, ip};

use crate::support::cdr;

/// Header; display, scheme, user, host; URI parameters, header parameters.
type Row = (
    &'static str,
    [Option<&'static str>; 4],
    &'static [(&'static str, Option<&'static str>)],
    &'static [(&'static str, Option<&'static str>)],
);

const HEADERS: &[Row] = &[
    (
        r#""Alice Example" <sip:41@tenant1.example.com>"#,
        [Some("Alice Example"), Some("sip"), Some("41"), Some("tenant1.example.com")],
        &[],
        &[],
    ),
    ("<sip:41@t.example>", [None, Some("sip"), Some("41"), Some("t.example")], &[], &[]),
    ("Alice <sips:41@t>", [Some("Alice"), Some("sips"), Some("41"), Some("t")], &[], &[]),
    (
        r#""A \"B\" \\ C" <sip:1@t>"#,
        [Some(r#"A "B" \ C"#), Some("sip"), Some("1"), Some("t")],
        &[],
        &[],
    ),
    (r#""<x>" <sip:1@t>"#, [Some("<x>"), Some("sip"), Some("1"), Some("t")], &[], &[]),
    (r#""" <sip:1@t>"#, [None, Some("sip"), Some("1"), Some("t")], &[], &[]),
    (
        "<sip:1@t;user=phone;lr>;tag=a;b",
        [None, Some("sip"), Some("1"), Some("t")],
        &[("user", Some("phone")), ("lr", None)],
        &[("tag", Some("a")), ("b", None)],
    ),
    // Without brackets, parameters belong to the header.
    ("sip:1@t;tag=a", [None, Some("sip"), Some("1"), Some("t")], &[], &[("tag", Some("a"))]),
    ("41@t.example", [None, None, Some("41"), Some("t.example")], &[], &[]),
    ("41", [None, None, Some("41"), None], &[], &[]),
    ("tel:+12025550100", [None, Some("tel"), Some("+12025550100"), None], &[], &[]),
    (
        "<tel:+12025550100;phone-context=x>",
        [None, Some("tel"), Some("+12025550100"), None],
        &[("phone-context", Some("x"))],
        &[],
    ),
    ("<sip:t.example>", [None, Some("sip"), None, Some("t.example")], &[], &[]),
    ("<sip:41:secret@t:5060>", [None, Some("sip"), Some("41"), Some("t:5060")], &[], &[]),
    ("<sip:41@t?subject=x>", [None, Some("sip"), Some("41"), Some("t")], &[], &[]),
    ("<im:a@t>", [None, Some("im"), Some("a"), Some("t")], &[], &[]),
    (
        "<sip:1@[2001:db8::1]:5060>",
        [None, Some("sip"), Some("1"), Some("[2001:db8::1]:5060")],
        &[],
        &[],
    ),
];

// P30, P32
#[test]
fn headers_are_parsed() {
    for (text, wanted, uri_parameters, parameters) in HEADERS {
        let header = SipHeader::new(*text);
        let party = header.party().unwrap_or_else(|| panic!("{text}"));
        let read = [party.display.as_deref(), party.scheme, party.user, party.host];
        assert_eq!(read, *wanted, "{text}");
        assert_eq!(
            (&*party.uri_parameters, &*party.parameters),
            (*uri_parameters, *parameters),
            "{text}"
        );
    }
}

// P32
#[test]
fn percent_escapes_are_decoded_in_the_number_alone() {
    for (text, user, number) in [
        ("<sip:%2B12025550100@t>", "%2B12025550100", Some("+12025550100")),
        ("<sip:a%20b@t>", "a%20b", Some("a b")),
        ("<sip:50%@t>", "50%", Some("50%")),
        ("<sip:%zz@t>", "%zz", Some("%zz")),
        ("<sip:%ff@t>", "%ff", None),
    ] {
        let header = SipHeader::new(text);
        assert_eq!(header.party().unwrap().user, Some(user));
        assert_eq!(header.number().as_deref(), number, "{text}");
    }
}

// P33
#[test]
fn unparsable_headers_stay_text_without_an_error() {
    for text in ["", "   ", "\"Alice", "\"Alice\"", "<sip:1@t", "<>", "<sip:>", "a b", "<sip:1@t>x"]
    {
        let field = serde_json::to_string(text).unwrap();
        let cdr = cdr(&format!(r#""from":{field}"#));
        let header = cdr.from.unwrap();
        assert_eq!((header.party(), header.number()), (None, None), "{text}");
        assert!(!header.is_anonymous());
        assert_eq!(header.as_str(), text);
    }
}

// P34
#[test]
fn a_withheld_caller_has_no_number() {
    for text in [
        "\"Anonymous\" <sip:anonymous@anonymous.invalid>",
        "<sip:Anonymous@t.example>",
        "<sip:41@ANONYMOUS.invalid>",
        "<sip:41@anonymous.invalid:5060>",
        "anonymous",
    ] {
        let header = SipHeader::new(text);
        assert!(header.is_anonymous(), "{text}");
        assert_eq!(header.number(), None, "{text}");
    }
    assert!(!SipHeader::new("\"anonymous\" <sip:41@t>").is_anonymous());
}

// P68
#[test]
fn addresses() {
    for (text, wanted) in [
        ("192.0.2.10", Some("192.0.2.10")),
        ("2001:db8::1", Some("2001:db8::1")),
        ("[2001:db8::1]", Some("2001:db8::1")),
        ("192.0.2.10:5060", Some("192.0.2.10")),
        ("[2001:db8::1]:5060", Some("2001:db8::1")),
        ("udp:10.0.0.1:5060", Some("10.0.0.1")),
        ("tls:[2001:db8::1]:5061", Some("2001:db8::1")),
        ("pbx.example.com", None),
        ("pbx.example.com:5060", None),
        ("udp:pbx.example.com:5060", None),
        ("[192.0.2.10]", None),
        ("192.0.2.10:99999", None),
        ("192.0.2", None),
        ("", None),
    ] {
        assert_eq!(ip(text), wanted.map(|address| address.parse().unwrap()), "{text}");
    }
    let leg = &cdr(r#""trunklegs":[{"direction":"I","start":1000,"ipadr":"udp:10.0.0.1:5060"}]"#)
        .trunk_legs[0];
    assert_eq!(leg.ip(), ip("10.0.0.1"));
}

// P66, P67
#[test]
fn quality_is_kept_as_it_is_and_a_score_may_be_found_in_it() {
    for (json, score) in [
        (r#""jitter=3;mos=4.2""#, Some(4.2)),
        (r#""MOSLQ:4.1, loss:0""#, Some(4.1)),
        (r#""a b MosCQ=3.5 c""#, Some(3.5)),
        (r#""mos=x;moslq=4.0""#, Some(4.0)),
        (r#"{"MOS": "4.3"}"#, Some(4.3)),
        (r#"{"loss": 1, "moscq": 2.5}"#, Some(2.5)),
        (r#""mos=7""#, None),
        (r#""almos=4""#, None),
        (r#""4.2""#, None),
        (r#"{"mos": [4]}"#, None),
        ("4.2", None),
        ("[4.2]", None),
        ("true", None),
    ] {
        let cdr = cdr(&format!(
            r#""extensionlegs":[{{"extension":"41","start":1000,"quality":{json}}}]"#
        ));
        let quality = cdr.extension_legs[0].quality.as_ref().unwrap();
        assert_eq!(quality.as_json(), json);
        assert_eq!(quality.mos().map(|mos| mos.get()), score, "{json}");
    }
    // An extension leg has no field for a score (P66): it is kept as an unknown one.
    let cdr = cdr(r#""extensionlegs":[{"extension":"41","start":1000,"mos":1.5}]"#);
    assert_eq!(cdr.extension_legs[0].extra.get("mos"), Some("1.5"));
    assert_eq!(cdr.summary().worst_mos, None);
}
