use std::sync::Arc;
use std::time::Duration;

use hub::timeline::Receiver as Shown;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::changes::{CALLS, REVISIONS, assert_complete, revisions, start};
use crate::receiver::{Inbox, Receiver};

/// A test that hangs fails.
const LIMIT: Duration = Duration::from_secs(120);
const ALL: usize = CALLS * REVISIONS;

fn configured(receiver: &Receiver) -> String {
    format!("[[webhook]]\nname = \"crm\"\nurl = \"http://{}/hook\"\nsecret = KEY", receiver.address)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_arrives_in_order_although_the_receiver_goes_away_and_loses_answers() {
    let folder = TempDir::new().unwrap();
    let inbox = Arc::new(Inbox::new(true));
    let receiver = Receiver::start(&inbox, 0);
    let address = receiver.address;
    let hub = start(&folder, &configured(&receiver)).await;
    let (before, after) = (revisions(), revisions().split_off(ALL / 2));
    for call in before.into_iter().take(ALL / 2) {
        hub.store().record(vec![call]).await.unwrap();
    }
    timeout(LIMIT, inbox.requests(ALL / 5)).await.unwrap();
    receiver.stop().await;
    for call in after {
        hub.store().record(vec![call]).await.unwrap();
    }
    let receiver = Receiver::start(&inbox, address.port());
    timeout(LIMIT, inbox.changes(ALL)).await.unwrap();
    assert_complete(&inbox.seen());
    assert!(inbox.seen().len() > ALL, "answers were lost, so that changes came twice");
    hub.shutdown().await;
    receiver.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_a_stopped_hub_had_left_are_sent_by_the_next_one() {
    let folder = TempDir::new().unwrap();
    let inbox = Arc::new(Inbox::new(false));
    let receiver = Receiver::start(&inbox, 0);
    let configured = configured(&receiver);
    let port = receiver.address.port();
    receiver.stop().await;

    let hub = start(&folder, &configured).await;
    hub.store().record(revisions()).await.unwrap();
    hub.shutdown().await;

    let receiver = Receiver::start(&inbox, port);
    let hub = start(&folder, &configured).await;
    timeout(LIMIT, inbox.changes(ALL)).await.unwrap();
    hub.shutdown().await;
    assert_complete(&inbox.seen());

    // What was acknowledged is gone from the outbox: a third hub has only a new change to send.
    let hub = start(&folder, &configured).await;
    let mut call = revisions().pop().unwrap();
    call.recording = Some("r-1".into());
    hub.store().record(vec![call.clone()]).await.unwrap();
    timeout(LIMIT, inbox.changes(ALL + 1)).await.unwrap();
    hub.shutdown().await;
    receiver.stop().await;
    let seen = inbox.seen();
    assert_eq!(seen.len(), ALL + 1);
    assert_eq!(seen.last().unwrap().1, call);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_changes_stop_no_others_and_are_shown() {
    let folder = TempDir::new().unwrap();
    let inbox = Arc::new(Inbox::new(false).refusing("c.7"));
    let receiver = Receiver::start(&inbox, 0);
    let hub = start(&folder, &configured(&receiver)).await;
    let (_, mut updates) = hub.live().follow();
    hub.store().record(revisions()).await.unwrap();
    timeout(LIMIT, inbox.changes(ALL - REVISIONS)).await.unwrap();
    assert!(inbox.seen().iter().all(|(_, call)| call.id != "c.7"));
    let shown = Shown { name: "webhook crm".into(), is_away: false, refused: REVISIONS as u64 };
    let wait = async {
        while hub.live().snapshot().receivers != [shown.clone()] {
            let _ = updates.recv().await; // also after a lag
        }
    };
    timeout(LIMIT, wait).await.unwrap();
    hub.shutdown().await;
    receiver.stop().await;
}
