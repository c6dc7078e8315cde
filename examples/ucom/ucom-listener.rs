//! Takes events in at `ADDRESS` and keeps a log of calls, with the `STATE` of `ucom-connect`.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::{Router, body::Bytes, http::Method, http::StatusCode, http::Uri};
use tokio::sync::Mutex;
use ucom_events::{EventUrls, Output, Tracker, TrackerOptions, parse_request};
use ucom_examples::{random, store::Stored};

fn print(tracker: &mut Tracker) {
    while let Some(output) = tracker.poll() {
        match output {
            Output::Notice(it) => println!("screen {:?}: {} {:?}", it.extension, it.kind, it.party),
            // Upsert by `call_id`: the record with the higher `revised` wins.
            Output::Call(it) | Output::Revised(it) => println!("log {}", serde_json::json!(it)),
            _ => {}
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (address, file) = (std::env::var("ADDRESS")?, std::env::var("STATE")?);
    let urls = EventUrls::allowing_http(&format!("http://{address}/"))?;
    let stored = Stored::load(&file)?;
    let rows = stored.rows(urls.clone()).table();
    let options = TrackerOptions::default().without_answer_on(stored.without_answer);
    let tracker = Tracker::new(options, stored.directory, random()); // one for each client
    let tracker = Arc::new(Mutex::new(tracker));
    let start = Instant::now(); // a clock that never goes back drives the timers
    let shared = Arc::clone(&tracker);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            shared.lock().await.handle_timeout(start.elapsed());
            print(&mut *shared.lock().await);
        }
    });
    let receive = move |method: Method, uri: Uri, body: Bytes| async move {
        let Some(row) = urls.read_path(uri.path()).and_then(|token| rows.find(token)) else {
            return (StatusCode::NOT_FOUND, "");
        };
        let mut tracker = tracker.lock().await;
        match parse_request(&method, &uri, &body) {
            Ok(event) if row.owner.covers(&event) => {
                tracker.handle_event(start.elapsed(), SystemTime::now(), &event);
            }
            Ok(_) => eprintln!("{}: dropped an event of another extension", row.name),
            Err(error) => eprintln!("{}: {error}", row.name),
        }
        print(&mut tracker);
        (StatusCode::OK, "OK") // also for what cannot be read
    };
    let socket = tokio::net::TcpListener::bind(&address).await?;
    println!("listening on {address}");
    Ok(axum::serve(socket, Router::new().fallback(receive)).await?)
}
