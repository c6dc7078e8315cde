//! The law of the mirror: a store against a plain model, over random connections.

use std::collections::BTreeMap;

use basix_cti::record::OwnedRecord;
use basix_cti::store::ChangeKind;
use basix_cti::{Change, Store};
use proptest::prelude::*;
use proptest::sample::select;

use crate::connection::{Connection, field_spec, info_event, initial_info};
use crate::law::config;
use crate::wire::{int, string, tuple, undefined};

/// One step of a connection's life.
#[derive(Clone, Debug)]
enum Step {
    Event { element: &'static str, key: Option<u8>, label: u8, event: &'static str, ended: bool },
    Snapshot { element: &'static str, rows: Vec<(Option<u8>, u8)>, wrong: bool },
    Reorder { element: &'static str, reversed: bool },
    Disconnect,
}

/// The field that names a record, and another.
fn fields_of(element: &str) -> [&'static str; 3] {
    let key = if element.contains("channel") { "uuid" } else { "id" };
    [key, "x_label", "last_event"]
}

const ELEMENTS: [&str; 6] =
    ["channel", "channel_waiting", "parked_channel", "user", "group", "domain"];

fn step() -> impl Strategy<Value = Step> {
    let key = || prop::option::weighted(0.9, 0_u8..6);
    prop_oneof![
        12 => (
            select(&ELEMENTS[..]),
            key(),
            0_u8..3,
            select(vec!["added", "updated", "removed", "moved"]),
            prop::bool::weighted(0.2),
        )
            .prop_map(|(element, key, label, event, ended)| {
                Step::Event { element, key, label, event, ended }
            }),
        3 => (
            select(&ELEMENTS[..]),
            prop::collection::vec((key(), 0_u8..3), 0..7),
            prop::bool::weighted(0.1),
        )
            .prop_map(|(element, rows, wrong)| Step::Snapshot { element, rows, wrong }),
        2 => (select(&ELEMENTS[..]), any::<bool>())
            .prop_map(|(element, reversed)| Step::Reorder { element, reversed }),
        1 => Just(Step::Disconnect),
    ]
}

/// The rules of the mirror, done the plain way: the label of each record by element and key.
type Model = BTreeMap<&'static str, BTreeMap<String, u8>>;

fn follow(model: &mut Model, step: &Step) {
    match step {
        Step::Event { element, key: Some(key), label, event, ended } => {
            let rows = model.entry(element).or_default();
            let gone = *event == "removed" || (*element == "channel" && *ended);
            match (*element, gone) {
                ("domain", true) => {}
                ("domain", false) => *rows = BTreeMap::from([(key.to_string(), *label)]),
                (_, true) => drop(rows.remove(&key.to_string())),
                (_, false) => drop(rows.insert(key.to_string(), *label)),
            }
        }
        Step::Snapshot { element, rows, wrong: false } => {
            let mut rows: Vec<_> = rows
                .iter()
                .filter_map(|(key, label)| Some((key.as_ref()?.to_string(), *label)))
                .collect();
            if *element == "domain" {
                rows.drain(..rows.len().saturating_sub(1));
            }
            model.insert(element, BTreeMap::from_iter(rows));
        }
        Step::Disconnect => {
            for element in ["channel", "channel_waiting", "queued_channel", "parked_channel"] {
                model.remove(element);
            }
        }
        _ => {}
    }
}

fn label(row: &OwnedRecord) -> u8 {
    u8::try_from(row.as_record().get("x_label").unwrap().as_i64().unwrap()).unwrap()
}

/// Brings rows up to date by changes alone.
fn replay(rows: &mut Model, changes: &[Change]) {
    for change in changes {
        let element = *ELEMENTS.iter().find(|name| change.element().as_str() == **name).unwrap();
        let rows = rows.entry(element).or_default();
        // Another domain takes the place of the one before, whatever its key.
        let before = match change.before() {
            Some(before) => rows.remove(&*before.as_record().key().unwrap()),
            None => rows.get(&*change.key()).copied(),
        };
        assert_eq!(before, change.before().map(label));
        if let Some(after) = change.after() {
            rows.insert(change.key().into_owned(), label(after));
            assert_ne!(change.before(), Some(after), "a change changes something");
        }
        assert_eq!(change.kind() == ChangeKind::Removed, change.after().is_none());
    }
    rows.retain(|_, rows| !rows.is_empty());
}

/// The contents of a store, in the form of the model.
fn held(store: &Store) -> Model {
    let mut model = Model::new();
    for table in store.tables() {
        let Some(element) = ELEMENTS.into_iter().find(|name| table.kind().as_str() == *name) else {
            assert!(table.is_empty());
            continue;
        };
        let key = |row: &OwnedRecord| row.as_record().key().unwrap().into_owned();
        let rows: BTreeMap<_, _> = table.records().map(|row| (key(row), label(row))).collect();
        assert_eq!(rows.len(), table.len(), "one record for each key");
        assert!(rows.keys().eq(&table.keys()), "the keys in the order of their bytes");
        for key in rows.keys() {
            assert_eq!(table.get(key).map(label), rows.get(key).copied());
        }
        if !rows.is_empty() {
            model.insert(element, rows);
        }
    }
    model
}

proptest! {
    #![proptest_config(config(150))]

    // B80, B81, B82, B83, B84, B85
    #[test]
    fn the_mirror_and_its_changes_follow_the_plain_rules(
        steps in prop::collection::vec(step(), 0..60)
    ) {
        let mut connection = Connection::new();
        for element in ELEMENTS {
            connection.announce(element, &fields_of(element));
        }
        let mut reversed: BTreeMap<&str, bool> = BTreeMap::new();
        let mut model = Model::new();
        // The rows by the changes alone.
        let mut reported = Model::new();
        for step in &steps {
            let row = |element: &str, key: &Option<u8>, label: u8, ended: bool| {
                let last_event = if ended { "CHANNEL_HANGUP" } else { "STATE_CHANGE" };
                let mut values = [
                    key.map_or(undefined(), |key| string(key.to_string())),
                    int(label.into()),
                    string(last_event),
                ];
                if reversed.get(element) == Some(&true) {
                    values.reverse();
                }
                tuple(values)
            };
            let changes: Vec<_> = match step {
                Step::Event { element, key, label, event, ended } => {
                    connection.apply(&info_event(element, row(element, key, *label, *ended), event))
                }
                Step::Snapshot { element, rows, wrong } => {
                    let mut rows: Vec<_> =
                        rows.iter().map(|(key, label)| row(element, key, *label, false)).collect();
                    if *wrong {
                        rows.push(int(5));
                        let bytes = initial_info(element, rows).message();
                        let result = connection
                            .parser
                            .parse(&bytes)
                            .and_then(|message| connection.store.apply(&message));
                        prop_assert!(result.is_err());
                        vec![]
                    } else {
                        connection.apply(&initial_info(element, rows))
                    }
                }
                Step::Reorder { element, reversed: reverse } => {
                    let mut names = fields_of(element);
                    if *reverse {
                        names.reverse();
                    }
                    reversed.insert(element, *reverse);
                    connection.apply(&field_spec(element, &names))
                }
                Step::Disconnect => connection.store.disconnect().collect(),
            };
            follow(&mut model, step);
            replay(&mut reported, &changes);
            model.retain(|_, rows| !rows.is_empty());
            prop_assert_eq!(&held(&connection.store), &model);
            prop_assert_eq!(&reported, &model);
        }
    }

    #[test]
    fn a_full_mirror_holds_no_more_than_its_limits_and_nothing_old(
        steps in prop::collection::vec(step(), 0..60),
        most in 0_usize..4,
        bytes in 0_usize..12_000,
    ) {
        let mut connection = Connection::new();
        let limits = basix_cti::store::StoreLimits::default().with_rows(most).with_bytes(bytes);
        connection.store = Store::with_limits(limits);
        for element in ELEMENTS {
            connection.announce(element, &fields_of(element));
        }
        let (mut model, mut reported) = (Model::new(), Model::new());
        for step in &steps {
            let row = |key: &Option<u8>, label: u8, ended: bool| {
                let last_event = if ended { "CHANNEL_HANGUP" } else { "STATE_CHANGE" };
                tuple([
                    key.map_or(undefined(), |key| string(key.to_string())),
                    int(label.into()),
                    string(last_event),
                    // A new label changes the size.
                    string("x".repeat(16 * usize::from(label))),
                ])
            };
            let changes: Vec<_> = match step {
                Step::Event { element, key, label, event, ended } => {
                    connection.apply(&info_event(element, row(key, *label, *ended), event))
                }
                Step::Snapshot { element, rows, wrong: false } => {
                    let rows = rows.iter().map(|(key, label)| row(key, *label, false));
                    connection.apply(&initial_info(element, rows))
                }
                Step::Disconnect => connection.store.disconnect().collect(),
                _ => continue,
            };
            follow(&mut model, step);
            replay(&mut reported, &changes);
            let held = held(&connection.store);
            prop_assert_eq!(&held, &reported);
            if connection.store.dropped() == 0 {
                model.retain(|_, rows| !rows.is_empty());
                prop_assert_eq!(&held, &model);
            }
            for (element, rows) in held {
                prop_assert!(rows.len() <= most, "{} rows of {}", rows.len(), element);
                for (key, label) in rows {
                    // Nothing held is out of date.
                    prop_assert_eq!(model[element].get(&key), Some(&label));
                }
            }
            prop_assert!(connection.store.bytes() <= bytes);
        }
    }
}
