//! The client over loopback sockets.

mod closing;
mod command;
mod connecting;
mod messages;
mod network;
mod observing;
mod proxy;
mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use basix_cti::bert::Encoder;
use basix_cti::session::ConnectError;
use basix_cti::{Client, Endpoint, Event};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

pub(super) const TOKEN: &str = "s3cr3t-T0KEN-of-the-test";

pub(super) fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint::new(format!("ws://{address}"), "my-domain", TOKEN)
}

/// A server on the loopback that runs `each` for every connection.
pub(super) async fn serve<F, T>(each: F) -> SocketAddr
where
    F: Fn(TcpStream) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(each(stream));
        }
    });
    address
}

/// A server that answers the handshake with these bytes.
pub(super) async fn answering(answer: &'static str) -> SocketAddr {
    serve(move |mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    })
    .await
}

pub(super) async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// A PBX that opens the websocket and then runs `each`.
pub(super) async fn pbx<F, T>(each: F) -> SocketAddr
where
    F: Fn(WebSocketStream<TcpStream>) -> T + Clone + Send + Sync + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    serve(move |stream| {
        let each = each.clone();
        async move { each(tokio_tungstenite::accept_async(stream).await.unwrap()).await }
    })
    .await
}

pub(super) fn binary(frame: Vec<u8>) -> Message {
    Message::Binary(frame.into())
}

pub(super) fn list(element: &str, keys: &[&str]) -> Message {
    let mut encoder = Encoder::new();
    encoder.tuple(3).atom("initial_info").string(element).list(keys.len());
    for key in keys {
        encoder.tuple(1).binary(key);
    }
    binary(encoder.finish().unwrap())
}

pub(super) fn spec(element: &str) -> Message {
    let mut encoder = Encoder::new();
    encoder.tuple(3).atom("field_spec").string(element).list(1).atom("uuid");
    binary(encoder.finish().unwrap())
}

pub(super) fn event(key: &str, event: &str) -> Message {
    let mut encoder = Encoder::new();
    encoder.tuple(4).atom("info_event").string("channel").tuple(1).binary(key).atom(event);
    binary(encoder.finish().unwrap())
}

/// Sends the snapshot of channels, and then reads until the client leaves.
pub(super) async fn idle<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<S>) {
    socket.send(spec("channel")).await.unwrap();
    socket.send(list("channel", &["c-1"])).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
}

pub(super) async fn failure(address: SocketAddr) -> ConnectError {
    let error = Client::connect(endpoint(address)).await.unwrap_err();
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    error
}

/// Returns the first event that is wanted; fails if it does not come.
pub(super) async fn until(client: &mut Client, mut wanted: impl FnMut(&Event) -> bool) -> Event {
    let waiting = async {
        loop {
            let event = client.next().await.expect("the events go on");
            if wanted(&event) {
                return event;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it comes in time")
}
