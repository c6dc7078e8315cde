//! The tracker beside records: options, limits, agents, late events.

use std::time::Duration;

use ucom_events::event::AgentStatus;
use ucom_events::track::{AgentState, NoticeKind, Outcome, Statistics};
use ucom_events::{CallRecord, Directory, Output, Timestamp, Tracker, TrackerOptions, parse_body};

use crate::scenario::{BASE, CUSTOMER, SECOND, Writer, directory};

const HOUR: u64 = 3_600 * SECOND;

struct Driver {
    tracker: Tracker,
    now: u64,
}

impl Driver {
    fn new(options: TrackerOptions) -> Self {
        Self { tracker: Tracker::new(options, directory(), [9; 16]), now: BASE }
    }

    fn send(&mut self, body: &str) {
        let arrived = Timestamp::from_micros(self.now);
        let event = parse_body(body).unwrap();
        self.tracker.handle_event(Duration::from_micros(self.now), arrived, &event);
    }

    fn play(&mut self, writer: Writer) {
        for sent in writer.events {
            self.now = self.now.max(sent.time);
            self.send(&sent.body);
        }
    }

    fn wait(&mut self, micros: u64) -> Vec<Output> {
        self.now += micros;
        self.tracker.handle_timeout(Duration::from_micros(self.now));
        std::iter::from_fn(|| self.tracker.poll()).collect()
    }

    fn records(&mut self, micros: u64) -> Vec<CallRecord> {
        let records = self.wait(micros).into_iter().filter_map(|output| match output {
            Output::Call(record) | Output::Revised(record) => Some(*record),
            _ => None,
        });
        records.collect()
    }

    fn statistics(&self) -> Statistics {
        self.tracker.statistics()
    }
}

fn answered_call() -> Writer {
    let mut writer = Writer::new("call");
    writer.leg("call-20", CUSTOMER, "20", (0, Some(40), 340), "");
    writer
}

// D36.
#[test]
fn each_wait_is_an_option() {
    let options = TrackerOptions::default().with_settle(Duration::from_secs(2));
    let mut driver = Driver::new(options);
    driver.play(answered_call());
    assert_eq!(driver.records(2 * SECOND - 1), []);
    assert_eq!(driver.records(1).len(), 1);

    let options = TrackerOptions::default().with_ring_limit(Duration::from_secs(300));
    let mut driver = Driver::new(options);
    driver.send("EventType=dial-in&CallID=c&CallerIDNum=%2B4930&CalledNumber=731*20");
    assert_eq!(driver.records(299 * SECOND), []);
    assert_eq!(driver.records(SECOND)[0].outcome, Outcome::Unknown);
}

// D36, D43.
#[test]
fn a_phone_without_answer_may_talk_while_it_seems_to_ring() {
    let options = TrackerOptions::default().without_answer_on(["20"]);
    let mut driver = Driver::new(options);
    for extension in ["20", "21"] {
        driver.send(&format!(
            "EventType=dial-in&CallID=c{extension}&CallerIDNum=%2B4930&CalledNumber=731*{extension}"
        ));
    }
    let body =
        "EventType=dial-out&CallID=o&CallerIDNum=731*20&CallerExtension=731*20&CalledNumber=4930";
    driver.send(body);
    let decided = driver.records(HOUR);
    assert_eq!(decided.len(), 1);
    assert_eq!(decided[0].rang, ["731*21"]);
    let late = driver.records(3 * HOUR);
    assert_eq!(late.iter().filter(|record| record.rang == ["731*20"]).count(), 1);
    assert_eq!(late.iter().filter(|record| record.placed_by.is_some()).count(), 1);
}

// D40, D43.
#[test]
fn notices_can_be_left_out() {
    let mut driver = Driver::new(TrackerOptions::default().with_notices(false));
    driver.play(answered_call());
    let outputs = driver.wait(HOUR);
    assert_eq!(outputs.len(), 1);
    assert!(matches!(outputs[0], Output::Call(_)));
}

// D40.
#[test]
fn a_late_event_opens_no_notice_of_an_attempt_that_is_over() {
    let mut driver = Driver::new(TrackerOptions::default());
    let mut writer = answered_call();
    writer.events.reverse();
    for sent in writer.events {
        driver.send(&sent.body);
    }
    let outputs = driver.wait(HOUR);
    assert!(matches!(&outputs[..], [Output::Call(call)] if call.outcome == Outcome::Answered));
}

