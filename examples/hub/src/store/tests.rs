use std::sync::Arc;

use super::{EXPORTS, Filter, InboxRow, Options, OutboxRow, READERS, Settled, Store, StoreError};
use crate::clock::Clock;
use crate::live::Live;
use crate::timeline::{Call, Direction, Outcome, State, StepKind};

fn options(path: &std::path::Path) -> Options {
    Options {
        path: Some(path.to_owned()),
        clock: Clock::default(),
        pages: None,
        targets: vec!["one".into(), "two".into()],
        outbox_rows: 1_000,
        inbox_hours: 1,
    }
}

fn open(path: &std::path::Path) -> Result<Store, StoreError> {
    Store::open(options(path), Arc::default())
}

fn call(id: &str, started: i64) -> Call {
    let mut call = Call::new("pbx", id, Direction::Inbound, started);
    call.customer = "+493012345".into();
    call
}

fn row(body: Vec<u8>) -> InboxRow {
    InboxRow {
        source: "pbx".into(),
        received_at_us: Clock::default().now(),
        head: "{}".into(),
        body,
    }
}

fn taken(rows: &[OutboxRow]) -> Vec<Settled> {
    rows.iter().map(|row| Settled { sequence: row.sequence, refusal: None }).collect()
}

#[tokio::test]
async fn equal_content_changes_nothing_and_a_revision_updates_and_is_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("hub.sqlite3")).unwrap();
    let mut call = call("c", 1_000);
    store.record(vec![call.clone(), call.clone()]).await.unwrap();
    store.record(vec![call.clone()]).await.unwrap();
    assert_eq!(store.outbox("one", 0, 10).await.unwrap().len(), 1);

    call.step(2_000, StepKind::Rang, Some("41"));
    call.end(5_000, Outcome::Missed);
    store.record(vec![call.clone()]).await.unwrap();
    assert_eq!(store.call("pbx", "c").await.unwrap(), Some(call.clone()));
    let rows = store.outbox("two", 0, 10).await.unwrap();
    let kinds: Vec<_> = rows.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["call.changed", "call.ended"]);
    assert_eq!(serde_json::from_str::<Call>(&rows[1].body).unwrap(), call);

    store.settle(taken(&rows[..1])).await.unwrap();
    assert_eq!(store.outbox("two", 0, 10).await.unwrap(), rows[1..]);
    assert_eq!(store.outbox("one", 0, 10).await.unwrap().len(), 2, "the other receiver's");
}

async fn ids(store: &Store) -> Vec<String> {
    let rows = store.outbox("one", 0, 100).await.unwrap();
    rows.into_iter().map(|row| row.message_id).collect()
}

fn in_state(state: State) -> Call {
    Call { state, ..call("c", 1_000) }
}

#[tokio::test]
async fn equal_content_has_the_same_id_on_every_hub_however_many_changes_each_has_seen() {
    let folder = tempfile::tempdir().unwrap();
    let [all, some] = ["all", "some"].map(|name| open(&folder.path().join(name)).unwrap());
    for state in [State::Ringing, State::Talking, State::Held, State::Ended] {
        all.record(vec![in_state(state)]).await.unwrap();
        if state != State::Talking {
            some.record(vec![in_state(state)]).await.unwrap();
        }
    }
    let (mut of_all, of_some) = (ids(&all).await, ids(&some).await);
    of_all.remove(1);
    assert_eq!(of_all, of_some);
}

#[tokio::test]
async fn return_to_an_earlier_content_is_a_new_id_also_after_a_restart_or_a_removal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.sqlite3");
    for _ in 0..2 {
        let store = open(&path).unwrap();
        for state in [State::Ringing, State::Held] {
            store.record(vec![in_state(state)]).await.unwrap();
        }
        let removed = vec![("pbx".into(), "c".into())];
        store.place().await.unwrap().replace(Vec::new(), removed).await.unwrap();
        store.record(vec![in_state(State::Held)]).await.unwrap();
        store.close().await;
    }
    let ids = ids(&open(&path).unwrap()).await;
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), different.len()), (8, 8), "{ids:?}");
    // Held, again after the removal, after the restart, and after the second removal.
    let held = |times: &str| format!("{}{times}", ids[1]);
    assert_eq!([&ids[3], &ids[5], &ids[7]], [&held("-2"), &held("-3"), &held("-4")]);
}

