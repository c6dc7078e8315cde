//! Calls that do not go backwards and end once (§13, V16, V33, V64, V65).

use std::time::Duration;

use proptest::prelude::*;
use voip_module::router::{CallIds, CallTracker, Verdict};
use voip_module::{
    VoipCallDirection as Direction, VoipCallDisposition as Disposition, VoipCallRecord,
    VoipWebhookEvent as Event, VoipWebhookRequest,
};

const NOW: Duration = Duration::ZERO;

fn event(event: Event, operator: &str) -> VoipWebhookRequest {
    VoipWebhookRequest::new(event, Direction::In, "79990000001", operator).call_id("C-1")
}

fn cancelled(operator: &str) -> VoipWebhookRequest {
    event(Event::NotifyEnd, operator).disposition(Disposition::Cancel)
}

fn verdicts(events: &[VoipWebhookRequest]) -> Vec<Verdict> {
    let mut tracker = CallTracker::default();
    events.iter().map(|event| tracker.handle_event(NOW, event)).collect()
}

#[test]
fn v65_an_answer_before_the_start_is_kept_and_the_start_is_not() {
    let (start, answer) = (event(Event::NotifyStart, "701"), event(Event::NotifyAnswer, "701"));
    assert_eq!(verdicts(&[answer, start]), [Verdict::New, Verdict::Backwards]);
}

#[test]
fn v65_nothing_comes_after_the_end() {
    let (start, answer, end) = (
        event(Event::NotifyStart, "701"),
        event(Event::NotifyAnswer, "701"),
        event(Event::NotifyEnd, "701"),
    );
    assert_eq!(
        verdicts(&[end.clone(), start, answer, end]),
        [Verdict::New, Verdict::Backwards, Verdict::Backwards, Verdict::AlreadyEnded]
    );
}

#[test]
fn v64_a_lost_leg_is_not_the_end_of_the_call() {
    let events = [
        event(Event::NotifyStart, "701"),
        event(Event::NotifyStart, "702"),
        event(Event::NotifyStart, "703"),
        cancelled("701"),
        event(Event::NotifyAnswer, "702"),
        cancelled("703"),
        event(Event::NotifyEnd, "702"),
        cancelled("701"),
    ];
    assert_eq!(
        verdicts(&events),
        [
            Verdict::New,
            Verdict::New,
            Verdict::New,
            Verdict::OtherLegsRemain,
            Verdict::New,
            Verdict::OtherLegsRemain,
            Verdict::New,
            Verdict::AlreadyEnded,
        ]
    );
}

#[test]
fn v64_a_call_that_nobody_took_ends_with_its_last_leg() {
    let events = [
        event(Event::NotifyStart, "701"),
        event(Event::NotifyStart, "702"),
        cancelled("702"),
        cancelled("701"),
    ];
    assert_eq!(
        verdicts(&events),
        [Verdict::New, Verdict::New, Verdict::OtherLegsRemain, Verdict::New]
    );
}

#[test]
fn v15_v16_without_an_id_the_numbers_are_the_call_and_a_start_begins_a_new_one() {
    let without_id = |kind, operator| {
        let mut event = event(kind, operator);
        event.call_id = None;
        event
    };
    let events = [
        without_id(Event::NotifyEnd, "701"),
        without_id(Event::NotifyEnd, "701"),
        without_id(Event::NotifyEnd, "702"),
        without_id(Event::NotifyStart, "701"),
        without_id(Event::NotifyEnd, "701").src_phone_ext("701"),
    ];
    assert_eq!(
        verdicts(&events),
        [Verdict::New, Verdict::AlreadyEnded, Verdict::New, Verdict::New, Verdict::New]
    );
}

#[test]
fn section_13_the_memory_of_calls_is_bounded_in_number_and_time() {
    let mut tracker = CallTracker::new(3, Duration::from_secs(60));
    for at in 0..1_000 {
        let event = event(Event::NotifyEnd, "701").call_id(format!("C-{at}"));
        assert_eq!(tracker.handle_event(NOW, &event), Verdict::New);
        assert!(tracker.len() <= 3);
    }
    let last = event(Event::NotifyEnd, "701").call_id("C-999");
    assert_eq!(tracker.handle_event(NOW, &last), Verdict::AlreadyEnded);
    assert_eq!(tracker.handle_event(Duration::from_secs(61), &last), Verdict::New);
    assert_eq!(tracker.len(), 1);
}

#[test]
fn v33_the_numbers_of_a_call_lead_to_its_last_id() {
    let mut ids = CallIds::default();
    ids.handle_event(NOW, &event(Event::NotifyStart, "701"));
    ids.handle_event(NOW, &event(Event::NotifyStart, "702").call_id("C-2"));
    assert_eq!(ids.find(NOW, "79990000001", "701"), Some("C-1"));
    assert_eq!(ids.find(NOW, "79990000001", "702"), Some("C-2"));
    assert_eq!(ids.find(NOW, "701", "79990000001"), None);
    ids.handle_event(NOW, &event(Event::NotifyEnd, "702"));
    assert_eq!(ids.find(NOW, "79990000001", "702"), Some("C-2"), "the end of another call");
    ids.handle_event(NOW, &event(Event::NotifyEnd, "701"));
    assert_eq!(ids.find(NOW, "79990000001", "701"), None);
    ids.handle_record(
        NOW,
        &VoipCallRecord::new(Direction::In, "79990000001", "702").call_id("C-2"),
    );
    assert_eq!(ids.find(NOW, "79990000001", "702"), None);
}

proptest! {
    /// Whatever order the events of a call come in, and however often: it ends at most once, and
    /// after the end nothing is shown.
    #[test]
    fn v65_in_any_order_a_call_ends_once(
        order in prop::collection::vec((0_usize..4, 0_usize..3), 0..24),
    ) {
        let mut tracker = CallTracker::default();
        let mut ended = false;
        for (kind, operator) in order {
            let operator = ["701", "702", "703"][operator];
            let event = match kind {
                0 => event(Event::NotifyStart, operator),
                1 => event(Event::NotifyAnswer, operator),
                2 => event(Event::NotifyEnd, operator),
                _ => cancelled(operator),
            };
            if tracker.handle_event(NOW, &event) == Verdict::New {
                prop_assert!(!ended, "something was shown after the end");
                ended = event.event == Event::NotifyEnd;
            }
        }
        prop_assert!(tracker.len() <= 1);
    }
}
