//! The client over loopback sockets: what goes wrong while connecting, and how it is told.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use basix_cti::bert::Encoder;
use basix_cti::testing::{Callee, Pbx, Server};
use basix_cti::{
    CallTarget, Client, ClientOptions, Command, CommandError, CommandOutcome, ConnectError,
    DisconnectReason, Endpoint, EndpointSource, Event, Reconnect, Recorded, Recording,
    SessionOptions, StateKind, async_trait,
};
use futures_util::{SinkExt, StreamExt};
use rustls::crypto::{CryptoProvider, aws_lc_rs, ring};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Bytes, Message};

const TOKEN: &str = "s3cr3t-T0KEN-of-the-test";

fn crypto() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint::new(format!("ws://{address}"), "my-domain", TOKEN)
}

/// A server on the loopback that treats every connection alike.
async fn serve<F, T>(each: F) -> SocketAddr
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
async fn answering(answer: &'static str) -> SocketAddr {
    serve(move |mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    })
    .await
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// A PBX that opens the websocket and then does as it is told.
async fn pbx<F, T>(each: F) -> SocketAddr
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

fn binary(frame: Vec<u8>) -> Message {
    Message::Binary(frame.into())
}

fn list(element: &str, keys: &[&str]) -> Message {
    let mut encoder = Encoder::new();
    encoder.tuple(3).atom("initial_info").string(element).list(keys.len());
    for key in keys {
        encoder.tuple(1).binary(key);
    }
    binary(encoder.finish().unwrap())
}

fn spec(element: &str) -> Message {
    let mut encoder = Encoder::new();
    encoder.tuple(3).atom("field_spec").string(element).list(1).atom("uuid");
    binary(encoder.finish().unwrap())
}

fn event(key: &str, event: &str) -> Message {
    let mut encoder = Encoder::new();
    encoder.tuple(4).atom("info_event").string("channel").tuple(1).binary(key).atom(event);
    binary(encoder.finish().unwrap())
}

/// The list of channels, and then nothing until the client goes.
async fn idle<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<S>) {
    socket.send(spec("channel")).await.unwrap();
    socket.send(list("channel", &["c-1"])).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
}

async fn failure(address: SocketAddr) -> ConnectError {
    let error = Client::connect(endpoint(address), crypto()).await.unwrap_err();
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    error
}

/// The event that is waited for. Nothing takes so long, but a failure.
async fn until(client: &mut Client, mut wanted: impl FnMut(&Event) -> bool) -> Event {
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

#[tokio::test]
async fn b1_a_wrong_token_is_told_as_such() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        let error = failure(answering(answer.leak()).await).await;
        assert_eq!(
            error.to_string(),
            format!(
                "the PBX refused the credentials with HTTP status {}; check domain and token, or \
                 log in again",
                &status[..3]
            )
        );
    }
}

#[tokio::test]
async fn an_http_answer_instead_of_a_websocket_is_told_as_such() {
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
            "the server's answer is no websocket handshake; check that server and port are those \
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
async fn a_port_that_nobody_listens_on_is_told_as_such() {
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
    let options = ClientOptions::new(crypto()).with_session(session);
    let error = Client::connect(endpoint(address), options).await.unwrap_err();
    assert_eq!(error.to_string(), "the PBX did not answer in time; check server, port and network");
}

#[tokio::test]
async fn b1_b2_b4_the_handshake_has_the_credentials_in_a_header_and_offers_no_compression() {
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
    let _ = Client::connect(endpoint, crypto()).await;
    let head = heads.recv().await.unwrap();
    let path = "/basix/api/ws_cti?app_name=wall%20board&force=true&full_events=true";
    assert!(head.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(head.contains(&format!("\r\nhost: {address}\r\n")), "{head}");
    assert!(head.contains("\r\nsec-websocket-version: 13\r\n"), "{head}");
    assert!(head.contains("\r\nauthorization: basic "), "{head}");
    assert!(!head.contains("extensions") && !head.contains(&TOKEN.to_lowercase()), "{head}");
}

/// A certificate for `localhost`, and the roots that trust it.
fn certificate() -> (ServerConfig, RootCertStore) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let chain = vec![made.cert.der().clone()];
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config = ServerConfig::builder_with_provider(crypto())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key.into())
        .unwrap();
    (config, roots)
}

