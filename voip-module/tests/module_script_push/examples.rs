//! Worked examples, byte for byte.

use voip_module::VoipWebhookEvent;
use voip_module::module_script::push::{PushMessage, PushPolicy, PushState};

use crate::world::{Mode, URL, World, name};
use crate::{end, event, of_event, of_record, record, start};

const ID: &str = "01JGTPUSH0000000000000000A";

fn world() -> World {
    World::new(PushPolicy::default(), None)
}

// X16, W141
#[test]
fn a_start_is_one_post_with_id_time_and_attempt() {
    let message = PushMessage::new(ID, Some(&start("A-1")), None).unwrap();
    assert_eq!(
        message.body(1_767_608_100, 1),
        r#"{"voipBridge":1,"id":"01JGTPUSH0000000000000000A","sentAt":1767608100,"attempt":1,"event":{"event":"notify_start","direction":"in","srcPhone":"79990000001","dstPhone":"701","disposition":"unknown","callId":"A-1"}}"#
    );

    let mut world = world();
    assert!(world.deliver(&of_event(start("A-1"))));
    world.advance_s(1);
    let seen = world.receiver.seen();
    let id = seen[0].body["id"].as_str().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].uri, URL);
    assert_eq!(seen[0].text, message.body(1_767_608_100, 1).replace(ID, id));
    let status = world.handle.status();
    assert_eq!((status.state, status.delivered, status.queued), (PushState::Open, 1, 0));
    assert_eq!((status.status, status.is_failing), (Some(200), false));
}

// X17, W143
#[test]
fn an_end_and_its_record_are_one_post() {
    let mut world = world();
    assert!(world.deliver(&of_event(end("A-1"))));
    world.advance(std::time::Duration::from_millis(800));
    assert!(world.receiver.seen().is_empty(), "the end waits for its record");
    assert!(world.deliver(&of_record(record("A-1"))));
    world.advance_s(1);
    let seen = world.receiver.seen();
    assert_eq!(seen.len(), 1);
    let (_, parts) = seen[0].text.split_once(r#""attempt":1,"#).unwrap();
    assert_eq!(
        parts,
        r#""event":{"event":"notify_end","direction":"in","srcPhone":"79990000001","dstPhone":"701","disposition":"answered","callId":"A-1"},"callRecord":{"srcPhone":"79990000001","dstPhone":"701","direction":"in","disposition":"answered","duration":124,"call":{"id":"A-1","link":"https://rec.example/a.mp3"},"callId":"A-1"}}"#
    );
    assert_eq!(world.handle.status().delivered, 2);
}

// X18, W144, W150
#[test]
fn after_429_nothing_is_sent_until_the_named_time_then_the_same_id() {
    let mut world = world();
    world.receiver.set(Mode::TooMany(20));
    assert!(world.deliver(&of_event(start("A-1"))));
    world.advance_s(1);
    assert!(world.deliver(&of_event(start("A-2"))));
    assert!(world.deliver(&of_event(end("A-2"))));
    world.advance_s(18);
    assert_eq!(world.receiver.seen().len(), 1);
    assert_eq!(world.handle.status().state, PushState::Paused);
    world.receiver.set(Mode::Confirms);
    world.advance_s(3);
    let seen = world.receiver.seen();
    assert_eq!(seen[1].at.as_secs(), 20);
    assert_eq!((&seen[1].body["id"], &seen[1].body["attempt"]), (&seen[0].body["id"], &2.into()));
    assert_eq!(world.taken(), ["start A-1", "start A-2", "end A-2"]);
}

// X18, W150
#[test]
fn a_start_older_than_two_minutes_is_dropped_and_its_end_is_sent_alone() {
    let mut world = world();
    world.receiver.set(Mode::TooMany(50));
    assert!(world.deliver(&of_event(start("A-1"))));
    world.advance_s(1);
    assert!(world.deliver(&of_event(start("A-2"))));
    assert!(world.deliver(&of_event(end("A-2"))));
    world.advance_s(110);
    world.receiver.set(Mode::Confirms);
    world.advance_s(45);
    assert_eq!(world.taken(), ["end A-2"]);
    assert_eq!(world.handle.status().expired, 2);
}

// X19, W149
#[test]
fn a_renewed_token_blocks_until_the_new_url_then_all_goes_in_order() {
    let mut world = world();
    world.receiver.set(Mode::Status(401));
    assert!(world.deliver(&of_event(end("A-1"))));
    world.advance_s(10);
    let answer = event(VoipWebhookEvent::NotifyAnswer, "A-2");
    for delivery in [of_event(start("A-2")), of_event(answer), of_event(end("A-2"))] {
        assert!(world.deliver(&delivery));
    }
    world.advance_s(40);
    let status = world.handle.status();
    assert_eq!((status.state, status.status), (PushState::Blocked, Some(401)));
    let json = serde_json::to_string(&status).unwrap();
    assert!(json.starts_with(r#"{"state":"blocked","status":401,"isFailing":true,"blockedS":"#));
    assert_eq!(world.receiver.seen().len(), 1, "the next probe is a minute after the first");
    world.advance_s(15);
    let probes: Vec<_> =
        world.receiver.seen().iter().map(|seen| (name(seen), seen.at.as_secs())).collect();
    assert_eq!(probes, [("end A-1".into(), 2), ("end A-1".into(), 62)]);

    world.receiver.set(Mode::Confirms);
    world.handle.set_target("https://tenant.example/hook/1?token=T2K".parse().unwrap()).unwrap();
    world.advance_s(4);
    assert_eq!(world.taken(), ["end A-1", "start A-2", "answer A-2", "end A-2"]);
    assert!(world.receiver.seen().last().unwrap().uri.ends_with("?token=T2K"));
    assert_eq!(world.handle.status().state, PushState::Open);
}

// X20, W146
#[test]
fn a_success_without_confirmation_counts_as_delivered_with_one_warning() {
    let lines = crate::logs::Lines::of(|| {
        let mut world = world();
        world.receiver.set(Mode::Html);
        for call in ["A-1", "A-2"] {
            assert!(world.deliver(&of_event(start(call))));
        }
        world.advance_s(1);
        let status = world.handle.status();
        assert_eq!((status.delivered, status.unconfirmed, status.queued), (2, 2, 0));
        assert_eq!(status.state, PushState::Open);
    });
    assert_eq!(lines, "WARN message=the webhook URL answers, but not the generated script\n");
}
