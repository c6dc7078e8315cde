//! The customers on a call.

use basix_cti::element::EndUsers;
use serde_json::{Value as Json, json};

use crate::connection::{printed_field, with_channel};
use crate::wire::{Value, atom, binary, charlist, string};

/// The printed form of `end_user`, and the typed one: the count and the parts.
#[track_caller]
fn check(value: Value, printed: Json) {
    let printed = crate::expected::without_nulls(printed);
    assert_eq!(printed_field("end_user", value.clone()), printed, "{value:?}");
    with_channel(&[("end_user", value)], |channel| match channel.end_user() {
        None => assert_eq!(printed, Json::Null),
        Some(users) => {
            let items: Vec<_> = users
                .iter()
                .map(|user| {
                    json!({
                        "id": user.id,
                        "name": user.name,
                        "organization": user.organization,
                        "avatar": user.avatar,
                        "prefecture": user.prefecture,
                    })
                })
                .collect();
            let typed = json!({"count": users.count(), "items": items});
            assert_eq!(crate::expected::without_nulls(typed), printed);
        }
    });
}

// B62, Q20
#[test]
fn nobody_is_nothing() {
    for text in ["", "*", "***", "****", "******"] {
        for value in [string(text), binary(text), atom(text), charlist(text)] {
            check(value, json!(null));
        }
    }
}

// B63
#[test]
fn one_customer_has_five_parts() {
    check(
        string("77*Ann+Lee*Lee+%26+Co*a.png*Tokyo"),
        json!({"count": 1, "items": [{
            "id": "77", "name": "Ann Lee", "organization": "Lee & Co", "avatar": "a.png",
            "prefecture": "Tokyo",
        }]}),
    );
}

// B63
#[test]
fn missing_parts_are_nothing_empty_ones_are_empty_and_more_are_ignored() {
    check(string("77"), json!({"count": 1, "items": [{"id": "77"}]}));
    check(string("77*"), json!({"count": 1, "items": [{"id": "77", "name": ""}]}));
    check(
        string("**Co"),
        json!({"count": 1, "items": [{"id": "", "name": "", "organization": "Co"}]}),
    );
    check(
        string("1*2*3*4*5*6*7"),
        json!({"count": 1, "items": [{
            "id": "1", "name": "2", "organization": "3", "avatar": "4", "prefecture": "5",
        }]}),
    );
}

// B63
#[test]
fn a_part_is_split_off_before_it_is_decoded() {
    check(string("a%2Ab*c%7Cd"), json!({"count": 1, "items": [{"id": "a*b", "name": "c|d"}]}));
    check(
        string("_MANY_:2|a%7Cb|c%2A"),
        json!({"count": 2, "items": [{"id": "a|b"}, {"id": "c*"}]}),
    );
}

// B62
#[test]
fn bars_separate_nothing_in_one_customer() {
    check(string("a|b*c"), json!({"count": 1, "items": [{"id": "a|b", "name": "c"}]}));
}

// B63, B17
#[test]
fn japanese_names_come_encoded_or_plain() {
    let printed = json!({"count": 1, "items": [{"id": "7", "name": "田中 太郎"}]});
    check(string("7*%E7%94%B0%E4%B8%AD+%e5%a4%aa%e9%83%8e"), printed.clone());
    check(string("7*田中+太郎"), printed.clone());
    check(binary("7*田中%20太郎"), printed.clone());
    check(charlist("7*田中 太郎"), printed);
}

// B62
#[test]
fn many_customers_have_a_count_and_items() {
    check(
        string("_MANY_:2|1*Ann|2*Bob*Co"),
        json!({"count": 2, "items": [
            {"id": "1", "name": "Ann"},
            {"id": "2", "name": "Bob", "organization": "Co"},
        ]}),
    );
    // More than were sent.
    check(string("_MANY_:12|1|2"), json!({"count": 12, "items": [{"id": "1"}, {"id": "2"}]}));
    // The digits that the count starts with.
    check(string("_MANY_:3x|1"), json!({"count": 3, "items": [{"id": "1"}]}));
    check(string("_MANY_:007|1"), json!({"count": 7, "items": [{"id": "1"}]}));
}

// B62, Q24
#[test]
fn many_without_a_count_are_counted() {
    for count in ["", "x", "-3", "+3", " 3"] {
        let text = format!("_MANY_:{count}|1|2|3");
        check(string(text), json!({"count": 3, "items": [{"id": "1"}, {"id": "2"}, {"id": "3"}]}));
    }
    check(string("_MANY_:"), json!({"count": 0, "items": []}));
}

// B62, B63
#[test]
fn many_of_none_and_many_with_empty_items() {
    check(string("_MANY_:0"), json!({"count": 0, "items": []}));
    check(string("_MANY_:5"), json!({"count": 5, "items": []}));
    check(string("_MANY_:1|"), json!({"count": 1, "items": [{"id": ""}]}));
    check(
        string("_MANY_:2|***|1"),
        json!({"count": 2, "items": [
            {"id": "", "name": "", "organization": "", "avatar": ""},
            {"id": "1"},
        ]}),
    );
}

// B62
#[test]
fn many_is_recognized_by_its_whole_prefix() {
    check(string("_MANY_2|1"), json!({"count": 1, "items": [{"id": "_MANY_2|1"}]}));
    check(string("x_MANY_:2|1"), json!({"count": 1, "items": [{"id": "x_MANY_:2|1"}]}));
    check(string("_many_:2|1"), json!({"count": 1, "items": [{"id": "_many_:2|1"}]}));
}

// B62, B25
#[test]
fn counts_may_be_larger_than_numbers() {
    let text = "_MANY_:18446744073709551615|1";
    assert_eq!(printed_field("end_user", string(text))["count"], json!(u64::MAX));
    let text = "_MANY_:18446744073709551616|1";
    let digits = json!("18446744073709551616");
    assert_eq!(printed_field("end_user", string(text))["count"], digits);
    with_channel(&[("end_user", string(text))], |channel| {
        assert_eq!(channel.end_user().unwrap().count(), u64::MAX);
    });
}

// B64, Q19
#[test]
fn a_part_that_cannot_be_decoded_stays_as_sent_and_the_others_are_decoded() {
    for bad in ["100%", "%4", "%zz+x", "a+%e3%81", "%ff+", "%C3+%A9", "%%41"] {
        check(
            string(format!("7+7*{bad}*Co%2E")),
            json!({"count": 1, "items": [{"id": "7 7", "name": bad, "organization": "Co."}]}),
        );
    }
}

// B17, B63
#[test]
fn latin1_bytes_are_read_before_the_parts() {
    check(
        string(b"7*Jos\xe9+Ruiz*%C3%A9"),
        json!({"count": 1, "items": [{"id": "7", "name": "José Ruiz", "organization": "é"}]}),
    );
    check(
        binary(b"_MANY_:2|1*Jos\xe9|2*%e9"),
        json!({"count": 2, "items": [{"id": "1", "name": "José"}, {"id": "2", "name": "%e9"}]}),
    );
}

#[test]
fn customers_can_be_kept_and_their_text_read() {
    let kept = with_channel(&[("end_user", string("7*Ann"))], |channel| {
        let users: EndUsers<'_> = channel.end_user().unwrap();
        assert_eq!(users.as_text(), "7*Ann");
        users.iter().next().unwrap().into_owned()
    });
    assert_eq!((kept.id.as_deref(), kept.name.as_deref()), (Some("7"), Some("Ann")));
    assert_eq!(kept.prefecture, None);
}