async fn tls_pbx(config: ServerConfig) -> SocketAddr {
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            idle(tokio_tungstenite::accept_async(stream).await.unwrap()).await;
        }
    })
    .await
}

#[tokio::test]
async fn tls_works_with_either_provider_though_both_are_compiled_in() {
    let (config, roots) = certificate();
    let address = tls_pbx(config).await;
    for provider in [ring::default_provider(), aws_lc_rs::default_provider()] {
        let options = ClientOptions::new(Arc::new(provider)).with_roots(roots.clone());
        let server = format!("localhost:{}", address.port());
        let mut client =
            Client::connect(Endpoint::new(server, "my-domain", TOKEN), options).await.unwrap();
        until(&mut client, |event| matches!(event, Event::Resynced)).await;
        client.close().await;
    }
}

#[tokio::test]
async fn tls_that_is_refused_is_told_as_such() {
    let (config, roots) = certificate();
    let address = tls_pbx(config).await;
    let connect = |server: String, roots: Option<RootCertStore>| async move {
        let mut options = ClientOptions::new(crypto());
        options.roots = roots.unwrap_or(options.roots);
        let endpoint = Endpoint::new(server, "my-domain", TOKEN);
        Client::connect(endpoint, options).await.unwrap_err().to_string()
    };
    let advice = "; check the server's name and the certificates that are trusted";
    assert_eq!(
        connect(format!("localhost:{}", address.port()), None).await,
        format!("TLS was refused: invalid peer certificate: UnknownIssuer{advice}")
    );
    let other_name = connect(format!("127.0.0.1:{}", address.port()), Some(roots)).await;
    assert!(other_name.starts_with("TLS was refused: invalid peer certificate: "), "{other_name}");
    let plain = serve(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let no_tls = connect(format!("localhost:{}", plain.port()), None).await;
    assert!(no_tls.starts_with("TLS was refused: ") && no_tls.ends_with(advice), "{no_tls}");
}

#[tokio::test]
async fn b5_a_text_frame_is_refused_and_the_connection_goes_on() {
    let address = pbx(|mut socket| async move {
        socket.send(Message::text("hello")).await.unwrap();
        idle(socket).await;
    })
    .await;
    let mut client = Client::connect(endpoint(address), crypto()).await.unwrap();
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
        let options = ClientOptions::new(crypto()).with_session(session);
        let mut client = Client::connect(endpoint(address), options).await.unwrap();
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
async fn a_message_in_many_frames_over_the_limit_ends_the_connection() {
    use tokio_tungstenite::tungstenite::protocol::frame::Frame;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
    let address = pbx(|mut socket| async move {
        let part = |first, last| {
            let code = OpCode::Data(if first { Data::Binary } else { Data::Continue });
            Message::Frame(Frame::message(Bytes::from_static(&[131; 60]), code, last))
        };
        for (first, last) in [(true, false), (false, true)] {
            let _ = socket.send(part(first, last)).await;
        }
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
    let session = SessionOptions::default().with_message_size(100);
    let options = ClientOptions::new(crypto()).with_session(session);
    let mut client = Client::connect(endpoint(address), options).await.unwrap();
    let Event::Disconnected(end) =
        until(&mut client, |event| matches!(event, Event::Disconnected(_))).await
    else {
        panic!()
    };
    assert!(matches!(end.reason, DisconnectReason::MessageTooLarge { limit: 100 }));
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

#[tokio::test]
async fn b100_the_endpoint_is_asked_for_each_time() {
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
    let options = ClientOptions::new(crypto()).with_session(session);
    let mut client = Client::start(Renewed(address, 0.into()), options).unwrap();
    let mut reasons = Vec::new();
    for _ in 0..3 {
        if let Some(Event::Disconnected(end)) = client.next().await {
            reasons.push(end.reason.to_string());
        }
    }
    assert_eq!(heads.recv().await.unwrap(), "x-session: token-0");
    assert_eq!(heads.recv().await.unwrap(), "x-session: token-2");
    assert_eq!(reasons[1], "cannot connect: no endpoint was given for this attempt");
}

#[tokio::test]
async fn a_wrong_endpoint_is_told_as_such() {
    let wrong = Endpoint::new("pbx.example.net", "my:domain", TOKEN);
    let error = Client::connect(wrong, crypto()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot connect: domain holds a colon: pass the token by itself");
}

#[tokio::test]
async fn whoever_is_late_is_told_and_finds_everything_in_the_store() {
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
    let options = ClientOptions::new(crypto()).with_session(session);
    let mut client = Client::connect(endpoint(address), options).await.unwrap();
    sent.recv().await.unwrap();
    let view = client.store();
    assert_eq!(view.channels().count(), EVENTS);
    client.handle().close();
    let (mut told, mut lagged) = (0, 0);
    while let Some(event) = client.next().await {
        match event {
            Event::Lagged { missed, generation } => {
                assert!(generation <= view.generation());
                lagged += 1;
                told += missed;
            }
            Event::Changed(_) => told += 1,
            _ => {}
        }
    }
    // Some were taken while the client connected.
    assert!((1..=2).contains(&lagged), "{lagged}");
    // Beside the changes there are the list of channels, and what the end is told by.
    assert!((EVENTS as u64..EVENTS as u64 + 6).contains(&told), "{told}");
}

#[tokio::test]
async fn the_pbx_is_told_goodbye() {
    let (sender, mut goodbyes) = tokio::sync::mpsc::channel(4);
    let address = pbx(move |mut socket| {
        let sender = sender.clone();
        async move {
            let mut goodbye = false;
            while let Some(Ok(message)) = socket.next().await {
                goodbye |= message.is_close();
            }
            let _ = sender.send(goodbye).await;
        }
    })
    .await;
    let client = Client::connect(endpoint(address), crypto()).await.unwrap();
    client.close().await;
    assert_eq!(goodbyes.recv().await, Some(true));
    drop(Client::connect(endpoint(address), crypto()).await.unwrap());
    assert_eq!(goodbyes.recv().await, Some(true), "dropping it closes it too");
    let client = Client::connect(endpoint(address), crypto()).await.unwrap();
    let handle = client.handle();
    let sending = handle.send(Command::hangup("c-1")).unwrap();
    drop(client);
    assert_eq!(sending.await, CommandOutcome::ConnectionLost);
    assert_eq!(handle.send(Command::hangup("c-1")).unwrap_err(), CommandError::NotConnected);
}

/// A PBX that reads nothing until it is told to, and then says what came.
async fn late_reader<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    mut going: tokio::sync::watch::Receiver<bool>,
    sender: tokio::sync::mpsc::Sender<usize>,
) {
    socket.send(spec("channel")).await.unwrap();
    socket.send(list("channel", &["c-1"])).await.unwrap();
    let _ = going.wait_for(|go| *go).await;
    while let Some(Ok(message)) = socket.next().await {
        let _ = sender.send(message.len()).await;
    }
}

#[tokio::test]
async fn a_socket_that_takes_nothing_fills_the_write_buffer_and_loses_nothing() {
    let (config, roots) = certificate();
    for tls in [None, Some(tokio_rustls::TlsAcceptor::from(Arc::new(config)))] {
        let (go, going) = tokio::sync::watch::channel(false);
        let (sender, mut received) = tokio::sync::mpsc::channel(4096);
        let is_tls = tls.is_some();
        let address = serve(move |stream| {
            let (going, sender, tls) = (going.clone(), sender.clone(), tls.clone());
            async move {
                match tls {
                    Some(tls) => {
                        let stream = tls.accept(stream).await.unwrap();
                        let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                        late_reader(socket, going, sender).await;
                    }
                    None => {
                        let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                        late_reader(socket, going, sender).await;
                    }
                }
            }
        })
        .await;
        let session = SessionOptions::default().with_commands(usize::MAX);
        let options = ClientOptions::new(crypto()).with_session(session).with_roots(roots.clone());
        let scheme = if is_tls { "wss" } else { "ws" };
        let server = format!("{scheme}://localhost:{}", address.port());
        let endpoint = Endpoint::new(server, "my-domain", TOKEN);
        let mut client = Client::connect(endpoint, options).await.unwrap();
        until(&mut client, |event| matches!(event, Event::Resynced)).await;
        let handle = client.handle();
        let command = Command::from(Command::transfer("c-1").destination("5".repeat(64 << 10)));
        let mut taken = 0;
        let error = loop {
            match handle.send(command.clone()) {
                Ok(_) => taken += 1,
                Err(error) => break error,
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(error, CommandError::WriteBufferFull { limit: 16 });
        assert_eq!(
            error.to_string(),
            "command is not sent: 16 messages wait to be written; the connection is slow or stuck"
        );
        go.send(true).unwrap();
        for _ in 0..taken {
            let next = tokio::time::timeout(Duration::from_secs(30), received.recv()).await;
            assert_eq!(next.unwrap(), Some(command.to_text().len()), "what was taken arrives");
        }
    }
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
    let options = ClientOptions::new(crypto()).with_recording(&file);
    let mut client = Client::connect(endpoint(address), options).await.unwrap();
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

#[tokio::test]
async fn b90_to_b96_commands_change_the_pbx_and_come_back_as_events() {
    let mut pbx = Pbx::new(1);
    let (boss, agent) = (pbx.add_administrator("boss"), pbx.add_user("agent"));
    let uuid = pbx.offer("09056161879", Callee::User(agent)).unwrap();
    let server = Server::start(pbx).await.unwrap();
    let session = SessionOptions::default().with_supervisor(Some(boss));
    let options = ClientOptions::new(crypto()).with_session(session);
    let endpoint = Endpoint::new(server.origin(), "example.test", "token");
    let mut client = Client::connect(endpoint, options).await.unwrap();
    until(&mut client, |event| matches!(event, Event::Resynced)).await;
    let handle = client.handle();

    let parking = handle.send(Command::park(&*uuid)).unwrap();
    assert_eq!(parking.await, CommandOutcome::Done);
    let store = handle.store();
    let state = store.channel(&uuid).unwrap().state.unwrap().kind;
    assert!(
        matches!(state, StateKind::Park { slot, .. } if slot.as_i64() == Some(901)),
        "{state:?}"
    );
    assert!(handle.store().parked_channels().any(|parked| parked.uuid == *uuid));
    until(&mut client, |event| matches!(event, Event::Changed(change) if change.key() == uuid))
        .await;

    let transfer = Command::transfer(&*uuid).user_id(boss);
    assert_eq!(handle.send(transfer).unwrap().await, CommandOutcome::Done);
    let store = handle.store();
    let state = store.channel(&uuid).unwrap().state.unwrap().kind;
    assert!(
        matches!(&state, StateKind::Calling(calling)
            if matches!(calling.target, CallTarget::User { user_id, .. } if user_id == Some(boss))),
        "{state:?}"
    );

    let listening = handle.eavesdrop(Command::eavesdrop(&*uuid).subcommand("listen")).unwrap();
    assert_eq!(listening.await, CommandOutcome::Done);
    let Event::HelperLegUp(leg) =
        until(&mut client, |event| matches!(event, Event::HelperLegUp(_))).await
    else {
        panic!()
    };
    handle.end_helper_leg();
    until(&mut client, |event| matches!(event, Event::HelperLegDown)).await;
    server.until(|pbx| pbx.channel(&leg).is_none()).await;

    assert_eq!(handle.send(Command::hangup(&*uuid)).unwrap().await, CommandOutcome::Done);
    assert!(handle.store().channel(&uuid).is_none());
    assert!(server.look(|pbx| pbx.channel(&uuid).is_none()));
    assert_eq!(
        handle.send(Command::hangup(&*uuid)).unwrap_err().to_string(),
        "command is not sent: the PBX has no such channel; it may have ended"
    );
    server.stop().await;
    until(&mut client, |event| matches!(event, Event::Disconnected(_))).await;
    assert_eq!(
        handle.send(Command::hangup(&*uuid)).unwrap_err().to_string(),
        "command is not sent: there is no connection to the PBX; send it after the next Resynced"
    );
}

#[test]
fn when_the_runtime_of_the_client_ends_so_do_its_events_and_commands() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (here, there) = (runtime(), runtime());
    let address = here.block_on(pbx(idle));
    let mut client = there.block_on(Client::connect(endpoint(address), crypto())).unwrap();
    here.block_on(until(&mut client, |event| matches!(event, Event::Resynced)));
    let handle = client.handle();
    let parking = handle.send(Command::park("c-1")).unwrap();
    there.shutdown_background();
    assert_eq!(here.block_on(parking), CommandOutcome::ConnectionLost);
    here.block_on(until(&mut client, |event| matches!(event, Event::Disconnected(_))));
    here.block_on(async { while client.next().await.is_some() {} });
    assert_eq!(handle.send(Command::park("c-1")).unwrap_err(), CommandError::NotConnected);
}
