//! Each source, from its requests to the log.

use std::path::Path;

use basix_cti::element::GroupType;
use basix_cti_testing::{Ending, Pbx, Server};
use hub::config::{Basix, SourceConfig, SourceKind};
use hub::store::Filter;
use hub::timeline::{Outcome, Presence, State};
use hub::{Config, Hub, Running};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use voip_module::testing::Push;

use crate::http::Http;
use crate::senders::{CRM_KEY, Sent, event, push, queue_call, sources, vodia, web_cdr};
use crate::{LIMIT, config, logged, steps, until};

async fn start(database: Option<&Path>) -> Running {
    let mut config = config(sources());
    config.database = database.map(Path::to_owned);
    Hub::start(config).await.unwrap()
}

/// Sends each request twice, as PBXs do that got no answer.
async fn send(hub: &Running, sent: &[Sent]) {
    let http = Http::new();
    for sent in sent {
        for _ in 0..2 {
            let (status, body) = http.send(sent.request(hub.address())).await.unwrap();
            assert_eq!(status, 200, "{body}");
        }
    }
}

fn leg(kind: &str, extension: &str) -> Sent {
    let event = Push::event(kind).phone("79990000001").ext(extension).callid("C-1");
    push(event.direction("in"))
}

fn record(extension: &str) -> Sent {
    let record = Push::history("in", "Success").phone("79990000001").ext(extension).callid("C-1");
    push(record.duration("124").link("https://rec.example/a.mp3"))
}

#[tokio::test]
async fn a_gravitel_call_hunts_and_is_answered_by_the_second_operator() {
    let hub = start(None).await;
    send(&hub, &[leg("INCOMING", "701")]).await;
    let call = logged(&hub, "C-1", |call| call.state == State::Ringing).await;
    assert_eq!(call.customer, "+79990000001");
    let user =
        until(hub.live(), |live| live.snapshot().users.into_iter().find(|user| user.id == "701"));
    assert_eq!(user.await.state, Presence::Ringing);

    send(&hub, &[leg("CANCELLED", "701")]).await;
    let call = logged(&hub, "C-1", |call| call.state == State::Waiting).await;
    assert!(call.outcome.is_none(), "the next operator may be rung");

    send(&hub, &[leg("INCOMING", "702"), leg("ACCEPTED", "702")]).await;
    let call = logged(&hub, "C-1", |call| call.state == State::Talking).await;
    assert_eq!(call.answered_by.as_deref(), Some("702"));

    send(&hub, &[leg("COMPLETED", "702"), record("702")]).await;
    let call = logged(&hub, "C-1", |call| call.recording.is_some()).await;
    assert_eq!((call.state, call.outcome), (State::Ended, Some(Outcome::Answered)));
    assert_eq!(call.rang, ["701", "702"]);
    assert_eq!(call.recording.as_deref(), Some("https://rec.example/a.mp3"));
    assert_eq!(
        steps(&call),
        [
            ("offered", None),
            ("rang", Some("701")),
            ("rang", Some("702")),
            ("answered", Some("702")),
            ("ended", None)
        ]
    );
    assert!(hub.live().snapshot().calls.is_empty());
    hub.shutdown().await;
}

#[tokio::test]
async fn a_restart_between_two_pushes_changes_nothing_of_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("hub.sqlite3");
    let hub = start(Some(&database)).await;
    send(&hub, &[leg("INCOMING", "701"), leg("INCOMING", "702")]).await;
    let before = logged(&hub, "C-1", |call| call.rang.len() == 2).await;
    hub.shutdown().await;

    let bytes = std::fs::read(&database).unwrap();
    let is_kept = |secret: &str| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
    assert!(!is_kept(CRM_KEY) && !is_kept("key%2Fof%2Bthe-cabinet"), "a secret is in the database");

    let hub = start(Some(&database)).await;
    let page = hub.store().calls(Filter::default(), 10).await.unwrap();
    assert_eq!(page.calls, [before], "the replay repeats what is known");
    // The other operator's phone still rings: that is known only from before the restart.
    send(&hub, &[leg("CANCELLED", "701")]).await;
    let call = hub.store().call("cloud", "C-1").await.unwrap().unwrap();
    assert_eq!(call.state, State::Ringing);
    send(&hub, &[leg("ACCEPTED", "702"), leg("COMPLETED", "702"), record("702")]).await;
    let call = logged(&hub, "C-1", |call| call.recording.is_some()).await;
    assert_eq!(call.rang, ["701", "702"]);
    assert_eq!(call.answered_by.as_deref(), Some("702"));
    assert_eq!(call.steps.iter().filter(|step| step.kind.as_str() == "rang").count(), 2);
    hub.shutdown().await;
}

