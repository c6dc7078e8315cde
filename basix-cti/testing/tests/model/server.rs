//! The model behind real sockets, and a websocket client that knows nothing of this crate.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use basix_cti::session::CommandOutcome;
use basix_cti::{Client, Command, ElementKind, Endpoint, Parser, Store};
use basix_cti_testing::record::ModelState;
use basix_cti_testing::{Fault, Faults, Pbx, SESSION_COOKIE, Server, Traffic};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// More than anything here takes.
const LONG: Duration = Duration::from_secs(30);
const BASIC: &str = "Basic ZXhhbXBsZS50ZXN0OnRva2Vu";

type Socket = WebSocketStream<TcpStream>;

fn request(server: &Server, query: &str) -> Request {
    let mut request = format!("{}{query}", server.url()).into_client_request().unwrap();
    request.headers_mut().insert("authorization", BASIC.parse().unwrap());
    request
}

async fn connect(server: &Server) -> Result<Socket, Error> {
    let stream = TcpStream::connect(server.addr()).await.unwrap();
    client_async(request(server, ""), stream).await.map(|(socket, _)| socket)
}

/// The next message; none if the connection is over.
async fn next(socket: &mut Socket) -> Option<Message> {
    timeout(LONG, socket.next()).await.unwrap()?.ok()
}

/// A parser and a mirror at the end of a socket.
struct Follower {
    socket: Socket,
    parser: Parser,
    store: Store,
    frames: usize,
}

impl Follower {
    async fn connect(server: &Server) -> Self {
        let socket = connect(server).await.unwrap();
        Self { socket, parser: Parser::new(), store: Store::new(), frames: 0 }
    }

    async fn read(&mut self) {
        match next(&mut self.socket).await.unwrap() {
            Message::Binary(frame) => {
                self.store.apply(&self.parser.parse(&frame).unwrap()).unwrap();
                self.frames += 1;
            }
            other => panic!("{other:?}"),
        }
    }

    /// Reads this many frames.
    async fn read_frames(&mut self, count: usize) {
        for _ in 0..count {
            self.read().await;
        }
    }

    /// Reads until the mirror is the PBX.
    async fn catch_up(&mut self, server: &Server) {
        while server.look(|pbx| pbx.compare(&self.store)).is_err() || self.frames < 18 {
            self.read().await;
        }
    }
}

#[tokio::test]
async fn a_websocket_client_follows_the_model() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    assert_eq!(server.url(), format!("ws://{}/basix/api/ws_cti", server.addr()));
    let mut follower = Follower::connect(&server).await;
    let mut traffic = Traffic::new(1);
    for _ in 0..300 {
        server.with(|pbx| traffic.step(pbx));
    }
    follower.catch_up(&server).await;
    assert!(follower.store.channels().count() > 3);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_clients_follow_at_once() {
    let server = Server::start(Pbx::new(2)).await.unwrap();
    server.with(|pbx| pbx.track_delivered(false));
    let mut followers = Vec::new();
    for _ in 0..200 {
        followers.push(Follower::connect(&server).await);
    }
    assert_eq!(server.look(|pbx| pbx.connections().count()), 200);
    let mut traffic = Traffic::new(2);
    (0..50).for_each(|_| server.with(|pbx| traffic.step(pbx)));
    for follower in &mut followers {
        follower.catch_up(&server).await;
    }
    let frames = followers[0].frames;
    assert!(frames > 60 && followers.iter().all(|follower| follower.frames == frames));
    drop(followers);
    timeout(LONG, server.until(|pbx| pbx.connections().next().is_none())).await.unwrap();
}

