//! The memory of a journal at its capacity, counted by the allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use voip_module::router::Notice;
use voip_module::router::journal::{
    Begun, CallJournal, Capacity, IdentityKey, LegFacts, Recording,
};
use voip_module::{
    HttpRequest, VoipCallDirection as Direction, VoipCallRecord, VoipWebhookEvent as Event,
    VoipWebhookParseResult, VoipWebhookRequest,
};

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands everything over to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LIMIT: usize = 32 << 20;

/// Puts results into a journal, each a delivery of its own that the sink takes, and returns the
/// bytes held per leg.
fn held(results: impl Iterator<Item = VoipWebhookParseResult>) -> (CallJournal, usize) {
    let before = HELD.load(Ordering::Relaxed);
    let key = IdentityKey::new([3; 16]);
    let mut journal = CallJournal::new(key.clone(), Capacity::default());
    let mut most = 0;
    for (at, result) in results.enumerate() {
        let identity = key.of_delivery_id(&at.to_string());
        if let Begun::Deliver(ticket, _) =
            journal.begin(Duration::from_millis(at as u64), identity, &result)
        {
            journal.commit(ticket);
        }
        drop(result);
        if at % 1_000 == 0 {
            most = most.max(HELD.load(Ordering::Relaxed) - before);
        }
    }
    most = most.max(HELD.load(Ordering::Relaxed) - before);
    (journal, most)
}

fn event(stage: Event, call: &str, operator: &str, client: &str) -> VoipWebhookParseResult {
    let event = VoipWebhookRequest::new(stage, Direction::In, client, operator).call_id(call);
    VoipWebhookParseResult::event(event)
}

fn record(call: &str, operator: &str, client: &str, link: &str) -> VoipWebhookParseResult {
    let call_data = serde_json::json!({ "link": link });
    let record = VoipCallRecord::new(Direction::In, client, operator).call(call_data).call_id(call);
    VoipWebhookParseResult::call_record(record)
}

/// All in one test: the allocator counts for the whole process.
// V176
#[test]
fn memory_is_bounded_whatever_is_sent_and_a_usual_call_is_small() {
    // Usual calls: start, answer, end and record.
    let usual = (0..25_000).flat_map(|at| {
        let call = format!("{at:016x}-{at:08x}");
        let client = format!("79{at:09}");
        let link = format!("https://records.pbx.example/get?id={at:016x}");
        [
            event(Event::NotifyStart, &call, "701", &client),
            event(Event::NotifyAnswer, &call, "701", &client),
            event(Event::NotifyEnd, &call, "701", &client),
            record(&call, "701", &client, &link),
        ]
    });
    let (journal, bytes) = held(usual);
    let statistics = journal.statistics();
    println!(
        "usual calls: {} bytes a call, {} calls, {} counted",
        bytes / statistics.calls,
        statistics.calls,
        statistics.bytes / statistics.calls
    );
    assert_eq!((statistics.legs, statistics.calls, statistics.in_flight), (20_000, 20_000, 0));
    assert_eq!(statistics.forgotten_for_room, 5_000);
    assert!(bytes / statistics.calls < 1_200 && bytes < LIMIT, "{bytes}");
    drop(journal);

    // The longest texts that are kept, and names without end.
    let long = |at: usize, length: usize| format!("{at:0>length$}");
    let hostile = (0..18_000).flat_map(|at| {
        let (call, operator) = (long(at, 256), long(at, 250) + "ab");
        let client = long(at, 256);
        let names = (0..10).map(|name| long(at + name, 300)).collect();
        let mut facts = LegFacts::default();
        facts.names = names;
        [
            event(Event::NotifyStart, &call, &operator, &client).with_leg(facts.clone()),
            record(&call, &operator, &client, &long(at, 400)).with_leg(facts),
        ]
    });
    // Everything longer than that, many legs a call, notices, and recordings without a record.
    let longer = (0..1_000)
        .map(|at| record(&long(at, 5_000), &long(at, 5_000), &long(at, 5_000), &long(at, 5_000)));
    let legs = (0..30_000)
        .map(|at| event(Event::NotifyStart, &(at / 100).to_string(), &at.to_string(), "1"));
    let notices = (0..21_000).map(|at| {
        VoipWebhookParseResult::notice(Notice::rated(&at.to_string(), &long(at, 2_000), "", ""))
    });
    let recordings = (0..21_000).map(|at| {
        let call = serde_json::json!({ "a": vec![0; 400], "b": at });
        VoipWebhookParseResult::recording(Recording::new(long(at, 256), call))
    });
    let sources: [(&str, Box<dyn Iterator<Item = VoipWebhookParseResult>>); 5] = [
        ("longest texts", Box::new(hostile)),
        ("longer texts", Box::new(longer)),
        ("many legs a call", Box::new(legs)),
        ("notices", Box::new(notices)),
        ("recordings", Box::new(recordings)),
    ];
    for (name, results) in sources {
        let (journal, bytes) = held(results);
        let statistics = journal.statistics();
        println!("{name}: {:.1} MiB, {} legs", bytes as f64 / f64::from(1 << 20), statistics.legs);
        assert!(bytes < LIMIT, "{name}: {bytes}");
        assert!(statistics.legs <= 20_000 && statistics.in_flight == 0);
    }
}

// V176: what is in flight is never forgotten.
#[test]
fn a_delivery_in_flight_is_never_forgotten() {
    let key = IdentityKey::random();
    let mut journal = CallJournal::new(key.clone(), Capacity::default().with_legs(10));
    let put = |journal: &mut CallJournal, at: usize| {
        let request = http::Request::get(format!("/?id={at}")).body(bytes::Bytes::new()).unwrap();
        let identity = key.of_request(&HttpRequest::from(request), &[]);
        let result = event(Event::NotifyStart, &at.to_string(), "701", "1");
        journal.begin(Duration::ZERO, identity, &result)
    };
    let tickets: Vec<_> = (0..50)
        .map(|at| match put(&mut journal, at) {
            Begun::Deliver(ticket, _) => ticket,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((journal.statistics().legs, journal.statistics().in_flight), (50, 50));
    assert!(matches!(put(&mut journal, 0), Begun::InFlight));
    tickets.into_iter().for_each(|ticket| journal.commit(ticket));
    assert_eq!((journal.statistics().legs, journal.statistics().in_flight), (10, 0));
}
