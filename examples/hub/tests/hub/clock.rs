//! Steps of the machine's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use hub::timeline::{Call, Outcome, State};
use hub::{Clock, Hub};
use voip_module::testing::Push;

use crate::http::Http;
use crate::senders::{Sent, event, push, queue_call, sources};
use crate::{LIMIT, config, logged, steps};

const START: u64 = 1_781_000_000;
const HOUR: u64 = 3_600;

#[tokio::test]
async fn a_stepped_clock_ends_no_call_and_changes_neither_order_nor_durations() {
    let machine = Arc::new(AtomicU64::new(START));
    let mut config = config(sources());
    let seconds = machine.clone();
    let clock =
        Clock::new(move || UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::Relaxed)));
    config.clock = clock.clone();
    let hub = Hub::start(config).await.unwrap();
    let http = Http::new();
    let send = async |sent: &Sent| {
        let (status, body) = http.send(sent.request(hub.address())).await.unwrap();
        assert_eq!(status, 200, "{body}");
    };
    let leg = |kind: &str, extension: &str| {
        let event = Push::event(kind).phone("79990000001").ext(extension).callid("G-1");
        push(event.direction("in"))
    };
    let record = push(Push::history("in", "Success").phone("79990000001").callid("G-1"));
    let gravitel = [
        leg("INCOMING", "701"),
        leg("CANCELLED", "701"), // no phone rings: its end is near
        leg("INCOMING", "702"),
        leg("ACCEPTED", "702"),
        leg("COMPLETED", "702"),
        record,
    ];
    let ucom = [
        event("dial-in", "U-1", "106", "CALLING", 0),
        event("answer", "U-1", "106", "ANSWER", 6),
        event("hangup", "U-1", "106", "ANSWER", 66),
    ];
    let mut vodia = queue_call("V-1", true);
    vodia.pop(); // its record, which has the PBX's own times

    // Before the first event, an hour back, two hours forward, and so on.
    let requests = [&gravitel[..], &ucom, &vodia];
    let mut is_back = true;
    for at in 0..gravitel.len() {
        for sent in requests.iter().filter_map(|requests| requests.get(at)) {
            send(sent).await;
        }
        let step = if is_back { START - HOUR } else { START + HOUR };
        machine.store(step, Ordering::Relaxed);
        is_back = !is_back;
        if at == 1 {
            let call = logged(&hub, "G-1", |call| call.state == State::Waiting).await;
            assert_eq!(call.outcome, None);
        }
    }
    let limit = i64::try_from(LIMIT.as_micros()).unwrap();
    let check = |call: &Call, expected: &[(&str, Option<&str>)]| {
        assert_eq!(call.outcome, Some(Outcome::Answered));
        assert_eq!(steps(call), expected);
        let times: Vec<i64> = call.steps.iter().map(|step| step.at_us).collect();
        assert!(times.is_sorted(), "{times:?}");
        assert!(!call.has_gap);
    };
    let call = logged(&hub, "G-1", |call| call.state == State::Ended).await;
    let offered = ("offered", None);
    let [answered, ended] = [("answered", Some("702")), ("ended", None)];
    check(&call, &[offered, ("rang", Some("701")), ("rang", Some("702")), answered, ended]);
    assert!(call.talk_us.is_some_and(|talk| talk < limit), "{call:?}");
    let span = call.ended_at_us.unwrap() - call.started_at_us;
    assert!((0..limit).contains(&span), "{call:?}");

    let call = logged(&hub, "U-1", |call| call.talk_us == Some(60_000_000)).await;
    let own = Some("453*106");
    check(&call, &[offered, ("rang", own), ("answered", own), ended]);
    let call = logged(&hub, "V-1", |call| call.state == State::Ended).await;
    assert_eq!(
        (call.outcome, &*call.rang),
        (Some(Outcome::Answered), &["41".into(), "42".into()][..])
    );

    // No call goes on: the next one begins at the machine's time.
    machine.store(START + 10 * HOUR, Ordering::Relaxed);
    let later = i64::try_from(START + 10 * HOUR).unwrap() * 1_000_000;
    let follows = async {
        while clock.now() < later {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, follows).await.expect("the clock follows the machine's");
    let record = Push::history("in", "Missed").phone("79990000002").callid("G-2");
    send(&push(record)).await;
    let call = hub.store().call("cloud", "G-2").await.unwrap().unwrap();
    assert!(call.started_at_us >= later, "{call:?}");
    hub.shutdown().await;
}
