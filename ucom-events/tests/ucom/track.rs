//! Tracking: V1–V16 and what users report, U1–U8.

use std::time::Duration;

use ucom_events::{
    AgentId, CallStatus, LeftOut, LegRecord, Outcome, Rule, SubCallId, Tracker, TrackerEvent,
    TrackerOptions, parse_body,
};

use crate::examples::{E1, E2, E3, E4, E5, E6, E7, E8, E9, E10, E14};
use crate::support::{at, directory};

fn tracker() -> Tracker {
    Tracker::new(TrackerOptions::default().with_directory(directory()).with_notices(false))
}

fn give(tracker: &mut Tracker, seconds: u64, body: &str) {
    tracker.handle_event(at(seconds), &parse_body(body).unwrap());
}

/// Lets time pass until nothing is left to wait for, and takes what is told.
fn finish(tracker: &mut Tracker) -> Vec<TrackerEvent> {
    let mut told = Vec::new();
    loop {
        while let Some(event) = tracker.poll_event() {
            told.push(event);
        }
        let Some(timeout) = tracker.poll_timeout() else { return told };
        tracker.handle_timeout(timeout);
    }
}

fn run(bodies: &[&str]) -> Vec<TrackerEvent> {
    let mut tracker = tracker();
    bodies.iter().for_each(|body| give(&mut tracker, 1_000, body));
    finish(&mut tracker)
}

fn logged(told: &[TrackerEvent]) -> Vec<&LegRecord> {
    told.iter()
        .filter_map(|event| match event {
            TrackerEvent::CallLogged(record) => Some(record),
            _ => None,
        })
        .collect()
}

