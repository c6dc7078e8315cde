//! A real client against a real server on loopback, for each command.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use voip_module::gravitel::{
    Encoding, GravitelClient, GravitelConfig, GravitelOptions, HistoryQuery, Period,
};
use voip_module::transport::{ReqwestOptions, ReqwestTransport, TransportError};
use voip_module::{Error, HttpTransport};

/// The server's behaviour.
#[derive(Clone, Copy)]
enum Behaviour {
    Answers(u16, &'static str),
    AnswersWith(&'static str, u16, &'static str),
    CutsItsBody,
    SaysNothing,
    HangsUp,
    SaysNonsense,
}

/// Starts a server that reads whole requests and does the same with each.
async fn serve(behaviour: Behaviour) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, behaviour));
        }
    });
    address
}

async fn answer(mut stream: TcpStream, behaviour: Behaviour) {
    read_request(&mut stream).await;
    let whole = |extra: &str, status: u16, body: &str| {
        format!("HTTP/1.1 {status} Status\r\n{extra}content-length: {}\r\n\r\n{body}", body.len())
    };
    let text = match behaviour {
        Behaviour::Answers(status, body) => whole("", status, body),
        Behaviour::AnswersWith(extra, status, body) => whole(extra, status, body),
        Behaviour::CutsItsBody => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{\"name\"".into(),
        Behaviour::SaysNothing => std::future::pending().await,
        Behaviour::HangsUp => return,
        Behaviour::SaysNonsense => "SSH-2.0-OpenSSH_9.2\r\n".into(),
    };
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Reads headers and as much body as they announce; fails if the request is not a command.
async fn read_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    loop {
        let mut buffer = [0; 4_096];
        let read = stream.read(&mut buffer).await.unwrap();
        if read == 0 {
            return;
        }
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                assert!(head.starts_with("post /sys/crm_api.wcgp http/1.1"), "{head}");
                return;
            }
        }
    }
}

fn transport(timeout: Duration) -> ReqwestTransport {
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let options = ReqwestOptions::default().with_timeout(timeout).with_body(1_000);
    ReqwestTransport::new(crypto, options).unwrap()
}

fn client(
    address: SocketAddr,
    timeout: Duration,
    encoding: Encoding,
) -> GravitelClient<ReqwestTransport> {
    let config =
        GravitelConfig::new(format!("http://{address}/sys/crm_api.wcgp"), "K3Y").with_http();
    let options = GravitelOptions::default().with_encoding(encoding);
    GravitelClient::new(config, options, transport(timeout))
}

const COMMANDS: [&str; 8] = [
    "accounts",
    "groups",
    "makeCall",
    "history",
    "subscribeOnCalls",
    "subscriptionStatus",
    "set_dnd",
    "get_dnd",
];

async fn command(client: &GravitelClient<ReqwestTransport>, name: &str) -> Result<(), Error> {
    match name {
        "accounts" => client.accounts().await.map(drop),
        "groups" => client.groups(None).await.map(drop),
        "makeCall" => client.make_call("79990000002", "702", None).await.map(drop),
        "history" => client.history(&HistoryQuery::period(Period::Today)).await.map(drop),
        "subscribeOnCalls" => client.subscribe_on_calls("admin", true, None).await,
        "subscriptionStatus" => client.subscription_status("admin", "g1").await.map(drop),
        "set_dnd" => client.set_dnd("admin", true).await,
        _ => client.get_dnd("admin").await.map(drop),
    }
}

const PATIENCE: Duration = Duration::from_secs(10);

// V52
#[tokio::test]
async fn each_command_succeeds_over_http_in_either_encoding() {
    for (name, body) in COMMANDS.into_iter().zip([
        r#"[{"name":"admin","ext":"701"}]"#,
        "[]",
        r#"{"uuid":"5f0c"}"#,
        "1,in,c,a,v,s,0,1,\r\n",
        "OK",
        r#"{"status":"off"}"#,
        "",
        r#"{"state":true}"#,
    ]) {
        let address = serve(Behaviour::Answers(200, body)).await;
        for encoding in [Encoding::Json, Encoding::Form] {
            command(&client(address, PATIENCE, encoding), name).await.unwrap();
        }
    }
}

// V59, V60
#[tokio::test]
async fn each_command_reports_each_failure_by_its_kind() {
    for (behaviour, code, text) in [
        (
            Behaviour::Answers(400, r#"{"error":"Invalid parameters"}"#),
            "remote",
            "400 Bad Request: Invalid parameters",
        ),
        (
            Behaviour::Answers(401, r#"{"error":"Invalid token"}"#),
            "auth",
            "401 Unauthorized: Invalid token: the provider refused the key",
        ),
        (
            Behaviour::AnswersWith("location: http://127.0.0.1:9/\r\n", 301, "moved"),
            "remote",
            "301 Moved Permanently: the cloud PBX is at another address",
        ),
        (
            Behaviour::Answers(502, "<html>Bad Gateway</html>"),
            "unexpected_body",
            "unexpected response (502 Bad Gateway)",
        ),
        (Behaviour::CutsItsBody, "transport", "transport: the answer was cut off"),
        (Behaviour::HangsUp, "transport", "transport: "),
        (Behaviour::SaysNonsense, "transport", "transport: "),
    ] {
        let address = serve(behaviour).await;
        let client = client(address, PATIENCE, Encoding::Json);
        for name in COMMANDS {
            let error = command(&client, name).await.unwrap_err();
            assert_eq!(error.code(), code, "{name}: {error}");
            assert!(error.to_string().starts_with(text), "{name}: {error}");
        }
    }
}

// V60
#[tokio::test]
async fn each_command_gives_up_in_time() {
    let address = serve(Behaviour::SaysNothing).await;
    let client = client(address, Duration::from_millis(50), Encoding::Json);
    for name in COMMANDS {
        let error = command(&client, name).await.unwrap_err();
        assert_eq!(error.to_string(), "the provider did not answer in time", "{name}");
    }
}

// V60
#[tokio::test]
async fn each_command_reports_a_refused_connection() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = client(address, PATIENCE, Encoding::Json);
    for name in COMMANDS {
        let error = command(&client, name).await.unwrap_err();
        assert_eq!(error.to_string(), "transport: connection failed", "{name}");
        let mut all = format!("{error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            all += &cause.to_string();
            source = cause.source();
        }
        assert!(!all.contains("K3Y") && !all.contains("crm_api"), "{all}");
    }
}

#[tokio::test]
async fn an_answer_longer_than_the_limit_is_not_read() {
    let long: &'static str = Box::leak("x".repeat(1_001).into_boxed_str());
    let chunked: &'static str = Box::leak(format!("3e9\r\n{long}\r\n0\r\n\r\n").into_boxed_str());
    for behaviour in [
        Behaviour::Answers(200, long),
        Behaviour::AnswersWith("transfer-encoding: chunked\r\nx-", 200, chunked),
    ] {
        let address = serve(behaviour).await;
        let request = http::Request::post(format!("http://{address}/sys/crm_api.wcgp"));
        let error = transport(PATIENCE).send(request.body("".into()).unwrap()).await.unwrap_err();
        assert!(matches!(error, TransportError::BodyTooLarge { limit: 1_000 }), "{error:?}");
    }
}
