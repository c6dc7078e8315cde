//! `kill -9` in traffic: afterwards the log is what the PBXs have sent, once each.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use hub::timeline::{Call, Outcome};
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use voip_module::testing::Push;

use crate::LIMIT;
use crate::http::Http;
use crate::program::Program;
use crate::senders::{BRIDGE_TOKEN, CRM_KEY, Sent, TENANT, UCOM_TOKEN, event, push, queue_call};

/// Times that the program is killed; `HUB_KILLS` sets another number.
const KILLS: u64 = 20;
/// Calls of each source.
const CALLS: u64 = 120;
/// Calls of each source at one time.
const LANES: u64 = 4;

/// Outcome, answering user and rung users of a call in the end.
type Truth = (Outcome, Option<&'static str>, Vec<&'static str>);

/// Requests of a call, in order, and the truth about it.
fn calls(source: &str, number: u64) -> (String, Vec<Sent>, Truth) {
    let id = format!("{source}-{number}");
    let is_answered = !number.is_multiple_of(3);
    match source {
        "cloud" => {
            let leg = |kind: &str, extension: &str| {
                let event = Push::event(kind).phone("79990000001").ext(extension).callid(&id);
                push(event.direction("in"))
            };
            let record = |status: &str| {
                push(Push::history("in", status).phone("79990000001").callid(&id).duration("9"))
            };
            let (sent, truth): (_, Truth) = match is_answered {
                true => (
                    vec![
                        leg("INCOMING", "701"),
                        leg("INCOMING", "702"),
                        leg("CANCELLED", "701"),
                        leg("ACCEPTED", "702"),
                        leg("COMPLETED", "702"),
                        record("Success"),
                    ],
                    (Outcome::Answered, Some("702"), vec!["701", "702"]),
                ),
                false => (
                    vec![leg("INCOMING", "701"), leg("CANCELLED", "701"), record("Missed")],
                    (Outcome::Missed, None, vec!["701"]),
                ),
            };
            (id, sent, truth)
        }
        "ucom" => {
            let event = |kind, status, second| event(kind, &id, "106", status, second);
            let (sent, truth): (_, Truth) = match is_answered {
                true => (
                    vec![
                        event("dial-in", "CALLING", 0),
                        event("answer", "ANSWER", 6),
                        event("hangup", "ANSWER", 66),
                    ],
                    (Outcome::Answered, Some("453*106"), vec!["453*106"]),
                ),
                false => (
                    vec![event("dial-in", "CALLING", 0), event("hangup", "CANCEL", 9)],
                    (Outcome::Missed, None, vec!["453*106"]),
                ),
            };
            (id, sent, truth)
        }
        _ => {
            let truth = match is_answered {
                true => (Outcome::Answered, Some("42"), vec!["41", "42"]),
                false => (Outcome::Abandoned, None, vec!["41", "42"]),
            };
            let sent = queue_call(&id, is_answered);
            (id, sent, truth)
        }
    }
}

fn write_config(folder: &std::path::Path) -> String {
    let secret = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        format!("token = {{ file = {path:?} }}\n")
    };
    let database = folder.join("hub.sqlite3");
    let text = format!(
        "listen = \"127.0.0.1:0\"\ndatabase = {database:?}\n\
         [[source]]\nname = \"cloud\"\nkind = \"gravitel\"\n{}\
         [[source]]\nname = \"ucom\"\nkind = \"ucom\"\nprefix = \"453\"\n\
         extensions = [\"106\", \"107\"]\n{}\
         [[source]]\nname = \"tenant\"\nkind = \"vodia\"\ntenant = \"{TENANT}\"\n{}",
        secret("crm", CRM_KEY),
        secret("ucom", UCOM_TOKEN),
        secret("bridge", BRIDGE_TOKEN),
    );
    let path = folder.join("hub.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Sends the requests of a lane's calls, each until it is answered with 200.
async fn send_lane(
    source: &'static str,
    lane: u64,
    mut address: watch::Receiver<SocketAddr>,
    taken: mpsc::Sender<()>,
) {
    let http = Http::new();
    for number in (lane..CALLS).step_by(usize::try_from(LANES).unwrap()) {
        let (_, sent, _) = calls(source, number);
        for sent in sent {
            loop {
                let hub = *address.borrow_and_update();
                match http.send(sent.request(hub)).await {
                    Some((200, _)) => break,
                    Some((503, _)) => tokio::task::yield_now().await,
                    Some((status, body)) => panic!("{source}: {status} {body}"),
                    // It is down: the address changes when it is up again.
                    None => drop(address.changed().await),
                }
            }
            taken.send(()).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kills_at_random_moments_the_log_has_every_call_once() {
    let kills = std::env::var("HUB_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = write_config(folder.path());
    let start = || Program::start(&["--config", &path]);
    let mut program = Some(start());
    let (sender, address) = watch::channel(program.as_ref().unwrap().address);
    let sender = Arc::new(sender);
    let (taken, mut takes) = mpsc::channel(1);
    for source in ["cloud", "ucom", "tenant"] {
        for lane in 0..LANES {
            tokio::spawn(send_lane(source, lane, address.clone(), taken.clone()));
        }
    }
    drop(taken);
    // Killed after a number of acknowledged requests, with others on their way.
    let all: u64 = ["cloud", "ucom", "tenant"]
        .iter()
        .flat_map(|source| (0..CALLS).map(|number| calls(source, number).1.len() as u64))
        .sum();
    let (mut count, mut killed, mut random) = (0, 0, 0x5eed_u64);
    let mut next = 1;
    while let Some(()) = takes.recv().await {
        count += 1;
        if count >= next && killed < kills && count < all {
            program.take().unwrap().kill();
            killed += 1;
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            next = count + 1 + (random >> 33) % (2 * all / kills).max(2);
            program = Some(start());
            sender.send_replace(program.as_ref().unwrap().address);
        }
    }
    assert_eq!(count, all);
    while killed < kills {
        program.take().unwrap().kill();
        killed += 1;
        program = Some(start());
    }
    let (program, http) = (program.unwrap(), Http::new());
    let mut events = http.events(program.address).await;
    let log = async {
        loop {
            let found = http.json(program.address, "/api/calls?limit=1000").await;
            let calls: Vec<Call> = serde_json::from_value(found["calls"].clone()).unwrap();
            // The records of UCOM come a few seconds after the last event of their calls.
            if calls.iter().all(|call| !call.is_open()) {
                return calls;
            }
            events.next().await.unwrap();
        }
    };
    let log = tokio::time::timeout(2 * LIMIT, log).await.unwrap();
    let mut expected = BTreeMap::new();
    for source in ["cloud", "ucom", "tenant"] {
        for number in 0..CALLS {
            let (id, _, truth) = calls(source, number);
            expected.insert(id, truth);
        }
    }
    assert_eq!(log.len(), expected.len(), "after {killed} kills");
    for call in &log {
        let (outcome, answered_by, rang) = &expected[&call.id];
        let found = (call.outcome, call.answered_by.as_deref(), &call.rang);
        let rang: Vec<String> = rang.iter().map(|&rang| rang.to_owned()).collect();
        assert_eq!(found, (Some(*outcome), *answered_by, &rang), "{}", serde_json::json!(call));
        let answers = call.steps.iter().filter(|step| step.kind.as_str() == "answered").count();
        assert_eq!(answers, usize::from(answered_by.is_some()), "{}", serde_json::json!(call));
    }
    let kept: Value = http.json(program.address, "/api/state").await;
    assert_eq!(kept["calls"], serde_json::json!([]));
    program.kill();
}
