//! Ends of connections, as seen by the PBX and the program.

use std::time::Duration;

use basix_cti::session::{
    CommandError, CommandOutcome, DisconnectReason, Reconnect, SessionOptions,
};
use basix_cti::{Client, Command, Event};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};

use super::{endpoint, idle, list, pbx, read_head, serve, spec, until};

/// Reads until the client closes, and reports its Close: `None` if the connection just ends.
async fn report_close(
    mut socket: WebSocketStream<TcpStream>,
    sender: mpsc::Sender<Option<(u16, String)>>,
) {
    let mut close = None;
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Close(frame) = message {
            close = Some(frame.map_or((1005, String::new()), |frame| {
                (frame.code.into(), frame.reason.as_str().to_owned())
            }));
        }
    }
    let _ = sender.send(close).await;
}

async fn disconnected(client: &mut Client) -> DisconnectReason {
    match until(client, |event| matches!(event, Event::Disconnected(_))).await {
        Event::Disconnected(end) => end.reason,
        _ => unreachable!(),
    }
}

#[tokio::test]
async fn closing_and_dropping_a_client_sends_a_normal_close() {
    let (sender, mut closes) = mpsc::channel(4);
    let address = pbx(move |socket| report_close(socket, sender.clone())).await;
    let normal = Some(Some((1000, String::new())));
    let client = Client::connect(endpoint(address)).await.unwrap();
    client.close().await;
    assert_eq!(closes.recv().await, normal);
    drop(Client::connect(endpoint(address)).await.unwrap());
    assert_eq!(closes.recv().await, normal, "dropping it closes it too");
    let client = Client::connect(endpoint(address)).await.unwrap();
    let handle = client.handle();
    let sending = handle.send(Command::hangup("c-1")).unwrap();
    drop(client);
    assert_eq!(sending.await, CommandOutcome::ConnectionLost);
    assert_eq!(handle.send(Command::hangup("c-1")).unwrap_err(), CommandError::NotConnected);
}

/// A PBX that closes with this frame at once, and reports the client's answer.
async fn closing_pbx(frame: Option<CloseFrame>) -> (Client, mpsc::Receiver<Option<(u16, String)>>) {
    let (sender, answers) = mpsc::channel(4);
    let address = pbx(move |mut socket| {
        let (frame, sender) = (frame.clone(), sender.clone());
        async move {
            socket.send(Message::Close(frame)).await.unwrap();
            report_close(socket, sender).await;
        }
    })
    .await;
    (Client::connect(endpoint(address)).await.unwrap(), answers)
}

#[tokio::test]
async fn a_close_of_the_pbx_is_answered_and_its_code_and_reason_are_kept() {
    let reason = "policy: too many connections";
    let frame = CloseFrame { code: CloseCode::Policy, reason: reason.into() };
    let (mut client, mut answers) = closing_pbx(Some(frame)).await;
    let end = disconnected(&mut client).await;
    assert!(
        matches!(&end, DisconnectReason::Closed { code: Some(1008), reason: kept } if **kept == *reason)
    );
    assert_eq!(end.to_string(), "the PBX closed with code 1008: policy: too many connections");
    assert_eq!(answers.recv().await, Some(Some((1008, reason.into()))), "it is answered in kind");
}

#[tokio::test]
async fn a_close_without_a_code_is_answered_too() {
    let (mut client, mut answers) = closing_pbx(None).await;
    assert_eq!(disconnected(&mut client).await.to_string(), "the PBX closed without a code");
    assert_eq!(answers.recv().await, Some(Some((1005, String::new()))));
}

#[tokio::test]
async fn a_close_reason_is_escaped_and_never_longer_than_123_bytes() {
    let reason = format!("\u{1b}[2J\r\n\u{202e}{}", "ü".repeat(56));
    assert_eq!(reason.len(), 121);
    let frame = CloseFrame { code: CloseCode::Away, reason: reason.into() };
    let (mut client, _answers) = closing_pbx(Some(frame)).await;
    let DisconnectReason::Closed { code: Some(1001), reason } = disconnected(&mut client).await
    else {
        panic!()
    };
    let start = "\\u{1b}[2J\\r\\n\\u{202e}";
    assert_eq!(*reason, *format!("{start}{}", "ü".repeat((123 - start.len()) / 2)));
}

