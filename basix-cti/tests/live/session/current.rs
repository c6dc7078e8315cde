//! What makes the store current, and what puts it in doubt.

use basix_cti::bert::Encoder;
use basix_cti::{ElementKind, ErrorClass, Event, SessionOptions};

use super::{Run, SECOND, info_event, list, lost, system};

#[test]
fn the_store_is_current_when_every_announced_element_was_listed() {
    let mut run = Run::open(SessionOptions::default());
    run.announce(&["channel", "user", "x_own"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1"]);
    run.event("channel", "c-9", "bridged", "added");
    run.list("channel", &["c-1"]);
    assert_eq!(run.said(), ["added channel c-9", "Snapshot channel 1", "Resynced"]);
    assert!(run.session.is_current());
    assert!(run.session.store().channel("c-9").is_none());
    run.announce(&["group"]);
    assert_eq!(run.said(), ["Stale"]);
    run.list("group", &[]);
    assert_eq!(run.said(), ["Snapshot group 0", "Resynced"]);
}

#[test]
fn an_empty_pbx_is_current_when_its_channels_were_listed() {
    let mut run = Run::open(SessionOptions::default());
    run.list("channel", &[]);
    assert_eq!(run.said(), ["Snapshot channel 0", "Resynced"]);
}

#[test]
fn channels_are_waited_for_though_they_were_not_announced_yet() {
    let mut run = Run::open(SessionOptions::default());
    run.announce(&["user"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1"]);
    run.list("channel", &[]);
    assert_eq!(run.said(), ["Snapshot channel 0", "Resynced"]);
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
    assert_eq!(run.said(), ["Snapshot channel 0"]);
    run.announce(&["user"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1", "Resynced"]);
}

#[test]
fn only_chosen_elements_are_waited_for() {
    let options = SessionOptions::default().expecting([ElementKind::Channel]);
    let mut run = Run::open(options);
    run.announce(&["channel", "user", "terminal"]);
    run.list("channel", &["c-1"]);
    assert_eq!(run.said(), ["Snapshot channel 1", "Resynced"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1", "added user 7"]);
}

#[test]
fn b81_a_list_that_comes_again_tells_what_is_different() {
    let mut run = Run::current(SessionOptions::default());
    run.list("channel", &["c-2", "c-3"]);
    assert_eq!(run.said(), ["Snapshot channel 2", "added channel c-3", "removed channel c-1"]);
    run.list("channel", &["c-2", "c-3"]);
    assert_eq!(run.said(), ["Snapshot channel 2"]);
}

#[test]
fn b87_a_refused_message_makes_the_store_doubtful_until_all_is_listed_again() {
    let mut run = Run::current(SessionOptions::default());
    run.frame(b"\x83\0garbage");
    assert_eq!(run.said(), ["refused Decode at 1 of 9", "Stale"]);
    run.event("channel", "c-1", "park", "updated");
    assert_eq!(run.said(), ["updated channel c-1"]);
    run.list("channel", &["c-1"]);
    run.frame(b"\x82");
    assert_eq!(run.said(), ["Snapshot channel 1", "refused Decode at 0 of 1"]);
    // What was refused may have been about any element, also one that was never heard of.
    for kind in ElementKind::KNOWN {
        assert!(!run.session.is_current());
        run.announce(&[kind.as_str()]);
        run.list(kind.as_str(), &[]);
    }
    assert_eq!(run.said()[8..], ["Snapshot domain 0", "Resynced"]);
}

#[test]
fn b110_a_refused_list_of_an_element_that_was_never_announced_is_waited_for() {
    let mut run = Run::open(SessionOptions::default());
    run.announce(&["channel"]);
    run.list("user", &["7"]);
    run.list("channel", &[]);
    assert_eq!(run.said(), ["refused NoFieldSpec at 29 of 58", "Snapshot channel 0"]);
    run.announce(&["user"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1", "Resynced"]);
}

#[test]
fn b110_a_message_refused_for_its_parts_makes_only_its_element_doubtful() {
    let no_record = Encoder::new().tuple(3).atom("info_event").string("user").integer(5).finish();
    let mut run = Run::current(SessionOptions::default());
    run.frame(&no_record.unwrap());
    assert_eq!(run.said(), ["refused Shape at 22 of 24", "Stale"]);
    assert!(run.session.store().table(ElementKind::Channel).unwrap().is_current());
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1", "Resynced"]);
}

#[test]
fn b110_a_message_about_an_element_that_is_not_held_makes_nothing_doubtful() {
    let mut run = Run::current(SessionOptions::default());
    run.frame(&info_event("x_own", "1", "bridged", "added"));
    assert_eq!(run.said(), ["refused NoFieldSpec at 23 of 58"]);
    assert!(run.session.is_current());
}

#[test]
fn b5_a_text_message_is_refused() {
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
    assert_eq!(run.said(), ["Snapshot channel 0", "Resynced"]);
    run.frame(&[&*frame, b"\0"].concat());
    let Some(Event::Refused(refused)) = run.session.poll_event() else { panic!() };
    let text = format!("message is refused: it has more than {} bytes", frame.len());
    assert_eq!(refused.error().to_string(), text);
}

#[test]
fn b88_what_the_mirror_does_not_hold_is_passed_on() {
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
            "passed x_own grown 1",
            "passed x_own all 2",
            "passed channel updated 1",
            "passed channel removed 1",
            "system None",
            "message Some(<<\"hello\">>)",
            "unknown {new_kind}",
        ]
    );
}
