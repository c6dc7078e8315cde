//! Real HTTP and a real spool, on loopback.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use voip_module::module_script::push::{FileSpool, PushHandle, PushPolicy, PushState, Pusher};
use voip_module::router::TokioTimer;
use voip_module::transport::{ReqwestOptions, ReqwestTransport};
use voip_module::{Sink as _, Token, VoipProvider, WebhookRouter};

use crate::logs::Lines;
use crate::{end, of_event, of_record, record, start};

const TOKEN: &str = "T1K-token-of-the-platform";

/// The platform's end: confirms, or answers with a status.
#[derive(Clone)]
struct Platform {
    status: Arc<Mutex<Option<StatusCode>>>,
    seen: mpsc::UnboundedSender<(Uri, serde_json::Value)>,
}

async fn hook(State(platform): State<Platform>, uri: Uri, body: String) -> (StatusCode, String) {
    let message: serde_json::Value = serde_json::from_str(&body).unwrap();
    let confirmation = format!(r#"{{"voipBridge":1,"accepted":{}}}"#, message["id"]);
    platform.seen.send((uri, message)).unwrap();
    let status = *platform.status.lock().unwrap();
    status.map_or((StatusCode::OK, confirmation), |status| (status, TOKEN.into()))
}

fn pusher(directory: &std::path::Path) -> Pusher<ReqwestTransport> {
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let options = ReqwestOptions::default().with_body(64 << 10);
    Pusher::builder(ReqwestTransport::new(crypto, options).unwrap(), TokioTimer)
        .policy(PushPolicy::default())
        .spool(FileSpool::open(directory).unwrap())
        .with_http()
        .build()
        .unwrap()
}

/// Runs a pusher until this many requests have come, then stops it.
async fn run(
    mut pusher: Pusher<ReqwestTransport>,
    seen: &mut mpsc::UnboundedReceiver<(Uri, serde_json::Value)>,
    requests: usize,
) -> (PushHandle, Vec<serde_json::Value>) {
    let handle = pusher.handle();
    let mut messages = Vec::new();
    let wait = async {
        while messages.len() < requests {
            let (uri, message) = seen.recv().await.unwrap();
            assert_eq!(uri.to_string(), format!("/hook/1?token={TOKEN}"));
            messages.push(message);
        }
        handle.begin_shutdown();
    };
    tokio::join!(pusher.run(), wait);
    (handle, messages)
}

fn spool_text(directory: &std::path::Path) -> String {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

/// A wrong token, then a restart of the service with the right one; the token shows nowhere.
// W158, W171, W176
#[test]
fn pushes_survive_a_restart_and_the_token_shows_nowhere() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let directory = tempfile::TempDir::new().unwrap();
    let mut shown = String::new();
    let log = Lines::of(|| {
        runtime.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let url = format!("http://{}/hook/1?token={TOKEN}", listener.local_addr().unwrap());
            let (sender, mut seen) = mpsc::unbounded_channel();
            let status = Arc::new(Mutex::new(Some(StatusCode::UNAUTHORIZED)));
            let platform = Platform { status: status.clone(), seen: sender };
            let app = axum::Router::new().fallback(hook).with_state(platform);
            tokio::spawn(async move { axum::serve(listener, app).await });

            let first = pusher(directory.path());
            let earlier = first.handle();
            let other = format!("ftp://127.0.0.1/hook/1?token={TOKEN}");
            let error = earlier.set_target(other.parse().unwrap()).unwrap_err();
            shown += &format!("{error} {error:?}");
            earlier.set_target(url.parse().unwrap()).unwrap();
            earlier.deliver(&of_event(start("A-1"))).await.unwrap();
            earlier.deliver(&of_event(end("A-1"))).await.unwrap();
            earlier.deliver(&of_record(record("A-1"))).await.unwrap();
            shown += &format!("{first:?}");
            let (handle, messages) = run(first, &mut seen, 1).await;
            let status_of_first = handle.status();
            assert_eq!((status_of_first.state, status_of_first.queued), (PushState::Blocked, 3));
            shown += &format!("{handle:?} {}", serde_json::to_string(&status_of_first).unwrap());
            shown += &spool_text(directory.path());
            drop([handle, earlier]);

            *status.lock().unwrap() = None;
            let second = pusher(directory.path());
            let handle = second.handle();
            assert_eq!(handle.status().queued, 3);
            handle.set_target(url.parse().unwrap()).unwrap();
            let (handle, again) = run(second, &mut seen, 2).await;
            assert_eq!(again[0]["id"], messages[0]["id"], "an id is the same after a restart");
            assert_eq!(again[0]["event"]["event"], "notify_start");
            assert_eq!(again[1]["event"]["event"], "notify_end");
            assert_eq!(again[1]["callRecord"]["duration"], 124);
            assert_eq!((handle.status().delivered, handle.status().queued), (3, 0));
            assert_eq!(spool_text(directory.path()), "", "no call data stays behind");
            shown += &format!("{handle:?}");
        });
    });
    assert!(log.contains("the webhook URL refuses pushes"), "{log}");
    assert!(shown.contains("127.0.0.1") && shown.contains("A-1"), "{shown}");
    assert!(!shown.contains("T1K") && !log.contains("T1K"), "{shown}\n{log}");
}

/// A PBX whose webhooks go to the service: the router, its journal, the queue.
// W25, W155, W156
#[tokio::test]
async fn a_webhook_router_feeds_the_queue() {
    use voip_module::gravitel::GravitelProvider;
    use voip_module::testing::Push;

    fn router<P: VoipProvider>(provider: P, sink: PushHandle) -> WebhookRouter<P> {
        WebhookRouter::new(provider, Token::new("P1K-token-of-the-pbx").unwrap()).sink(sink)
    }

    let directory = tempfile::TempDir::new().unwrap();
    let pusher = pusher(directory.path());
    let router = router(GravitelProvider::parser_only(), pusher.handle());
    let push = Push::event("INCOMING").phone("79990000001").ext("701").callid("C-1");
    for _ in 0..2 {
        let answer = router.handle(push.post("/?token=P1K-token-of-the-pbx")).await;
        assert_eq!(answer.status(), 200);
    }
    let rating = Push::new().field("cmd", "rating").field("callid", "C-1").field("rating", "5");
    router.handle(rating.post("/?token=P1K-token-of-the-pbx")).await;
    let status = pusher.handle().status();
    assert_eq!((status.state, status.queued), (PushState::NoTarget, 1));
}
