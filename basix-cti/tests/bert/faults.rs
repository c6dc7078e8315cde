//! Faults that strangers have found: one test for each, and an input in `fuzz/corpus`.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use basix_cti::bert::{
    DecodeErrorKind, Decoder, EncodeError, Encoder, Integer, Limits, decode, encode, from_slice,
};
use serde_json::json;

/// The input of a fuzz target.
fn corpus(name: &str) -> Vec<u8> {
    let path = format!("{}/../fuzz/corpus/term/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn shown(message: &[u8]) -> String {
    decode(message).unwrap().to_string()
}

#[track_caller]
fn assert_integer_text(magnitude: &[u8], expected: &str) {
    let integer = Integer::from_sign_magnitude(true, magnitude);
    let message = Encoder::new().any_integer(integer).finish().unwrap();
    let term = decode(&message).unwrap();
    let texts = [
        integer.to_string(),
        format!("{integer:?}"),
        term.to_string(),
        format!("{term:?}"),
        serde_json::from_str(&serde_json::to_string(&term).unwrap()).unwrap(),
        from_slice::<serde_json::Value>(&message).unwrap().as_str().unwrap().to_owned(),
    ];
    assert!(texts.iter().all(|text| text == expected), "{texts:.60?}");
}

#[test]
fn an_integer_has_one_text_everywhere_and_beyond_4_kib_it_is_in_base_16() {
    let mut magnitude = vec![0; 4096];
    magnitude[4095] = 1;
    // 2^32760, which has 9,862 digits.
    let digits = Integer::from_sign_magnitude(true, &magnitude).to_string();
    assert_eq!((digits.len(), &digits[..12]), (9863, "-55291446525"));
    assert_integer_text(&magnitude, &digits);
    magnitude.push(1);
    assert_integer_text(&magnitude, &format!("-16#101{}", "0".repeat(4095 * 2)));
    assert!(shown(&corpus("integer-5000-bytes")).starts_with("16#a5a5"));
}

#[test]
fn a_fun_at_the_end_of_a_list_stays_whole() {
    let message = corpus("list-ends-in-fun");
    assert_eq!(encode(decode(&message).unwrap()), message);
    assert_eq!(shown(&message), "[#Fun<m.0.0>]");
    let inside = corpus("map-ends-in-fun-in-list");
    assert_eq!(encode(decode(&inside).unwrap()), inside);
    #[cfg(feature = "eetf")]
    for message in [message, inside] {
        let owned = eetf::Term::try_from(decode(&message).unwrap()).unwrap();
        assert_eq!(basix_cti::bert::encode_eetf(&owned).unwrap(), message);
    }
}

#[test]
fn maps_may_stand_in_keys_as_deep_as_anywhere() {
    assert!(decode(&corpus("maps-in-keys-200-levels")).is_ok());
    let mut twice = corpus("maps-in-keys");
    assert!(decode(&twice).is_ok());
    // The last leaf becomes its neighbour, so that two keys are one.
    let last = twice.iter().rposition(|byte| *byte == 127).unwrap();
    twice[last] = 126;
    assert_eq!(decode(&twice).unwrap_err().kind(), DecodeErrorKind::DuplicateKey);
}

/// Asserts that Erlang's order of two messages without their version byte is "less".
#[track_caller]
fn assert_less(a: &[u8], b: &[u8]) {
    let [a, b] = [a, b].map(|term| [&[131][..], term].concat());
    let (a, b) = (decode(&a).unwrap(), decode(&b).unwrap());
    assert_eq!(
        (a.cmp(&b), b.cmp(&a), a == b),
        (Ordering::Less, Ordering::Greater, false),
        "{a} {b}"
    );
}

#[test]
fn the_order_is_erlangs() {
    let float = |value: f64| [&[70][..], &value.to_be_bytes()].concat();
    let max = [&b"n\x10\0"[..], &[255; 15], &[127]].concat();
    // 2^127 - 1 comes behind 1.7e38, and before 2^127 as a float.
    assert_less(&float(1.7e38), &max);
    assert_less(&max, &float(2f64.powi(127)));
    // An empty binary as tail comes behind the empty list, an atom before it.
    assert_less(b"l\0\0\0\x01a\x01j", b"l\0\0\0\x01a\x01m\0\0\0\0");
    assert_less(b"l\0\0\0\x01a\x01w\x01a", b"l\0\0\0\x01a\x01j");
    // In keys integers come before floats, elsewhere numbers have the order of their values.
    let map = |key: &[u8]| [b"t\0\0\0\x01", key, b"w\x01a"].concat();
    assert_less(&map(b"a\x02"), &map(&float(1.0)));
    assert_less(&float(1.0), b"a\x02");
    // 1 and 1.0 differ only if nothing else does.
    let list = |parts: &[&[u8]], len| [&[108, 0, 0, 0, len], &parts.concat()[..], b"j"].concat();
    assert_less(&list(&[&float(1.0)], 1), &list(&[b"a\x01", b"a\x02"], 2));
    assert_less(&list(&[b"a\x01", b"a\x02"], 2), &list(&[&float(1.0), b"a\x02"], 2));
    // Of a pid the second number counts first, of a port and a reference the node.
    assert_less(
        b"Xw\x03a@b\0\0\0\x02\0\0\0\x01\0\0\0\x01",
        b"Xw\x03a@b\0\0\0\x01\0\0\0\x02\0\0\0\x01",
    );
    assert_less(b"Yw\x03a@b\0\0\0\x02\0\0\0\x01", b"Yw\x03b@b\0\0\0\x01\0\0\0\x01");
    assert_less(b"Z\0\x01w\x03a@b\0\0\0\x01\0\0\0\x02", b"Z\0\x01w\x03b@b\0\0\0\x01\0\0\0\x01");
}

#[test]
fn words_of_a_reference_that_are_0_make_no_difference() {
    let message = corpus("reference-padded");
    let both = decode(&message).unwrap().as_tuple().unwrap();
    let [Some(short), Some(padded)] = both.first() else { panic!("two references") };
    assert_eq!(short, padded);
    let state = RandomState::new();
    assert_eq!(state.hash_one(short), state.hash_one(padded));
}

#[test]
fn a_hash_depends_on_what_is_inside() {
    let maps = |n: i64| Encoder::new().map(1).integer(n).nil().finish().unwrap();
    let bits = |n: i64| Encoder::new().bits(&n.to_be_bytes(), 3).finish().unwrap();
    let ports = |n: i64| [b"\x83xw\x01n\0\0\0\x01", &n.to_be_bytes()[4..], &[0; 4]].concat();
    let pids = |n: i64| [b"\x83Xw\x01n\0\0\0\x01", &n.to_be_bytes()[4..], &[0; 4]].concat();
    let state = RandomState::new();
    for message in [&maps as &dyn Fn(i64) -> Vec<u8>, &bits, &ports, &pids] {
        let hash = |n: i64| state.hash_one(decode(&message(n << 8)).unwrap());
        assert_eq!((0..500).map(hash).collect::<HashSet<_>>().len(), 500);
    }
}

#[test]
fn a_term_of_any_depth_is_printed() {
    let message = [b"\x83".as_slice(), &b"h\x01".repeat(5000), b"a\x07"].concat();
    let deep = Decoder::new().with_limits(Limits::default().with_depth(5000));
    let term = deep.decode(&message).unwrap();
    let text = format!("{}7{}", "{".repeat(5000), "}".repeat(5000));
    assert_eq!(term.to_string(), text);
    let json = serde_json::to_string(&term).unwrap();
    assert_eq!(json.len(), 2 * 256 + text.len() - 2 * 256 + 2);
}

#[test]
fn serde_reads_what_json_shows_except_where_documented() {
    let value = |message: &[u8]| from_slice::<serde_json::Value>(message);
    let json = |message: &[u8]| serde_json::to_value(decode(message).unwrap()).unwrap();
    // The spelling of a key does not matter.
    let key = corpus("key-behind-empty-list");
    assert_eq!((value(&key).unwrap(), json(&key)), (json!({"a": 2}), json!({"a": 2})));
    // A map is a map: of keys with one text the last wins, and a key that is not text is an error.
    let twice = corpus("keys-of-one-text");
    assert_eq!(
        (value(&twice).unwrap(), json(&twice)),
        (json!({"a": 2}), json!([["a", 1], ["a", 2]]))
    );
    let number = Encoder::new().map(1).integer(1).tuple(0).finish().unwrap();
    assert_eq!(json(&number), json!([[1, []]]));
    let error = value(&number).unwrap_err().to_string();
    assert_eq!(error, "invalid type: integer, expected a string key at byte 6");
    // An improper list is an error.
    let improper = Encoder::new().improper_list(1).integer(1).integer(2).finish().unwrap();
    assert_eq!(json(&improper), json!([1, 2]));
    let error = value(&improper).unwrap_err().to_string();
    assert_eq!(error, "list does not end with the empty list at byte 8");
    // More than 128 levels are an error.
    let deep = corpus("256-tuples-around-nil");
    assert!(json(&deep).is_array());
    let error = value(&deep).unwrap_err().to_string();
    assert_eq!(error, "term is nested deeper than the limit at byte 257");
}

#[test]
fn lists_without_elements_stand_for_their_tail_in_every_type() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Point(i64, Option<bool>);
    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum State {
        Idle,
    }
    let behind = |term: &[u8]| [b"\x83l\0\0\0\0", term].concat();
    assert_eq!(from_slice::<String>(&behind(b"m\0\0\0\x01a")).unwrap(), "a");
    assert_eq!(from_slice::<i64>(&behind(b"a\x05")).unwrap(), 5);
    assert_eq!(from_slice::<Option<i64>>(&behind(b"w\x09undefined")).unwrap(), None);
    assert!(from_slice::<bool>(&behind(b"w\x04true")).unwrap());
    assert!(from_slice::<Vec<i64>>(&behind(b"j")).unwrap().is_empty());
    from_slice::<()>(&behind(b"j")).unwrap();
    assert_eq!(from_slice::<State>(&behind(b"w\x04idle")).unwrap(), State::Idle);
    let point = behind(b"h\x02a\x01l\0\0\0\0w\x04true");
    assert_eq!(from_slice::<Point>(&point).unwrap(), Point(1, Some(true)));
}

