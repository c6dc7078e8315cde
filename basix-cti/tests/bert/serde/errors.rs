//! Texts of errors, and the limit on nested types.

use std::collections::BTreeMap;
use std::fmt::Debug;

use basix_cti::bert::{DecodeErrorKind, Encoder, SerdeError, from_slice, to_vec};
use serde::Deserialize;
use serde::de::IgnoredAny;

#[test]
fn errors_have_a_place_and_quote_nothing_of_the_message() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read from bytes")]
    struct Strict {
        id: u8,
    }
    let secret = "+79051234567";
    let texts = [
        (to_vec(&(1, secret)), "invalid type: text, expected u8 at byte 5"),
        (to_vec(&(1, -5)), "invalid value: integer, expected u8 at byte 5"),
        (to_vec(&(1, 5.5)), "invalid type: float, expected u8 at byte 5"),
        (to_vec(&(1, [[1]])), "invalid type: list or tuple, expected u8 at byte 5"),
        (to_vec(&(1, BTreeMap::from([(1, 1)]))), "invalid type: map, expected u8 at byte 5"),
        (to_vec(&(1, true)), "invalid type: boolean, expected u8 at byte 5"),
    ];
    for (message, text) in texts {
        let error = from_slice::<(u8, u8)>(&message.unwrap()).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.offset()), (text, Some(5)));
        assert_eq!(format!("{error:?}"), format!("SerdeError({text:?})"));
    }
    let unknown = to_vec(&BTreeMap::from([(secret, 1)])).unwrap();
    let error = from_slice::<Strict>(&unknown).unwrap_err();
    assert_eq!(error.to_string(), "unknown field, expected `id` at byte 6");
    let error = from_slice::<u8>(b"\x83a\x01a").unwrap_err();
    assert_eq!(error.to_string(), "bytes follow the term at byte 3");
    assert_eq!(error.decode_error().unwrap().kind(), DecodeErrorKind::Trailing);
}

#[test]
fn nesting_beyond_128_levels_is_an_error_not_an_overflow() {
    #[derive(Debug, Deserialize)]
    struct Nested(#[expect(dead_code, reason = "only read from bytes")] Vec<Self>);
    #[derive(Debug, Deserialize)]
    struct Endless(#[expect(dead_code, reason = "only read from bytes")] Option<Box<Self>>);
    #[track_caller]
    fn too_deep<T: Debug>(read: Result<T, SerdeError>) {
        let kind = read.unwrap_err().decode_error().unwrap().kind();
        assert_eq!(kind, DecodeErrorKind::TooDeep);
    }
    let nested = |levels| {
        let mut encoder = Encoder::new();
        (1..levels).fold(&mut encoder, |encoder, _| encoder.list(1)).nil().finish().unwrap()
    };
    // A newtype and a list for each.
    assert!(from_slice::<Nested>(&nested(64)).is_ok());
    too_deep(from_slice::<Nested>(&nested(65)));
    assert!(from_slice::<serde_json::Value>(&nested(128)).is_ok());
    too_deep(from_slice::<serde_json::Value>(&nested(129)));
    // An option of itself reads no byte.
    too_deep(from_slice::<Endless>(b"\x83a\x01"));
    assert!(from_slice::<IgnoredAny>(&nested(256)).is_ok());
    too_deep(from_slice::<IgnoredAny>(&nested(258)));
}
