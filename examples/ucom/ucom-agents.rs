//! A board of queue agents, with their events on standard input, a body a line.
//!
//! ```text
//! UCOM_HOST=… UCOM_SECRET=… cargo run -p ucom-examples --example ucom-agents
//! ```

use std::error::Error;
use std::io::BufRead as _;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use ucom_events::api::{ApiHost, Attempt, Credentials, Grant, Secret};
use ucom_events::connect::WantedAgents;
use ucom_events::executor::Executor;
use ucom_events::plan::Rows;
use ucom_events::{Connect, ConnectOptions, EventUrls, Tracker, TrackerOptions, parse_body};

fn print(tracker: &Tracker) {
    for agent in tracker.agents() {
        let ready = if agent.is_ready() { "ready" } else { "not ready" };
        println!("agent {}: {ready} since {}", agent.agent_id, agent.since);
    }
    println!();
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = Secret::new(&std::env::var("UCOM_SECRET")?);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let credentials = Credentials::new("crm", Some(secret), Grant::ClientCredentials);
    let executor = Executor::new(
        ApiHost::allowing_http(&std::env::var("UCOM_HOST")?)?,
        credentials,
        provider,
    )?;

    // The initial states come from the API's lists; nothing is subscribed here.
    let options = ConnectOptions::default().with_agents(WantedAgents::All).with_services(false);
    let rows = Rows::new(EventUrls::new("https://crm.example.com/")?);
    let mut connect = Connect::new(options, Vec::new(), rows);
    executor.drive(&mut connect, &Attempt::by_user()).await;
    let connected = connect.finish(ucom_examples::random)?;

    let key = ucom_examples::random();
    let mut tracker = Tracker::new(TrackerOptions::default(), connected.directory.clone(), key);
    tracker.handle_agents(connected.agent_states(SystemTime::now().into()));
    print(&tracker);

    // From now on events change the board; a web server would take them in.
    let start = Instant::now();
    for body in std::io::stdin().lock().lines() {
        match parse_body(body?) {
            Ok(event) => tracker.handle_event(start.elapsed(), SystemTime::now(), &event),
            Err(error) => eprintln!("{error}"),
        }
        print(&tracker);
    }
    Ok(())
}