// D38.
#[test]
fn copies_of_a_forgotten_call_are_late_and_make_no_record() {
    let mut driver = Driver::new(TrackerOptions::default());
    driver.play(answered_call());
    assert_eq!(driver.records(2 * HOUR).len(), 1);
    assert_eq!((driver.statistics().decided, driver.statistics().hashes), (0, 1));
    driver.play(answered_call());
    assert_eq!(driver.records(HOUR), []);
    assert_eq!(driver.statistics().late, 3);
    // After 48 hours the id may be a new call's.
    driver.wait(48 * HOUR);
    driver.play(answered_call());
    assert_eq!(driver.records(HOUR).len(), 1);
}

// D37.
#[test]
fn a_late_fact_revises_the_record_and_a_late_copy_does_not() {
    let mut driver = Driver::new(TrackerOptions::default());
    driver.play(answered_call());
    let first = driver.records(60 * SECOND).remove(0);
    driver.play(answered_call());
    assert_eq!(driver.records(60 * SECOND), []);
    let mut more = Writer::new("call");
    more.leg("call-21", CUSTOMER, "21", (0, None, 41), "");
    driver.play(more);
    let second = driver.records(60 * SECOND).remove(0);
    assert_eq!((first.revised, second.revised), (0, 1));
    assert_eq!(second.rang, ["731*20", "731*21"]);
    assert_eq!(driver.statistics().copies, 3);
}

// D43.
#[test]
fn calls_that_are_decided_later_follow_a_new_directory() {
    let mut driver = Driver::new(TrackerOptions::default());
    let body = "EventType=hangup&CallID=c&CallerIDNum=4989777&CalledNumber=731*20&CallFlow=IN\
                &CallStatus=CANCEL";
    driver.send(body);
    driver.tracker.set_directory(Directory::new().with_own_number("+49 89 777"));
    assert_eq!(driver.records(HOUR), [], "the number is the client's own");
}

// D26.
#[test]
fn a_call_is_logged_unless_it_is_known_to_be_internal() {
    let mut driver = Driver::new(TrackerOptions::default());
    driver.send("EventType=hangup&CallID=nothing");
    driver
        .send("EventType=hangup&CallID=inside&CallerIDNum=731*21&CalledNumber=731*20&CallFlow=IN");
    driver.send("EventType=hangup&CallID=code&CallerIDNum=731*21&CalledNumber=*97&CallFlow=OUT");
    driver.send("EventType=hangup&CallID=hidden&CallerIDNum=+&CalledNumber=731*20&CallFlow=IN");
    let records = driver.records(HOUR);
    let shown: Vec<_> = records
        .iter()
        .map(|record| (record.call_id.as_str(), record.party.as_deref(), record.withheld))
        .collect();
    assert_eq!(shown, [("nothing", None, false), ("hidden", None, true)]);
}

// D27: a leg without a SubCallID is identified by its extension.
#[test]
fn legs_without_ids_are_distinguished_by_their_extensions() {
    let mut driver = Driver::new(TrackerOptions::default());
    for (kind, extension, status) in
        [("dial-in", 20, "CALLING"), ("dial-in", 21, "CALLING"), ("hangup", 20, "CANCEL")]
    {
        driver.send(&format!(
            "EventType={kind}&CallID=c&CallerIDNum=%2B4930&CalledNumber=731*{extension}\
             &CallStatus={status}&CallFlow=IN"
        ));
        driver.now += SECOND;
    }
    driver.send("EventType=hangup&CallID=c&CalledNumber=731*21&CallStatus=CANCEL&CallFlow=IN");
    let record = driver.records(HOUR).remove(0);
    assert_eq!((record.outcome, record.legs.len()), (Outcome::Missed, 2));
    assert_eq!(record.missed_at.as_deref(), Some("731*21"));
}

