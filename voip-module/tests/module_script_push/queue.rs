//! Rules of the queue, one by one.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use proptest::prelude::*;
use voip_module::VoipWebhookEvent;
use voip_module::module_script::push::{
    PushMessage, PushOutcome, PushPolicy, PushQueue, PushState,
};

use crate::world::{Memory, Mode, World};
use crate::{end, event, of_event, of_record, record, start};

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn message(number: usize, stage: VoipWebhookEvent, call: &str) -> PushMessage {
    PushMessage::new(&format!("{number:016}"), Some(&event(stage, call)), None).unwrap()
}

fn open(policy: PushPolicy) -> PushQueue {
    let mut queue = PushQueue::new(policy, 7);
    queue.open();
    queue
}

fn outcome(status: u16, headers: &[(&str, &str)], body: &str) -> PushOutcome {
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    PushOutcome::of("0123456789abcdef", &answer.body(Bytes::from(body.to_owned())).unwrap())
}

// W142, W146–W149
#[test]
fn every_answer_has_a_meaning() {
    let accepted = r#"{"voipBridge":1,"accepted":"0123456789abcdef","later":true}"#;
    assert_eq!(outcome(200, &[], accepted), PushOutcome::Accepted);
    assert_eq!(outcome(202, &[], accepted), PushOutcome::Accepted);
    for other in ["", "<html>", "{}", r#"{"voipBridge":2,"accepted":"0123456789abcdef"}"#] {
        assert_eq!(outcome(200, &[], other), PushOutcome::Unconfirmed(200), "{other}");
    }
    let of_another = r#"{"voipBridge":1,"accepted":"0123456789abcdeX"}"#;
    assert_eq!(outcome(200, &[], of_another), PushOutcome::Unconfirmed(200));
    for status in [400, 413, 415, 422] {
        assert_eq!(outcome(status, &[], ""), PushOutcome::Rejected(status));
    }
    for status in [301, 302, 303, 307, 308, 401, 403, 404, 405, 410] {
        assert_eq!(outcome(status, &[], ""), PushOutcome::Blocked(status));
    }
    for status in [408, 425, 500, 502, 503, 504, 599, 409, 418] {
        assert_eq!(outcome(status, &[], ""), PushOutcome::Retry(Some(status)));
    }
}

// W144
#[test]
fn retry_after_is_seconds_or_a_date_less_the_answers_own() {
    let of = |headers: &[(&str, &str)]| outcome(429, headers, "");
    let (now, later) = ("Mon, 05 Jan 2026 10:15:00 GMT", "Mon, 05 Jan 2026 10:15:20 GMT");
    for (headers, seconds) in [
        (&[("retry-after", "20")][..], 20),
        (&[("retry-after", " 20 ")], 20),
        (&[("retry-after", "0")], 1),
        (&[("retry-after", "600")], 120),
        (&[("retry-after", "99999999999999999999999")], 120),
        (&[("retry-after", later), ("date", now)], 20),
        (&[("retry-after", now), ("date", later)], 1),
        (&[("retry-after", later)], 15),
        (&[("retry-after", "soon"), ("date", now)], 15),
        (&[("retry-after", "")], 15),
        (&[("retry-after", "-5")], 15),
        (&[], 15),
    ] {
        assert_eq!(of(headers), PushOutcome::TooMany(secs(seconds)), "{headers:?}");
    }
}