/// A client that reads messages of at most 100 bytes, from a PBX that sends these and reports the
/// client's Close.
async fn oversize(messages: Vec<Message>) -> (DisconnectReason, Option<(u16, String)>) {
    let (sender, mut closes) = mpsc::channel(4);
    let address = pbx(move |mut socket| {
        let (messages, sender) = (messages.clone(), sender.clone());
        async move {
            for message in messages {
                // A client that closed its socket with bytes unread would reset the connection.
                if socket.send(message).await.is_err() {
                    let _ = sender.send(None).await;
                    return;
                }
            }
            report_close(socket, sender).await;
        }
    })
    .await;
    let session = SessionOptions::default().with_message_size(100);
    let mut client = Client::builder().session(session).connect(endpoint(address)).await.unwrap();
    (disconnected(&mut client).await, closes.recv().await.unwrap())
}

#[tokio::test]
async fn an_oversize_message_is_answered_with_1009_however_much_is_unread() {
    use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
    let part = |first, last| {
        let code = OpCode::Data(if first { Data::Binary } else { Data::Continue });
        Message::Frame(Frame::message(vec![131; 60], code, last))
    };
    for messages in [
        vec![Message::binary(vec![131; 101])],
        vec![Message::binary(vec![131; 16 << 20])],
        vec![part(true, false), part(false, true)],
    ] {
        let (end, close) = oversize(messages).await;
        assert_eq!(
            end.to_string(),
            "a message has more than 100 bytes; raise the message size of the options if the PBX is \
             that large"
        );
        assert_eq!(close, Some((1009, "message too large".into())));
    }
}

#[tokio::test]
async fn a_breach_of_the_websocket_protocol_is_answered_with_1002() {
    let header = FrameHeader { rsv1: true, ..FrameHeader::default() };
    let frame = Frame::from_payload(header, vec![131, 106].into());
    let (end, close) = oversize(vec![Message::Frame(frame)]).await;
    assert_eq!(end.to_string(), "the peer broke the websocket protocol");
    assert_eq!(close, Some((1002, "websocket protocol error".into())));
}

#[tokio::test]
async fn a_half_open_connection_is_found_by_the_ping_deadline() {
    let (sender, mut silent) = mpsc::channel(4);
    // After its first messages the peer neither reads nor writes, and the socket stays open.
    let address = pbx(move |mut socket| {
        let sender = sender.clone();
        async move {
            socket.send(spec("channel")).await.unwrap();
            socket.send(list("channel", &["c-1"])).await.unwrap();
            let _ = sender.send(socket).await;
        }
    })
    .await;
    let session = SessionOptions::default()
        .with_settle(Duration::ZERO)
        .with_ping_interval(Duration::from_millis(20))
        .with_ping_timeout(Duration::from_millis(20))
        .with_reconnect(Reconnect::fixed(Duration::ZERO));
    let mut client = Client::builder().session(session).connect(endpoint(address)).await.unwrap();
    for _ in 0..2 {
        until(&mut client, |event| matches!(event, Event::Resynced)).await;
        let end = disconnected(&mut client).await;
        assert!(matches!(end, DisconnectReason::Silent), "{end}");
        assert_eq!(end.to_string(), "the PBX gave no sign of life");
    }
    assert!(silent.recv().await.is_some(), "the peer's socket is still open");
}

#[tokio::test]
async fn a_connection_that_ends_without_a_close_is_lost() {
    let address = serve(|stream| async move {
        let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        drop(socket);
    })
    .await;
    let mut client = Client::connect(endpoint(address)).await.unwrap();
    assert_eq!(
        disconnected(&mut client).await.to_string(),
        "the connection was lost: unexpected end of file"
    );
    let address = serve(|mut stream| async move { drop(read_head(&mut stream).await) }).await;
    assert!(Client::connect(endpoint(address)).await.is_err());
}

#[test]
fn when_the_clients_runtime_ends_so_do_its_events_and_commands() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (here, there) = (runtime(), runtime());
    let address = here.block_on(pbx(idle));
    let mut client = there.block_on(Client::connect(endpoint(address))).unwrap();
    here.block_on(until(&mut client, |event| matches!(event, Event::Resynced)));
    let handle = client.handle();
    let parking = handle.send(Command::park("c-1")).unwrap();
    there.shutdown_background();
    assert_eq!(here.block_on(parking), CommandOutcome::ConnectionLost);
    here.block_on(until(&mut client, |event| matches!(event, Event::Disconnected(_))));
    here.block_on(async { while client.next().await.is_some() {} });
    assert_eq!(handle.send(Command::park("c-1")).unwrap_err(), CommandError::NotConnected);
}
