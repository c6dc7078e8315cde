//! Deliveries in flight, cancelled, shared by several instances, and recordings of their own.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use voip_module::gravitel::{GravitelProvider, NoTransport};
use voip_module::router::journal::{
    Begun, CallJournal, Capacity, Claim, FingerprintStore, IdentityKey, Recording, Verdict,
};
use voip_module::router::{Outcome, SinkError};
use voip_module::testing::{ManualTimer, Push};
use voip_module::{
    Delivery, Sink, VoipCallDirection, VoipCallDisposition, VoipCallRecord, VoipWebhookParseResult,
    WebhookRouter,
};

use crate::now;
use crate::router::incoming;

type Router = WebhookRouter<GravitelProvider<NoTransport>>;

/// A sink that waits until it is opened, and then accepts or fails.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<(Option<bool>, Vec<Delivery>)>>);

impl Gate {
    fn open(&self, takes: bool) {
        self.0.lock().unwrap().0 = Some(takes);
    }

    fn taken(&self) -> usize {
        self.0.lock().unwrap().1.len()
    }
}

#[async_trait]
impl Sink for Gate {
    async fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        std::future::poll_fn(|_| {
            let mut gate = self.0.lock().unwrap();
            match gate.0 {
                None => Poll::Pending,
                Some(false) => {
                    gate.0 = None;
                    Poll::Ready(Err("queue is full".into()))
                }
                Some(true) => {
                    gate.1.push(delivery.clone());
                    Poll::Ready(Ok(()))
                }
            }
        })
        .await
    }
}

fn router(gate: &Gate) -> Router {
    WebhookRouter::without_token(GravitelProvider::parser_only()).sink(gate.clone())
}

type Request<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

fn send<'a>(router: &'a Router, push: &Push) -> Request<'a> {
    Box::pin(router.process(push.post("/hook")))
}

fn poll(request: &mut Request<'_>) -> Option<(u16, Option<Verdict>)> {
    match request.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => Some((outcome.response.status().as_u16(), outcome.verdict)),
        Poll::Pending => None,
    }
}