#[tokio::test]
async fn wrong_credentials_and_planned_refusals_are_answered_by_http() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    server.with(|pbx| {
        pbx.set_faults(
            Faults::none()
                .with(1, 0, Fault::Refuse(http::StatusCode::SERVICE_UNAVAILABLE))
                .with(2, 0, Fault::WebPage)
                .with(3, 0, Fault::Unreachable),
        );
    });
    let open = async |request: Request| {
        let stream = TcpStream::connect(server.addr()).await.unwrap();
        match client_async(request, stream).await {
            Err(Error::Http(response)) => Some(response.status().as_u16()),
            Err(_) => None,
            Ok(_) => Some(101),
        }
    };
    let mut wrong = request(&server, "");
    wrong.headers_mut().insert("authorization", "Basic AAAA".parse().unwrap());
    assert_eq!(open(wrong).await, Some(401));
    assert_eq!(open(request(&server, "")).await, Some(503));
    assert_eq!(open(request(&server, "")).await, Some(200));
    assert_eq!(open(request(&server, "")).await, None);
    assert_eq!(open(request(&server, "?app_name=test")).await, Some(101));
    assert_eq!(open(request(&server, &format!("?app_name={}", "x".repeat(300)))).await, Some(400));

    // A login session by cookie; the plan of faults has no entry for this connection.
    let session = server.with(|pbx| {
        let anna = pbx.add_user("anna");
        pbx.log_in(anna)
    });
    let mut cookie = server.url().into_client_request().unwrap();
    let value = format!("{SESSION_COOKIE}={session}");
    cookie.headers_mut().insert("cookie", value.parse().unwrap());
    assert_eq!(open(cookie).await, Some(101));
}

/// Writes bytes and reads all that comes back.
async fn exchange(addr: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    // The other end may have had enough before it has read all.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = timeout(LONG, stream.read_to_end(&mut answer)).await.unwrap();
    answer
}

// B96
#[tokio::test]
async fn call_user_is_answered_on_the_same_port_and_its_leg_answers() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    let anna = server.with(|pbx| pbx.add_user("anna"));
    let mut follower = Follower::connect(&server).await;
    follower.catch_up(&server).await;
    let body = json!({"user_id": anna.0, "destination": "media_plug"}).to_string();
    let post = format!(
        "POST /basix/api/call_user HTTP/1.1\r\nHost: x\r\nAuthorization: {BASIC}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = String::from_utf8(exchange(server.addr(), post.as_bytes()).await).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let uuid = body["uuids"][0].as_str().unwrap();
    // Time passes by itself.
    loop {
        follower.read().await;
        let channel = follower.store.channel(uuid).unwrap();
        if channel.answer_timestamp().is_some() {
            assert_eq!(channel.last_event(), Some(basix_cti::element::LastEvent::ChannelAnswer));
            break;
        }
    }
    assert_eq!(server.look(Pbx::call_user_requests), 1);
}

#[tokio::test]
async fn strange_requests_do_no_harm() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    let long_head = [b"GET / HTTP/1.1\r\nx: ".to_vec(), vec![b'y'; 100_000]].concat();
    for (bytes, answer) in [
        (&b"\r\n\r\n"[..], ""),
        (b"GET\r\n\r\n", ""),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", ""),
        (b"\xFF\xFE / HTTP/1.1\r\n\r\n", ""),
        (&long_head, ""),
        (b"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404"),
        (b"GET /basix/api/ws_cti HTTP/1.1\r\n\r\n", "HTTP/1.1 426"),
        (b"GET /basix/api/call_user HTTP/1.1\r\n\r\n", "HTTP/1.1 405"),
        (b"POST /basix/api/call_user HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n", ""),
        (b"POST /basix/api/call_user HTTP/1.1\r\ncontent-length: -1\r\n\r\n", ""),
    ] {
        let answered = exchange(server.addr(), bytes).await;
        let answered = String::from_utf8_lossy(&answered);
        assert!(answered.starts_with(answer), "{answered}");
        assert_eq!(answered.is_empty(), answer.is_empty(), "{answered}");
    }
    Follower::connect(&server).await.catch_up(&server).await;
}

