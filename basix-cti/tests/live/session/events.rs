//! Events that are not polled in time, and views of the store.

use basix_cti::bert::Encoder;
use basix_cti::{Event, SessionOptions, StoreLimits};

use super::Run;

#[test]
fn events_that_are_not_polled_are_replaced_by_one_that_says_so() {
    let mut run = Run::current(SessionOptions::default().with_events(8));
    let before = run.session.store().clone();
    for user in 0..20 {
        run.event("user", &(100 + user).to_string(), "bridged", "added");
    }
    let generation = before.generation();
    // Eight fit, the ninth does not; with these two there is room for six more.
    let said = run.said();
    assert_eq!(said[..2], [format!("lagged 16 up to {}", generation + 16), "Resynced".into()]);
    assert_eq!(said[2..], ["added user 116", "added user 117", "added user 118", "added user 119"]);
    assert_eq!(run.session.store().users().count(), 21);
    assert_eq!(run.session.store().changes_since(&before).count(), 20);
    run.event("user", "500", "bridged", "added");
    let Some(Event::Changed(change)) = run.session.poll_event() else { panic!() };
    assert_eq!(change.generation(), generation + 21);
}

#[test]
fn missed_events_are_counted_exactly_and_whether_the_store_is_current_is_not_missed() {
    for limit in 4..14 {
        for events in 0..120_u64 {
            let mut run = Run::current(SessionOptions::default().with_events(limit));
            for at in 0..events {
                match at {
                    50 => run.frame(b"\x83"),
                    90 => run.list("channel", &[]),
                    91 => run.list("user", &[]),
                    at => run.event("user", &(1000 + at).to_string(), "bridged", "added"),
                }
            }
            let mut told = 0;
            let mut current = true;
            for event in run.said() {
                match &*event {
                    "Resynced" => current = true,
                    "Stale" => current = false,
                    event => match event.strip_prefix("lagged ") {
                        Some(rest) => {
                            told += rest.split(' ').next().unwrap().parse::<u64>().unwrap()
                        }
                        None => told += 1,
                    },
                }
            }
            assert_eq!(current, run.session.is_current(), "{limit} {events}");
            // `Stale` and `Resynced` count as missed, too, when they are.
            assert!(
                (events..=events + 2 + events / limit as u64).contains(&told),
                "{limit} {events} {told}"
            );
        }
    }
}

#[test]
fn events_that_hold_too_much_are_missed_however_few_they_are() {
    let message = |bytes: usize| {
        let mut encoder = Encoder::new();
        encoder.tuple(2).atom("msg").binary(vec![b'x'; bytes]).finish().unwrap()
    };
    let mut run = Run::current(SessionOptions::default().with_event_bytes(10_000));
    run.frame(&message(20_000));
    assert!(matches!(run.session.poll_event(), Some(Event::Message(_))), "one is always kept");
    for _ in 0..3 {
        run.frame(&message(4_000));
    }
    run.frame(&message(4_000));
    let generation = run.session.store().generation();
    let said = run.said();
    assert_eq!(said[..2], [format!("lagged 3 up to {generation}"), "Resynced".into()]);
    assert_eq!(said.len(), 3);
    for _ in 0..2 {
        run.frame(&message(4_000));
    }
    assert_eq!(run.said().len(), 2, "what was polled makes room");
}

#[test]
fn a_view_of_the_store_stays_as_it_was() {
    let mut run = Run::current(SessionOptions::default());
    let view = run.session.store().clone();
    run.event("channel", "c-1", "park", "updated");
    run.event("channel", "c-2", "bridged", "removed");
    assert_eq!(view.channels().count(), 2);
    let changes: Vec<String> =
        run.session.store().changes_since(&view).map(|change| change.to_string()).collect();
    assert_eq!(changes, ["updated channel c-1", "removed channel c-2"]);
    assert_eq!(run.session.store().generation(), view.generation() + 2);
}

#[test]
fn a_store_at_its_limits_is_not_current() {
    let options = SessionOptions::default().with_store_limits(StoreLimits::default().with_rows(2));
    let mut run = Run::current(options);
    run.event("channel", "c-3", "bridged", "added");
    assert_eq!(run.said(), ["full of channel", "Stale"]);
    run.list("channel", &["c-1"]);
    assert_eq!(
        run.said(),
        ["Snapshot channel 1", "Resynced"],
        "a list that fits makes it current again"
    );
}