#[tokio::test]
async fn a_ucom_call_ends_with_its_hangup_and_its_record_says_the_rest() {
    let hub = start(None).await;
    let id = "d9f0";
    send(&hub, &[event("dial-in", id, "106", "CALLING", 0)]).await;
    let call = logged(&hub, id, |call| call.state == State::Ringing).await;
    assert_eq!(call.rang, ["453*106"]);
    send(&hub, &[event("answer", id, "106", "ANSWER", 6)]).await;
    logged(&hub, id, |call| call.state == State::Talking).await;
    send(&hub, &[event("hangup", id, "106", "ANSWER", 66)]).await;
    let call = logged(&hub, id, |call| call.state == State::Ended).await;
    assert_eq!(call.outcome, Some(Outcome::Answered));
    let call = logged(&hub, id, |call| call.wait_us == Some(6_000_000)).await;
    assert_eq!(call.answered_by.as_deref(), Some("453*106"));
    assert_eq!(call.customer_name.as_deref(), Some("Ruth Adler"));
    assert_eq!(call.called_number, "493012345");
    assert_eq!(call.started_at_us, 1_781_000_000_000_000);
    assert_eq!(
        steps(&call),
        [
            ("offered", None),
            ("rang", Some("453*106")),
            ("answered", Some("453*106")),
            ("ended", None)
        ]
    );
    hub.shutdown().await;
}

#[tokio::test]
async fn a_vodia_call_waits_in_its_queue_and_its_record_says_the_rest() {
    let hub = start(None).await;
    let [first, rest @ ..] = &*queue_call("c7@pbx", true) else { panic!() };
    send(&hub, std::slice::from_ref(first)).await;
    let queue = until(hub.live(), |live| {
        live.snapshot().queues.into_iter().find(|queue| !queue.waiting.is_empty())
    })
    .await;
    assert_eq!((&*queue.id, &*queue.name), ("300", "Support"));
    assert_eq!(queue.waiting[0].number, "+12025550100");
    send(&hub, rest).await;
    let call = logged(&hub, "c7@pbx", |call| call.talk_us == Some(60_000_000)).await;
    assert_eq!(call.outcome, Some(Outcome::Answered));
    assert_eq!(call.answered_by.as_deref(), Some("42"));
    assert_eq!((call.wait_us, call.queue.as_deref()), (Some(8_500_000), Some("300")));
    assert_eq!(call.rang, ["41", "42"]);
    until(hub.live(), |live| {
        live.snapshot().queues.iter().all(|queue| queue.waiting.is_empty()).then_some(())
    })
    .await;

    let given_up = queue_call("c8@pbx", false);
    send(&hub, &given_up).await;
    let call = logged(&hub, "c8@pbx", |call| call.state == State::Ended).await;
    assert_eq!(call.outcome, Some(Outcome::Abandoned));
    assert_eq!(call.answered_by, None);
    // The same record by the CDR URL, and one that the script has not sent.
    send(&hub, &[web_cdr(given_up.last().unwrap())]).await;
    assert_eq!(hub.store().call("tenant", "c8@pbx").await.unwrap(), Some(call));
    send(&hub, &[web_cdr(queue_call("c9@pbx", true).last().unwrap())]).await;
    let call = hub.store().call("tenant", "c9@pbx").await.unwrap().unwrap();
    assert_eq!((call.outcome, call.talk_us), (Some(Outcome::Answered), Some(60_000_000)));
    hub.shutdown().await;
}

