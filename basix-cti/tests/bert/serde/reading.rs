//! Each row of the table of `from_slice`.

use std::collections::BTreeMap;
use std::fmt::Debug;

use basix_cti::bert::{AtomForm, DecodeErrorKind, Encoder, decode, from_slice, from_term, to_vec};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Point, Slot, State, Unit};

/// Checks what is read from each of some terms.
#[track_caller]
fn assert_reads<T: DeserializeOwned + PartialEq + Debug>(value: T, terms: &mut [&mut Encoder]) {
    for encoder in terms {
        let message = encoder.finish().unwrap();
        assert_eq!(from_slice::<T>(&message).unwrap(), value, "{}", decode(&message).unwrap());
    }
}

fn atom(name: &str) -> Encoder {
    Encoder::new().atom(name).clone()
}

fn bert(name: &str) -> Encoder {
    Encoder::new().tuple(2).atom("bert").atom(name).clone()
}

// B18
#[test]
fn no_value_is_read_from_undefined_nil_and_bert_nil() {
    let mut none = [atom("undefined"), atom("nil"), bert("nil")];
    assert_reads(None::<u8>, &mut none.clone().each_mut());
    assert_reads(None::<Option<String>>, &mut none.clone().each_mut());
    assert_reads((), &mut none.each_mut());
    assert_reads((), &mut [Encoder::new().nil()]);
    assert_reads(Unit, &mut [&mut atom("undefined"), Encoder::new().nil()]);
    assert_reads(Some(true), &mut [&mut bert("true")]);
    assert_reads(Some("other".to_owned()), &mut [&mut atom("other")]);
}

// B18
#[test]
fn truth_values_are_atoms_plain_or_with_bert() {
    assert_reads(true, &mut [&mut atom("true"), &mut bert("true")]);
    assert_reads(false, &mut [&mut atom("false"), &mut bert("false")]);
}

// B12
#[test]
fn numbers_fit_or_are_refused() {
    assert_reads(255u8, &mut [Encoder::new().integer(255)]);
    assert_reads(i64::MIN, &mut [Encoder::new().integer(i64::MIN)]);
    assert_reads(-1.0f64, &mut [Encoder::new().float(-1.0), Encoder::new().integer(-1)]);
    assert_reads(0.5f32, &mut [Encoder::new().float(0.5)]);
    for (number, message) in [(-1i64, "integer"), (256, "integer")] {
        let message_of = to_vec(&number).unwrap();
        let error = from_slice::<u8>(&message_of).unwrap_err();
        assert_eq!(error.to_string(), format!("invalid value: {message}, expected u8 at byte 1"));
    }
    let wide = to_vec(&u128::MAX).unwrap();
    assert_eq!(from_slice::<u128>(&wide).unwrap(), u128::MAX);
    let error = from_slice::<i64>(&wide).unwrap_err();
    assert_eq!(error.to_string(), "invalid type: integer, expected i64 at byte 1");
    let mut wider = vec![131, 110, 17, 0];
    wider.extend([1; 17]);
    let error = from_slice::<u128>(&wider).unwrap_err();
    assert_eq!(error.to_string(), "invalid value: integer, expected u128 at byte 1");
}

// B16, B26
#[test]
fn text_is_an_atom_a_binary_a_string_or_code_points() {
    let latin1 = &mut Encoder::new().with_atoms(AtomForm::Latin1);
    let mut terms = [
        atom("é"),
        latin1.atom("é").clone(),
        Encoder::new().binary("é").clone(),
        Encoder::new().binary(b"\xe9").clone(),
        Encoder::new().string("é").clone(),
        Encoder::new().string(b"\xe9").clone(),
        Encoder::new().list(1).integer(0xe9).clone(),
    ];
    assert_reads("é".to_owned(), &mut terms.clone().each_mut());
    assert_reads('é', &mut terms.each_mut());
    assert_reads("€a".to_owned(), &mut [Encoder::new().charlist("€a")]);
    assert_reads(String::new(), &mut [Encoder::new().nil(), Encoder::new().binary("")]);
    let undefined = atom("undefined").finish().unwrap();
    let error = from_slice::<String>(&undefined).unwrap_err();
    assert_eq!(error.to_string(), "invalid type: missing value, expected a string at byte 1");
}