// W144
#[test]
fn ten_go_at_once_then_fifty_a_minute_and_never_more_in_any_minute() {
    let mut policy = PushPolicy::default();
    policy.at_once = 1_000;
    let mut queue = open(policy);
    for number in 0..120 {
        queue
            .push(secs(0), message(number, VoipWebhookEvent::NotifyEnd, &number.to_string()))
            .unwrap();
    }
    let (mut now, mut times) = (secs(2), Vec::new());
    while times.len() < 120 {
        match queue.next(now) {
            Some(request) => {
                times.push(now);
                queue.answer(now, request.message.id(), PushOutcome::Accepted);
            }
            None => {
                let wake = queue.next_wake(now).unwrap();
                assert!(wake > now, "the queue wakes for nothing");
                now = wake;
            }
        }
    }
    assert_eq!(times.iter().filter(|time| **time == secs(2)).count(), 10);
    assert!(times[10] - times[9] >= Duration::from_millis(1_199), "{:?}", times[10]);
    assert!(times.windows(51).all(|window| window[50] - window[0] >= secs(60)));
    assert!(times[119] < secs(140), "{:?}", times[119]);
}

// W144
#[test]
fn without_a_rate_everything_goes_at_once() {
    let mut policy = PushPolicy::default();
    (policy.per_minute, policy.at_once) = (0, 1_000);
    let mut queue = open(policy);
    for number in 0..200 {
        queue
            .push(secs(0), message(number, VoipWebhookEvent::NotifyStart, &number.to_string()))
            .unwrap();
    }
    assert_eq!(std::iter::from_fn(|| queue.next(secs(0))).count(), 200);
}

// W145
#[test]
fn a_failing_message_holds_back_its_call_only_and_four_calls_go_at_once() {
    let mut queue = open(PushPolicy::default());
    for number in 0..6 {
        queue
            .push(secs(0), message(number, VoipWebhookEvent::NotifyStart, &number.to_string()))
            .unwrap();
    }
    queue.push(secs(0), message(6, VoipWebhookEvent::NotifyAnswer, "0")).unwrap();
    let first: Vec<_> = std::iter::from_fn(|| queue.next(secs(0))).collect();
    assert_eq!(first.len(), 4);
    assert_eq!(first[0].message, message(0, VoipWebhookEvent::NotifyStart, "0"));
    queue.answer(secs(0), first[0].message.id(), PushOutcome::Retry(None));
    assert_eq!(queue.next(secs(0)).unwrap().message.id(), "0000000000000004");
    queue.answer(secs(0), first[1].message.id(), PushOutcome::Accepted);
    assert_eq!(queue.next(secs(0)).unwrap().message.id(), "0000000000000005");
    queue.answer(secs(0), first[2].message.id(), PushOutcome::Accepted);
    let again = queue.next(secs(1)).unwrap();
    assert_eq!((again.message.id(), again.attempt), ("0000000000000000", 2));
    queue.answer(secs(1), again.message.id(), PushOutcome::Accepted);
    assert_eq!(queue.next(secs(1)).unwrap().message.id(), "0000000000000006");
}

// W145, W154
#[test]
fn calls_without_id_differ_by_numbers_and_direction() {
    let mut queue = open(PushPolicy::default());
    let mut event = start("");
    for (number, operator) in ["701", "702", "701"].into_iter().enumerate() {
        event.dst_phone = operator.into();
        let message = PushMessage::new(&format!("{number:016}"), Some(&event), None).unwrap();
        queue.push(secs(0), message).unwrap();
    }
    let first: Vec<_> = std::iter::from_fn(|| queue.next(secs(0))).collect();
    let ids: Vec<_> = first.iter().map(|request| request.message.id()).collect();
    assert_eq!(ids, ["0000000000000000", "0000000000000001"]);
}

// W147
#[test]
fn retries_wait_between_nothing_and_a_doubling_limit_of_at_most_a_minute() {
    let mut policy = PushPolicy::default();
    policy.per_minute = 0;
    let mut longest = [Duration::ZERO; 10];
    for seed in 0..300 {
        let mut queue = PushQueue::new(policy.clone(), seed);
        queue.open();
        queue.push(secs(0), message(0, VoipWebhookEvent::NotifyEnd, "A")).unwrap();
        let mut now = secs(2);
        for longest in &mut longest {
            let request = queue.next(now).unwrap();
            queue.answer(now, request.message.id(), PushOutcome::Retry(Some(500)));
            let ready = queue.next_wake(now).unwrap();
            *longest = (*longest).max(ready - now);
            now = ready;
        }
    }
    for (attempt, longest) in longest.into_iter().enumerate() {
        let limit = secs(60.min(1 << attempt));
        assert!(longest <= limit && longest > limit * 9 / 10, "{attempt}: {longest:?}");
    }
}

