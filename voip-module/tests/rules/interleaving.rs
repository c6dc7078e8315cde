//! Laws of the journal under real interleavings: requests run concurrently, the sink is slow, fails
//! or hangs, senders give up at any await and retry, and pushes of one second come in any order.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use proptest::prelude::*;
use voip_module::gravitel::{GravitelProvider, NoTransport};
use voip_module::router::Notice;
use voip_module::router::{Outcome, SinkError};
use voip_module::testing::{ManualClock, ManualTimer};
use voip_module::{Delivery, PlatformVersion, Sink, WebhookRouter};

type Router = WebhookRouter<GravitelProvider<NoTransport>>;
type Request = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// The step of a sink that takes a delivery at once.
const TAKES: u8 = 8;

/// A delivery that reached the sink.
#[derive(Clone, Debug)]
struct Entry {
    phase: usize,
    delivery: Delivery,
    is_taken: bool,
}

/// A sink with a plan: accepts after some polls, fails, or hangs.
#[derive(Clone, Default)]
struct PlannedSink {
    plan: Arc<Mutex<VecDeque<u8>>>,
    log: Arc<Mutex<Vec<Entry>>>,
    phase: Arc<Mutex<usize>>,
}

#[async_trait]
impl Sink for PlannedSink {
    async fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        let entry = Entry {
            phase: *self.phase.lock().unwrap(),
            delivery: delivery.clone(),
            is_taken: false,
        };
        let at = {
            let mut log = self.log.lock().unwrap();
            log.push(entry);
            log.len() - 1
        };
        let step = self.plan.lock().unwrap().pop_front().unwrap_or(TAKES);
        for _ in 0..step % 4 {
            yield_once().await;
        }
        match step / 4 % 8 {
            0 => return Err("queue is full".into()),
            1 => std::future::pending().await,
            _ => {}
        }
        self.log.lock().unwrap()[at].is_taken = true;
        Ok(())
    }
}

async fn yield_once() {
    let mut is_polled = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut is_polled, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Pushes that come within a second of each other, in any order.
type Phase = Vec<String>;

fn event(kind: &str, call: &str, ext: u32) -> String {
    format!("cmd=event&type={kind}&phone=79990000001&ext={ext}&callid={call}")
}

fn record(status: &str, call: &str, ext: u32, link: bool) -> String {
    let link =
        if link { format!("&link=https%3A%2F%2Fr.example%2F{call}-{ext}") } else { String::new() };
    format!(
        "cmd=history&type=in&status={status}&phone=79990000001&ext={ext}&callid={call}&duration=7{link}"
    )
}

/// A call: phases of pushes, ten seconds apart.
fn call(kind: u8, id: &str, link: bool) -> Vec<Phase> {
    let taken = |ext| {
        vec![event("INCOMING", id, ext), event("ACCEPTED", id, ext), event("COMPLETED", id, ext)]
    };
    let missed = |ext| vec![event("INCOMING", id, ext), event("CANCELLED", id, ext)];
    match kind % 4 {
        // Hunting.
        0 => {
            let records = vec![record("Missed", id, 701, false), record("Success", id, 702, link)];
            vec![missed(701), taken(702), records]
        }
        // A ring group, all at once, with the record and its repetition, perhaps with a link.
        1 => {
            let mut all = [missed(701), taken(702), missed(703)].concat();
            all.push(record("Success", id, 702, false));
            all.push(record("Success", id, 702, link) + "&note=again");
            vec![all]
        }
        // Two transfers.
        2 => {
            let transferred =
                |ext: u32| vec![format!("cmd=event&type=TRANSFERRED&callid={id}&ext={ext}")];
            let records = (701..=703).map(|ext| record("Success", id, ext, link)).collect();
            vec![
                taken(701),
                [transferred(702), taken(702)].concat(),
                [transferred(703), taken(703)].concat(),
                records,
            ]
        }
        // The same operator rings again.
        _ => {
            let again = vec![event("INCOMING", id, 701)];
            let rest = vec![event("ACCEPTED", id, 701), event("COMPLETED", id, 701)];
            vec![missed(701), again, rest, vec![record("Success", id, 701, link)]]
        }
    }
}

fn request(router: &Arc<Router>, push: &str) -> Request {
    let request = http::Request::post("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(push.to_owned()))
        .unwrap();
    let router = router.clone();
    Box::pin(async move { router.process(request).await })
}

/// Sends the pushes of a phase as a PBX does: concurrently, again after giving up, which the server
/// may notice late, and finally each until it is answered 200, when the sink has recovered. Only
/// the answer to the latest attempt counts.
fn play(
    router: &Arc<Router>,
    phase: &[String],
    decisions: &[u8],
    sink: &PlannedSink,
    clock: &ManualClock,
) -> Result<(), String> {
    let mut context = Context::from_waker(Waker::noop());
    let mut acknowledged = vec![false; phase.len()];
    let mut latest = vec![0; phase.len()];
    let mut running: Vec<(usize, usize, Request)> = Vec::new();
    for decision in decisions {
        clock.advance(Duration::from_millis(10));
        let pick = usize::from(decision / 8);
        match decision % 8 {
            0..=2 => {
                let push = pick % phase.len();
                if !acknowledged[push] {
                    latest[push] += 1;
                    running.push((push, latest[push], request(router, &phase[push])));
                }
            }
            3 if !running.is_empty() => drop(running.swap_remove(pick % running.len())),
            _ if !running.is_empty() => {
                let at = pick % running.len();
                let (push, attempt, request) = &mut running[at];
                if let Poll::Ready(outcome) = request.as_mut().poll(&mut context) {
                    let is_heard = *attempt == latest[*push];
                    acknowledged[*push] |= is_heard && outcome.response.status() == 200;
                    drop(running.swap_remove(at));
                }
            }
            _ => {}
        }
    }
    running.clear();
    sink.plan.lock().unwrap().clear();
    for (push, _) in phase.iter().zip(acknowledged).filter(|(_, is_acknowledged)| !is_acknowledged)
    {
        match request(router, push).as_mut().poll(&mut context) {
            Poll::Ready(outcome) if outcome.response.status() == 200 => {}
            Poll::Ready(outcome) => {
                return Err(format!("{push} is answered {}", outcome.response.status()));
            }
            Poll::Pending => return Err(format!("{push} waits, though nothing is in flight")),
        }
    }
    Ok(())
}

fn text<'a>(delivery: &'a Delivery, name: &str) -> &'a str {
    delivery.raw.get(name).and_then(|value| value.as_str()).unwrap_or_default()
}