#[test]
fn borrowed_text_points_into_the_message() {
    #[derive(Deserialize)]
    struct Words<'a> {
        atom: &'a str,
        binary: &'a str,
        string: Option<&'a str>,
        bytes: &'a [u8],
    }
    let mut encoder = Encoder::new();
    encoder.tuple(4).atom("hangup").binary("日本").string("abc").binary(b"\xff");
    let message = encoder.finish().unwrap();
    let words: Words<'_> = from_slice(&message).unwrap();
    assert_eq!((words.atom, words.binary, words.string), ("hangup", "日本", Some("abc")));
    let inside = message.as_ptr_range();
    for part in [words.atom.as_bytes(), words.binary.as_bytes(), words.bytes] {
        assert!(inside.contains(&part.as_ptr()));
    }
    let latin1 = Encoder::new().binary(b"\xe9").finish().unwrap();
    let error = from_slice::<&str>(&latin1).unwrap_err();
    assert_eq!(error.to_string(), "invalid type: text, expected a borrowed string at byte 1");
}

#[test]
fn sequences_are_lists_strings_binaries_and_tuples() {
    let mut terms = [
        Encoder::new().list(2).integer(1).integer(2).clone(),
        Encoder::new().string([1, 2]).clone(),
        Encoder::new().binary([1, 2]).clone(),
        Encoder::new().tuple(2).integer(1).integer(2).clone(),
        Encoder::new().improper_list(1).integer(1).list(1).integer(2).clone(),
        Encoder::new().improper_list(1).integer(1).string([2]).clone(),
    ];
    assert_reads(vec![1, 2], &mut terms.clone().each_mut());
    assert_reads((1, 2), &mut terms.clone().each_mut());
    assert_reads(Point(1, 2), &mut terms.clone().each_mut());
    assert_reads([Some(1u8), Some(2)], &mut terms.each_mut());
    assert_reads(Vec::<u8>::new(), &mut [Encoder::new().nil(), &mut bert("nil")]);

    let three = to_vec(&(1, 2, 3)).unwrap();
    let error = from_slice::<(u8, u8)>(&three).unwrap_err();
    assert_eq!(error.to_string(), "too many elements at byte 1");
    let one = to_vec(&(1,)).unwrap();
    let error = from_slice::<(u8, u8)>(&one).unwrap_err();
    assert_eq!(error.to_string(), "invalid length 1, expected a tuple of size 2 at byte 1");
    let improper = Encoder::new().improper_list(1).integer(1).atom("a").finish().unwrap();
    let error = from_slice::<Vec<u8>>(&improper).unwrap_err();
    assert_eq!(error.decode_error().unwrap().kind(), DecodeErrorKind::ImproperList);
}

#[test]
fn structs_are_maps_pairs_or_records() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Terminal {
        id: String,
        #[serde(default)]
        slot: Option<u8>,
    }
    fn pairs(to: &mut Encoder) -> &mut Encoder {
        to.list(3).tuple(2).atom("id").string("t1").tuple(2).binary("slot").integer(7);
        // A field that the type does not have, nested deeper than serde may recurse.
        to.tuple(2).atom("more");
        (0..200).fold(to, |to, _| to.tuple(1)).nil()
    }
    let mut map = Encoder::new();
    map.map(2).atom("slot").integer(7).string("id").atom("t1");
    let mut record = Encoder::new();
    record.tuple(3).atom("t1").integer(7).atom("a_later_field");
    let mut dict = Encoder::new();
    pairs(dict.tuple(3).atom("bert").atom("dict"));
    let mut list = Encoder::new();
    pairs(&mut list);
    let terms = &mut [&mut map, &mut record, &mut dict, &mut list];
    assert_reads(Terminal { id: "t1".into(), slot: Some(7) }, terms);

    let missing = Encoder::new().tuple(2).integer(1).nil().finish().unwrap();
    let error = from_slice::<(u8, Terminal)>(&missing).unwrap_err();
    assert_eq!(error.to_string(), "missing field `id` at byte 5");
    let not_pairs = Encoder::new().list(1).atom("id").finish().unwrap();
    let error = from_slice::<Terminal>(&not_pairs).unwrap_err();
    assert_eq!(error.to_string(), "list element is not a pair at byte 6");
}

