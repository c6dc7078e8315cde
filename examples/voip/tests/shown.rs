//! The calls that `websocket-pbx` shows, from a model PBX without a platform.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

use std::path::Path;
use std::sync::{Arc, Mutex};

use basix_cti::element::UserId;
use basix_cti::{Calls, Client, Endpoint, Timestamp};
use basix_cti_testing::{Ending, Pbx, Server};
use serde_json::{Value, json};
use voip_examples::Shown;
use voip_module::router::SinkError;
use voip_module::{Delivery, Sink};

/// Keeps the events and records that it is given.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Value>>>);

#[async_trait::async_trait]
impl Sink for Kept {
    async fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        let part = match (&delivery.event, &delivery.record) {
            (Some(event), _) => serde_json::to_value(event)?,
            (None, record) => serde_json::to_value(record)?,
        };
        self.0.lock().unwrap().push(part);
        Ok(())
    }
}

impl Kept {
    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// A PBX with one operator, and what follows it.
struct World {
    server: Server,
    client: Client,
    calls: Calls,
    anna: UserId,
    kept: Kept,
    folder: tempfile::TempDir,
}

impl World {
    async fn start() -> Self {
        let mut pbx = Pbx::new(1);
        let anna = pbx.add_user("anna");
        let server = Server::start(pbx).await.unwrap();
        let url = server.origin().replace("ws://", "ws://example.test:token@");
        let client = Client::start(Endpoint::from_url(&url).unwrap().full_events()).unwrap();
        let folder = tempfile::TempDir::new().unwrap();
        Self { server, client, calls: Calls::new(), anna, kept: Kept::default(), folder }
    }

    /// Follows the PBX until its calls are as expected.
    async fn until(&mut self, is_met: impl Fn(&Calls) -> bool) {
        while !is_met(&self.calls) {
            let event = self.client.next().await.unwrap();
            self.calls.handle_event(Timestamp::now(), &event);
        }
    }

    /// Shows what is new, in a process of its own.
    async fn show(&mut self) -> Vec<Value> {
        let mut shown = Shown::load(self.file()).unwrap();
        shown.follow(&mut self.calls, false, &self.kept).await.unwrap();
        self.kept.take()
    }

    fn file(&self) -> std::path::PathBuf {
        Path::new(self.folder.path()).join("shown.json")
    }
}

/// The file is as it was before the delivery, so the next process delivers the event again: with the
/// same call id, by which the platform joins events.
// W154
#[tokio::test]
async fn a_kill_between_a_delivery_and_its_note_repeats_the_event_with_its_call_id() {
    let mut world = World::start().await;
    let anna = world.anna;
    let call = world.server.with(|pbx| pbx.offer("0312345678", anna)).unwrap();
    world.server.with(|pbx| pbx.ring(&call, anna)).unwrap();
    world.until(|calls| calls.open().any(|call| !call.rang().is_empty())).await;
    let first = world.show().await;
    std::fs::remove_file(world.file()).unwrap();
    assert_eq!((world.show().await, &first[0]["callId"]), (first.clone(), &json!(call)));
    assert_eq!(world.show().await, [Value::Null; 0], "what was noted is not delivered again");
    world.server.stop().await;
}

// W177
#[tokio::test]
async fn an_operator_who_calls_out_is_shown_when_the_call_leaves_the_pbx() {
    let mut world = World::start().await;
    let anna = world.anna;
    let call = world.server.with(|pbx| pbx.dial(anna, "0399999999")).unwrap();
    world.until(|calls| calls.open().next().is_some()).await;
    assert_eq!(world.show().await, [Value::Null; 0], "it may still be internal");
    let leg = world.server.with(|pbx| pbx.ring_out(&call, "0399999999")).unwrap();
    world.until(|calls| calls.open().any(|call| call.legs().len() == 2)).await;
    let event = |stage: &str, disposition: &str| {
        json!({ "event": stage, "direction": "out", "srcPhone": anna.to_string(),
            "dstPhone": "0399999999", "disposition": disposition, "callId": call })
    };
    assert_eq!(world.show().await, [event("notify_start", "unknown")]);
    world.server.with(|pbx| pbx.pick_up(&leg)).unwrap();
    world.until(|calls| calls.open().any(|call| call.answered().is_some())).await;
    assert_eq!(world.show().await, [event("notify_answer", "answered")]);
    world.server.with(|pbx| pbx.hangup(&call, Ending::PEER_HANGS_UP)).unwrap();
    world.until(|calls| calls.open().next().is_none()).await;
    let due = world.calls.poll_timeout().unwrap();
    world.calls.handle_timeout(due);
    let ended = world.show().await;
    assert_eq!(ended[0], event("notify_end", "answered"));
    assert_eq!((ended.len(), &ended[1]["disposition"]), (2, &json!("answered")));
    world.server.stop().await;
}