// D42.
#[test]
fn attempts_beyond_the_cap_are_folded_and_the_answer_is_kept() {
    let mut driver = Driver::new(TrackerOptions::default());
    let mut writer = Writer::new("long");
    for round in 0..500 {
        let extension = (20 + round % 20).to_string();
        let times = (100 * round, None, 100 * round + 90);
        writer.leg(&format!("l-{round}"), CUSTOMER, &extension, times, "");
    }
    writer.leg("l-last", CUSTOMER, "39", (50_000, Some(50_050), 50_550), "");
    driver.play(writer);
    let record = driver.records(HOUR).remove(0);
    assert_eq!(record.outcome, Outcome::Answered);
    assert_eq!(record.answered_by.as_deref(), Some("731*39"));
    assert_eq!(record.legs.len() as u64 + record.legs_left_out, 501);
    assert!(record.legs.len() <= 200);
    assert_eq!(record.rang.len(), 20);
    assert_eq!(record.wait, Some(Duration::from_secs(5_005)));
    assert_eq!(driver.statistics().attempts_folded, record.legs_left_out);
}

// D42.
#[test]
fn a_leg_keeps_twenty_attempts_and_its_answer() {
    let mut driver = Driver::new(TrackerOptions::default());
    let mut writer = Writer::new("again");
    writer.leg("a-20", CUSTOMER, "20", (0, Some(10), 60), "");
    for round in 1..300 {
        writer.leg("a-20", CUSTOMER, "20", (100 * round, None, 100 * round + 90), "");
    }
    driver.play(writer);
    let record = driver.records(HOUR).remove(0);
    assert_eq!(record.outcome, Outcome::Answered);
    assert!(record.legs.len() <= 20, "{}", record.legs.len());
    assert_eq!(record.legs.len() as u64 + record.legs_left_out, 300);
}

// D42.
#[test]
fn long_texts_are_cut_and_long_ids_become_a_hash() {
    let mut driver = Driver::new(TrackerOptions::default());
    let long = "x".repeat(30_000);
    driver.send(&format!("EventType=hangup&CallID={long}a&CallFlow=IN&CallerIDNum=1{long}"));
    driver.send(&format!("EventType=hangup&CallID={long}b&CallFlow=IN&CallerIDName={long}"));
    let records = driver.records(HOUR);
    assert_eq!(records.len(), 2);
    assert_ne!(records[0].call_id, records[1].call_id);
    for record in &records {
        let id = record.call_id.as_str();
        assert_eq!((id.len(), &id[..64], &id[64..65]), (97, &long[..64], "~"));
    }
    assert_eq!(records[0].party.as_ref().unwrap().len(), 64);
}

// D42.
#[test]
fn when_memory_is_short_decided_calls_go_first_and_then_the_oldest_open_one_is_decided() {
    let mut driver = Driver::new(TrackerOptions::default().with_budget(40_000));
    let mut records = 0;
    for call in 0..500 {
        driver.send(&format!(
            "EventType=dial-in&CallID=c{call}&CallerIDNum=%2B4930&CalledNumber=731*20"
        ));
        let outputs = driver.wait(SECOND / 10);
        records += outputs.iter().filter(|output| matches!(output, Output::Call(_))).count();
        assert!(driver.statistics().bytes <= 40_000);
    }
    let statistics = driver.statistics();
    assert!(statistics.decided_early > 400 && statistics.forgotten_early > 400, "{statistics:?}");
    records += driver.records(HOUR).len();
    assert_eq!(records, 500, "no call is lost");
}

// D42.
#[test]
fn notices_without_a_poll_are_bounded_and_records_are_never_dropped() {
    let mut driver = Driver::new(TrackerOptions::default());
    for call in 0..11_000 {
        driver.send(&format!(
            "EventType=dial-in&CallID=c{call}&CallerIDNum=%2B4930&CalledNumber=731*20"
        ));
    }
    assert_eq!(driver.statistics().notices_dropped, 1_000);
    let outputs = driver.wait(HOUR);
    let (notices, records): (Vec<_>, Vec<_>) =
        outputs.iter().partition(|output| matches!(output, Output::Notice(_)));
    assert_eq!((notices.len(), records.len()), (10_000, 11_000));
}

