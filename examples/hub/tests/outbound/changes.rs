//! A hub with calls that change, and what a receiver has to have seen of them.

use std::collections::{HashMap, HashSet};

use hub::timeline::{Call, Direction, Outcome, StepKind};
use hub::{Config, Hub, Running};
use tempfile::TempDir;

pub(crate) const CALLS: usize = 60;
/// Changes of each call.
pub(crate) const REVISIONS: usize = 5;
pub(crate) const KEY: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A hub without traffic of its own, whose configuration ends with `receivers`.
pub(crate) async fn start(folder: &TempDir, receivers: &str) -> Running {
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("key"), KEY).unwrap();
    std::fs::write(path("token"), "pbx-token").unwrap();
    let text = format!(
        "name = \"hq\"
        listen = \"127.0.0.1:0\"
        database = {:?}
        [[source]]
        name = \"north\"
        kind = \"gravitel\"
        token = {{ file = {:?} }}
        {}",
        path("hub.sqlite3"),
        path("token"),
        receivers.replace("KEY", &format!("{{ file = {:?} }}", path("key")))
    );
    Hub::start(Config::parse(&text).unwrap()).await.unwrap()
}

/// Revisions of calls in the order in which a PBX would report them: the calls take turns.
pub(crate) fn revisions() -> Vec<Call> {
    let mut calls: Vec<Call> = (0..CALLS)
        .map(|number| {
            let started = 1_700_000_000_000_000 + number as i64;
            let mut call = Call::new("north", &format!("c.{number}"), Direction::Inbound, started);
            call.customer = format!("+4930{number:06}");
            call
        })
        .collect();
    let mut revisions = calls.clone();
    for revision in 1..REVISIONS {
        for call in &mut calls {
            let at = call.started_at_us + revision as i64 * 1_000_000;
            if revision == REVISIONS - 1 {
                call.end(at, Outcome::Missed);
            } else {
                call.step(at, StepKind::Rang, Some("201"));
            }
            revisions.push(call.clone());
        }
    }
    revisions
}

/// Asserts that a receiver saw every change, and each call's changes in order, once repetitions by
/// id are left out. `seen` are ids and calls in the order of arrival.
pub(crate) fn assert_complete(seen: &[(String, Call)]) {
    let mut ids = HashSet::new();
    let mut calls: HashMap<&str, Vec<&Call>> = HashMap::new();
    for (id, call) in seen {
        if ids.insert(id) {
            calls.entry(&call.id).or_default().push(call);
        }
    }
    let mut expected: HashMap<String, Vec<Call>> = HashMap::new();
    for call in revisions() {
        expected.entry(call.id.clone()).or_default().push(call);
    }
    assert_eq!(ids.len(), CALLS * REVISIONS);
    for (id, revisions) in &expected {
        assert_eq!(calls[id.as_str()], revisions.iter().collect::<Vec<_>>(), "call {id}");
    }
}
