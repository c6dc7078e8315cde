//! The API over real HTTP.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use hub::timeline::State;
use hub::{Config, Hub};
use serde_json::json;
use voip_module::testing::Push;

use crate::http::Http;
use crate::senders::{push, sources};
use crate::{LIMIT, config, until};

#[tokio::test]
async fn changes_come_as_events_in_the_order_of_the_state() {
    let hub = Hub::start(config(sources())).await.unwrap();
    let (http, address) = (Http::new(), hub.address());
    let mut events = http.events(address).await;
    let (start, name, _) = events.next().await.unwrap();
    assert_eq!(name, "reset");
    assert_eq!(http.json(address, "/api/state").await["sequence"], json!(start));

    let ring = push(Push::event("INCOMING").phone("79990000001").ext("701").callid("C-1"));
    assert_eq!(http.send(ring.request(address)).await.unwrap().0, 200);
    let (mut last, mut seen) = (start, Vec::new());
    let read = async {
        while !seen.contains(&"call".to_owned()) || !seen.contains(&"source".to_owned()) {
            let (id, name, data) = events.next().await.unwrap();
            assert!(id > last);
            last = id;
            if name == "call" {
                assert_eq!((&data["id"], &data["state"]), (&json!("C-1"), &json!("ringing")));
            }
            seen.push(name);
        }
    };
    tokio::time::timeout(LIMIT, read).await.unwrap();

    let state = http.json(address, "/api/state").await;
    assert_eq!(state["calls"][0]["customer"], "+79990000001");
    // However a number is written, it is found.
    for text in ["79990000001", "%2B7+999+000-00-01", "0079990000001", "(999)+000"] {
        let found = http.json(address, &format!("/api/calls?search={text}")).await;
        assert_eq!(found["calls"][0]["id"], "C-1", "{text}");
    }
    let call = http.json(address, "/api/calls/cloud/C-1").await;
    assert_eq!(call, state["calls"][0]);
    hub.shutdown().await;
    let read = async { while events.next().await.is_some() {} };
    tokio::time::timeout(LIMIT, read).await.expect("the stream ends with the hub");
}

#[tokio::test]
async fn the_log_is_filtered_and_exported_without_formulas() {
    let hub = Hub::start(config(sources())).await.unwrap();
    let (http, address) = (Http::new(), hub.address());
    let mut call =
        hub::timeline::Call::new("cloud", "C-9", Default::default(), 1_781_000_000_000_000);
    call.customer_name = Some("=HYPERLINK(\"x\")".into());
    call.customer = "+493012345".into();
    call.end(1_781_000_005_000_000, hub::timeline::Outcome::Missed);
    hub.store().record(vec![call]).await.unwrap();

    let found = http.json(address, "/api/calls?search=493&outcome=missed,busy&limit=5").await;
    assert_eq!(found["calls"][0]["id"], "C-9");
    assert_eq!(found["next"], json!(null));
    let found = http.json(address, "/api/calls?outcome=answered").await;
    assert_eq!(found["calls"], json!([]));

    let (status, csv) = http.get(address, "/api/calls.csv?source=cloud").await;
    assert_eq!(status, 200);
    let mut lines = csv.lines();
    assert!(lines.next().unwrap().starts_with("source,id,direction,state,customer,customer_name,"));
    let line = lines.next().unwrap();
    assert!(
        line.starts_with("cloud,C-9,inbound,ended,+493012345,\"'=HYPERLINK(\"\"x\"\")\""),
        "{line}"
    );
    assert!(line.contains("2026-06-09T10:13:20Z,5,,missed,"), "{line}");
    assert_eq!(lines.next(), None);

    let day = http.json(address, "/api/day?date=2026-06-09&zone=Europe/Berlin").await;
    assert_eq!(day["hours"][12]["missed"], 1);
    for (path, text) in [
        ("/api/calls?outcome=lost", "outcome: expected a list of answered, missed, "),
        ("/api/calls?before=x", "before: expected"),
        ("/api/calls?limit=many", "invalid digit"),
        ("/api/day?date=today", "date: expected a date"),
        ("/api/day?zone=Nowhere", "zone: expected a time zone"),
    ] {
        let (status, body) = http.get(address, path).await;
        assert_eq!(status, 400, "{path}: {body}");
        assert!(body.contains(text), "{path}: {body}");
    }
    assert_eq!(http.get(address, "/api/calls/cloud/none").await.0, 404);
    let (status, metrics) = http.get(address, "/metrics").await;
    assert_eq!(status, 200);
    assert!(metrics.contains("\nhub_changes_total 1\n"), "{metrics}");
    assert!(metrics.contains("hub_source_current{source=\"cloud\"} 0"), "{metrics}");
    assert_eq!(http.get(address, "/healthz").await, (200, "ok\n".into()));
    assert_eq!(http.get(address, "/readyz").await, (200, "ready\n".into()));
    hub.shutdown().await;
}