#[cfg(feature = "eetf")]
#[test]
fn an_empty_container_is_not_a_level() {
    let message = corpus("256-tuples-around-nil");
    assert!(eetf::Term::try_from(decode(&message).unwrap()).is_ok());
}

#[test]
fn text_is_erlangs() {
    assert_eq!(shown(&corpus("atom-else")), "'else'");
    let float = |value: f64| shown(&Encoder::new().float(value).finish().unwrap());
    assert_eq!(float(9_007_199_254_740_991.0), "9007199254740991.0");
    assert_eq!(shown(&corpus("float-2-53")), "9.007199254740992e15");
    // 858733586122504.25, halfway between two shortest texts.
    assert_eq!(shown(&corpus("float-halfway")), "858733586122504.2");
    assert_eq!(float(-0.001), "-0.001");
    assert_eq!(float(1.0e22), "1.0e22");
}

#[test]
fn a_mistake_of_encoding_is_kept_until_the_end() {
    assert_eq!(Encoder::new().bits(&[1], 0).finish(), Err(EncodeError::Bits));
    assert_eq!(Encoder::new().bits(&[1], 9).finish(), Err(EncodeError::Bits));
    assert_eq!(EncodeError::Bits.to_string(), "bit string has an impossible number of bits");
    assert_eq!(Encoder::new().list(usize::MAX).finish(), Err(EncodeError::TooLong));
    assert_eq!(Encoder::new().improper_list(usize::MAX).finish(), Err(EncodeError::TooLong));
    assert_eq!(Encoder::new().map(usize::MAX).finish(), Err(EncodeError::TooLong));
    assert_eq!(Encoder::new().tuple(usize::MAX).finish(), Err(EncodeError::TooLong));
}

#[test]
fn a_bit_string_without_bytes_is_refused() {
    for bits in [0, 1, 8, 9] {
        let error = decode(&[131, 77, 0, 0, 0, 0, bits]).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (DecodeErrorKind::Bits, 6));
    }
}

#[test]
fn the_local_form_of_a_node_has_an_error_of_its_own() {
    let error = decode(&corpus("local")).unwrap_err();
    assert_eq!(error.to_string(), "term is in the local form of one node at byte 1");
}
