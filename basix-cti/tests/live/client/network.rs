//! Connections to the server: addresses, names, connectors, timeouts.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use basix_cti::client::{BoxedIo, Connector, Resolver, TcpConnector, async_trait};
use basix_cti::endpoint::ServerAddress;
use basix_cti::helper_leg::{CallUser, CallUserAnswer};
use basix_cti::session::{ConnectError, SessionOptions};
use basix_cti::{Client, Endpoint, Event};
use basix_cti_testing::{Pbx, Server};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};

use super::{TOKEN, idle, pbx, serve, until};

/// A name with these addresses, or without any.
#[derive(Debug)]
struct Addresses(io::Result<Vec<IpAddr>>);

#[async_trait]
impl Resolver for Addresses {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        assert_eq!(host, "pbx.test");
        match &self.0 {
            Ok(addresses) => Ok(addresses.clone()),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        }
    }
}

const DEAD: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const ALSO_DEAD: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));
const ALIVE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn endpoint(port: u16) -> Endpoint {
    Endpoint::new(format!("ws://pbx.test:{port}"), "my-domain", TOKEN)
}

async fn connect(
    addresses: io::Result<Vec<IpAddr>>,
    delay: Duration,
    port: u16,
) -> Result<Client, ConnectError> {
    let tcp = TcpConnector::new().with_resolver(Addresses(addresses)).with_attempt_delay(delay);
    Client::builder().connector(tcp).connect(endpoint(port)).await
}

#[tokio::test]
async fn a_first_address_that_refuses_does_not_make_the_host_unreachable() {
    let address = pbx(idle).await;
    // The delay never passes: the failure itself starts the next attempt.
    let delay = Duration::from_secs(3600);
    let mut client = connect(Ok(vec![DEAD, ALIVE]), delay, address.port()).await.unwrap();
    until(&mut client, |event| matches!(event, Event::Resynced)).await;
}

/// An address that does not answer: its backlog is full, so the kernel drops what arrives. Returns
/// the sockets that keep it so.
async fn silent(address: SocketAddr) -> Vec<tokio::task::JoinHandle<io::Result<TcpStream>>> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(address).unwrap();
    let listener = socket.listen(1).unwrap();
    let mut attempts = Vec::new();
    for _ in 0..8 {
        attempts.push(tokio::spawn(TcpStream::connect(address)));
        // On this thread's runtime the attempt is sent when the task has had its turn.
        tokio::task::yield_now().await;
    }
    attempts.push(tokio::spawn(async move {
        std::future::pending::<()>().await;
        drop(listener);
        Err(io::ErrorKind::Other.into())
    }));
    attempts
}

#[tokio::test]
async fn a_first_address_that_is_silent_does_not_make_the_host_unreachable() {
    let address = pbx(idle).await;
    let silence = silent(SocketAddr::new(DEAD, address.port())).await;
    assert!(silence.iter().filter(|attempt| !attempt.is_finished()).count() > 1, "it is silent");
    let delay = Duration::from_millis(5);
    let mut client = connect(Ok(vec![DEAD, ALIVE]), delay, address.port()).await.unwrap();
    until(&mut client, |event| matches!(event, Event::Resynced)).await;
    silence.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_host_without_a_live_address_names_the_failure() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let delay = TcpConnector::ATTEMPT_DELAY;
    let error = connect(Ok(vec![DEAD, ALSO_DEAD]), delay, address.port()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot reach the PBX: none of 2 addresses accepted a connection, the last failure is \
         connection refused; check server, port and network"
    );
    let error = connect(Ok(vec![DEAD]), delay, address.port()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot reach the PBX: connection refused; check server, port and network"
    );
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_is_the_cause_and_is_not_shown() {
    let delay = TcpConnector::ATTEMPT_DELAY;
    let unknown = io::Error::other(
        "failed to lookup address information: Name or service\n\u{202e}not known",
    );
    for (answer, reason) in [
        (Err(unknown), "Name or service\\n\\u{202e}not known"),
        (Ok(Vec::new()), "the name has no addresses"),
        (Err(io::Error::other("x".repeat(5000))), &*"x".repeat(100)),
    ] {
        let error = connect(answer, delay, 1).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("cannot resolve the server's name: {reason}; check its spelling and the DNS")
        );
    }
}

/// Reaches every server at one address, or fails.
#[derive(Debug)]
struct Tunnel(Option<SocketAddr>);

#[async_trait]
impl Connector for Tunnel {
    async fn connect(&self, server: &ServerAddress) -> Result<BoxedIo, ConnectError> {
        assert_eq!(server.to_string(), "pbx.test:8080");
        match self.0 {
            Some(address) => Ok(Box::new(TcpStream::connect(address).await?)),
            None => Err(ConnectError::connector("the tunnel is down")),
        }
    }
}

#[tokio::test]
async fn a_connector_of_the_programs_own_carries_the_websocket_and_call_user() {
    let mut pbx = Pbx::new(1);
    pbx.set_token(TOKEN);
    let anna = pbx.add_user("anna");
    let server = Server::start(pbx).await.unwrap();
    let builder = Client::builder().connector(Tunnel(Some(server.addr())));
    let endpoint = |port| Endpoint::new(format!("ws://pbx.test:{port}"), "example.test", TOKEN);
    let mut client = builder.connect(endpoint(8080)).await.unwrap();
    until(&mut client, |event| matches!(event, Event::Resynced)).await;
    let answer = client.handle().call_user(&CallUser::new(anna, "0312345678")).await;
    assert!(matches!(answer, Ok(CallUserAnswer::Offered { .. })), "{answer:?}");

    let refusing = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (tunnel, expected) in [
        (Tunnel(None), "the connector failed: the tunnel is down"),
        (
            Tunnel(Some(refusing)),
            "cannot reach the PBX: connection refused; check server, port and network",
        ),
    ] {
        let error = Client::builder().connector(tunnel).connect(endpoint(8080)).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

/// Never connects.
#[derive(Debug)]
struct Endless;

#[async_trait]
impl Connector for Endless {
    async fn connect(&self, _: &ServerAddress) -> Result<BoxedIo, ConnectError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_timeout_names_what_the_client_was_waiting_for() {
    let silent = serve(|mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let session = SessionOptions::default().with_connect_timeout(Duration::from_millis(50));
    let builder = || Client::builder().session(session.clone());
    let server = |scheme| Endpoint::new(format!("{scheme}://{silent}"), "my-domain", TOKEN);
    for (builder, endpoint, stage) in [
        (builder().connector(Endless), server("ws"), "connecting to the server"),
        (builder(), server("wss"), "negotiating TLS"),
        (builder(), server("ws"), "waiting for the websocket handshake"),
    ] {
        let error = builder.connect(endpoint).await.unwrap_err();
        assert_eq!(error.to_string(), format!("timed out {stage}; check server, port and network"));
    }
}