// W148
#[test]
fn a_rejected_message_is_dead_at_once_and_its_call_goes_on() {
    let mut queue = open(PushPolicy::default());
    queue.push(secs(0), message(0, VoipWebhookEvent::NotifyStart, "A")).unwrap();
    queue.push(secs(0), message(1, VoipWebhookEvent::NotifyAnswer, "A")).unwrap();
    let first = queue.next(secs(0)).unwrap();
    let dead = queue.answer(secs(0), first.message.id(), PushOutcome::Rejected(422));
    assert_eq!(dead, Some(first.message));
    assert_eq!(queue.next(secs(0)).unwrap().message.id(), "0000000000000001");
    assert_eq!(queue.status(secs(0)).dead, 1);
}

// W141
#[test]
fn a_message_over_64_kib_is_dead_at_once() {
    let mut queue = open(PushPolicy::default());
    let long = record("A").call(serde_json::Value::from("x".repeat(64 << 10)));
    let message = PushMessage::new("0123456789abcdef", None, Some(&long)).unwrap();
    queue.push(secs(0), message).unwrap();
    let status = queue.status(secs(0));
    assert_eq!((status.dead, status.queued, status.bytes), (1, 0, 0));
}

// W146, W149
#[test]
fn where_confirmation_is_required_a_success_without_it_blocks() {
    let mut policy = PushPolicy::default();
    policy.require_confirmation = true;
    let mut queue = open(policy);
    queue.push(secs(0), message(0, VoipWebhookEvent::NotifyEnd, "A")).unwrap();
    let request = queue.next(secs(2)).unwrap();
    queue.answer(secs(2), request.message.id(), PushOutcome::Unconfirmed(200));
    let status = queue.status(secs(3));
    assert_eq!((status.state, status.status, status.queued), (PushState::Blocked, Some(200), 1));
}

// W149
#[test]
fn an_answer_of_an_earlier_url_does_not_block_the_current_one() {
    let mut queue = open(PushPolicy::default());
    queue.push(secs(0), message(0, VoipWebhookEvent::NotifyEnd, "A")).unwrap();
    let request = queue.next(secs(2)).unwrap();
    queue.open();
    queue.answer(secs(3), request.message.id(), PushOutcome::Blocked(401));
    assert_eq!(queue.status(secs(3)).state, PushState::Open);
    assert_eq!(queue.next(secs(3)).unwrap().attempt, 2);
}

// W149
#[test]
fn a_probe_that_is_taken_ends_the_block() {
    let mut queue = open(PushPolicy::default());
    for (number, call) in ["A", "B"].into_iter().enumerate() {
        queue.push(secs(0), message(number, VoipWebhookEvent::NotifyEnd, call)).unwrap();
    }
    let (a, b) = (queue.next(secs(2)).unwrap(), queue.next(secs(2)).unwrap());
    for request in [&a, &b] {
        queue.answer(secs(2), request.message.id(), PushOutcome::Blocked(404));
    }
    assert_eq!(queue.next_wake(secs(2)), Some(secs(62)));
    let probe = queue.next(secs(62)).unwrap();
    assert_eq!((queue.next(secs(62)), queue.next(secs(122))), (None, None), "a probe is alone");
    queue.answer(secs(63), probe.message.id(), PushOutcome::Accepted);
    assert_eq!(queue.next(secs(63)).unwrap().message.id(), b.message.id());
}

