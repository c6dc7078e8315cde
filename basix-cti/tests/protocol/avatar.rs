//! Addresses of pictures.

use basix_cti::Element;
use basix_cti::element::BaseUrl;
use serde_json::{Value as Json, json};

use crate::connection::{Connection, with_element};
use crate::wire::{Value, bert, binary, charlist, int, string, undefined};

const BASES: [&str; 3] =
    ["https://pbx.example/base", "https://pbx.example/base/", "https://pbx.example/base//"];

#[track_caller]
fn user(base_url: Option<&str>, fields: &[(&str, Value)]) -> Json {
    let mut connection = Connection::new();
    connection.base_url = base_url.map(BaseUrl::new);
    connection.print_record("user", fields)["avatar"].take()
}

#[track_caller]
fn end_user(base_url: Option<&str>, text: &str) -> Json {
    let mut connection = Connection::new();
    connection.base_url = base_url.map(BaseUrl::new);
    let mut record = connection.print_record("channel", &[("end_user", string(text))]);
    record["end_user"]["items"][0]["avatar"].take()
}

// B65
#[test]
fn without_a_base_address_a_picture_stays_as_sent() {
    for (sent, printed) in [
        (string("a.png"), json!("a.png")),
        (string(""), json!("")),
        (undefined(), json!(null)),
        (bert("nil"), json!(null)),
    ] {
        assert_eq!(user(None, &[("avatar", sent)]), printed);
    }
    assert_eq!(user(None, &[("id", int(1))]), json!(null));
    assert_eq!(end_user(None, "7***a.png"), json!("a.png"));
    assert_eq!(end_user(None, "7"), json!(null));
}

// B65
#[test]
fn who_has_no_picture_gets_the_icon() {
    for base in BASES {
        let icon = json!("https://pbx.example/base/static/icons/user.png");
        for nothing in [string(""), binary(""), undefined(), bert("nil")] {
            assert_eq!(user(Some(base), &[("avatar", nothing)]), icon);
        }
        // Also when the PBX does not tell of pictures at all.
        assert_eq!(user(Some(base), &[("id", int(1))]), icon);
        let icon = json!("https://pbx.example/base/static/icons/end_user.png");
        assert_eq!(end_user(Some(base), "7"), icon);
        assert_eq!(end_user(Some(base), "7****Tokyo"), icon);
    }
}

// B38, B65
#[test]
fn a_record_too_short_for_its_picture_gets_the_icon() {
    let mut connection = Connection::with_usual_fields();
    connection.base_url = Some(BaseUrl::new("https://pbx.example"));
    let event = crate::connection::info_event("user", crate::wire::tuple([int(1)]), "added");
    assert_eq!(
        connection.print(&event)["data"],
        json!({"id": 1, "avatar": "https://pbx.example/static/icons/user.png"})
    );
}

// B65
#[test]
fn full_addresses_stay() {
    for address in ["https://img.example/a.png", "http://img.example/a.png", "https:a.png"] {
        assert_eq!(user(Some(BASES[0]), &[("avatar", string(address))]), json!(address));
        assert_eq!(end_user(Some(BASES[0]), &format!("7***{address}")), json!(address));
    }
}

// B65, Q25
#[test]
fn other_pictures_are_below_the_base_address_as_they_are() {
    for base in BASES {
        for avatar in ["a.png", "a b%20c.png", "/a.png", "http:a.png", "HTTPS://x", "httpsx"] {
            assert_eq!(
                user(Some(base), &[("avatar", string(avatar))]),
                json!(format!("https://pbx.example/base/basix/avatars/users/{avatar}"))
            );
        }
        assert_eq!(
            end_user(Some(base), "7***a.png"),
            json!("https://pbx.example/base/basix/avatars/end_users/a.png")
        );
        // The parts of an end user are decoded first (B63).
        assert_eq!(
            end_user(Some(base), "7***a+%E7%94%B0.png"),
            json!("https://pbx.example/base/basix/avatars/end_users/a 田.png")
        );
    }
}

// B26
#[test]
fn a_picture_may_be_a_list_of_code_points() {
    assert_eq!(
        user(Some(BASES[0]), &[("avatar", charlist("田.png"))]),
        json!("https://pbx.example/base/basix/avatars/users/田.png")
    );
}

// B27, Q25
#[test]
fn a_picture_of_another_type_stays() {
    for base in [None, Some(BASES[0])] {
        assert_eq!(user(base, &[("avatar", int(12))]), json!(12));
        assert_eq!(user(base, &[("avatar", bert("true"))]), json!(true));
    }
}

// B65
#[test]
fn every_picture_of_many_end_users_has_an_address() {
    let mut connection = Connection::new();
    connection.base_url = Some(BaseUrl::new("https://pbx.example/"));
    let value = string("_MANY_:3|1***a.png|2|3***https://img.example/b.png");
    let record = connection.print_record("queued_channel", &[("end_user", value)]);
    let items = record["end_user"]["items"].as_array().unwrap();
    let avatars: Vec<_> = items.iter().map(|item| item["avatar"].as_str().unwrap()).collect();
    assert_eq!(
        avatars,
        [
            "https://pbx.example/basix/avatars/end_users/a.png",
            "https://pbx.example/static/icons/end_user.png",
            "https://img.example/b.png",
        ]
    );
}

// B65
#[test]
fn pictures_belong_to_users_only() {
    let mut connection = Connection::new();
    connection.base_url = Some(BaseUrl::new("https://pbx.example/"));
    for element in ["group", "terminal", "channel", "call_flow"] {
        let fields = [("id", int(1)), ("avatar", string("a.png"))];
        let printed = connection.print_record(element, &fields);
        assert_eq!(printed, json!({"id": 1, "avatar": "a.png"}));
    }
}

// B65
#[test]
fn the_typed_user_gives_the_address_too() {
    let base = BaseUrl::new("https://pbx.example");
    for (fields, address) in [
        (
            vec![("id", int(1)), ("avatar", string("a.png"))],
            "https://pbx.example/basix/avatars/users/a.png",
        ),
        (vec![("id", int(1)), ("avatar", string("http://x"))], "http://x"),
        (vec![("id", int(1))], "https://pbx.example/static/icons/user.png"),
    ] {
        with_element("user", &fields, |element| {
            let Element::User(user) = element else { panic!("{element:?}") };
            assert_eq!(user.avatar_url(&base), address);
        });
    }
}
