//! A wallboard: waiting callers of each group with their waiting time, and free agents.
//!
//! ```text
//! BASIX_URL=wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti cargo run -p basix-examples --example wallboard
//! ```

use std::error::Error;
use std::time::Duration;

use basix_cti::{Client, Endpoint, Event, Store, Timestamp};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = Endpoint::from_url(&std::env::var("BASIX_URL")?)?.full_events();
    let mut client = Client::connect(endpoint).await?;
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut is_current = false;
    loop {
        tokio::select! {
            event = client.next() => match event {
                Some(Event::Resynced) => is_current = true,
                Some(Event::Stale | Event::Lagged { .. }) => is_current = false,
                Some(_) => {}
                None => return Ok(()),
            },
            _ = second.tick() => draw(&client.store(), is_current),
        }
    }
}

fn draw(store: &Store, is_current: bool) {
    let now = Timestamp::now();
    println!("--- {}", if is_current { "current" } else { "not current" });
    for group in store.groups() {
        let waiting: Vec<_> = store.waiting().in_group(group.id()).collect();
        let longest = waiting.iter().filter_map(|caller| caller.waiting_for(now)).max();
        let longest = longest.unwrap_or_default().as_secs();
        let members = store.members_of(group.id()).count();
        let free = store.free_members_of(group.id()).count();
        println!(
            "{}: {} waiting, longest {longest} s; {free} of {members} agents free",
            group.label(),
            waiting.len()
        );
        for caller in waiting {
            println!("  {} {:?}", caller.number(), caller.waiting_for(now).unwrap_or_default());
        }
    }
}
