//! A PBX without webhooks on ELMA365 / Brix365: follows the websocket of a Basix PBX, and pushes its
//! calls to the module's webhook URL. Run one instance only: each pushes all calls.
//!
//! ```sh
//! BASIX_URL=wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti VOIP_WEBHOOK_URL=https://… \
//! VOIP_SPOOL_DIR=/var/lib/pushes cargo run -p voip-examples --example websocket-pbx
//! ```

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use basix_cti::{Calls, Client, Endpoint, Event, Timestamp};
use tokio::signal::unix::{SignalKind, signal};
use voip_examples::{Shown, usage};
use voip_module::module_script::push::{FileSpool, PushPolicy, Pusher};
use voip_module::router::TokioTimer;
use voip_module::transport::{ReqwestOptions, ReqwestTransport};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    usage::no_arguments("websocket-pbx", "Reads BASIX_URL, VOIP_WEBHOOK_URL and VOIP_SPOOL_DIR.");
    let spool = PathBuf::from(std::env::var("VOIP_SPOOL_DIR")?);
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let transport = ReqwestTransport::new(crypto, ReqwestOptions::default().with_body(64 << 10))?;
    let mut policy = PushPolicy::default();
    if let Ok(rate) = std::env::var("VOIP_PUSH_PER_MINUTE") {
        policy.per_minute = rate.parse()?;
    }
    let mut pusher = Pusher::builder(transport, TokioTimer)
        .policy(policy)
        .spool(FileSpool::open(&spool)?)
        .with_http()
        .build()?;
    let push = pusher.handle();
    push.set_target(std::env::var("VOIP_WEBHOOK_URL")?.parse()?)?;
    let pushing = tokio::spawn(async move { pusher.run().await });

    let endpoint = Endpoint::from_url(&std::env::var("BASIX_URL")?)?.full_events();
    let mut client = Client::start(endpoint)?;
    let (mut calls, mut shown) = (Calls::new(), Shown::load(spool.join("shown.json"))?);
    let mut is_current = false;
    let mut tick = tokio::time::interval(Duration::from_millis(500));
    let mut terminate = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            event = client.next() => {
                let Some(event) = event else { break };
                calls.handle_event(Timestamp::now(), &event);
                if matches!(event, Event::Lagged { .. }) {
                    calls.reconcile(Timestamp::now(), &client.store());
                }
                is_current = is_current || matches!(event, Event::Resynced);
            }
            _ = tick.tick() => calls.handle_timeout(Timestamp::now()),
            _ = terminate.recv() => break,
        }
        let mut updated = shown.update(&mut calls, &push).await;
        if is_current && updated.is_ok() {
            updated = shown.end_gone(&push).await;
        }
        if let Err(error) = updated {
            eprintln!("{error}"); // a full queue; the next round delivers it
        }
    }
    push.begin_shutdown();
    Ok(pushing.await?)
}
