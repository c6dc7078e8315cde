//! Messages of an open connection.

use basix_cti::recording::{Recorded, Recording};
use basix_cti::session::SessionOptions;
use basix_cti::{Client, Event};
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::{self, Bytes, Message};

use super::{endpoint, event, idle, list, pbx, spec, until};

// B5
#[tokio::test]
async fn a_text_frame_is_refused_and_the_connection_goes_on() {
    let address = pbx(|mut socket| async move {
        socket.send(Message::text("hello")).await.unwrap();
        idle(socket).await;
    })
    .await;
    let mut client = Client::connect(endpoint(address)).await.unwrap();
    let Event::Refused(refused) =
        until(&mut client, |event| matches!(event, Event::Refused(_))).await
    else {
        panic!()
    };
    assert!(refused.to_string().starts_with("message is refused: it is a text message"));
    until(&mut client, |event| matches!(event, Event::Resynced)).await;
    assert!(client.store().channel("c-1").is_some());
}

#[tokio::test]
async fn a_message_one_byte_over_the_limit_ends_the_connection_and_says_what_to_do() {
    let full = list("channel", &["c-1", "c-2"]).len();
    for (limit, expected) in [(full, None), (full - 1, Some(full - 1))] {
        let address = pbx(|mut socket| async move {
            socket.send(spec("channel")).await.unwrap();
            socket.send(list("channel", &["c-1", "c-2"])).await.unwrap();
            while let Some(Ok(_)) = socket.next().await {}
        })
        .await;
        let session = SessionOptions::default().with_message_size(limit);
        let builder = Client::builder().session(session);
        let mut client = builder.connect(endpoint(address)).await.unwrap();
        let wanted = |event: &Event| matches!(event, Event::Resynced | Event::Disconnected(_));
        match (until(&mut client, wanted).await, expected) {
            (Event::Resynced, None) => {}
            (Event::Disconnected(end), Some(limit)) => assert_eq!(
                end.reason.to_string(),
                format!(
                    "a message has more than {limit} bytes; raise the message size of the options \
                     if the PBX is that large"
                )
            ),
            (event, _) => panic!("{event:?} with a limit of {limit}"),
        }
    }
}

#[tokio::test]
async fn a_slow_consumer_gets_lagged_and_finds_everything_in_the_store() {
    const EVENTS: usize = 5000;
    let (sender, mut sent) = tokio::sync::mpsc::channel(1);
    let address = pbx(move |mut socket| {
        let sender = sender.clone();
        async move {
            socket.send(spec("channel")).await.unwrap();
            socket.send(list("channel", &[])).await.unwrap();
            for at in 0..EVENTS {
                socket.feed(event(&format!("c-{at}"), "added")).await.unwrap();
            }
            // The pong says that all of it was read.
            socket.send(Message::Ping(Bytes::new())).await.unwrap();
            while let Some(Ok(message)) = socket.next().await {
                if message.is_pong() {
                    let _ = sender.send(()).await;
                }
            }
        }
    })
    .await;
    let session = SessionOptions::default().with_events(100);
    let builder = Client::builder().session(session);
    let mut client = builder.connect(endpoint(address)).await.unwrap();
    sent.recv().await.unwrap();
    let view = client.store();
    assert_eq!(view.channels().count(), EVENTS);
    client.handle().close();
    let (mut received, mut lagged) = (0, 0);
    while let Some(event) = client.next().await {
        match event {
            Event::Lagged { missed, generation } => {
                // The end of the connection removes the channels in one step.
                assert!(generation <= view.generation() + 1);
                lagged += 1;
                received += missed;
            }
            Event::Changed(_) => received += 1,
            _ => {}
        }
    }
    // Some were taken while the client connected.
    assert!((1..=3).contains(&lagged), "{lagged}");
    // Each channel comes and, with the connection, goes; beside it a few events of the connection.
    let changes = 2 * EVENTS as u64;
    assert!((changes..changes + 8).contains(&received), "{received}");
}

#[tokio::test]
async fn a_recording_ends_with_the_last_message_that_was_taken_in() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (say, said) = (std::sync::mpsc::channel::<()>(), std::sync::mpsc::channel());
    let peer = std::thread::spawn(move || {
        let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
        let Message::Binary(hello) = list("user", &["u-1"]) else { unreachable!() };
        for words in 0..3 {
            if words > 0 {
                say.1.recv().unwrap();
            }
            socket.send(Message::Binary(hello.clone())).unwrap();
            said.0.send(()).unwrap();
        }
    });
    let file =
        std::env::temp_dir().join(format!("basix-cti-{}-{}", std::process::id(), address.port()));
    let builder = Client::builder().recording(&file);
    let mut client = builder.connect(endpoint(address)).await.unwrap();
    until(&mut client, |event| matches!(event, Event::Refused(_))).await;

    // This is the runtime's only thread: the socket has the messages when it is looked at again.
    for _ in 0..2 {
        say.0.send(()).unwrap();
    }
    (0..3).for_each(|_| said.1.recv().unwrap());
    tokio::task::yield_now().await;
    client.handle().close();
    let mut taken = 1;
    while let Some(event) = client.next().await {
        taken += usize::from(matches!(event, Event::Refused(_)));
    }
    let recording = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let recorded = Recording::new(&*recording).unwrap().map(Result::unwrap);
    let recorded = recorded.filter(|event| matches!(event.kind, Recorded::Binary(_))).count();
    assert_eq!(recorded, taken);
    peer.join().unwrap();
}