// B90, B91
#[tokio::test]
async fn commands_are_obeyed_and_other_messages_do_no_harm() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    let anna = server.with(|pbx| pbx.add_user("anna"));
    let uuid = server.with(|pbx| pbx.dial(anna, "0312345678")).unwrap();
    let mut follower = Follower::connect(&server).await;
    follower.catch_up(&server).await;
    for text in ["{", "\u{0}", "{\"cmd\":\"dance\"}"] {
        follower.socket.send(Message::text(text)).await.unwrap();
    }
    follower.socket.send(Message::binary(vec![131, 106])).await.unwrap();
    let park = json!({"cmd": "park", "uuid": uuid}).to_string();
    follower.socket.send(Message::text(park)).await.unwrap();
    while follower.store.waiting().parked().count() == 0 {
        follower.read().await;
    }
    let hangup = json!({"cmd": "hangup", "uuid": uuid}).to_string();
    follower.socket.send(Message::text(hangup)).await.unwrap();
    while follower.store.channels().count() > 0 {
        follower.read().await;
    }
    follower.catch_up(&server).await;
    assert_eq!(server.look(Pbx::commands_received), 5);
}

// B34
#[tokio::test]
async fn the_limit_and_force_hold_over_sockets() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    server.with(|pbx| pbx.set_connection_limit(1));
    let mut first = Follower::connect(&server).await;
    first.catch_up(&server).await;
    let heard = |message: Option<Message>| {
        String::from_utf8_lossy(&message.unwrap().into_data()).into_owned()
    };
    let mut second = connect(&server).await.unwrap();
    assert!(heard(next(&mut second).await).contains("connection_limit_reached"));
    assert!(matches!(next(&mut second).await, Some(Message::Close(Some(_)))));
    let stream = TcpStream::connect(server.addr()).await.unwrap();
    let _third = client_async(request(&server, "?force=true"), stream).await.unwrap();
    assert!(heard(next(&mut first.socket).await).contains("connection_replaced"));
    assert!(matches!(next(&mut first.socket).await, Some(Message::Close(Some(_)))));
    assert_eq!(next(&mut first.socket).await, None);
    timeout(LONG, server.until(|pbx| pbx.connections().count() == 1)).await.unwrap();
}

/// Opens a websocket by hand, and reads what comes until the connection ends.
async fn raw(server: &Server) -> Vec<u8> {
    let head = format!(
        "GET /basix/api/ws_cti HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         Authorization: {BASIC}\r\n\r\n"
    );
    let answer = exchange(server.addr(), head.as_bytes()).await;
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 101 "));
    answer[end + 4..].to_vec()
}

/// The lengths of the websocket messages, and how many bytes of the last one are missing.
fn lengths(mut bytes: &[u8]) -> (Vec<usize>, usize) {
    let mut lengths = Vec::new();
    while let [_, length, rest @ ..] = bytes {
        let (length, rest) = match length {
            126 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), &rest[2..]),
            length => (usize::from(*length), rest),
        };
        lengths.push(length);
        if rest.len() < length {
            return (lengths, length - rest.len());
        }
        bytes = &rest[length..];
    }
    (lengths, 0)
}

#[tokio::test]
async fn a_cut_falls_between_messages_or_into_one() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    let plan = Faults::none().with(0, 17, Fault::Cut).with(1, 17, Fault::CutMidMessage);
    server.with(|pbx| pbx.set_faults(plan));
    let (between, missing) = lengths(&raw(&server).await);
    assert_eq!((between.len(), missing), (17, 0));
    let (within, missing) = lengths(&raw(&server).await);
    assert_eq!(within.len(), 18);
    let last = within[17];
    assert!(missing > last / 3 && missing < last, "{missing} of {last}");
}

#[tokio::test]
async fn a_slow_message_arrives_whole() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    server.with(|pbx| {
        for user in 0..500 {
            pbx.add_user(&format!("user{user}"));
        }
    });
    let mut plan = Faults::none();
    for message in 0..18 {
        plan = plan.with(0, message, Fault::SlowWrite);
    }
    server.with(|pbx| pbx.set_faults(plan));
    let mut follower = Follower::connect(&server).await;
    follower.catch_up(&server).await;
    assert_eq!(follower.store.users().count(), 500);
}