#[tokio::test]
async fn refused_changes_are_set_aside_and_only_the_latest_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.sqlite3");
    let few = Options { outbox_rows: 12, ..options(&path) };
    let store = Store::open(few.clone(), Arc::default()).unwrap();
    store.record((0..6).map(|at| call(&format!("c{at}"), at)).collect()).await.unwrap();
    assert!(store.receive(row(Vec::new())).await.is_err(), "12 changes wait");
    let rows = store.outbox("one", 0, 10).await.unwrap();
    for row in &rows[..4] {
        let refusal = Some("status 422".into());
        store.settle(vec![Settled { sequence: row.sequence, refusal }]).await.unwrap();
    }
    assert_eq!(store.outbox("one", 0, 10).await.unwrap(), rows[4..]);
    assert_eq!(store.outbox("two", 0, 10).await.unwrap().len(), 6, "the other receiver's");
    store.receive(row(Vec::new())).await.unwrap();
    assert_eq!((store.refused("one").await.unwrap(), store.refused("two").await.unwrap()), (3, 0));
    store.close().await;
    drop(store);

    let store = Store::open(few, Arc::default()).unwrap();
    assert_eq!(store.figures().outbox.load(std::sync::atomic::Ordering::Relaxed), 8);
    assert_eq!(store.refused("one").await.unwrap(), 3);
}

#[tokio::test]
async fn a_database_in_use_by_another_hub_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.sqlite3");
    let first = open(&path).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, StoreError::InUse), "{error}");
    first.close().await;
    drop(first);
    open(&path).unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.sqlite3");
    std::fs::write(
        &path,
        "a letter to somebody, longer than a header of a database would be ".repeat(20),
    )
    .unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = open(&path).unwrap_err();
    assert_eq!(error.to_string(), "the file is not a database of this program");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_full_disk_refuses_requests_shows_and_loses_no_call_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.sqlite3");
    let live = Arc::new(Live::default());
    let full = Options { pages: Some(200), ..options(&path) };
    let store = Store::open(full, live.clone()).unwrap();
    let mut taken = 0;
    let error = loop {
        match store.receive(row(vec![b'x'; 8_000])).await {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
        assert!(taken < 1_000, "never full");
    };
    assert!(taken > 1);
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert!(store.fault().unwrap().contains("the disk is full"));

    // Calls of a PBX that does not wait.
    let calls: Vec<Call> = (0..200).map(|at| call(&format!("c{at}"), 1_000 + at)).collect();
    let error = store.record(calls.clone()).await.unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(live.snapshot().calls.len(), 200, "the page shows them all the same");

    // Somebody makes room.
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute("DELETE FROM inbox", []).unwrap();
    store.tick();
    store.receive(row(Vec::new())).await.unwrap();
    assert_eq!(store.fault(), None);
    let page = store.calls(Filter::default(), 1_000).await.unwrap();
    assert_eq!(page.calls.len(), 200);
    assert_eq!(store.outbox("one", 0, 1_000).await.unwrap().len(), 200, "once each");
}

#[tokio::test]
async fn too_many_waiting_changes_refuse_requests() {
    let folder = tempfile::tempdir().unwrap();
    let few = Options { outbox_rows: 2, ..options(&folder.path().join("hub.sqlite3")) };
    let store = Store::open(few, Arc::default()).unwrap();
    store.record(vec![call("c", 1)]).await.unwrap();
    let error = store.receive(row(Vec::new())).await.unwrap_err();
    assert_eq!(error.to_string(), "too much is waiting: changes for receivers");
    let rows = store.outbox("one", 0, 10).await.unwrap();
    store.settle(taken(&rows)).await.unwrap();
    store.receive(row(Vec::new())).await.unwrap();
}

#[tokio::test]
async fn changes_for_a_receiver_that_is_not_configured_are_kept_and_refuse_no_requests() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.sqlite3");
    let store = open(&path).unwrap();
    store.record(vec![call("c", 1)]).await.unwrap();
    store.close().await;
    drop(store);
    let others = Options { outbox_rows: 1, targets: vec!["three".into()], ..options(&path) };
    let store = Store::open(others, Arc::default()).unwrap();
    store.receive(row(Vec::new())).await.unwrap();
    assert_eq!(store.outbox("one", 0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn slow_exports_make_no_other_question_wait() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&folder.path().join("hub.sqlite3")).unwrap());
    store.record(vec![call("c", 1)]).await.unwrap();
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let wait = Arc::new(std::sync::Mutex::new(wait));
    let mut exports = tokio::task::JoinSet::new();
    for _ in 0..READERS + EXPORTS {
        let (store, begun, wait) = (store.clone(), begun.clone(), wait.clone());
        exports.spawn(async move {
            let take = move |call: Option<Call>| {
                let _ = begun.send(());
                call.is_none() || wait.lock().unwrap().recv().is_err()
            };
            store.each_call(Filter::default(), take).await
        });
    }
    for _ in 0..EXPORTS {
        begins.recv().await.unwrap();
    }
    let limit = std::time::Duration::from_secs(30);
    let found = tokio::time::timeout(limit, store.call("pbx", "c")).await.expect("an answer");
    assert!(found.unwrap().is_some());
    drop(go_on);
    while let Some(ended) = exports.join_next().await {
        ended.unwrap().unwrap();
    }
}

