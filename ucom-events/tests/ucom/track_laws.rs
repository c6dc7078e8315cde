//! Any order and any repetition of a call's events gives the same records.

use proptest::collection::vec;
use proptest::prelude::*;
use ucom_events::{Event, Tracker, TrackerEvent, TrackerOptions, parse_body};

use crate::examples::{E1, E2, E3, E5, E6, E7, E8, E9, E10};
use crate::support::{at, directory};

/// Records of all legs, in an order of their own, with why they were left out.
fn records(events: &[Event], with_directory: bool, times: &[u64]) -> Vec<String> {
    let options = TrackerOptions::default();
    let options = if with_directory { options.with_directory(directory()) } else { options };
    let mut tracker = Tracker::new(options);
    let mut records = Vec::new();
    let mut take = |tracker: &mut Tracker| {
        while let Some(event) = tracker.poll_event() {
            match event {
                TrackerEvent::CallLogged(_) | TrackerEvent::LegLeftOut(..) => {
                    records.push(format!("{event:?}"));
                }
                _ => {}
            }
        }
    };
    for (event, millis) in events.iter().zip(times.iter().chain(std::iter::repeat(&0))) {
        tracker.handle_event(at(1_000) + std::time::Duration::from_millis(*millis), event);
    }
    loop {
        take(&mut tracker);
        let Some(timeout) = tracker.poll_timeout() else { break };
        tracker.handle_timeout(timeout);
    }
    assert!(tracker.is_empty());
    records.sort();
    records
}

/// The events of calls as the examples have them.
fn example_calls() -> Vec<Vec<Event>> {
    let end = |body: &str| body.replace("dial-in", "hangup").replace("dial-out", "hangup");
    let second_queue = E10.replace("33334-", "33399-").replace("A300", "A301");
    let calls: Vec<Vec<String>> = vec![
        vec![E1.into(), E2.into(), E3.into()],
        vec![E1.into(), E2.into(), E3.into(), E8.into(), end(E8), E5.into(), end(E5)],
        vec![E6.into(), end(E6), E7.into(), end(E7)],
        vec![E9.into(), E10.into(), second_queue],
        vec![E9.replace("hangup", "dial-in"), E9.replace("no", "yes"), E10.into()],
        vec![
            E3.into(),
            E3.replace("74352999", "1"),
            E3.replace("1766736792465003", "5"),
            E2.into(),
        ],
        vec![
            E1.replace("&SubCallID=33335-5f1c9be2a6d84f0c", ""),
            E3.replace("&SubCallID=33335-5f1c9be2a6d84f0c", ""),
        ],
    ];
    calls
        .into_iter()
        .map(|bodies| bodies.iter().map(|body| parse_body(body).unwrap()).collect())
        .collect()
}

fn permute(events: &[Event], mut index: usize) -> Vec<Event> {
    let mut rest = events.to_vec();
    let mut order = Vec::new();
    while !rest.is_empty() {
        order.push(rest.remove(index % rest.len()));
        index /= rest.len() + 1;
    }
    order
}

#[test]
fn every_order_of_the_examples_gives_the_same_records() {
    for call in example_calls() {
        for with_directory in [true, false] {
            let expected = records(&call, with_directory, &[]);
            for index in 0..(1..=call.len()).product() {
                assert_eq!(records(&permute(&call, index), with_directory, &[]), expected);
            }
        }
    }
}

/// Events of a few calls with a few legs each, with anything in their fields.
fn random_events() -> impl Strategy<Value = Vec<Event>> {
    let kind = proptest::sample::select(&["dial-in", "dial-out", "answer", "hangup"][..]);
    let number = proptest::sample::select(
        &["", "453*106", "453*107", "453*099", "453*300", "%2B7921", "106"][..],
    );
    let event = (
        (kind, 0..3_u8, 0..4_u8),
        (number.clone(), number.clone(), number),
        (
            proptest::sample::select(&["", "IN", "OUT"][..]),
            proptest::sample::select(&["", "ANSWER", "CANCEL"][..]),
            proptest::sample::select(&["", "yes", "no"][..]),
            proptest::option::of(0..4_u8),
        ),
    );
    vec(event, 1..12).prop_map(|events| {
        let body = |(
            (kind, call, leg),
            (caller, called, remote),
            (flow, status, bridged, time),
        )| {
            let sub = if leg == 0 { String::new() } else { format!("&SubCallID=s{call}-{leg}") };
            let time =
                Option::<u8>::map_or(time, String::new(), |time| format!("&EventTime={time}"));
            format!(
                "EventType={kind}&CallID=c{call}{sub}&CallerIDNum={caller}&CalledNumber={called}\
                 &RemoteNumber={remote}&CallFlow={flow}&CallStatus={status}&Bridged={bridged}{time}"
            )
        };
        events.into_iter().map(|event| parse_body(body(event)).unwrap()).collect()
    })
}

proptest! {
    #[test]
    fn any_order_and_repetition_gives_the_same_records(
        events in random_events(),
        seed in any::<usize>(),
        repeats in vec(any::<prop::sample::Index>(), 0..8),
        times in vec(0..4_900_u64, 0..20),
        with_directory in any::<bool>(),
    ) {
        let expected = records(&events, with_directory, &[]);
        let mut shuffled = events.clone();
        shuffled.extend(repeats.iter().map(|index| index.get(&events).clone()));
        let shuffled = permute(&shuffled, seed);
        let mut times = times;
        times.sort_unstable();
        times.resize(shuffled.len(), 4_900);
        prop_assert_eq!(records(&shuffled, with_directory, &times), expected);
    }

    #[test]
    fn each_leg_has_exactly_one_record(events in random_events()) {
        let legs: std::collections::BTreeSet<_> = events
            .iter()
            .filter_map(Event::as_extension)
            .filter_map(|event| event.sub_call_id().cloned())
            .collect();
        let records = records(&events, true, &[]);
        let of_legs = records.iter().filter(|record| record.contains("sub_call_id: Some")).count();
        prop_assert_eq!(of_legs, legs.len());
    }
}