#[tokio::test]
async fn garbage_text_and_closing_arrive_as_they_are() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    let mut follower = Follower::connect(&server).await;
    follower.read_frames(18).await;
    let connection = server.look(|pbx| pbx.connections().next()).unwrap();
    server.with(|pbx| {
        pbx.inject(connection, Fault::TextMessage);
        pbx.inject(connection, Fault::Garbage);
        pbx.inject(connection, Fault::HalfFrame);
        pbx.add_user("anna");
        pbx.add_user("bob");
        pbx.send_close(connection, 1012);
    });
    assert_eq!(next(&mut follower.socket).await, Some(Message::text("a text message")));
    for _ in 0..2 {
        let message = next(&mut follower.socket).await.unwrap();
        assert!(message.is_binary());
        assert!(follower.parser.parse(&message.into_data()).is_err());
    }
    follower.read().await;
    assert_eq!(follower.store.users().count(), 1);
    let Some(Message::Close(Some(close))) = next(&mut follower.socket).await else { panic!() };
    assert_eq!(u16::from(close.code), 1012);
}

#[tokio::test]
async fn in_silence_not_even_pings_are_answered() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    let mut follower = Follower::connect(&server).await;
    follower.read_frames(18).await;
    let connection = server.look(|pbx| pbx.connections().next()).unwrap();
    let ping = || Message::Ping(b"x".as_slice().into());
    follower.socket.send(ping()).await.unwrap();
    assert!(next(&mut follower.socket).await.unwrap().is_pong());

    let silence = Duration::from_millis(300);
    let began = Instant::now();
    server.with(|pbx| {
        pbx.inject(connection, Fault::Silence(Some(silence)));
        pbx.add_user("anna");
    });
    timeout(LONG, server.until(|pbx| pbx.is_silent(connection))).await.unwrap();
    // The socket hears of it after the model.
    tokio::task::yield_now().await;
    follower.socket.send(ping()).await.unwrap();
    let mut heard = Vec::new();
    while heard.len() < 2 {
        let message = next(&mut follower.socket).await.unwrap();
        assert!(began.elapsed() >= silence, "{message:?} came too early");
        heard.push(if message.is_pong() { "pong" } else { "frame" });
    }
    heard.sort_unstable();
    assert_eq!(heard, ["frame", "pong"]);
}

#[tokio::test]
async fn connections_are_refused_while_nobody_listens() {
    let mut server = Server::start(Pbx::new(1)).await.unwrap();
    let mut follower = Follower::connect(&server).await;
    server.stop_listening().await;
    let refused = TcpStream::connect(server.addr()).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    // Those that are open stay.
    server.with(|pbx| pbx.add_user("anna"));
    follower.catch_up(&server).await;
    server.listen_again().await.unwrap();
    Follower::connect(&server).await.catch_up(&server).await;
}

#[tokio::test]
async fn a_server_that_stops_closes_its_connections_and_one_that_is_dropped_cuts_them() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    let mut follower = Follower::connect(&server).await;
    follower.read_frames(18).await;
    let stopping = tokio::spawn(server.stop());
    let Some(Message::Close(Some(close))) = next(&mut follower.socket).await else { panic!() };
    assert_eq!(u16::from(close.code), 1001);
    assert_eq!(next(&mut follower.socket).await, None);
    timeout(LONG, stopping).await.unwrap().unwrap();

    let server = Server::start(Pbx::new(1)).await.unwrap();
    let addr = server.addr();
    let mut follower = Follower::connect(&server).await;
    follower.read_frames(18).await;
    drop(server);
    assert_eq!(next(&mut follower.socket).await, None);
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ready_messages_flood_a_connection() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    let mut follower = Follower::connect(&server).await;
    follower.read_frames(18).await;
    let connection = server.look(|pbx| pbx.connections().next()).unwrap();
    let frames: Vec<Arc<[u8]>> = server.with(|pbx| {
        let anna = pbx.add_user("anna");
        let uuids = (0..3).map(|_| pbx.dial(anna, "0312345678").unwrap()).collect::<Vec<_>>();
        uuids.iter().map(|uuid| pbx.event_frame(connection, uuid).unwrap()).collect()
    });
    follower.read_frames(4).await;
    let (flooded, ()) = tokio::join!(
        timeout(LONG, server.flood(connection, frames.clone(), 10_000)),
        follower.read_frames(10_000),
    );
    flooded.unwrap();
    server.look(|pbx| pbx.compare(&follower.store)).unwrap();
    // Nothing to send, and nobody to send to.
    server.flood(connection, Vec::new(), 5).await;
    drop(follower);
    timeout(LONG, server.until(|pbx| pbx.connections().next().is_none())).await.unwrap();
    server.flood(connection, frames, 5).await;
}