// W150
#[test]
fn starts_and_answers_expire_after_two_minutes_ends_and_records_after_a_day() {
    let mut queue = PushQueue::new(PushPolicy::default(), 7);
    queue.push(secs(0), message(0, VoipWebhookEvent::NotifyStart, "A")).unwrap();
    queue.push(secs(1), message(1, VoipWebhookEvent::NotifyAnswer, "A")).unwrap();
    queue.push(secs(2), message(2, VoipWebhookEvent::NotifyEnd, "A")).unwrap();
    let record = PushMessage::new("0123456789abcdef", None, Some(&record("B"))).unwrap();
    queue.push(secs(2), record).unwrap();
    for (time, left) in [(119, 4), (120, 3), (121, 2), (86_401, 2), (86_402, 0)] {
        assert!(queue.next_wake(secs(time - 1)).is_some());
        queue.next(secs(time));
        assert_eq!(queue.status(secs(time)).queued, left, "at {time} s");
    }
    assert_eq!(queue.next_wake(secs(90_000)), None);
    assert_eq!(queue.status(secs(90_000)).expired, 4);
}

// W150
#[test]
fn an_end_drops_the_start_and_answer_before_it_if_asked_to() {
    let mut policy = PushPolicy::default();
    policy.drop_overtaken = true;
    let mut queue = PushQueue::new(policy, 7);
    queue.push(secs(0), message(0, VoipWebhookEvent::NotifyStart, "A")).unwrap();
    queue.push(secs(0), message(1, VoipWebhookEvent::NotifyAnswer, "A")).unwrap();
    queue.push(secs(0), message(2, VoipWebhookEvent::NotifyStart, "B")).unwrap();
    queue.push(secs(0), message(3, VoipWebhookEvent::NotifyEnd, "A")).unwrap();
    queue.push(secs(0), message(4, VoipWebhookEvent::NotifyStart, "A")).unwrap();
    let status = queue.status(secs(0));
    assert_eq!((status.dropped, status.queued), (2, 3));
}

// W151
#[test]
fn a_full_queue_drops_the_oldest_start_then_the_oldest_answer_then_refuses() {
    let mut policy = PushPolicy::default();
    (policy.messages, policy.per_minute) = (4, 0);
    let mut queue = open(policy);
    let (start, answer, end) = (
        VoipWebhookEvent::NotifyStart,
        VoipWebhookEvent::NotifyAnswer,
        VoipWebhookEvent::NotifyEnd,
    );
    queue.push(secs(0), message(0, start, "A")).unwrap();
    let in_flight = queue.next(secs(0)).unwrap();
    queue.push(secs(0), message(1, answer, "B")).unwrap();
    queue.push(secs(0), message(2, start, "C")).unwrap();
    queue.push(secs(0), message(3, start, "D")).unwrap();
    for number in 4..7 {
        queue.push(secs(0), message(number, end, "E")).unwrap();
    }
    let full = queue.push(secs(0), message(7, end, "F")).unwrap_err();
    assert_eq!(full.to_string(), "the queue of pushes is full; send the event again later");
    let status = queue.status(secs(0));
    assert_eq!((status.dropped, status.refused, status.queued), (3, 1, 4));
    queue.answer(secs(0), in_flight.message.id(), PushOutcome::Accepted);
    queue.push(secs(0), message(8, end, "F")).unwrap();
    let ids: Vec<_> = std::iter::from_fn(|| {
        let request = queue.next(secs(2))?;
        queue.answer(secs(2), request.message.id(), PushOutcome::Accepted);
        Some(request.message.id().parse::<u32>().unwrap())
    })
    .collect();
    assert_eq!(ids, [4, 5, 6, 8]);
}

// W151
#[test]
fn room_is_counted_in_bytes_too() {
    let mut policy = PushPolicy::default();
    policy.bytes = 1_000;
    let mut queue = open(policy);
    let pushed = (0..10)
        .take_while(|number| {
            queue.push(secs(0), message(*number, VoipWebhookEvent::NotifyEnd, "A")).is_ok()
        })
        .count();
    let status = queue.status(secs(0));
    assert!((2..5).contains(&pushed) && status.bytes <= 1_000, "{pushed} {status:?}");
}