#[tokio::test]
async fn a_request_without_its_secret_is_refused_and_not_kept() {
    let hub = start(None).await;
    let http = Http::new();
    let payload = serde_json::json!({"domain": "other.example", "callid": "c"});
    for (sent, expected) in [
        (leg("INCOMING", "701").with_path("/in/cloud?token=guess"), 401),
        (leg("INCOMING", "701").with_path("/in/nobody?token=guess"), 404),
        (event("dial-in", "c", "106", "CALLING", 0).with_path("/in/ucom/ext-event/5f5f"), 404),
        (queue_call("c", true)[0].clone().with_authorization("Bearer guess"), 401),
        (vodia("nowhere", &payload), 404),
        (vodia("oncdr", &payload), 400), // of another tenant
        (web_cdr(&vodia("oncdr", &payload)).with_authorization("Basic Z3Vlc3M6"), 401),
    ] {
        let (status, _) = http.send(sent.request(hub.address())).await.unwrap();
        assert_eq!(status, expected);
    }
    let connection = rusqlite::Connection::open(hub.store().path()).unwrap();
    let count = "SELECT count(*) FROM inbox";
    assert_eq!(connection.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    assert!(hub.store().calls(Filter::default(), 1).await.unwrap().calls.is_empty());
    hub.shutdown().await;
}

#[tokio::test]
async fn the_body_of_a_stranger_is_not_waited_for() {
    let hub = start(None).await;
    for (path, expected) in [
        ("/in/cloud?token=guess", ("HTTP/1.1 401", true)),
        ("/in/ucom/ext-event/5f5f", ("HTTP/1.1 404", false)),
        ("/in/tenant/v1/event/oncdr", ("HTTP/1.1 401", true)),
        ("/in/tenant/cdr", ("HTTP/1.1 401", true)),
    ] {
        let mut stream = TcpStream::connect(hub.address()).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 4000000\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(stream).lines();
        let mut answer = Vec::new();
        let read = async {
            while let Some(line) = lines.next_line().await.unwrap().filter(|line| !line.is_empty())
            {
                answer.push(line);
            }
        };
        tokio::time::timeout(LIMIT, read).await.expect("an answer");
        let is_asked = answer.iter().any(|line| line == "www-authenticate: Basic realm=\"hub\"");
        assert_eq!((&answer[0][..12], is_asked), expected, "{path}");
    }
    hub.shutdown().await;
}

fn basix(server: &Server, database: &Path) -> Config {
    let basix = Basix::new(&server.origin(), "example.test", "token");
    let mut config = config([SourceConfig::new("office", SourceKind::Basix(basix))]);
    config.database = Some(database.to_owned());
    config
}

async fn current(hub: &Running) {
    let is_current = |live: &hub::live::Live| live.sources()[0].is_current.then_some(());
    until(hub.live(), is_current).await;
}

#[tokio::test]
async fn a_basix_call_is_followed_and_one_that_ended_unseen_has_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("hub.sqlite3");
    let mut pbx = Pbx::new(1);
    let (anna, sales) = (pbx.add_user("anna"), pbx.add_group("sales", GroupType::Ring));
    pbx.join(sales, anna).unwrap();
    pbx.set_login(sales, anna, true);
    let server = Server::start(pbx).await.unwrap();
    let hub = Hub::start(basix(&server, &database)).await.unwrap();
    current(&hub).await;
    let queue = until(hub.live(), |live| live.snapshot().queues.into_iter().next()).await;
    assert_eq!((&*queue.name, queue.agents, queue.free), ("sales", 1, 1));

    let caller = server.with(|pbx| {
        let caller = pbx.offer("0312345678", sales)?;
        pbx.queue(&caller, sales)?;
        Ok::<_, basix_cti_testing::PbxError>(caller)
    });
    let caller = caller.unwrap();
    let call = logged(&hub, &caller, |call| call.state == State::Waiting).await;
    assert_eq!((&*call.customer, call.queue), ("0312345678", Some(sales.to_string())));
    let leg = server.with(|pbx| pbx.ring(&caller, anna)).unwrap();
    logged(&hub, &caller, |call| call.state == State::Ringing).await;
    server.with(|pbx| pbx.pick_up(&leg)).unwrap();
    let call = logged(&hub, &caller, |call| call.state == State::Talking).await;
    assert_eq!(call.answered_by, Some(anna.to_string()));
    server.with(|pbx| pbx.hangup(&caller, Ending::PEER_HANGS_UP)).unwrap();
    let call = logged(&hub, &caller, |call| call.state == State::Ended).await;
    assert_eq!((call.outcome, call.has_gap), (Some(Outcome::Answered), false));

    // A call that begins before the hub stops and ends before it starts again, and one that goes on.
    let [gone, stays] = ["0311", "0312"].map(|number| server.with(|pbx| pbx.offer(number, anna)));
    let (gone, stays) = (gone.unwrap(), stays.unwrap());
    logged(&hub, &gone, |_| true).await;
    logged(&hub, &stays, |_| true).await;
    hub.shutdown().await;
    server.with(|pbx| pbx.hangup(&gone, Ending::CALLER_GIVES_UP)).unwrap();
    let hub = Hub::start(basix(&server, &database)).await.unwrap();
    let call = logged(&hub, &gone, |call| call.state == State::Ended).await;
    assert!(call.has_gap);
    server.with(|pbx| pbx.hangup(&stays, Ending::CALLER_GIVES_UP)).unwrap();
    let call = logged(&hub, &stays, |call| call.state == State::Ended).await;
    assert!(call.has_gap, "events were missed during it");
    assert_eq!(hub.store().calls(Filter::default(), 10).await.unwrap().calls.len(), 3);
    hub.shutdown().await;
    server.stop().await;
}