#[test]
fn maps_are_maps_pairs_and_dicts() {
    let value = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]);
    let mut map = Encoder::new();
    map.map(2).binary("a").integer(1).atom("b").integer(2);
    let pairs = |to: &mut Encoder| {
        to.list(2).tuple(2).atom("a").integer(1).tuple(2).string("b").integer(2).clone()
    };
    let mut dict = pairs(Encoder::new().tuple(3).atom("bert").atom("dict"));
    assert_reads(value, &mut [&mut map, &mut dict, &mut pairs(&mut Encoder::new())]);
    let empty = BTreeMap::<u8, u8>::new();
    assert_reads(empty, &mut [Encoder::new().map(0), Encoder::new().nil(), &mut bert("nil")]);
}

#[test]
fn variants_are_names_and_tuples_with_a_name() {
    assert_reads(State::Idle, &mut [&mut atom("idle"), Encoder::new().binary("idle")]);
    assert_reads(State::Idle, &mut [Encoder::new().string("idle")]);
    assert_reads(State::Idle, &mut [Encoder::new().tuple(1).atom("idle")]);
    assert_reads(
        State::Ringing(Slot(1)),
        &mut [Encoder::new().tuple(2).string("ringing").integer(1)],
    );
    let mut bridged = Encoder::new();
    bridged.tuple(3).atom("bridged").binary("b").integer(2);
    assert_reads(State::Bridged("b".into(), 2), &mut [&mut bridged]);
    let (mut map, mut record, mut values) = (Encoder::new(), Encoder::new(), Encoder::new());
    map.tuple(2).atom("parked").map(1).atom("slot").integer(3);
    record.tuple(2).atom("parked").tuple(2).integer(3).atom("undefined");
    values.tuple(3).atom("parked").integer(3).atom("undefined");
    let parked = State::Parked { slot: Slot(3), by: None };
    assert_reads(parked, &mut [&mut map, &mut record, &mut values]);

    let refused = [
        (
            atom("secret"),
            "unknown variant, expected one of `idle`, `ringing`, `bridged`, `parked`, `via` at byte 1",
        ),
        (atom("ringing"), "invalid type: name alone, expected name with a value at byte 1"),
        (
            Encoder::new().tuple(2).atom("idle").nil().clone(),
            "invalid type: name with a value, expected name alone at byte 1",
        ),
        (
            Encoder::new().tuple(0).clone(),
            "invalid type: list or tuple, expected enum State at byte 1",
        ),
    ];
    for (mut encoder, text) in refused {
        let error = from_slice::<State>(&encoder.finish().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), text);
    }
}

// B25
#[test]
fn types_that_take_anything_get_the_json_view() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Any {
        None,
        Bool(bool),
        Number(i64),
        Text(String),
        List(Vec<Self>),
    }
    let mut encoder = Encoder::new();
    encoder.list(5).atom("undefined").atom("true").integer(-3).string("s").tuple(1).binary("b");
    let message = encoder.finish().unwrap();
    let read = [
        Any::None,
        Any::Bool(true),
        Any::Number(-3),
        Any::Text("s".into()),
        Any::List(vec![Any::Text("b".into())]),
    ];
    assert_eq!(from_slice::<Vec<Any>>(&message).unwrap(), read);
}

#[test]
fn an_element_of_a_string_is_a_term_too() {
    let message = Encoder::new().string([7]).finish().unwrap();
    let byte = decode(&message).unwrap().as_list().unwrap().iter().next().unwrap();
    assert_eq!(from_term::<Option<u64>>(byte).unwrap(), Some(7));
}
