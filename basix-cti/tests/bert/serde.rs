//! A user's own types: written by the table of `to_vec`, and read back.

mod errors;
mod reading;

use std::collections::BTreeMap;

use basix_cti::bert::{EncodeError, Encoder, decode, from_slice, from_term, to_vec};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::tree::cases;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Call {
    uuid: String,
    state: State,
    slot: Option<u16>,
    tags: Vec<String>,
    counts: BTreeMap<String, i64>,
    quality: f64,
    loss: f32,
    place: (i8, Slot),
    marks: [u8; 2],
    digits: Vec<u8>,
    levels: Vec<Vec<i32>>,
    held: bool,
    letter: char,
    nothing: (),
    unit: Unit,
    point: Point,
    huge: u128,
    tiny: i128,
    by_number: BTreeMap<i32, Option<State>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    label: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Idle,
    Ringing(Slot),
    Bridged(String, u64),
    Parked { slot: Slot, by: Option<String> },
    Via(Box<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Slot(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Unit;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Point(i64, i64);

fn any_state() -> impl Strategy<Value = State> {
    let leaf = prop_oneof![
        Just(State::Idle),
        any::<u32>().prop_map(|slot| State::Ringing(Slot(slot))),
        (any::<String>(), any::<u64>()).prop_map(|(name, id)| State::Bridged(name, id)),
        (any::<u32>(), any::<Option<String>>())
            .prop_map(|(slot, by)| State::Parked { slot: Slot(slot), by }),
    ];
    leaf.prop_recursive(3, 4, 1, |inner| inner.prop_map(|state| State::Via(Box::new(state))))
}

prop_compose! {
    fn any_call()(
        (uuid, slot, tags, counts) in any::<(String, Option<u16>, Vec<String>, BTreeMap<String, i64>)>(),
        (digits, levels, held, letter) in any::<(Vec<u8>, Vec<Vec<i32>>, bool, char)>(),
        (place, marks, point, huge, tiny) in any::<((i8, u32), [u8; 2], (i64, i64), u128, i128)>(),
        (label, numbers) in any::<(Option<String>, BTreeMap<u8, u64>)>(),
        by_number in prop::collection::btree_map(any::<i32>(), prop::option::of(any_state()), 0..4),
        (state, quality, loss) in (any_state(), prop::num::f64::NORMAL, prop::num::f32::NORMAL),
    ) -> Call {
        Call {
            uuid, state, slot, tags, counts, quality, loss, marks, digits, levels, held, letter,
            huge, tiny, by_number, label,
            place: (place.0, Slot(place.1)),
            nothing: (),
            unit: Unit,
            point: Point(point.0, point.1),
            rest: numbers.into_iter().map(|(key, value)| (format!("x{key}"), value)).collect(),
        }
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn what_is_written_is_read(call in any_call()) {
        let message = to_vec(&call).unwrap();
        prop_assert_eq!(&from_slice::<Call>(&message).unwrap(), &call);
        let term = decode(&message).unwrap();
        prop_assert_eq!(&from_term::<Call>(term).unwrap(), &call);
        // As another system would write it.
        let other = Encoder::new()
            .with_atoms(basix_cti::bert::AtomForm::Latin1)
            .with_floats(basix_cti::bert::FloatForm::Text)
            .term(term)
            .finish()
            .unwrap();
        prop_assert_eq!(&from_slice::<Call>(&other).unwrap(), &call);
        prop_assert!(from_slice::<IgnoredAny>(&message).is_ok());
        for len in 0..message.len().min(300) {
            prop_assert!(from_slice::<Call>(&message[..len]).is_err());
        }
    }
}

#[test]
fn values_are_written_as_the_table_says() {
    #[derive(Serialize)]
    struct Bytes(#[serde(serialize_with = "bytes")] &'static [u8]);
    fn bytes<S: serde::Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }
    #[track_caller]
    fn assert_writes<T: Serialize>(value: T, shown: &str) {
        let message = to_vec(&value).unwrap();
        assert_eq!(decode(&message).unwrap().to_string(), shown);
    }
    assert_writes((true, 7u64, -7i128, 0.5f32), "{true,7,-7,0.5}");
    assert_writes(("text", 'c', Bytes(b"\xff\x00")), r#"{<<"text">>,<<"c">>,<<255,0>>}"#);
    assert_writes((None::<u8>, Some(1), (), Unit), "{undefined,1,undefined,undefined}");
    assert_writes((vec![1000, 2], Vec::<u8>::new(), vec![vec![()]]), "{[1000,2],[],[[undefined]]}");
    assert_writes(BTreeMap::from([("k", 1)]), r#"#{<<"k">> => 1}"#);
    assert_writes(State::Bridged("b".into(), 2), r#"{bridged,<<"b">>,2}"#);
    let parked = State::Parked { slot: Slot(3), by: None };
    assert_writes(State::Via(Box::new(parked)), "{via,{parked,#{slot => 3,by => undefined}}}");

    assert_eq!(to_vec(&vec![97u32, 255]).unwrap(), b"\x83k\0\x02a\xff");
    assert_eq!(to_vec(&vec![97, 256]).unwrap(), b"\x83l\0\0\0\x02aab\0\0\x01\0j");
    // Two terms of four bytes that are not two bytes.
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Mixed {
        List(Vec<u8>),
        Tuple((Vec<u8>,)),
    }
    let mixed = [Mixed::List(Vec::new()), Mixed::Tuple((Vec::new(),))];
    assert_writes(Vec::from(mixed), "[[],{[]}]");

    let long = vec![0u8; 65_536];
    assert_eq!(from_slice::<Vec<u8>>(&to_vec(&long).unwrap()).unwrap(), long);
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let error = to_vec(&vec![f64::NAN]).unwrap_err();
    assert_eq!(error.encode_error(), Some(EncodeError::FloatNotFinite));
    assert_eq!((error.to_string().as_str(), error.offset()), ("float is not finite", None));

    struct Short;
    impl Serialize for Short {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let seq = serde::Serializer::serialize_tuple(to, 2)?;
            serde::ser::SerializeTuple::end(seq)
        }
    }
    for message in [to_vec(&Short), to_vec(&[Short]), to_vec(&vec![Short, Short])] {
        assert_eq!(message.unwrap_err().encode_error(), Some(EncodeError::Incomplete));
    }
}
