//! Fields that stand far from the start of their record, or beyond the usual number of columns.

use basix_cti::{Channel, Message};

use crate::connection::{Connection, info_event, initial_info, usual_fields, with_event};
use crate::wire::{Value, binary, int, string, tuple};

/// The channel of an event with these names and values, looked at.
fn look<T>(names: &[&str], values: &[Value], look: impl Fn(&Channel<'_>) -> T) -> T {
    let mut connection = Connection::new();
    connection.announce("channel", names);
    let event = info_event("channel", tuple(values.iter().cloned()), "added");
    let seen = with_event(&mut connection.parser, &event.message(), |event| {
        look(&event.record().typed().unwrap())
    });
    // The same from a record that was kept, and from a list.
    let list = initial_info("channel", [tuple(values.iter().cloned())]).message();
    let Message::InitialInfo(info) = connection.parser.parse(&list).unwrap() else {
        panic!("list")
    };
    look(&info.typed().next().unwrap().unwrap());
    connection.apply(&event);
    look(&connection.store.channels().next().unwrap());
    seen
}

#[test]
fn a_field_beyond_64_kib_is_found() {
    // Each length puts `call_id` at another place around what two bytes can count.
    for padding in [65_400, 65_520, 65_525, 65_530, 65_535, 65_540, 70_000, 200_000] {
        let names = ["uuid", "x_padding", "call_id", "user_id"];
        let values = [string("c-1"), binary(vec![b'x'; padding]), string("the id"), int(7)];
        look(&names, &values, |channel| {
            assert_eq!(
                (channel.uuid().to_str(), channel.call_id().to_str()),
                ("c-1".into(), "the id".into())
            );
            assert_eq!(channel.user_id().map(|id| id.0), Some(7));
            assert_eq!(channel.end_user(), None);
        });
    }
}

#[test]
fn a_usual_record_with_a_long_text_is_read_to_its_end() {
    let names = usual_fields("channel");
    let values: Vec<_> = names
        .iter()
        .map(|name| match *name {
            "calling_name" => binary(vec![b'n'; 80_000]),
            name => string(name),
        })
        .collect();
    look(names, &values, |channel| {
        assert_eq!(channel.uuid(), "uuid");
        assert_eq!(channel.calling_name().to_str().len(), 80_000);
        assert_eq!(channel.called_number(), "called_number");
        assert_eq!(channel.call_id(), "call_id");
    });
}

#[test]
fn columns_nobody_knows_do_not_hide_the_ones_behind_them() {
    let strangers: Vec<String> = (0..40).map(|at| format!("x_{at}")).collect();
    let names: Vec<&str> = strangers.iter().map(String::as_str).chain(["uuid", "tags"]).collect();
    let values: Vec<_> = (0..40).map(int).chain([string("c-1"), string("vip")]).collect();
    look(&names, &values, |channel| {
        assert_eq!(channel.uuid(), "c-1");
        assert!(channel.tags().contains("vip"));
    });
}

#[test]
fn a_name_that_comes_twice_counts_where_it_stands_last() {
    let names = ["uuid", "call_id", "x_new", "call_id"];
    let values = ["a", "b", "c", "d"].map(string);
    look(&names, &values, |channel| {
        assert_eq!(channel.call_id(), "d");
        assert_eq!(channel.record().fields().count(), 3);
    });
    // The later one may be missing in a short record; then there is no value.
    look(&names, &values[..3], |channel| assert!(channel.call_id().is_empty()));
}

#[test]
fn views_are_small() {
    assert!(size_of::<Channel<'_>>() <= 72, "{}", size_of::<Channel<'_>>());
    assert!(size_of::<Message<'_>>() <= 112, "{}", size_of::<Message<'_>>());
    assert!(size_of::<basix_cti::Element<'_>>() <= 80, "{}", size_of::<basix_cti::Element<'_>>());
}
