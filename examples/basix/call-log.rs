//! A log of calls, one line of JSON for each, over reconnects.
//!
//! ```text
//! BASIX_URL=wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti cargo run -p basix-examples --example call-log
//! ```

use std::error::Error;
use std::time::Duration;

use basix_cti::{Calls, Client, Endpoint, Event, Timestamp};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = Endpoint::from_url(&std::env::var("BASIX_URL")?)?.full_events();
    let mut client = Client::connect(endpoint).await?;
    let mut calls = Calls::new();
    let mut tick = tokio::time::interval(Duration::from_millis(500));
    loop {
        tokio::select! {
            event = client.next() => {
                let Some(event) = event else { return Ok(()) };
                calls.handle_event(Timestamp::now(), &event);
                if matches!(event, Event::Lagged { .. }) {
                    calls.reconcile(Timestamp::now(), &client.store());
                }
            }
            _ = tick.tick() => calls.handle_timeout(Timestamp::now()),
        }
        while let Some(call) = calls.poll_call() {
            println!("{}", serde_json::to_string(&call)?);
        }
    }
}
