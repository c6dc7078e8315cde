//! A log of calls, one line of JSON for each, over reconnects.
//!
//! ```text
//! BASIX_URL=wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti cargo run -p basix-examples --example call-log
//! ```

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use basix_cti::{Calls, Client, Endpoint, Event, Timestamp};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = Endpoint::from_url(&std::env::var("BASIX_URL")?)?.full_events();
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let mut client = Client::connect(endpoint, crypto).await?;
    let mut calls = Calls::new();
    let mut tick = tokio::time::interval(Duration::from_millis(500));
    loop {
        tokio::select! {
            event = client.next() => {
                let Some(event) = event else { return Ok(()) };
                calls.handle_event(now(), &event);
                if matches!(event, Event::Lagged { .. }) {
                    calls.reconcile(now(), &client.store());
                }
            }
            _ = tick.tick() => calls.handle_timeout(now()),
        }
        while let Some(call) = calls.poll_call() {
            println!("{}", serde_json::to_string(&call)?);
        }
    }
}

fn now() -> Timestamp {
    SystemTime::now().into()
}
