//! Observers beside events: messages byte for byte, and the PBX's clock.

use std::sync::{Arc, Mutex, OnceLock};

use basix_cti::bert::Encoder;
use basix_cti::client::{Handle, RawMessage};
use basix_cti::{Client, Event, Timestamp};
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

use super::{binary, endpoint, event, idle, pbx, spec, until};

#[tokio::test]
async fn a_tap_gets_each_message_byte_for_byte_in_order_and_may_use_the_handle() {
    let sent =
        [spec("channel"), Message::text("héllo"), binary(vec![0, 1, 2]), event("c-2", "added")];
    let expected: Vec<Vec<u8>> = sent.iter().map(|it| it.clone().into_data().to_vec()).collect();
    let (go, going) = tokio::sync::watch::channel(false);
    let address = pbx(move |mut socket| {
        let (sent, mut going) = (sent.clone(), going.clone());
        async move {
            let _ = going.wait_for(|go| *go).await;
            for message in sent {
                socket.send(message).await.unwrap();
            }
            idle(socket).await;
        }
    })
    .await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handle: Arc<OnceLock<Handle>> = Arc::default();
    let (all, own) = (Arc::clone(&seen), Arc::clone(&handle));
    let mut client = Client::builder()
        .tap(move |_, message| {
            // The session's lock is free.
            assert!(own.get().unwrap().is_connected());
            all.lock().unwrap().push(match message {
                RawMessage::Binary(bytes) => (false, bytes.to_vec()),
                RawMessage::Text(text) => (true, text.as_bytes().to_vec()),
            });
        })
        .connect(endpoint(address))
        .await
        .unwrap();
    handle.set(client.handle()).unwrap();
    go.send(true).unwrap();
    until(&mut client, |event| matches!(event, Event::Listed { .. })).await;
    client.close().await;
    let seen = seen.lock().unwrap();
    let texts: Vec<bool> = seen.iter().map(|it| it.0).collect();
    assert_eq!(texts, [false, true, false, false, false, false]);
    let bytes: Vec<Vec<u8>> = seen.iter().map(|it| it.1.clone()).collect();
    assert_eq!(bytes[..4], expected);
}

#[tokio::test]
async fn the_pbxs_clock_is_estimated_from_its_events() {
    const HOUR: i64 = 3_600_000_000;
    let address = pbx(|mut socket| async move {
        let spec = Encoder::new()
            .tuple(3)
            .atom("field_spec")
            .string("channel")
            .list(2)
            .atom("uuid")
            .atom("offer_timestamp")
            .finish()
            .unwrap();
        socket.send(binary(spec)).await.unwrap();
        let none = Encoder::new().tuple(3).atom("initial_info").string("channel").list(0).finish();
        socket.send(binary(none.unwrap())).await.unwrap();
        let ahead = Timestamp::now().as_micros() + HOUR;
        let event = Encoder::new()
            .tuple(4)
            .atom("info_event")
            .string("channel")
            .tuple(2)
            .binary("c-1")
            .integer(ahead)
            .atom("added")
            .finish()
            .unwrap();
        socket.send(binary(event)).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
    let mut client = Client::connect(endpoint(address)).await.unwrap();
    let handle = client.handle();
    let before = Timestamp::now().as_micros();
    until(&mut client, |event| matches!(event, Event::Changed(_))).await;
    let offset = handle.clock_offset().offset_micros().unwrap();
    assert!(offset <= HOUR, "a delay never makes the PBX's clock seem further ahead: {offset}");
    assert!(handle.pbx_now().as_micros() >= before + offset);
    assert_eq!(handle.clock_offset().pbx_time(Timestamp::from_micros(7)).as_micros(), 7 + offset);
}
