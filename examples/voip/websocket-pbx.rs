//! A PBX without webhooks on ELMA365 / Brix365: follows the websocket of a Basix PBX, and pushes its
//! calls to the module's webhook URL. Run one instance only: each pushes all calls.
//!
//! ```sh
//! BASIX_URL=wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti VOIP_WEBHOOK_URL=https://… \
//! VOIP_SPOOL_DIR=/var/lib/pushes cargo run -p voip-examples --example websocket-pbx
//! ```

use std::env::var;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use basix_cti::{Calls, Client, Endpoint, Event, Timestamp};
use voip_examples::{Shown, StopSignal};
use voip_module::module_script::push::{FileSpool, PushPolicy, Pusher};
use voip_module::router::TokioTimer;
use voip_module::transport::{ReqwestOptions, ReqwestTransport};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spool = PathBuf::from(var("VOIP_SPOOL_DIR")?);
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let transport = ReqwestTransport::new(crypto, ReqwestOptions::default().with_body(64 << 10))?;
    let mut policy = PushPolicy::default();
    policy.per_minute = var("VOIP_PUSH_PER_MINUTE").map_or(Ok(50), |rate| rate.parse())?;
    let pusher = Pusher::builder(transport, TokioTimer).policy(policy).with_http();
    let mut pusher = pusher.spool(FileSpool::open(&spool)?).build()?;
    let push = pusher.handle();
    push.set_target(var("VOIP_WEBHOOK_URL")?.parse()?)?;
    let pushing = tokio::spawn(async move { pusher.run().await });

    let endpoint = Endpoint::from_url(&var("BASIX_URL")?)?.full_events();
    let mut client = Client::start(endpoint)?;
    let (mut calls, mut shown) = (Calls::new(), Shown::load(spool.join("shown.json"))?);
    let mut is_current = false;
    let mut tick = tokio::time::interval(Duration::from_millis(500));
    let mut stop = StopSignal::listen()?;
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
            () = stop.next() => break,
        }
        if let Err(error) = shown.follow(&mut calls, is_current, &push).await {
            eprintln!("{error}"); // a full queue; the next round delivers it
        }
    }
    push.begin_shutdown();
    Ok(pushing.await?)
}