// V161
#[test]
fn without_a_timer_a_repetition_in_flight_is_refused_at_once() {
    let gate = Gate::default();
    let router = router(&gate);
    let mut first = send(&router, &incoming("C"));
    assert_eq!(poll(&mut first), None);
    let outcome = now(router.process(incoming("C").post("/hook")));
    assert_eq!((outcome.response.status().as_u16(), outcome.verdict), (503, None));
    assert_eq!(outcome.response.headers()["retry-after"], "1");
    assert_eq!(outcome.response.body(), r#"{"error":"delivery in progress"}"#);
    gate.open(true);
    assert_eq!(poll(&mut first), Some((200, Some(Verdict::New))));
    let outcome = now(router.process(incoming("C").post("/hook")));
    assert_eq!((outcome.response.status().as_u16(), outcome.verdict), (200, Some(Verdict::Repeat)));
    let statistics = router.statistics();
    assert_eq!((statistics.waited, statistics.refused_in_flight, statistics.repeated), (1, 1, 1));
}

// V161
#[test]
fn with_a_timer_a_repetition_waits_and_takes_the_place_of_a_failed_delivery() {
    let gate = Gate::default();
    let timer = ManualTimer::new();
    let router = router(&gate).timer(timer.clone());
    let mut first = send(&router, &incoming("C"));
    let (mut second, mut third) = (send(&router, &incoming("C")), send(&router, &incoming("C")));
    assert_eq!((poll(&mut first), poll(&mut second), poll(&mut third)), (None, None, None));
    gate.open(false);
    assert_eq!(poll(&mut first), Some((500, Some(Verdict::New))));
    // One of the two waiting is delivered, the other waits for it.
    assert_eq!((poll(&mut second), poll(&mut third)), (None, None));
    gate.open(true);
    assert_eq!(poll(&mut second), Some((200, Some(Verdict::New))));
    assert_eq!(poll(&mut third), Some((200, Some(Verdict::Repeat))));
    assert_eq!(gate.taken(), 1);
    // And not longer than the sink's deadline.
    *gate.0.lock().unwrap() = (None, Vec::new());
    let mut fourth = send(&router, &incoming("D"));
    let mut fifth = send(&router, &incoming("D"));
    assert_eq!((poll(&mut fourth), poll(&mut fifth)), (None, None));
    timer.finish();
    assert_eq!(poll(&mut fifth), Some((503, None)));
}

// V159, V160
#[test]
fn a_cancelled_request_leaves_no_trace() {
    let gate = Gate::default();
    let router = router(&gate);
    let mut request = send(&router, &incoming("C"));
    assert_eq!(poll(&mut request), None);
    drop(request);
    assert_eq!((router.statistics().in_flight, router.statistics().undone), (0, 1));
    assert!(router.live_calls("79990000001", "701").is_empty());
    gate.open(true);
    let outcome = now(router.process(incoming("C").post("/hook")));
    assert_eq!((outcome.verdict, gate.taken()), (Some(Verdict::New), 1));
}

// V160: the repetition counts as of the first try.
#[test]
fn an_undone_start_is_late_once_its_leg_has_ended() {
    let gate = Gate::default();
    let clock = voip_module::testing::ManualClock::new();
    let router = router(&gate).clock(clock.clone());
    assert_eq!(poll(&mut send(&router, &incoming("C"))), None);
    gate.open(true);
    clock.advance(Duration::from_secs(1));
    let end = Push::event("CANCELLED").phone("79990000001").ext("701").callid("C");
    assert_eq!(now(router.process(end.post("/"))).verdict, Some(Verdict::New));
    clock.advance(Duration::from_secs(20));
    assert_eq!(now(router.process(incoming("C").post("/"))).verdict, Some(Verdict::Late));
    assert_eq!(now(router.process(incoming("C").post("/"))).verdict, Some(Verdict::New), "a ring");
}

// V160, V166: a PBX that repeats nothing rings again with the very push that was undone.
#[test]
fn an_answer_shows_that_a_start_taken_for_a_repetition_was_a_ring() {
    let gate = Gate::default();
    let clock = voip_module::testing::ManualClock::new();
    let router = router(&gate).clock(clock.clone());
    let push = |kind| Push::event(kind).phone("79990000001").ext("701").callid("C");
    assert_eq!(poll(&mut send(&router, &incoming("C"))), None);
    gate.open(true);
    let verdicts = [(1, "CANCELLED"), (20, "INCOMING"), (5, "ACCEPTED"), (9, "COMPLETED")].map(
        |(seconds, kind)| {
            clock.advance(Duration::from_secs(seconds));
            now(router.process(push(kind).post("/"))).verdict
        },
    );
    assert_eq!(verdicts, [Verdict::New, Verdict::Late, Verdict::New, Verdict::New].map(Some));
}

// V154, V159
#[test]
fn without_a_journal_everything_is_handed_on_and_without_a_sink_the_router_commits() {
    let gate = Gate::default();
    gate.open(true);
    let plain = router(&gate).without_journal();
    for _ in 0..3 {
        let outcome = now(plain.process(incoming("C").post("/")));
        assert!(outcome.verdict.is_none() && outcome.delivery.is_some());
    }
    assert_eq!(gate.taken(), 3);
    let router: Router = WebhookRouter::without_token(GravitelProvider::parser_only());
    assert_eq!(now(router.process(incoming("C").post("/"))).verdict, Some(Verdict::New));
    assert_eq!(now(router.process(incoming("C").post("/"))).verdict, Some(Verdict::Repeat));
}

/// Fingerprints of several instances.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<HashMap<u128, bool>>>);

#[async_trait]
impl FingerprintStore for Shared {
    async fn claim(&self, fingerprint: u128, _: Duration) -> Result<Claim, SinkError> {
        let mut known = self.0.lock().unwrap();
        Ok(match known.get(&fingerprint) {
            Some(true) => Claim::Delivered,
            Some(false) => Claim::InFlight,
            None => {
                known.insert(fingerprint, false);
                Claim::Claimed
            }
        })
    }

    async fn confirm(&self, fingerprint: u128, _: Duration) -> Result<(), SinkError> {
        self.0.lock().unwrap().insert(fingerprint, true);
        Ok(())
    }

    async fn release(&self, fingerprint: u128) -> Result<(), SinkError> {
        self.0.lock().unwrap().remove(&fingerprint);
        Ok(())
    }
}

#[test]
fn instances_with_a_shared_store_deliver_a_repeated_push_once() {
    let (gate, store) = (Gate::default(), Shared::default());
    let instance = || {
        let journal = CallJournal::new(IdentityKey::new([1; 16]), Capacity::default());
        router(&gate).journal(journal).fingerprints(store.clone())
    };
    let (one, two) = (instance(), instance());
    let mut first = send(&one, &incoming("C"));
    assert_eq!(poll(&mut first), None);
    assert_eq!(now(two.process(incoming("C").post("/"))).response.status(), 503);
    gate.open(false);
    assert_eq!(poll(&mut first), Some((500, Some(Verdict::New))));
    gate.open(true);
    assert_eq!(now(two.process(incoming("C").post("/"))).verdict, Some(Verdict::New));
    let outcome = now(one.process(incoming("C").post("/")));
    assert_eq!((outcome.response.status().as_u16(), outcome.verdict), (200, Some(Verdict::Repeat)));
    assert_eq!(gate.taken(), 1);
}

#[test]
fn an_unavailable_store_stops_nothing() {
    struct Down;
    #[async_trait]
    impl FingerprintStore for Down {
        async fn claim(&self, _: u128, _: Duration) -> Result<Claim, SinkError> {
            Err("no connection".into())
        }
        async fn confirm(&self, _: u128, _: Duration) -> Result<(), SinkError> {
            panic!("no connection")
        }
        async fn release(&self, _: u128) -> Result<(), SinkError> {
            Err("no connection".into())
        }
    }
    let gate = Gate::default();
    gate.open(true);
    let router = router(&gate).fingerprints(Down);
    assert_eq!(now(router.process(incoming("C").post("/"))).response.status(), 200);
    assert_eq!(gate.taken(), 1);
}

// V183
#[test]
fn a_store_that_hangs_delays_a_push_no_longer_than_its_deadline() {
    struct Hangs;
    #[async_trait]
    impl FingerprintStore for Hangs {
        async fn claim(&self, _: u128, _: Duration) -> Result<Claim, SinkError> {
            std::future::pending().await
        }
        async fn confirm(&self, _: u128, _: Duration) -> Result<(), SinkError> {
            std::future::pending().await
        }
        async fn release(&self, _: u128) -> Result<(), SinkError> {
            std::future::pending().await
        }
    }
    let (gate, timer) = (Gate::default(), ManualTimer::new());
    gate.open(true);
    let router = router(&gate).fingerprints(Hangs).timer(timer.clone());
    let mut push = send(&router, &incoming("C"));
    assert_eq!(poll(&mut push), None);
    timer.finish();
    assert_eq!(poll(&mut push), Some((200, Some(Verdict::New))));
    assert_eq!(gate.taken(), 1);
}

// V177
#[test]
fn the_store_keeps_a_fingerprint_as_long_as_the_journal_its_call() {
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<Duration>>>);
    #[async_trait]
    impl FingerprintStore for Kept {
        async fn claim(&self, _: u128, _: Duration) -> Result<Claim, SinkError> {
            Ok(Claim::Claimed)
        }
        async fn confirm(&self, _: u128, keep: Duration) -> Result<(), SinkError> {
            self.0.lock().unwrap().push(keep);
            Ok(())
        }
        async fn release(&self, _: u128) -> Result<(), SinkError> {
            panic!("nothing failed")
        }
    }
    let (gate, store, age) = (Gate::default(), Kept::default(), Duration::from_secs(86_400));
    gate.open(true);
    let journal = CallJournal::new(IdentityKey::random(), Capacity::default().with_age(age));
    let router = router(&gate).journal(journal).fingerprints(store.clone());
    assert_eq!(now(router.process(incoming("C").post("/"))).response.status(), 200);
    assert_eq!(*store.0.lock().unwrap(), [age]);
}