// D45.
#[test]
fn an_agents_status_comes_from_the_list_and_then_from_events() {
    let mut driver = Driver::new(TrackerOptions::default());
    let at = |seconds: u64| Timestamp::from_micros(BASE + seconds * SECOND);
    let id = ucom_events::event::AgentId::new;
    let listed = |status, time| AgentState::new(id("136"), Some(status), time);
    driver.tracker.handle_agents([listed(AgentStatus::LoggedOut, at(0))]);
    driver.now += 10 * SECOND;
    driver.send("agent_id=136&agent_status=available&agent_type=local&extension_name=731*20");
    let agent = |driver: &Driver| driver.tracker.agents().next().unwrap().clone();
    assert!(agent(&driver).is_ready());
    assert_eq!(agent(&driver).extension.as_deref(), Some("731*20"));
    driver.tracker.handle_agents([listed(AgentStatus::LoggedOut, at(5))]);
    assert!(agent(&driver).is_ready(), "the event is newer than the list");
    driver.tracker.handle_agents([listed(AgentStatus::LoggedOut, at(20))]);
    driver.send("agent_id=136&agent_status=available&agent_type=local");
    assert!(!agent(&driver).is_ready(), "the list is newer than the event");
    assert_eq!(agent(&driver).extension.as_deref(), Some("731*20"), "the list names none");
    // The fields of lists are not documented: one without the status says nothing of it.
    driver.now += 20 * SECOND;
    driver.send("agent_id=136&agent_status=available&agent_type=local&extension_name=731*20");
    driver.tracker.handle_agents([AgentState::new(id("136"), None, at(40))]);
    assert!(agent(&driver).is_ready());
    assert_eq!(agent(&driver).since, at(30));
}

// D40, D42.
#[test]
fn the_notice_of_a_folded_attempt_closes_once() {
    let mut driver = Driver::new(TrackerOptions::default());
    for phone in 0..230 {
        let name = 1_000 + phone;
        driver.send(&format!(
            "EventType=dial-in&CallID=c&SubCallID=s{phone}&CallerIDNum=%2B4930&CalledNumber=731*{name}"
        ));
    }
    assert!(driver.statistics().attempts_folded >= 30);
    let outputs = driver.wait(HOUR);
    let legs = |kind| {
        let of_kind = outputs.iter().filter_map(|output| match output {
            Output::Notice(notice) if notice.kind == kind => notice.sub_call_id.clone(),
            _ => None,
        });
        let mut legs: Vec<_> = of_kind.collect();
        legs.sort();
        legs
    };
    assert_eq!(legs(NoticeKind::Ringing).len(), 230);
    assert_eq!(legs(NoticeKind::Closed), legs(NoticeKind::Ringing));
}

// D41.
#[test]
fn a_snapshot_of_another_version_is_refused() {
    let driver = Driver::new(TrackerOptions::default());
    let mut json = serde_json::to_value(driver.tracker.snapshot()).unwrap();
    json["version"] = 7.into();
    let snapshot = serde_json::from_value(json).unwrap();
    let options = TrackerOptions::default();
    let error = Tracker::restore(options, directory(), snapshot, Duration::ZERO).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected a snapshot of version 1, found 7: start with an empty tracker"
    );
}

// D39.
#[test]
fn the_first_reading_may_be_any() {
    for first in [0, u64::MAX / 2_000_000] {
        let mut tracker = Tracker::new(TrackerOptions::default(), directory(), [0; 16]);
        let event = parse_body(&answered_call().events[2].body).unwrap();
        let now = Duration::from_secs(first);
        tracker.handle_event(now, Timestamp::from_micros(BASE), &event);
        assert_eq!(tracker.poll_timeout(), Some(now + Duration::from_secs(5)));
        tracker.handle_timeout(Duration::MAX);
        assert!(matches!(tracker.poll(), Some(Output::Call(_))));
    }
}

// D40: an answer closes the notices of the other phones.
#[test]
fn a_notice_names_the_answering_party() {
    let mut driver = Driver::new(TrackerOptions::default());
    let mut writer = Writer::new("two");
    writer.leg("t-20", CUSTOMER, "20", (0, Some(40), 340), "");
    writer.leg("t-21", CUSTOMER, "21", (1, None, 42), "");
    let mut events = writer.events;
    events.sort_by_key(|sent| sent.time);
    for sent in &events {
        driver.now = sent.time;
        driver.send(&sent.body);
    }
    let outputs = driver.wait(0);
    let shown: Vec<_> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::Notice(notice) => {
                Some((notice.kind, notice.extension.as_deref()?, notice.by.as_deref()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        shown,
        [
            (NoticeKind::Ringing, "731*20", None),
            (NoticeKind::Ringing, "731*21", None),
            (NoticeKind::Taken, "731*20", Some("731*20")),
            (NoticeKind::Closed, "731*21", Some("731*20")),
            (NoticeKind::Closed, "731*20", None),
        ]
    );
}