/// Compares the pushes of one leg in one phase with its deliveries.
fn check(sent: &[(usize, String)], log: &[Entry]) -> Result<(), String> {
    let taken: Vec<&Entry> = log.iter().filter(|entry| entry.is_taken).collect();
    let mut events: BTreeMap<(usize, String, String), Vec<&str>> = BTreeMap::new();
    for entry in &taken {
        if let Some(event) = &entry.delivery.event {
            let key = (
                entry.phase,
                text(&entry.delivery, "callid").into(),
                text(&entry.delivery, "ext").into(),
            );
            events.entry(key).or_default().push(event.event.as_str());
        }
    }
    for (leg, events) in &events {
        let mut ordered = events.clone();
        ordered.sort_by_key(|event| {
            ["notify_start", "notify_answer", "notify_end"].iter().position(|known| known == event)
        });
        ordered.dedup();
        if *events != ordered {
            return Err(format!("{leg:?} gets {events:?}"));
        }
    }
    for (phase, push) in sent {
        let field = |name: &str| {
            let value = push.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            value.unwrap_or_default().to_owned()
        };
        let (call, ext) = (field("callid"), field("ext"));
        let of_leg = |entry: &&&Entry| {
            text(&entry.delivery, "callid") == call && text(&entry.delivery, "ext") == ext
        };
        match (&*field("cmd"), &*field("type")) {
            ("event", "COMPLETED" | "CANCELLED") => {
                let key = (*phase, call.clone(), ext.clone());
                let ends = events.get(&key).map_or(0, |events| {
                    events.iter().filter(|event| **event == "notify_end").count()
                });
                if ends != 1 {
                    return Err(format!("{key:?} gets {ends} ends"));
                }
            }
            ("event", "TRANSFERRED") => {
                let notices = taken
                    .iter()
                    .filter(of_leg)
                    .filter(|entry| {
                        matches!(entry.delivery.notice, Some(Notice::Transferred { .. }))
                    })
                    .count();
                if notices != 1 {
                    return Err(format!("{notices} notices of a transfer"));
                }
            }
            ("history", _) => {
                let records: Vec<_> = taken
                    .iter()
                    .filter(of_leg)
                    .filter(|entry| text(&entry.delivery, "cmd") == "history")
                    .collect();
                let last =
                    records.last().ok_or_else(|| format!("the record of {call} {ext} is lost"))?;
                let has_link = last
                    .delivery
                    .record
                    .as_ref()
                    .is_some_and(|record| record.call.get("link").is_some());
                if push.contains("&link=") && !has_link {
                    return Err(format!("the link of {call} {ext} is lost"));
                }
                let pushes = sent
                    .iter()
                    .filter(|(_, other)| {
                        other.contains("cmd=history")
                            && other.contains(&format!("callid={call}"))
                            && other.contains(&format!("ext={ext}"))
                    })
                    .count();
                if records.len() > pushes {
                    return Err(format!(
                        "{} deliveries of {pushes} records of {call} {ext}",
                        records.len()
                    ));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    // V158–V174, V181: every leg whose end was sent gets its end exactly once, no leg goes
    // backwards, every record with a link reaches the sink, nothing is delivered twice after
    // success, and nothing is lost after failure. The edition of the platform does not matter.
    #[test]
    fn every_leg_ends_once_and_every_record_arrives_whatever_fails(
        kinds in (any::<u8>(), any::<u8>()),
        link in any::<bool>(),
        order in prop::collection::vec(any::<u16>(), 64),
        plan in prop::collection::vec(any::<u8>(), 0..60),
        decisions in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 8),
        version in prop_oneof![Just(PlatformVersion::V2024), Just(PlatformVersion::V2026_4)],
    ) {
        let (sink, clock) = (PlannedSink::default(), ManualClock::new());
        let router = WebhookRouter::without_token(GravitelProvider::parser_only())
            .sink(sink.clone()).clock(clock.clone()).timer(ManualTimer::new()).platform(version);
        let router = Arc::new(router);
        // Two calls between the same pair, at once.
        let (a, b) = (call(kinds.0, "A", link), call(kinds.1, "B", !link));
        let mut sent = Vec::new();
        for (at, decisions) in decisions.iter().enumerate().take(a.len().max(b.len())) {
            let mut phase: Phase = a.get(at).into_iter().chain(b.get(at)).flatten().cloned().collect();
            let mut keys = order.iter().cycle();
            phase.sort_by_cached_key(|_| *keys.next().unwrap());
            *sink.phase.lock().unwrap() = at;
            *sink.plan.lock().unwrap() = plan.iter().copied().collect();
            let played = play(&router, &phase, decisions, &sink, &clock);
            prop_assert!(played.is_ok(), "{played:?}");
            sent.extend(phase.into_iter().map(|push| (at, push)));
            clock.advance(Duration::from_secs(10));
        }
        let log = sink.log.lock().unwrap().clone();
        // The second ring of an operator has its start in a phase of its own.
        let log: Vec<Entry> = log.into_iter().map(|entry| joined(entry, kinds)).collect();
        let sent: Vec<_> = sent.into_iter().map(|(phase, push)| (joined_phase(phase, &push, kinds), push)).collect();
        let checked = check(&sent, &log);
        prop_assert!(checked.is_ok(), "{checked:?}\n{}", lines(&log));
        prop_assert_eq!(router.statistics().in_flight, 0);
    }
}

fn lines(log: &[Entry]) -> String {
    let line = |entry: &Entry| {
        let (call, taken) = (text(&entry.delivery, "callid"), entry.is_taken);
        format!("{} {call} {} {taken}\n", entry.phase, crate::journal::short(&entry.delivery))
    };
    log.iter().map(line).collect()
}

/// The phase of a ring: that of its start.
fn joined_phase(phase: usize, push: &str, kinds: (u8, u8)) -> usize {
    let kind = if push.contains("callid=A") { kinds.0 } else { kinds.1 };
    if kind % 4 == 3 && phase == 2 { 1 } else { phase }
}

fn joined(mut entry: Entry, kinds: (u8, u8)) -> Entry {
    let call = format!("callid={}", text(&entry.delivery, "callid"));
    entry.phase = joined_phase(entry.phase, &call, kinds);
    entry
}