/// Runs results through a journal whose sink accepts all, and returns the deliveries.
fn deliver(results: impl IntoIterator<Item = VoipWebhookParseResult>) -> Vec<String> {
    let key = IdentityKey::random();
    let mut journal = CallJournal::new(key.clone(), Capacity::default());
    let mut step = |(at, result): (usize, VoipWebhookParseResult)| {
        let identity = key.of_delivery_id(&at.to_string());
        match journal.begin(Duration::ZERO, identity, &result) {
            Begun::Deliver(ticket, delivery) => {
                journal.commit(ticket);
                crate::journal::short(&delivery)
            }
            other => format!("{other:?}"),
        }
    };
    results.into_iter().enumerate().map(&mut step).collect()
}

fn record(operator: &str, disposition: VoipCallDisposition) -> VoipWebhookParseResult {
    let record = VoipCallRecord::new(VoipCallDirection::In, "1", operator).disposition(disposition);
    VoipWebhookParseResult::call_record(record.call(json!({"id": "C"})).call_id("C"))
}

fn recording(link: &str) -> VoipWebhookParseResult {
    VoipWebhookParseResult::recording(Recording::new("C", json!({ "link": link })))
}

// V173
#[test]
fn a_recording_of_its_own_joins_the_record_that_is_known_or_comes() {
    let answered = VoipCallDisposition::Answered;
    assert_eq!(
        deliver([record("701", answered), recording("u"), recording("u")]),
        [
            r#"record in 1>701 answered 0 {"id":"C"}"#,
            r#"update in 1>701 answered 0 {"id":"C","link":"u"}"#,
            "Drop(Late)",
        ]
    );
    assert_eq!(
        deliver([recording("u"), record("701", answered), record("702", answered)]),
        [
            r#"notice {"kind":"recording","callId":"C","call":{"link":"u"}}"#,
            r#"record in 1>701 answered 0 {"id":"C","link":"u"}"#,
            r#"record in 1>702 answered 0 {"id":"C"}"#,
        ]
    );
    // Of several records, to that of the operator who talked, or is named.
    let missed = || record("701", VoipCallDisposition::Cancel);
    assert_eq!(
        deliver([missed(), record("702", answered), recording("u")])[2],
        r#"update in 1>702 answered 0 {"id":"C","link":"u"}"#
    );
    let named = Recording::new("C", json!({"link": "u"})).operator("701");
    assert_eq!(
        deliver([missed(), record("702", answered), VoipWebhookParseResult::recording(named)])[2],
        r#"update in 1>701 cancel 0 {"id":"C","link":"u"}"#
    );
}