fn left_out(told: &[TrackerEvent]) -> Vec<(Option<&str>, LeftOut)> {
    told.iter()
        .filter_map(|event| match event {
            TrackerEvent::LegLeftOut(record, why) => Some((record.extension.as_deref(), *why)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_leg_is_logged_once_with_all_that_its_events_say_v1_v8() {
    let told = run(&[E1, E2, E3]);
    let [leg] = logged(&told)[..] else { panic!("{told:?}") };
    assert_eq!(leg.sub_call_id, Some(SubCallId::new("33335-5f1c9be2a6d84f0c")));
    assert_eq!(leg.extension.as_deref(), Some("453*106"));
    assert_eq!(leg.extension_id.unwrap().get(), 33_335);
    assert_eq!(leg.party(), Some("+79215550142"));
    assert_eq!(leg.caller_name.as_deref(), Some("Ivan Petrov"));
    assert_eq!(leg.called_did.as_deref(), Some("78125550100"));
    assert_eq!(leg.recording_id.as_deref(), Some("33335-3a849fa6cb6111e9b6b1bd083c9cfa95"));
    assert_eq!(leg.outcome, Some(Outcome::Answered));
    assert_eq!(leg.duration, Some(Duration::from_micros(74_352_999)));
    assert_eq!(leg.talk_time, Some(Duration::from_micros(74_352_999)));
    let times =
        [leg.started_at, leg.answered_at, leg.ended_at].map(|time| time.unwrap().as_micros());
    assert_eq!(times, [1_766_736_711_480_097, 1_766_736_718_112_004, 1_766_736_792_465_003]);
    let json = serde_json::to_value(leg).unwrap();
    assert_eq!((json["scope"].as_str(), json["rule"].as_str()), (Some("external"), Some("R26")));
    assert_eq!(
        (json["outcome"].as_str(), json["talk_time_us"].as_u64()),
        (Some("answered"), Some(74_352_999))
    );
}

#[test]
fn a_leg_that_came_in_without_answer_was_not_taken_v3() {
    let told = run(&[E1, E3]);
    let [leg] = logged(&told)[..] else { panic!("{told:?}") };
    assert_eq!((&leg.outcome, leg.talk_time), (&Some(Outcome::NotAnswered), None));
    assert_eq!(leg.call_status, Some(CallStatus::Answer));
}

#[test]
fn only_answer_is_a_success_v7() {
    for status in
        ["CANCEL", "BUSY", "NOANSWER", "CONGESTION", "CHANUNAVAIL", "UNKNOWN", "answer", "X"]
    {
        let told =
            run(&[E1, E2, &E3.replace("CallStatus=ANSWER", &format!("CallStatus={status}"))]);
        assert_eq!(logged(&told)[0].outcome, Some(Outcome::NotAnswered), "{status}");
    }
}

#[test]
fn a_call_out_is_taken_if_its_hangup_says_so_r8() {
    let hangup =
        E4.replace("dial-out", "hangup").replace("CALLING", "ANSWER") + "&Duration=7000000";
    let told = run(&[E4, &hangup]);
    let leg = logged(&told)[0];
    assert_eq!(leg.outcome, Some(Outcome::Answered));
    assert_eq!((leg.party(), leg.talk_time), (Some("+78125550177"), Some(Duration::from_secs(7))));
}

#[test]
fn a_lone_hangup_makes_a_record_u6() {
    let told = run(&[&E3.replace("ANSWER", "CANCEL")]);
    let [leg] = logged(&told)[..] else { panic!("{told:?}") };
    assert_eq!(leg.outcome, Some(Outcome::NotAnswered));
    assert_eq!((leg.party(), leg.started_at), (Some("+79215550142"), None));
}

#[test]
fn a_leg_without_end_is_lost_and_not_answered_u8() {
    let mut tracker = Tracker::new(
        TrackerOptions::default().with_notices(false).with_lost_after(Duration::from_secs(60)),
    );
    give(&mut tracker, 0, E1);
    give(&mut tracker, 50, E2);
    tracker.handle_timeout(at(109));
    assert_eq!(tracker.poll_event(), None); // 60 s after the last event, not the first
    tracker.handle_timeout(at(110));
    let Some(TrackerEvent::CallLogged(leg)) = tracker.poll_event() else { panic!("not lost") };
    assert_eq!((leg.outcome, leg.talk_time), (Some(Outcome::Lost), None));
    assert!(tracker.is_empty() && tracker.poll_timeout().is_none());
}

#[test]
fn copies_and_later_hangups_have_no_effect_u2_u3() {
    let mut tracker = tracker();
    let second = E3.replace("74352999", "1").replace("1766736792465003", "1766736799999999");
    for body in [E1, E1, E2, E3, &second, E3] {
        give(&mut tracker, 0, body);
    }
    let told = finish(&mut tracker);
    let [leg] = logged(&told)[..] else { panic!("{told:?}") };
    assert_eq!(leg.duration, Some(Duration::from_micros(74_352_999)));
    assert_eq!(tracker.statistics().duplicates, 2);
    give(&mut tracker, 600, E3);
    assert!(finish(&mut tracker).is_empty());
    assert_eq!(tracker.statistics().late, 1);
}

#[test]
fn remote_number_is_remembered_for_the_leg_v15() {
    let hangup = E8
        .replace("dial-in", "hangup")
        .replace("&RemoteNumber=%2B79215550142", "")
        .replace("CALLING", "CANCEL");
    let told = run(&[E8, &hangup]);
    let [leg] = logged(&told)[..] else { panic!("{told:?}") };
    assert_eq!((leg.party(), leg.scope().rule()), (Some("+79215550142"), Some(Rule::V15)));
}

#[test]
fn internal_legs_are_left_out_with_their_rule_r26_r27_v5() {
    let end = |body: &str| body.replace("dial-in", "hangup").replace("dial-out", "hangup");
    let told = run(&[E7, &end(E7), E6, &end(E6)]);
    assert!(logged(&told).is_empty());
    assert_eq!(
        left_out(&told),
        [
            (Some("453*107"), LeftOut::NotOutside(Rule::R26)),
            (Some("453*106"), LeftOut::NotOutside(Rule::R27)),
        ]
    );
    // A forward outside is logged (V6).
    let told = run(&[E5, &end(E5)]);
    assert_eq!(logged(&told)[0].party(), Some("+79215550188"));
}

#[test]
fn one_missed_call_makes_one_record_where_queue_beats_menu_v9_v10_v12_v14() {
    for bodies in [[E9, E10], [E10, E9]] {
        let told = run(&bodies);
        let [leg] = logged(&told)[..] else { panic!("{told:?}") };
        assert_eq!(leg.outcome, Some(Outcome::Missed));
        assert_eq!(leg.extension.as_deref(), Some("453*300"));
        assert_eq!(
            (leg.party(), leg.called_did.as_deref()),
            (Some("+79215550199"), Some("78125550100"))
        );
        assert_eq!(left_out(&told), [(Some("453*099"), LeftOut::QueueDecides)]);
    }
}

#[test]
fn the_queue_counts_though_the_menu_ends_later_v12() {
    let menu = E9.replace("1766737999700000", "1766738000300000");
    for bodies in [[&*menu, E10], [E10, &*menu]] {
        let told = run(&bodies);
        assert_eq!(logged(&told)[0].extension.as_deref(), Some("453*300"));
        assert_eq!(left_out(&told), [(Some("453*099"), LeftOut::QueueDecides)]);
    }
    // Though the queue has passed the caller on, and the menu says otherwise.
    let queue = E10.replace("Bridged=no", "Bridged=yes");
    assert!(logged(&run(&[&menu, &queue])).is_empty());
}

#[test]
fn the_queues_hangup_may_come_some_seconds_after_the_menus_v14() {
    let mut tracker = tracker();
    give(&mut tracker, 10, E9);
    tracker.handle_timeout(at(14));
    assert_eq!(tracker.poll_event(), None);
    give(&mut tracker, 14, E10);
    assert_eq!(logged(&finish(&mut tracker)).len(), 1);
    // Too late it makes no second record.
    let mut tracker = self::tracker();
    give(&mut tracker, 10, E9);
    give(&mut tracker, 100, E10);
    let told = finish(&mut tracker);
    assert_eq!(logged(&told)[0].extension.as_deref(), Some("453*099"));
    assert_eq!(left_out(&told), [(Some("453*300"), LeftOut::AlreadyDecided)]);
}

#[test]
fn of_two_queues_the_last_one_counts_v13() {
    let second = E10
        .replace("33334-", "33399-")
        .replace("A300", "A301")
        .replace("1766738000000000", "1766738060000000");
    for bodies in [[E9, E10, &second], [&second, E10, E9], [E10, &second, E9]] {
        let told = run(&bodies);
        assert_eq!(logged(&told)[0].extension.as_deref(), Some("453*301"));
        assert!(left_out(&told).contains(&(Some("453*300"), LeftOut::LaterDecides)));
    }
    // The last one's word counts, even if it says that the caller was taken.
    let told = run(&[E9, E10, &second.replace("Bridged=no", "Bridged=yes")]);
    assert!(logged(&told).is_empty(), "{told:?}");
}

#[test]
fn bridged_service_legs_are_left_out_v11() {
    let told = run(&[&E9.replace("Bridged=no", "Bridged=yes")]);
    assert_eq!(left_out(&told), [(Some("453*099"), LeftOut::Bridged)]);
    assert_eq!(told[0].record().unwrap().outcome, Some(Outcome::PassedOn));
}

#[test]
fn without_a_directory_bridged_tells_menus_and_queues_and_the_last_one_counts_c7() {
    let mut tracker = Tracker::default();
    give(&mut tracker, 0, E9);
    give(&mut tracker, 0, E10);
    let told = finish(&mut tracker);
    assert_eq!(logged(&told)[0].extension.as_deref(), Some("453*300"));
    // Of a phone that the directory knows it means nothing.
    let phone = E3.replace("Duration", "Bridged=no&Duration");
    let told = run(&[E1, E2, &phone]);
    assert_eq!(logged(&told)[0].outcome, Some(Outcome::Answered));
}

#[test]
fn a_queue_waits_for_the_legs_that_are_still_open() {
    let mut tracker = tracker();
    let call = "CallID=77d1f2b0aa614c3e9f0d6f3b1f8a5e02";
    let agent = E1.replace("CallID=a4c0a634c2b94d0e9d5a1c7b8f2e6d31", call);
    give(&mut tracker, 0, &agent);
    give(&mut tracker, 1, E10);
    tracker.handle_timeout(at(60));
    assert_eq!(tracker.poll_event(), None);
    // Meanwhile the call shows what it is made of (V16).
    let call = ucom_events::CallId::new("77d1f2b0aa614c3e9f0d6f3b1f8a5e02");
    let mut open: Vec<_> = tracker.legs_of(&call).map(|leg| leg.extension.unwrap()).collect();
    open.sort();
    assert_eq!(open, ["453*106", "453*300"]);
    let second = E10
        .replace("33334-", "33399-")
        .replace("Bridged=no", "Bridged=yes")
        .replace("1766738000000000", "1766738060000000");
    give(&mut tracker, 61, &second);
    give(&mut tracker, 61, &agent.replace("dial-in", "hangup"));
    let told = finish(&mut tracker);
    assert_eq!(logged(&told).len(), 1); // the phone's own leg, and no missed call
}

#[test]
fn legs_without_sub_call_id_are_told_apart_by_extension() {
    let strip = |body: &str, leg: &str| body.replace(&format!("&SubCallID={leg}"), "");
    let told = run(&[
        &strip(E1, "33335-5f1c9be2a6d84f0c"),
        &strip(E3, "33335-5f1c9be2a6d84f0c"),
        &strip(E2, "33335-5f1c9be2a6d84f0c"),
        &strip(E8, "33336-77ffab1290dd4a10").replace("dial-in", "hangup"),
    ]);
    let legs: Vec<_> = logged(&told)
        .iter()
        .map(|leg| (leg.extension.clone().unwrap(), leg.sub_call_id.clone()))
        .collect();
    assert_eq!(legs, [("453*106".to_owned(), None), ("453*107".to_owned(), None)]);
}

#[test]
fn notices_show_and_take_away_cards_v2_v4() {
    let mut tracker = Tracker::new(TrackerOptions::default().with_directory(directory()));
    let mut kinds = Vec::new();
    for body in [E1, E1, E2, E3] {
        give(&mut tracker, 0, body);
        while let Some(event) = tracker.poll_event() {
            kinds.push(match event {
                TrackerEvent::LegStarted(leg) => {
                    assert_eq!(
                        (leg.extension.as_deref(), leg.party()),
                        (Some("453*106"), Some("+79215550142"))
                    );
                    assert_eq!(leg.outcome, None);
                    "started"
                }
                TrackerEvent::LegAnswered(_) => "answered",
                TrackerEvent::LegEnded(_) => "ended",
                other => panic!("{other:?}"),
            });
        }
    }
    assert_eq!(kinds, ["started", "answered", "ended"]);
    // What has ended shows no card any more.
    let mut tracker = Tracker::default();
    give(&mut tracker, 0, E3);
    give(&mut tracker, 0, E1);
    assert_eq!(tracker.poll_event(), None);
}

#[test]
fn agents_are_told_when_they_change_r10() {
    let mut tracker = tracker();
    give(&mut tracker, 5, E14);
    let Some(TrackerEvent::AgentChanged(agent)) = tracker.poll_event() else { panic!() };
    assert!(agent.is_ready());
    assert_eq!((agent.extension.as_deref(), agent.since), (Some("000*094"), at(5)));
    give(&mut tracker, 6, E14);
    assert_eq!(tracker.poll_event(), None);
    give(&mut tracker, 7, &E14.replace("available", "logged_out"));
    let Some(TrackerEvent::AgentChanged(agent)) = tracker.poll_event() else { panic!() };
    assert!(!agent.is_ready());
    assert_eq!(tracker.agent(&AgentId::new("136")), Some(&agent));
    assert_eq!(tracker.agents().count(), 1);
}

#[test]
fn memory_is_bounded_and_what_is_given_up_is_counted() {
    let options =
        TrackerOptions::default().with_max_legs(10).with_max_agents(2).with_max_pending(5);
    let mut tracker = Tracker::new(options);
    for number in 0..100 {
        give(
            &mut tracker,
            number,
            &format!("EventType=dial-in&CallID=c{number}&SubCallID=s{number}"),
        );
        give(&mut tracker, number, &format!("agent_id={number}&agent_status=available"));
    }
    assert_eq!(tracker.len(), 10);
    assert_eq!(tracker.agents().count(), 2);
    assert_eq!(tracker.statistics().evicted, 90);
    assert!(tracker.statistics().dropped > 0);
    let lost = finish(&mut tracker);
    let lost = logged(&lost).into_iter().filter(|leg| leg.outcome == Some(Outcome::Lost)).count();
    assert!(lost >= 10, "{lost}");
}

#[test]
fn events_that_name_no_leg_are_counted() {
    let mut tracker = tracker();
    give(&mut tracker, 0, "EventType=hangup&CallID=%FF");
    give(&mut tracker, 0, "agent_id=&agent_status=available");
    assert_eq!(tracker.statistics().untracked, 2);
    // By its leg alone it can be followed.
    give(&mut tracker, 0, "EventType=hangup&CallID=%FF&SubCallID=s");
    assert_eq!(logged(&finish(&mut tracker)).len(), 1);
}

#[test]
fn a_clock_that_goes_back_stands_still() {
    let mut tracker = tracker();
    give(&mut tracker, 100, E3);
    give(&mut tracker, 50, E1);
    assert_eq!(tracker.poll_timeout(), Some(at(105)));
}

#[test]
fn a_service_leg_that_is_lost_is_no_call() {
    let told = run(&[&E9.replace("hangup", "dial-in")]);
    assert_eq!(left_out(&told), [(Some("453*099"), LeftOut::NoVerdict)]);
}