#[tokio::test]
async fn pages_of_the_log_give_each_call_once_and_filters_hold() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("hub.sqlite3")).unwrap();
    let mut calls: Vec<Call> = (0..25).map(|at| call(&format!("c{at}"), 1_000 + at / 3)).collect();
    calls[7].customer_name = Some("Zoë 100%".into());
    calls[7].end(9_000, Outcome::Answered);
    store.record(calls.clone()).await.unwrap();
    let (mut seen, mut filter) = (Vec::new(), Filter::default());
    loop {
        let page = store.calls(filter.clone(), 4).await.unwrap();
        seen.extend(page.calls.into_iter().map(|call| call.id));
        match page.next {
            Some(next) => filter.before = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 25);
    assert_eq!(seen.first().unwrap(), "c24");
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 25);

    let find = async |filter: Filter| {
        let page = store.calls(filter, 100).await.unwrap();
        page.calls.into_iter().map(|call| call.id).collect::<Vec<_>>()
    };
    let search = |text: &str| Filter { search: Some(text.into()), ..Filter::default() };
    assert_eq!(find(search("zoË 100%")).await, ["c7"]);
    assert_eq!(find(search("%")).await, ["c7"], "no wildcard");
    assert_eq!(find(search("0_1")).await, [""; 0], "no wildcard");
    assert_eq!(
        find(Filter { outcomes: [Outcome::Answered].into(), ..Filter::default() }).await,
        ["c7"]
    );
    assert_eq!(find(Filter { source: Some("other".into()), ..Filter::default() }).await, [""; 0]);
    assert_eq!(find(Filter { from: Some(1_008), ..Filter::default() }).await, ["c24"]);
    assert_eq!(find(Filter { to: Some(1_001), ..Filter::default() }).await, ["c2", "c1", "c0"]);
    assert_eq!(store.open_calls().await.unwrap().len(), 24);
    assert!(store.open_calls().await.unwrap().iter().all(|call| call.state != State::Ended));
}

#[tokio::test]
async fn a_day_is_counted_in_the_hours_of_its_zone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("hub.sqlite3")).unwrap();
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
    let ended = |id: &str, started: i64, wait: i64, outcome| {
        let mut call = call(id, started);
        if outcome == Outcome::Answered {
            call.answered_at_us = Some(started + wait);
        }
        call.end(started + wait, outcome);
        call
    };
    let calls = vec![
        ended("before", at("2026-10-24T21:59:59Z"), 1, Outcome::Missed),
        ended("first", at("2026-10-24T22:00:00Z"), 4_000_000, Outcome::Answered),
        ended("second", at("2026-10-24T22:10:00Z"), 8_000_000, Outcome::Missed),
        // On this day the clocks go back: 02:30 comes twice.
        ended("third", at("2026-10-25T00:30:00Z"), 1, Outcome::Busy),
        ended("fourth", at("2026-10-25T01:30:00Z"), 1, Outcome::Answered),
        call("open", at("2026-10-25T08:00:00Z")),
    ];
    store.record(calls).await.unwrap();
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let day = store.day("2026-10-25".parse().unwrap(), zone).await.unwrap();
    assert_eq!(day.hours.len(), 24);
    let hour = &day.hours[0];
    assert_eq!((hour.answered, hour.missed, hour.other), (1, 1, 0));
    assert_eq!((hour.wait_average_us, hour.wait_longest_us), (6_000_000, 8_000_000));
    assert_eq!((day.hours[2].answered, day.hours[2].other), (1, 1));
    let all: u64 = day.hours.iter().map(|hour| hour.answered + hour.missed + hour.other).sum();
    assert_eq!(all, 4);
}

#[tokio::test]
async fn a_lock_of_another_program_refuses_requests_until_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.sqlite3");
    let store = open(&path).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.receive(row(Vec::new())).await.unwrap_err();
    let expected = "the database cannot be written: the database is locked by another program";
    assert_eq!(error.to_string(), expected);
    assert_eq!(store.fault().unwrap(), "the database is locked by another program");
    other.execute_batch("ROLLBACK").unwrap();
    store.receive(row(Vec::new())).await.unwrap();
    assert_eq!(store.fault(), None);
    store.close().await;
    drop(store);

    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Locked), "{error}");
}