// V176: of a record too large to be kept, only whether it is the same.
#[test]
fn a_record_too_large_to_be_kept_is_distinguished_by_its_hash() {
    let large = |length: usize| {
        let call = json!({ "id": "C", "link": "u".repeat(length) });
        let record = VoipCallRecord::new(VoipCallDirection::In, "1", "701");
        VoipWebhookParseResult::call_record(record.call(call).call_id("C"))
    };
    let kinds = deliver([
        large(2_000),
        large(2_000),
        large(2_001),
        record("701", VoipCallDisposition::Busy),
    ])
    .iter()
    .map(|short| short.split_whitespace().next().unwrap().to_owned())
    .collect::<Vec<_>>();
    assert_eq!(kinds, ["record", "Drop(Late)", "update", "update"]);
}

// V178
#[test]
fn statistics_count_what_happens() {
    let gate = Gate::default();
    gate.open(true);
    let router = router(&gate);
    for push in [incoming("C"), incoming("C"), incoming("C").field("x", "1"), incoming("D")] {
        drop(now(router.process(push.post("/"))));
    }
    let statistics = router.statistics();
    assert_eq!((statistics.calls, statistics.legs, statistics.in_flight), (2, 2, 0));
    assert_eq!((statistics.new, statistics.repeated, statistics.late), (2, 1, 1));
    assert_eq!((statistics.updated, statistics.undone), (0, 0));
}
