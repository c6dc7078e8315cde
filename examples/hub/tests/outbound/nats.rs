#![cfg(feature = "nats")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream::{self, consumer};
use futures_util::StreamExt as _;
use hub::timeline::Call;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::changes::{CALLS, REVISIONS, assert_complete, revisions, start};

/// A test that hangs fails.
const LIMIT: Duration = Duration::from_secs(120);
const ALL: usize = CALLS * REVISIONS;
/// Set where a missing `nats-server` is a failure.
const REQUIRED: &str = "REQUIRE_NATS";

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts `nats-server` with JetStream; `None` if it is not installed.
    fn start(folder: &TempDir, port: u16) -> Option<Self> {
        let started = Command::new("nats-server")
            .args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--jetstream"])
            .arg("--store_dir")
            .arg(folder.path().join("nats"))
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = started else {
            assert!(std::env::var_os(REQUIRED).is_none(), "`nats-server` is not installed");
            eprintln!("skipped: `nats-server` is not installed");
            return None;
        };
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.by_ref().any(|line| line.unwrap().contains("Server is ready")));
        // Its pipe must not fill up.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, port })
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Reads a stream from its beginning until `count` messages have come.
async fn messages(port: u16, count: usize) -> Vec<(String, Call)> {
    let client = async_nats::connect(format!("127.0.0.1:{port}")).await.unwrap();
    let context = jetstream::new(client);
    let stream = loop {
        // The hub makes it with its first change.
        if let Ok(stream) = context.get_stream("hub_calls").await {
            break stream;
        }
    };
    let config = consumer::pull::OrderedConfig::default();
    let mut messages = stream.create_consumer(config).await.unwrap().messages().await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < count {
        let message = messages.next().await.unwrap().unwrap();
        let event: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
        let id = message.headers.as_ref().unwrap().get("Nats-Msg-Id").unwrap().to_string();
        assert_eq!(event["id"], id);
        seen.push((id, serde_json::from_value(event["data"].clone()).unwrap()));
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_holds_every_change_once_although_the_server_is_killed_under_load() {
    let folder = TempDir::new().unwrap();
    let Some(mut server) = Server::start(&folder, free_port()) else { return };
    let port = server.port;
    let configured = format!("[nats]\nurl = \"nats://127.0.0.1:{port}\"\nsubject = \"hub.calls\"");
    let hub = start(&folder, &configured).await;
    let all = revisions();
    for (number, call) in (0..).zip(all) {
        hub.store().record(vec![call]).await.unwrap();
        match number {
            40 | 170 => {
                timeout(LIMIT, messages(port, number / 2)).await.unwrap();
                server.kill();
            }
            // Several changes of a call have come meanwhile.
            145 | 275 => server = Server::start(&folder, port).unwrap(),
            _ => {}
        }
    }
    let seen = timeout(LIMIT, messages(port, ALL)).await.unwrap();
    assert_complete(&seen);
    hub.shutdown().await;
    server.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_deleted_is_made_again() {
    let folder = TempDir::new().unwrap();
    let Some(server) = Server::start(&folder, free_port()) else { return };
    let port = server.port;
    let configured = format!("[nats]\nurl = \"nats://127.0.0.1:{port}\"\nsubject = \"hub.calls\"");
    let hub = start(&folder, &configured).await;
    let mut all = revisions().into_iter();
    hub.store().record(vec![all.next().unwrap()]).await.unwrap();
    timeout(LIMIT, messages(port, 1)).await.unwrap();
    let client = async_nats::connect(format!("127.0.0.1:{port}")).await.unwrap();
    jetstream::new(client).delete_stream("hub_calls").await.unwrap();
    let next = all.next().unwrap();
    hub.store().record(vec![next.clone()]).await.unwrap();
    let seen = timeout(LIMIT, messages(port, 1)).await.unwrap();
    assert_eq!(seen[0].1, next);
    hub.shutdown().await;
}
