//! Worked examples; `neighbours.rs` has two more.

use std::time::Duration;

use pbx_integration::cdr::RedirectReason;
use pbx_integration::event::{AgentKey, Phase};
use pbx_integration::report::{CallDirection, Disposition, RoundingPlan};
use pbx_integration::report::{QueueFigures, Report, ReportOptions};
use pbx_integration::wire::MosBand;
use pbx_integration::{Cdr, Reader};

pub(crate) const ALL: [&str; 8] = [
    include_str!("../vectors/e1_queue_answered.json"),
    include_str!("../vectors/e2_queue_abandoned.json"),
    include_str!("../vectors/e3_smallest.json"),
    include_str!("../vectors/e4_group_ringing.json"),
    include_str!("../vectors/e5_group_ended.json"),
    include_str!("../vectors/e6_agent_connected.json"),
    include_str!("../vectors/e8_leg.json"),
    include_str!("../vectors/e10_queue.json"),
];

#[track_caller]
fn record(at: usize) -> Cdr {
    let parsed = Reader::strict().read_cdr(ALL[at]).unwrap();
    assert!(parsed.warnings.is_empty() && parsed.value.extra.is_empty());
    assert_eq!(parsed.value.validate(), []);
    assert_eq!(Reader::lenient().read_cdr(ALL[at]).unwrap(), parsed);
    parsed.value
}

/// The figures of the one queue that a record passes.
fn queue(cdr: &Cdr, options: ReportOptions) -> QueueFigures {
    let mut report = Report::new(options);
    report.add(&cdr.clone().into());
    report.figures().queues.into_values().next().unwrap()
}

#[test]
fn e1_a_queue_call_is_answered() {
    let cdr = record(0);
    let call = cdr.summary();
    assert_eq!((call.direction, call.disposition), (CallDirection::Inbound, Disposition::Answered));
    assert_eq!(call.agent.as_deref(), Some("41"));
    let millis = [
        call.total.unwrap(),
        call.talk,
        call.hold,
        call.net_talk,
        call.ring,
        call.ivr,
        call.queue_wait(),
    ];
    assert_eq!(
        millis.map(|time| time.as_millis()),
        [113_500, 95_000, 10_000, 85_000, 6_500, 12_000, 18_500]
    );
    let leg = &cdr.trunk_legs[0];
    assert_eq!(leg.connected_time(), Some(Duration::from_millis(113_499)));
    let billed = [(60, 60), (30, 6), (1, 1)]
        .map(|(first, step)| leg.billable_time(RoundingPlan::new(first, step).unwrap()).as_secs());
    assert_eq!(billed, [120, 114, 114]);
    assert_eq!(
        (call.cost.total.unwrap().to_string().as_str(), call.cost.is_partial),
        ("0.0250", false)
    );
    assert_eq!(call.worst_mos.map(|mos| (mos.get(), mos.band())), Some((4.4, MosBand::Excellent)));
    let missed: Vec<_> = cdr.extension_legs.iter().filter(|leg| leg.is_missed()).collect();
    assert_eq!(missed.len(), 1);
    assert_eq!(missed[0].extension.as_deref(), Some("42"));
    assert_eq!(cdr.from.as_ref().unwrap().number().as_deref(), Some("+12025550100"));
    // In the queue's figures: inside a target of 20 s, outside one of 15 s.
    for (target, in_time) in [(20, 1), (15, 0)] {
        let options = ReportOptions::default().with_target(Duration::from_secs(target));
        assert_eq!(queue(&cdr, options).answered_in_time(), in_time);
    }
}

// P114
#[test]
fn e2_a_caller_gives_up_in_the_queue() {
    let cdr = record(1);
    let call = cdr.summary();
    assert!(cdr.connect.is_some());
    assert_eq!(
        (call.direction, call.disposition),
        (CallDirection::Inbound, Disposition::AbandonedWaiting)
    );
    assert_eq!((call.agent, call.queue_waits), (None, vec![Duration::from_millis(7_250)]));
    assert_eq!((call.cost.total, call.cost.is_partial), (None, true));
    assert_eq!(cdr.states[0].reason.as_deref(), Some(&RedirectReason::HungUpWaiting));
    let options = ReportOptions::default().with_short_abandon(Duration::from_secs(10));
    assert_eq!(queue(&cdr, options).short_abandons(), 1);
}

#[test]
fn e3_the_smallest_record() {
    let cdr = record(2);
    let call = cdr.summary();
    assert_eq!((call.direction, call.disposition), (CallDirection::Internal, Disposition::Unknown));
    assert_eq!(call.total, Some(Duration::from_secs(3)));
    let lengths =
        [cdr.recordings.len(), cdr.states.len(), cdr.trunk_legs.len(), cdr.extension_legs.len()];
    assert_eq!(lengths, [0; 4]);
}

#[test]
fn e4_and_e5_group_events() {
    let ringing = Reader::strict().read_group_event(ALL[3]).unwrap().value;
    assert_eq!(
        (ringing.phase(), ringing.ringing.len(), ringing.inbound),
        (Phase::Ringing, 2, Some(true))
    );
    assert_eq!(ringing.group.as_ref().unwrap().number.as_deref(), Some("300"));
    assert_eq!(ringing.validate(), []);
    let ended = Reader::strict().read_group_event(ALL[4]).unwrap().value;
    assert_eq!((ended.phase(), ended.missed[0].key()), (Phase::Ended, AgentKey::Id(3)));
    let reason = ended.reason.as_ref().unwrap();
    assert_eq!((reason.code, reason.text.as_deref()), (Some(487), Some("Disconnected")));
    assert_eq!(ended.caller.as_ref().unwrap().name, None);
    assert_eq!(ended.validate(), []);
}

#[test]
fn e6_an_agent_event_with_a_bare_group() {
    let event = Reader::strict().read_agent_event(ALL[5]).unwrap().value;
    assert_eq!((event.phase(), event.subject()), (Phase::Connected, Some(AgentKey::Id(3))));
    assert_eq!(event.group.as_ref().unwrap().number.as_deref(), Some("300"));
    assert_eq!((event.user, event.validate()), (Some(3), vec![]));
}
