//! Gravitel and UCOM: requests that are sent until they are acknowledged.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use hub::timeline::Outcome;
use tokio::sync::watch;
use voip_module::testing::Push;

use super::{Truth, truth};
use crate::http::Http;
use crate::senders::{Sent, event, push};

const SOURCES: [&str; 2] = ["cloud", "ucom"];
/// Calls of each source.
const CALLS: u64 = 120;
/// Calls of each source at one time.
const LANES: u64 = 4;

/// The truth about all calls.
pub(super) fn truths() -> BTreeMap<String, Truth> {
    let each = SOURCES.iter().flat_map(|source| (0..CALLS).map(|number| calls(source, number)));
    each.map(|(id, _, truth)| (id, truth)).collect()
}

/// The number of all requests.
pub(super) fn count() -> u64 {
    let each = SOURCES.iter().flat_map(|source| (0..CALLS).map(|number| calls(source, number)));
    each.map(|(_, sent, _)| sent.len() as u64).sum()
}

/// Sends all calls to a hub whose address changes; counts what is acknowledged.
pub(super) fn start(address: &watch::Receiver<SocketAddr>, acknowledged: &Arc<watch::Sender<u64>>) {
    for source in SOURCES {
        for lane in 0..LANES {
            tokio::spawn(send_lane(source, lane, address.clone(), acknowledged.clone()));
        }
    }
}

/// Sends the requests of a lane's calls, each until it is answered with 200.
async fn send_lane(
    source: &'static str,
    lane: u64,
    mut address: watch::Receiver<SocketAddr>,
    acknowledged: Arc<watch::Sender<u64>>,
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
            acknowledged.send_modify(|count| *count += 1);
        }
    }
}

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
            let (sent, truth) = match is_answered {
                true => (
                    vec![
                        leg("INCOMING", "701"),
                        leg("INCOMING", "702"),
                        leg("CANCELLED", "701"),
                        leg("ACCEPTED", "702"),
                        leg("COMPLETED", "702"),
                        record("Success"),
                    ],
                    truth(Outcome::Answered, Some("702"), &["701", "702"]),
                ),
                false => (
                    vec![leg("INCOMING", "701"), leg("CANCELLED", "701"), record("Missed")],
                    truth(Outcome::Missed, None, &["701"]),
                ),
            };
            (id, sent, truth)
        }
        _ => {
            let event = |kind, status, second| event(kind, &id, "106", status, second);
            let (sent, truth) = match is_answered {
                true => (
                    vec![
                        event("dial-in", "CALLING", 0),
                        event("answer", "ANSWER", 6),
                        event("hangup", "ANSWER", 66),
                    ],
                    truth(Outcome::Answered, Some("453*106"), &["453*106"]),
                ),
                false => (
                    vec![event("dial-in", "CALLING", 0), event("hangup", "CANCEL", 9)],
                    truth(Outcome::Missed, None, &["453*106"]),
                ),
            };
            (id, sent, truth)
        }
    }
}
