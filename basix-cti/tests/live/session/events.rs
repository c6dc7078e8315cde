//! Events that are not polled in time, and views of the store.

use basix_cti::Event;
use basix_cti::bert::Encoder;
use basix_cti::session::SessionOptions;
use basix_cti::store::StoreLimits;

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
            let mut received = 0;
            let mut current = true;
            for event in run.said() {
                match &*event {
                    "Resynced" => current = true,
                    "Stale" => current = false,
                    event => match event.strip_prefix("lagged ") {
                        Some(rest) => {
                            received += rest.split(' ').next().unwrap().parse::<u64>().unwrap()
                        }
                        None => received += 1,
                    },
                }
            }
            assert_eq!(current, run.session.is_current(), "{limit} {events}");
            // The lists are empty: two channels go, and the users that were added before.
            let removed = match events {
                0..=90 => 0,
                91 => 2,
                _ => 2 + 90,
            };
            let emitted = events + removed;
            // `Stale` and `Resynced` count as missed, too, when they are.
            assert!(
                (emitted..=emitted + 2 + emitted / limit as u64).contains(&received),
                "{limit} {events} {received}"
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
    assert_eq!(run.said(), ["updated channel c-1", "removed channel c-2"]);
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
        ["found: removed channel c-2", "listed channel 1", "Resynced"],
        "a list that fits makes it current again"
    );
}

#[test]
fn a_schema_counts_among_the_bytes_of_waiting_events_once() {
    // One record of a few bytes that keeps a schema of some 60 KiB alive.
    let mut run = Run::current(SessionOptions::default().with_event_bytes(100_000));
    let wide = |element: &str, first: usize| {
        let mut encoder = Encoder::new();
        encoder.tuple(3).atom("field_spec").string(element).list(1001).atom("id");
        for column in first..first + 1000 {
            encoder.atom(&format!("column_{column:05}"));
        }
        encoder.finish().unwrap()
    };
    let event = |element: &str, id: i64| {
        let mut encoder = Encoder::new();
        encoder.tuple(4).atom("info_event").string(element).tuple(1).integer(id).atom("added");
        encoder.finish().unwrap()
    };
    run.frame(&wide("user", 0));
    run.said();
    for id in 0..20 {
        run.frame(&event("user", id));
    }
    assert_eq!(run.said().len(), 20, "the schema they share counts once");
    for at in 0..4 {
        run.frame(&wide("user", 1000 * at));
        run.frame(&event("user", 100 + at as i64));
    }
    assert!(run.said()[0].starts_with("lagged "), "four schemas are too many");
}
