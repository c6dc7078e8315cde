//! Failures to connect, and their errors.

use std::net::SocketAddr;
use std::time::Duration;

use basix_cti::client::{EndpointSource, async_trait};
use basix_cti::session::{ConnectError, Reconnect, SessionOptions};
use basix_cti::{Client, Endpoint, Event};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{TOKEN, answering, endpoint, failure, read_head, serve};

// B1
#[tokio::test]
async fn rejected_credentials_are_reported_with_the_status_and_advice() {
    for (status, advice) in [
        ("401 Unauthorized", "check domain and token, or log in again"),
        ("403 Forbidden", "check the rights of the token or user"),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        let error = failure(answering(answer.leak()).await).await;
        assert_eq!(
            error.to_string(),
            format!("the PBX rejected the credentials with HTTP status {}; {advice}", &status[..3])
        );
    }
}

#[tokio::test]
async fn an_http_answer_instead_of_a_websocket_is_reported() {
    let page = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
    let error = failure(answering(page).await).await;
    assert_eq!(
        error.to_string(),
        "the server answered with HTTP status 200 instead of opening a websocket; check server \
         and port, and that a proxy in between passes websockets"
    );
    let moved = "HTTP/1.1 302 Found\r\nlocation: http://evil.example/\r\n\r\n";
    assert!(matches!(failure(answering(moved).await).await, ConnectError::Status(302)));
    for answer in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-accept: c29tZXRoaW5nIGVsc2U=\r\n\r\n",
    ] {
        let error = failure(answering(answer).await).await;
        assert_eq!(
            error.to_string(),
            "the server's answer is not a websocket handshake; check that server and port are those \
             of the PBX"
        );
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_for_ever() {
    let address = serve(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"x-more: and more and more\r\n").await.is_ok() {}
    })
    .await;
    assert!(matches!(failure(address).await, ConnectError::NotWebsocket));
}

#[tokio::test]
async fn a_port_without_a_listener_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(
        failure(address).await.to_string(),
        "cannot reach the PBX: connection refused; check server, port and network"
    );
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let address = serve(|mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let session = SessionOptions::default().with_connect_timeout(Duration::from_millis(50));
    let builder = Client::builder().session(session);
    let error = builder.connect(endpoint(address)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "timed out waiting for the websocket handshake; check server, port and network"
    );
}

// B1, B2, B4
#[tokio::test]
async fn the_handshake_has_the_credentials_in_a_header_and_offers_no_compression() {
    let (sender, mut heads) = tokio::sync::mpsc::channel(1);
    let address = serve(move |mut stream| {
        let sender = sender.clone();
        async move {
            let head = read_head(&mut stream).await;
            let _ = sender.send(head).await;
        }
    })
    .await;
    let endpoint = endpoint(address).app_name("wall board").force().full_events();
    let _ = Client::connect(endpoint).await;
    let head = heads.recv().await.unwrap();
    let path = "/basix/api/ws_cti?app_name=wall%20board&force=true&full_events=true";
    assert!(head.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(head.contains(&format!("\r\nhost: {address}\r\n")), "{head}");
    assert!(head.contains("\r\nsec-websocket-version: 13\r\n"), "{head}");
    assert!(head.contains("\r\nauthorization: basic "), "{head}");
    assert!(!head.contains("extensions") && !head.contains(&TOKEN.to_lowercase()), "{head}");
}

/// Another token each time.
#[derive(Debug)]
struct Renewed(SocketAddr, std::sync::atomic::AtomicUsize);

#[async_trait]
impl EndpointSource for Renewed {
    async fn endpoint(&self) -> Result<Endpoint, Box<dyn std::error::Error + Send + Sync>> {
        let count = self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if count == 1 {
            return Err("the vault is locked".into());
        }
        Ok(Endpoint::with_session(
            format!("ws://{}", self.0),
            "x-session",
            format!("token-{count}"),
        ))
    }
}

// B100
#[tokio::test]
async fn the_endpoint_is_asked_for_each_time() {
    let (sender, mut heads) = tokio::sync::mpsc::channel(8);
    let address = serve(move |mut stream| {
        let sender = sender.clone();
        async move {
            let head = read_head(&mut stream).await;
            let at = head.find("x-session: ").unwrap();
            let _ = sender.send(head[at..].lines().next().unwrap().to_owned()).await;
        }
    })
    .await;
    let session =
        SessionOptions::default().with_reconnect(Reconnect::fixed(Duration::from_millis(1)));
    let builder = Client::builder().session(session);
    let mut client = builder.start(Renewed(address, 0.into())).unwrap();
    let mut reasons = Vec::new();
    for _ in 0..3 {
        if let Some(Event::Disconnected(end)) = client.next().await {
            reasons.push(end.reason.to_string());
        }
    }
    assert_eq!(heads.recv().await.unwrap(), "x-session: token-0");
    assert_eq!(heads.recv().await.unwrap(), "x-session: token-2");
    assert_eq!(reasons[1], "cannot connect: the endpoint source returned an error");
}

#[tokio::test]
async fn an_invalid_endpoint_is_reported() {
    let wrong = Endpoint::new("pbx.example.net", "my:domain", TOKEN);
    let error = Client::connect(wrong).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot connect: domain contains a colon: pass the token as a separate argument"
    );
}

#[test]
fn without_a_runtime_nothing_starts() {
    let endpoint = Endpoint::new("ws://127.0.0.1:1", "my-domain", TOKEN);
    assert_eq!(
        Client::start(endpoint).unwrap_err().to_string(),
        "cannot connect: no tokio runtime; call this from within one"
    );
}