#[tokio::test]
async fn the_api_takes_a_token_or_requests_of_this_machine_only() {
    let http = Http::new();
    let hub = Hub::start(config(sources())).await.unwrap();
    let url = format!("http://{}/api/state", hub.address());
    let request = |host: &str| Request::get(&url).header("host", host).body(Bytes::new()).unwrap();
    assert_eq!(http.send(request("localhost:8080")).await.unwrap().0, 200);
    assert_eq!(http.send(request("[::1]")).await.unwrap().0, 200);
    assert_eq!(http.send(request("evil.example")).await.unwrap().0, 403);
    assert_eq!(http.send(request("127.0.0.1.evil.example")).await.unwrap().0, 403);
    let form = Request::post(format!("http://{}/api/calls", hub.address()))
        .header("content-type", "text/plain")
        .body(Bytes::from_static(b"{}"))
        .unwrap();
    assert_eq!(http.send(form).await.unwrap().0, 415);
    hub.shutdown().await;

    let mut config = config(sources());
    config.token = Some("t0ken".into());
    let hub = Hub::start(config).await.unwrap();
    let request = |token: &str| {
        let request = Request::get(format!("http://{}/api/state", hub.address()));
        let request = request.header("host", "hub.example").header("authorization", token);
        request.body(Bytes::new()).unwrap()
    };
    assert_eq!(http.send(request("Bearer t0ken")).await.unwrap().0, 200);
    for wrong in ["Bearer t0keN", "Bearer t0ken2", "Bearer ", "t0ken"] {
        assert_eq!(http.send(request(wrong)).await.unwrap().0, 401, "{wrong}");
    }
    assert_eq!(http.get(hub.address(), "/metrics").await.0, 401);
    assert_eq!(http.get(hub.address(), "/").await.0, 200, "the page holds no calls");
    hub.shutdown().await;
}

#[tokio::test]
async fn calls_are_started_and_ended_at_the_pbx() {
    let hub = Hub::start(Config::demo()).await.unwrap();
    let (http, address) = (Http::new(), hub.address());
    // The script says what it can when it first polls.
    let can_call = |live: &hub::live::Live| {
        live.sources().iter().any(|source| source.name == "vodia" && source.can_call).then_some(())
    };
    until(hub.live(), can_call).await;
    let sources = http.json(address, "/api/sources").await;
    let can: Vec<_> = sources
        .as_array()
        .unwrap()
        .iter()
        .map(|source| {
            (source["name"].clone(), source["can_call"].clone(), source["can_hang_up"].clone())
        })
        .collect();
    let can =
        |name: &str, call: bool, end: bool| can.contains(&(json!(name), json!(call), json!(end)));
    assert!(can("basix", true, true) && can("gravitel", true, false));
    assert!(can("ucom", false, false) && can("vodia", true, true));

    for (source, user) in [("basix", None), ("gravitel", Some("702")), ("vodia", Some("42"))] {
        // Basix names its users itself.
        let user = match user {
            Some(user) => user.to_owned(),
            None => {
                let find = |live: &hub::live::Live| {
                    let users = live.snapshot().users;
                    users.into_iter().find(|user| user.source == source).map(|user| user.id)
                };
                until(hub.live(), find).await
            }
        };
        let body = json!({"source": source, "from": user, "to": "+4930555000"});
        let (status, answer) = http.post_json(address, "/api/calls", &body).await;
        assert_eq!(status, 201, "{source}: {answer}");
        let id = serde_json::from_str::<serde_json::Value>(&answer).unwrap()["id"].clone();
        let id = id.as_str().unwrap().to_owned();
        let call = until(hub.live(), |live| live.call(source, &id)).await;
        assert!(call.is_open());

        let delete = Request::delete(format!("http://{address}/api/calls/{source}/{id}"));
        let (status, answer) = http.send(delete.body(Bytes::new()).unwrap()).await.unwrap();
        if source == "gravitel" {
            assert_eq!(status, 501, "{answer}");
            continue;
        }
        assert_eq!(status, 204, "{source}: {answer}");
        let ended = crate::logged(&hub, &id, |call| call.state == State::Ended);
        tokio::time::timeout(Duration::from_secs(20), ended).await.unwrap();
    }
    for (body, expected) in [
        (json!({"source": "ucom", "from": "453*106", "to": "1"}), 501),
        (json!({"source": "nobody", "from": "1", "to": "1"}), 404),
        (json!({"source": "vodia", "from": " ", "to": "1"}), 400),
        (json!({"source": "vodia"}), 400),
        (json!({"source": "basix", "from": "anna", "to": "1"}), 400),
    ] {
        let (status, answer) = http.post_json(address, "/api/calls", &body).await;
        assert_eq!(status, expected, "{body}: {answer}");
        assert!(answer.starts_with("{\"error\":\""), "{answer}");
    }
    hub.shutdown().await;
}
