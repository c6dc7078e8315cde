//! Origination and tags of channels.

use serde_json::{Value as Json, json};

use crate::connection::{printed_field, with_channel};
use crate::wire::{Value, atom, binary, charlist, nil, string};

#[track_caller]
fn origination(value: Value, parts: Json) {
    assert_eq!(printed_field("origination", value.clone()), parts);
    with_channel(&[("origination", value)], |channel| {
        assert_eq!(json!(channel.origination().parts().collect::<Vec<_>>()), parts);
    });
}

#[track_caller]
fn tags(value: Value, marks: Json) {
    assert_eq!(printed_field("tags", value.clone()), marks);
    with_channel(&[("tags", value)], |channel| {
        assert_eq!(json!(channel.tags().iter().collect::<Vec<_>>()), marks);
    });
}

// B66
#[test]
fn origination_is_split_at_stars_and_decoded() {
    origination(
        string("call_user*10001001*0312345678"),
        json!(["call_user", "10001001", "0312345678"]),
    );
    origination(string("a%2Ab*%E7%94%B0"), json!(["a*b", "田"]));
    origination(string("alone"), json!(["alone"]));
    origination(string("*a*"), json!(["", "a", ""]));
}

// B66
#[test]
fn a_plus_stays_a_plus_in_origination() {
    origination(string("call*+81312345678*a+b%20c"), json!(["call", "+81312345678", "a+b c"]));
}

// B64, B66, Q19
#[test]
fn a_part_of_origination_that_cannot_be_decoded_stays_as_sent() {
    origination(string("100%*%zz*%ff*%41"), json!(["100%", "%zz", "%ff", "A"]));
}

// B16, B17, B26
#[test]
fn origination_reads_every_form_of_text() {
    for value in [atom("a*b"), binary("a*b"), string("a*b"), charlist("a*b")] {
        origination(value, json!(["a", "b"]));
    }
    origination(charlist("田*中"), json!(["田", "中"]));
    origination(string(b"caf\xe9*%41"), json!(["café", "A"]));
}

// B67
#[test]
fn tags_are_split_at_semicolons_and_stay_as_they_are() {
    tags(string("monitoring_required;vip"), json!(["monitoring_required", "vip"]));
    tags(string("a+b%20*c"), json!(["a+b%20*c"]));
    tags(string(";a;;"), json!(["", "a", "", ""]));
    tags(charlist("田;中"), json!(["田", "中"]));
    tags(binary(b"caf\xe9;x"), json!(["café", "x"]));
}

// B66, B67, Q20
#[test]
fn empty_texts_are_empty_lists() {
    for empty in [string(""), binary(""), atom(""), nil()] {
        origination(empty.clone(), json!([]));
        tags(empty, json!([]));
    }
}

// B67
#[test]
fn a_mark_is_found_by_its_whole_name() {
    with_channel(&[("tags", string("vip;monitoring_required"))], |channel| {
        assert!(channel.tags().contains("vip"));
        assert!(channel.tags().contains("monitoring_required"));
        assert!(!channel.tags().contains("monitoring"));
        assert!(!channel.tags().contains(""));
        assert_eq!(channel.tags().as_text(), "vip;monitoring_required");
    });
    with_channel(&[], |channel| assert!(!channel.tags().contains("")));
}