// W143
#[test]
fn an_end_waits_for_its_own_record_only_and_for_two_seconds_at_most() {
    let mut world = World::new(PushPolicy::default(), None);
    assert!(world.deliver(&of_event(end("A"))));
    world.advance_s(3);
    assert_eq!(world.receiver.seen()[0].at, Duration::from_millis(2_050));
    assert!(world.deliver(&of_record(record("A"))));
    // An end of another leg, and an end that something else follows, do not wait.
    let mut of_other_leg = end("B");
    of_other_leg.dst_phone = "702".into();
    assert!(world.deliver(&of_event(of_other_leg)) && world.deliver(&of_record(record("B"))));
    assert!(world.deliver(&of_event(end("C"))) && world.deliver(&of_event(start("C"))));
    world.advance_s(1);
    let rest = ["record A", "end B", "end C", "record B", "start C"];
    assert_eq!(world.taken()[1..], rest);
}

// W125
#[test]
fn shutdown_sends_once_what_is_due_and_returns_within_the_grace_period() {
    let mut world = World::new(PushPolicy::default(), Some(Memory::default()));
    world.receiver.set(Mode::Status(500));
    assert!(world.deliver(&of_event(start("A"))) && world.deliver(&of_event(end("B"))));
    world.handle.begin_shutdown();
    world.advance_s(1);
    assert!(world.has_ended(), "nothing else is due");
    assert_eq!(world.receiver.seen().len(), 2, "the end does not wait for its record");
    assert_eq!(world.spool.as_ref().unwrap().kept.lock().unwrap().len(), 2);

    let mut world = World::new(PushPolicy::default(), None);
    world.receiver.set(Mode::Hangs);
    assert!(world.deliver(&of_event(start("A"))));
    world.advance_s(1);
    world.handle.begin_shutdown();
    world.advance(Duration::from_millis(4_900));
    assert!(!world.has_ended());
    world.advance_s(1);
    assert!(world.has_ended());
    assert!(!world.deliver(&of_event(start("B"))), "nobody would send it");
}

// W156, W157
#[test]
fn a_delivery_that_the_spool_cannot_keep_is_refused_and_not_sent() {
    let memory = Memory::default();
    let mut world = World::new(PushPolicy::default(), Some(memory.clone()));
    memory.is_full.store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(!world.deliver(&of_event(start("A"))));
    memory.is_full.store(false, std::sync::atomic::Ordering::SeqCst);
    assert!(world.deliver(&of_event(event(VoipWebhookEvent::NotifyAnswer, "A"))));
    world.advance_s(1);
    assert_eq!(world.taken(), ["answer A"]);
    assert_eq!(world.handle.status().queued, 0);
}

// W153, W158
#[test]
fn a_webhook_url_is_checked_and_shows_its_host_only() {
    let world = World::new(PushPolicy::default(), None);
    let shown = format!("{:?}", world.handle);
    assert!(shown.contains("tenant.example") && !shown.contains("T1K") && !shown.contains("hook"));
    for (url, reason) in [
        ("http://tenant.example/hook?token=T1K", "the webhook URL is not an https URL"),
        ("https://a:b@tenant.example/", "the webhook URL has a user name or password"),
        ("data:text/plain,T1K", "the webhook URL is not an https URL"),
    ] {
        let error = world.handle.set_target(url.parse().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), format!("invalid argument `webhook_url`: {reason}"));
    }
}

proptest! {
    // W180
    #[test]
    fn any_answer_is_understood(status in 100..600_u16, after in any::<String>(), body in any::<Vec<u8>>()) {
        let mut answer = Response::new(Bytes::from(body));
        *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
        if let Ok(value) = http::HeaderValue::from_str(&after) {
            answer.headers_mut().insert("retry-after", value);
        }
        let outcome = PushOutcome::of("0123456789abcdef", &answer);
        prop_assert_ne!(outcome, PushOutcome::Accepted);
    }
}
