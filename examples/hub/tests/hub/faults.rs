//! A database that cannot be written, and receivers that do not keep up.

use hub::Hub;
use hub::timeline::{Call, Direction};
use voip_module::testing::Push;

use crate::config;
use crate::http::Http;
use crate::senders::{push, queue_call, sources};

#[tokio::test]
async fn with_a_full_disk_nothing_is_acknowledged_and_the_reason_is_shown() {
    let mut config = config(sources());
    config.database_pages = Some(200);
    let hub = Hub::start(config).await.unwrap();
    let (http, address) = (Http::new(), hub.address());
    let mut number = 0;
    loop {
        number += 1;
        assert!(number < 1_000, "never full");
        let mut call = Call::new("cloud", &format!("C-{number}"), Direction::Inbound, number);
        call.customer_name = Some("x".repeat(10_000));
        if hub.store().record(vec![call]).await.is_err() {
            break;
        }
    }
    // What is left of the last page.
    let filler = "y".repeat(3_000);
    let sent = queue_call(&format!("V-{filler}"), true);
    for _ in 0..2 {
        // The second time nothing changes, and still it is not committed.
        let (status, body) = http.send(sent[0].request(address)).await.unwrap();
        assert_eq!(status, 503, "{body}");
    }
    let event = Push::event("INCOMING").phone("79990000001").ext("701").callid(&filler);
    let (status, body) = http.send(push(event).request(address)).await.unwrap();
    assert_eq!(status, 503);
    assert!(
        body.contains("the disk is full, or the database has reached `database_pages`"),
        "{body}"
    );
    let (status, body) = http.get(address, "/readyz").await;
    assert_eq!(status, 503);
    assert!(body.starts_with("the disk is full"), "{body}");
    let state = http.json(address, "/api/state").await;
    let calls = state["calls"].as_array().unwrap();
    assert!(calls.iter().any(|call| call["source"] == "tenant"), "the page shows it all the same");
    hub.shutdown().await;
}

#[tokio::test]
async fn with_too_many_changes_for_receivers_requests_are_refused() {
    let mut config = config(sources());
    config.outbox_rows = 0;
    let hub = Hub::start(config).await.unwrap();
    let (http, address) = (Http::new(), hub.address());
    let event = Push::event("INCOMING").phone("79990000001").ext("701").callid("C-1");
    for sent in [push(event), queue_call("V-1", true).remove(0)] {
        assert_eq!(http.send(sent.request(address)).await.unwrap().0, 503);
    }
    let (status, body) = http.get(address, "/readyz").await;
    assert_eq!((status, &*body), (503, "too much is waiting: changes for receivers\n"));
    assert!(hub.live().is_idle());
    hub.shutdown().await;
}
