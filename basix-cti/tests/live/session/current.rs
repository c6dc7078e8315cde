//! Currency of the store: `Resynced` and `Stale`.

use std::time::Duration;

use basix_cti::bert::Encoder;
use basix_cti::message::ErrorClass;
use basix_cti::session::SessionOptions;
use basix_cti::{ElementKind, Event};

use super::{Run, SECOND, info_event, list, lost, system};

#[test]
fn the_store_is_current_when_every_announced_element_was_listed() {
    let mut run = Run::open(SessionOptions::default());
    run.announce(&["channel", "user", "x_own"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["found: added user 7", "listed user 1"]);
    run.event("channel", "c-9", "bridged", "added");
    run.list("channel", &["c-1"]);
    assert_eq!(
        run.said(),
        [
            "added channel c-9",
            "found: added channel c-1",
            "found: removed channel c-9",
            "listed channel 1",
            "Resynced"
        ]
    );
    assert!(run.session.is_current());
    assert!(run.session.store().channel("c-9").is_none());
    run.announce(&["group"]);
    assert_eq!(run.said(), ["Stale"]);
    run.list("group", &[]);
    assert_eq!(run.said(), ["listed group 0", "Resynced"]);
}

#[test]
fn an_empty_pbx_is_current_when_its_channels_were_listed() {
    let mut run = Run::open(SessionOptions::default());
    run.list("channel", &[]);
    assert_eq!(run.said(), ["listed channel 0", "Resynced"]);
}

#[test]
fn channels_are_waited_for_though_they_were_not_announced_yet() {
    let mut run = Run::open(SessionOptions::default());
    run.announce(&["user"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["found: added user 7", "listed user 1"]);
    run.list("channel", &[]);
    assert_eq!(run.said(), ["listed channel 0", "Resynced"]);
}

#[test]
fn what_was_listed_on_the_connection_before_is_waited_for() {
    let mut run = Run::current(SessionOptions::default());
    run.closed(lost());
    run.wait(20 * SECOND);
    run.connect();
    run.said();
    run.announce(&["channel"]);
    run.list("channel", &[]);
    assert_eq!(run.said(), ["listed channel 0"]);
    run.announce(&["user"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["listed user 1", "Resynced"], "the user is as before");
}

#[test]
fn only_chosen_elements_are_waited_for() {
    let options = SessionOptions::default().expecting([ElementKind::Channel]);
    let mut run = Run::open(options);
    run.announce(&["channel", "user", "terminal"]);
    run.list("channel", &["c-1"]);
    assert_eq!(run.said(), ["found: added channel c-1", "listed channel 1", "Resynced"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["found: added user 7", "listed user 1"]);
}

// B81
#[test]
fn a_repeated_list_gives_the_differences() {
    let mut run = Run::current(SessionOptions::default());
    run.list("channel", &["c-2", "c-3"]);
    assert_eq!(
        run.said(),
        ["found: added channel c-3", "found: removed channel c-1", "listed channel 2"]
    );
    run.list("channel", &["c-2", "c-3"]);
    assert_eq!(run.said(), ["listed channel 2"]);
}

// B87
#[test]
fn a_refused_message_makes_the_store_doubtful_until_all_is_listed_again() {
    let mut run = Run::current(SessionOptions::default());
    run.frame(b"\x83\0garbage");
    assert_eq!(run.said(), ["refused Decode at 1 of 9", "Stale"]);
    run.event("channel", "c-1", "park", "updated");
    assert_eq!(run.said(), ["updated channel c-1"]);
    run.list("channel", &["c-1"]);
    run.frame(b"\x82");
    assert_eq!(
        run.said(),
        [
            "found: updated channel c-1",
            "found: removed channel c-2",
            "listed channel 1",
            "refused Decode at 0 of 1"
        ]
    );
    // What was refused may have been about any element, also one that was never heard of.
    for kind in ElementKind::KNOWN {
        assert!(!run.session.is_current());
        run.announce(&[kind.as_str()]);
        run.list(kind.as_str(), &[]);
    }
    let said = run.said();
    assert_eq!(said[said.len() - 2..], ["listed domain 0", "Resynced"]);
}

// B110
#[test]
fn a_refused_list_of_an_element_that_was_never_announced_is_waited_for() {
    let mut run = Run::open(SessionOptions::default());
    run.announce(&["channel"]);
    run.list("user", &["7"]);
    run.list("channel", &[]);
    assert_eq!(run.said(), ["refused NoFieldSpec at 29 of 58", "listed channel 0"]);
    run.announce(&["user"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["found: added user 7", "listed user 1", "Resynced"]);
}

// B110
#[test]
fn a_message_refused_for_its_parts_makes_only_its_element_doubtful() {
    let no_record = Encoder::new().tuple(3).atom("info_event").string("user").integer(5).finish();
    let mut run = Run::current(SessionOptions::default());
    run.frame(&no_record.unwrap());
    assert_eq!(run.said(), ["refused Shape at 22 of 24", "Stale"]);
    assert!(run.session.store().table(ElementKind::Channel).unwrap().is_current());
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["listed user 1", "Resynced"]);
}

// B110
#[test]
fn a_message_about_an_element_that_is_not_held_makes_nothing_doubtful() {
    let mut run = Run::current(SessionOptions::default());
    run.frame(&info_event("x_own", "1", "bridged", "added"));
    assert_eq!(run.said(), ["refused NoFieldSpec at 23 of 58"]);
    assert!(run.session.is_current());
}

// B5
#[test]
fn a_text_message_is_refused() {
    let mut run = Run::current(SessionOptions::default());
    run.session.handle_text(run.now, "hello");
    let Some(Event::Refused(refused)) = run.session.poll_event() else { panic!() };
    assert_eq!((refused.class(), refused.size()), (ErrorClass::Decode, 5));
    assert_eq!(
        refused.to_string(),
        "message is refused: it is a text message, and a PBX sends binary ones; check that the \
         address is that of a Basix PBX, of 5 bytes"
    );
    assert_eq!(run.said(), [""; 0]);
    assert!(run.session.is_current(), "no record comes as text");
}

#[test]
fn a_message_one_byte_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
    let frame = list("channel", &[]);
    let mut run = Run::open(SessionOptions::default().with_message_size(frame.len()));
    run.frame(&frame);
    assert_eq!(run.said(), ["listed channel 0", "Resynced"]);
    run.frame(&[&*frame, b"\0"].concat());
    let Some(Event::Refused(refused)) = run.session.poll_event() else { panic!() };
    let text = format!("message is refused: it has more than {} bytes", frame.len());
    assert_eq!(refused.error().to_string(), text);
}

// B88
#[test]
fn what_the_mirror_does_not_hold_is_passed_on() {
    let mut run = Run::current(SessionOptions::default());
    run.announce(&["x_own"]);
    run.event("x_own", "5", "bridged", "grown");
    run.list("x_own", &["5", "6"]);
    run.event("channel", "c-1", "bridged", "updated");
    run.event("channel", "c-8", "bridged", "removed");
    run.frame(&system("other"));
    run.frame(&Encoder::new().tuple(2).atom("msg").binary("hello").finish().unwrap());
    run.frame(&Encoder::new().tuple(1).atom("new_kind").finish().unwrap());
    assert_eq!(
        run.said(),
        [
            "unchanged x_own grown 1",
            "unchanged x_own all 2",
            "unchanged channel updated 1",
            "unchanged channel removed 1",
            "system None",
            "message Some(<<\"hello\">>)",
            "unknown {new_kind}",
        ]
    );
}

/// An event of a user that is cut `cut` bytes after its key.
fn broken_event(element: &str, key: &str, left: usize) -> Vec<u8> {
    let whole = info_event(element, key, "park", "updated");
    whole[..whole.len() - left].to_vec()
}

#[test]
fn a_refused_event_with_a_readable_key_costs_its_record_and_nothing_else() {
    let mut run = Run::current(SessionOptions::default());
    run.frame(&broken_event("channel", "c-1", 3));
    assert_eq!(run.said(), ["refused Decode at 63 of 67", "removed channel c-1"]);
    assert!(run.session.is_current());
    assert!(run.session.store().channel("c-1").is_none());
    run.event("channel", "c-1", "bridged", "updated");
    assert_eq!(run.said(), ["added channel c-1"], "the next event brings it back");
    run.frame(&broken_event("channel", "c-9", 3));
    assert_eq!(run.said(), ["refused Decode at 63 of 67"], "an unknown record changes nothing");
}

#[test]
fn a_refused_event_without_a_readable_key_makes_its_element_stale() {
    let mut run = Run::current(SessionOptions::default());
    let event = info_event("channel", "c-1", "park", "updated");
    // It breaks off inside the key.
    run.frame(&event[..34]);
    assert_eq!(run.said(), ["refused Decode at 32 of 34", "Stale"]);
    run.list("channel", &["c-1", "c-2"]);
    assert_eq!(run.said(), ["listed channel 2", "Resynced"]);
}

#[test]
fn refused_notices_and_unknown_kinds_touch_no_record() {
    let broken = |kind: &str| {
        let mut encoder = Encoder::new();
        let frame = encoder.tuple(2).atom(kind).binary("hello").finish().unwrap();
        frame[..frame.len() - 2].to_vec()
    };
    for kind in ["system_msg", "msg", "call_statistics"] {
        let mut run = Run::current(SessionOptions::default());
        run.frame(&broken(kind));
        let said = run.said();
        assert_eq!(said.len(), 1, "{kind}: {said:?}");
        assert!(run.session.is_current(), "{kind}");
    }
}

#[test]
fn an_element_whose_list_is_refused_on_two_connections_holds_nothing_up() {
    let mut run = Run::current(SessionOptions::default().with_stale_limit(Some(SECOND)));
    // The second record is no record.
    let mut encoder = Encoder::new();
    encoder.tuple(3).atom("initial_info").string("user").list(2);
    super::record(&mut encoder, "user", "7", "bridged");
    let bad_list = encoder.integer(5).finish().unwrap();
    let bad_connection = |run: &mut Run| {
        run.closed(lost());
        run.wait(20 * SECOND);
        run.connect();
        run.said();
        run.announce(&["channel", "user"]);
        run.list("channel", &[]);
        run.frame(&bad_list);
        run.said()
    };
    assert_eq!(bad_connection(&mut run), ["listed channel 0", "refused Shape at 57 of 60"]);
    assert!(!run.session.is_current());
    assert_eq!(
        bad_connection(&mut run),
        ["listed channel 0", "refused Shape at 57 of 60", "unavailable: user", "Resynced"]
    );
    assert!(!run.session.store().table(ElementKind::User).unwrap().is_current());
    assert_eq!(
        bad_connection(&mut run),
        ["listed channel 0", "Resynced", "refused Shape at 57 of 60"]
    );
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["listed user 1"]);
    assert!(run.session.store().table(ElementKind::User).unwrap().is_current());
}

#[test]
fn old_records_that_nobody_waits_for_any_more_are_unavailable_before_resynced() {
    // Users are listed on the first connection only.
    let connect_again = |run: &mut Run| {
        run.transmits();
        run.wait(20 * SECOND);
        run.connect();
        run.said();
        run.announce(&["channel"]);
        run.list("channel", &[]);
        run.wait(SECOND);
        run.said()
    };
    let options = SessionOptions::default().with_stale_limit(Some(SECOND));
    let mut run = Run::current(options.clone());
    run.closed(lost());
    assert!(!connect_again(&mut run).contains(&"Resynced".to_owned()));
    assert_eq!(connect_again(&mut run), ["listed channel 0", "unavailable: user", "Resynced"]);
    run.announce(&["user"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["listed user 1"]);

    // The program does not expect users.
    let mut run = Run::open(options.expecting([ElementKind::Channel]));
    run.announce(&["channel", "user"]);
    run.list("channel", &[]);
    run.list("user", &["7"]);
    run.closed(lost());
    assert_eq!(connect_again(&mut run), ["listed channel 0", "Resynced"]);
}

#[test]
fn the_store_settles_before_it_counts_as_current() {
    let mut run = Run::settling(SessionOptions::default());
    run.connect();
    run.said();
    run.list("channel", &[]);
    run.wait(Duration::from_millis(150));
    assert_eq!(run.said(), ["listed channel 0"]);
    // Another element comes in time, which starts the wait again.
    run.announce(&["user"]);
    run.list("user", &["7"]);
    run.wait(Duration::from_millis(199));
    assert_eq!(run.said(), ["found: added user 7", "listed user 1"]);
    assert!(!run.session.is_current());
    run.wait(Duration::from_millis(1));
    assert_eq!(run.said(), ["Resynced"]);
}
