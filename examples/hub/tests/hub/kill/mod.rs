//! `kill -9` in traffic: afterwards the log is what the PBXs have sent, once each.

mod office;
mod pushes;
mod tenant;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use hub::timeline::{Call, Outcome};
use serde_json::json;
use tokio::sync::watch;

use self::office::Office;
use self::tenant::Tenant;
use crate::LIMIT;
use crate::http::Http;
use crate::program::Program;
use crate::senders::{BRIDGE_TOKEN, CRM_KEY, TENANT, UCOM_TOKEN};

/// Times that the program is killed; `HUB_KILLS` sets another number.
const KILLS: u64 = 20;

/// Outcome, answering user and rung users of a call in the end.
type Truth = (Outcome, Option<String>, Vec<String>);

fn truth(outcome: Outcome, answered_by: Option<&str>, rang: &[&str]) -> Truth {
    let rang = rang.iter().map(|&user| user.to_owned()).collect();
    (outcome, answered_by.map(str::to_owned), rang)
}

fn write_config(folder: &Path, office: &str) -> String {
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
         extensions = [\"106\", \"107\"]\nquiet_seconds = 3\n{}\
         [[source]]\nname = \"tenant\"\nkind = \"vodia\"\ntenant = \"{TENANT}\"\n{}\
         [[source]]\nname = \"office\"\nkind = \"basix\"\nserver = \"{office}\"\n\
         domain = \"example.test\"\n{}",
        secret("crm", CRM_KEY),
        secret("ucom", UCOM_TOKEN),
        secret("bridge", BRIDGE_TOKEN),
        secret("basix", "token"),
    );
    let path = folder.join("hub.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Waits until something is so at a hub, by the changes that it reports.
async fn until(http: &Http, hub: SocketAddr, condition: impl AsyncFn() -> bool) {
    let mut events = http.events(hub).await;
    let wait = async {
        while !condition().await {
            events.next().await.unwrap();
        }
    };
    tokio::time::timeout(4 * LIMIT, wait).await.expect("the hub did not come to that");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kills_at_random_moments_the_log_has_every_call_once() {
    let kills = std::env::var("HUB_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut office = Office::start().await;
    let path = write_config(folder.path(), &office.origin());
    let start = || Program::start(&["--config", &path]);
    let mut program = start();
    let (sender, address) = watch::channel(program.address);
    let (acknowledged, mut acknowledgements) = watch::channel(0);
    let mut tenant = Tenant::start(address.clone()).await;
    pushes::start(&address, &Arc::new(acknowledged));
    let (http, all) = (Http::new(), pushes::count());
    let mut random = 0x5eed_u64;
    for kill in 0..kills {
        office.confirm(&http, program.address).await;
        // Killed after a number of acknowledged requests, with others on their way.
        let count = *acknowledgements.borrow();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let goal = count + 1 + (random >> 33) % (2 * (all - count) / (kills - kill)).max(1);
        while *acknowledgements.borrow_and_update() < goal.min(all) {
            acknowledgements.changed().await.unwrap();
            office.step();
            tenant.step();
        }
        if kill % 2 == 0 {
            // Killed just after a record was acknowledged, which will not be sent again.
            tenant.finish_call().await;
        }
        program.kill();
        office.while_it_is_down();
        program = start();
        sender.send_replace(program.address);
    }
    while tenant.step().is_some() {}
    acknowledgements.wait_for(|count| *count == all).await.unwrap();
    office.confirm(&http, program.address).await;
    office.finish();

    let mut expected = pushes::truths();
    expected.extend(tenant::truths());
    let log = async || {
        let found = http.json(program.address, "/api/calls?limit=1000").await;
        assert_eq!(found["next"], json!(null), "more calls than were made");
        serde_json::from_value::<Vec<Call>>(found["calls"].clone()).unwrap()
    };
    // An unanswered call of UCOM counts as over a while after its last event.
    let is_whole = async || {
        let log = log().await;
        let is_there = |id: &String| log.iter().any(|call| call.id == *id);
        log.iter().all(|call| !call.is_open()) && expected.keys().all(is_there)
    };
    until(&http, program.address, is_whole).await;
    let log = log().await;
    let count = log.len();
    let mut log: BTreeMap<String, Call> =
        log.into_iter().map(|call| (call.id.clone(), call)).collect();
    assert_eq!(log.len(), count, "each once");
    for (id, (outcome, answered_by, rang)) in expected {
        let call = log.remove(&id).unwrap();
        let text = json!(call);
        let found = (call.outcome, &call.answered_by, &call.rang);
        assert_eq!(found, (Some(outcome), &answered_by, &rang), "{text}");
        let answers = call.steps.iter().filter(|step| step.kind.as_str() == "answered").count();
        assert_eq!(answers, usize::from(answered_by.is_some()), "{text}");
    }
    office.check(log);
    assert_eq!(http.json(program.address, "/api/state").await["calls"], json!([]));
    program.kill();
}