#[tokio::test]
async fn traffic_goes_by_itself() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    let mut follower = Follower::connect(&server).await;
    for events_per_second in [None, Some(2000)] {
        let traffic = server.run_random(7, events_per_second);
        let follow = follower.read_frames(500);
        futures_util::future::select(Box::pin(traffic), Box::pin(follow)).await;
    }
    follower.catch_up(&server).await;
    assert!(server.look(|pbx| pbx.count(ElementKind::User)) > 0);
}

#[tokio::test]
async fn a_client_follows_over_tls() {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key =
        rustls::pki_types::PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(Arc::clone(&ring))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![issued.cert.der().clone()], key)
        .unwrap();
    let server = Server::start_tls(Pbx::new(1), Arc::new(config)).await.unwrap();
    assert!(server.url().starts_with("wss://127.0.0.1:"));
    let mut roots = rustls::RootCertStore::empty();
    roots.add(issued.cert.der().clone()).unwrap();
    let client = rustls::ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
    let stream = TcpStream::connect(server.addr()).await.unwrap();
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let stream = connector.connect(name, stream).await.unwrap();
    let (mut socket, _) = client_async(request(&server, ""), stream).await.unwrap();
    let (mut parser, mut store) = (Parser::new(), Store::new());
    for _ in 0..18 {
        let frame = timeout(LONG, socket.next()).await.unwrap().unwrap().unwrap().into_data();
        store.apply(&parser.parse(&frame).unwrap()).unwrap();
    }
    server.look(|pbx| pbx.compare(&store)).unwrap();
    // A client without TLS is not served.
    assert!(!exchange(server.addr(), b"GET / HTTP/1.1\r\n\r\n").await.starts_with(b"HTTP"));
}

// B90, B96
#[tokio::test]
async fn the_client_of_this_crate_follows_commands_and_listens() {
    let server = Server::start(Pbx::new(1)).await.unwrap();
    let (anna, bob) = server.with(|pbx| (pbx.add_user("anna"), pbx.add_user("bob")));
    let (talk, other) = server.with(|pbx| {
        let talk = pbx.offer("0312345678", bob).unwrap();
        let leg = pbx.ring(&talk, bob).unwrap();
        pbx.pick_up(&leg).unwrap();
        (talk, leg)
    });
    let builder = Client::builder().supervisor(anna);
    let endpoint = Endpoint::new(server.origin(), "example.test", "token");
    let mut client = builder.connect(endpoint).await.unwrap();
    while !client.handle().is_current() {
        timeout(LONG, client.next()).await.unwrap().unwrap();
    }
    server.look(|pbx| pbx.compare(&client.store())).unwrap();

    let listening = client.handle().eavesdrop(Command::eavesdrop(talk.as_str())).unwrap();
    assert_eq!(timeout(LONG, listening).await.unwrap(), CommandOutcome::Done);
    let legs = server.look(|pbx| {
        let legs = pbx.channels().filter(|it| it.calling_number == "media_plug");
        legs.map(|it| (it.user_id, it.state.clone())).collect::<Vec<_>>()
    });
    let heard = ModelState::Eavesdrop { uuid: talk.clone(), eavesdrop_state: "listen".to_owned() };
    assert_eq!(legs, [(Some(anna), heard)]);

    let parking = client.handle().send(Command::park(talk.as_str())).unwrap();
    assert_eq!(timeout(LONG, parking).await.unwrap(), CommandOutcome::Done);
    assert_eq!(server.look(|pbx| pbx.count(ElementKind::ChannelWaiting)), 1);
    assert!(server.look(|pbx| pbx.channel(&other).is_none()));
    client.close().await;
    server.stop().await;
}
