//! Connections through an HTTP proxy on the loopback.

use std::net::SocketAddr;

use basix_cti::client::HttpProxy;
use basix_cti::session::ConnectError;
use basix_cti::{Client, Endpoint, Event};
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::tls::{certificate, tls_pbx};
use super::{TOKEN, answering, idle, pbx, read_head, serve, until};

/// A proxy that connects everything to one address, and reports the heads of requests.
async fn proxy(to: SocketAddr) -> (SocketAddr, mpsc::Receiver<String>) {
    let (sender, heads) = mpsc::channel(8);
    let address = serve(move |mut stream| {
        let sender = sender.clone();
        async move {
            let head = read_head(&mut stream).await;
            let _ = sender.send(head).await;
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            let mut target = TcpStream::connect(to).await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut target).await;
        }
    })
    .await;
    (address, heads)
}

#[tokio::test]
async fn a_proxy_without_authentication_carries_plain_and_tls_connections() {
    let (config, root) = certificate();
    for (to, server) in
        [(pbx(idle).await, "ws://pbx.test:8080"), (tls_pbx(config).await, "wss://localhost:8443")]
    {
        let (address, mut heads) = proxy(to).await;
        let mut client = Client::builder()
            .root_certificates(root.clone())
            .connector(HttpProxy::new(&format!("http://{address}")).unwrap())
            .connect(Endpoint::new(server, "my-domain", TOKEN))
            .await
            .unwrap();
        until(&mut client, |event| matches!(event, Event::Resynced)).await;
        // The proxy learns host and port; credentials of the PBX stay inside the tunnel.
        let authority = server.split_once("://").unwrap().1;
        assert_eq!(
            heads.recv().await.unwrap(),
            format!("CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n\r\n")
        );
    }
}

#[tokio::test]
async fn a_proxy_with_authentication_gets_basic_credentials() {
    let (address, mut heads) = proxy(pbx(idle).await).await;
    let url = format!("http://anna:p%40ss%2Fw%C3%B6rd@{address}");
    let proxy = HttpProxy::new(&url).unwrap();
    let shown = format!("{proxy:?}");
    assert!(!shown.contains("p%40ss") && !shown.contains("anna"), "{shown}");
    let endpoint = Endpoint::new("ws://pbx.test:8080", "my-domain", TOKEN);
    let mut client = Client::builder().connector(proxy).connect(endpoint).await.unwrap();
    until(&mut client, |event| matches!(event, Event::Resynced)).await;
    // base64("anna:p@ss/wörd")
    let head = heads.recv().await.unwrap();
    assert!(head.contains("\r\nproxy-authorization: Basic YW5uYTpwQHNzL3fDtnJk\r\n"), "{head}");
}

async fn failure(url: &str) -> ConnectError {
    let endpoint = Endpoint::new("ws://pbx.test:8080", "my-domain", TOKEN);
    let builder = Client::builder().connector(HttpProxy::new(url).unwrap());
    builder.connect(endpoint).await.unwrap_err()
}

#[tokio::test]
async fn what_a_proxy_refuses_names_the_proxy_as_the_cause() {
    for (answer, expected) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n",
            "the proxy rejected the credentials with HTTP status 407; check user and password in \
             the proxy's URL",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            "the proxy refused to connect to the PBX with HTTP status 403; check that it allows \
             CONNECT to the PBX's host and port",
        ),
        (
            "SOCKS\r\n\r\n",
            "the proxy's reply is not an HTTP response; check that its port is that of an HTTP proxy",
        ),
        (
            "",
            "the proxy's reply is not an HTTP response; check that its port is that of an HTTP proxy",
        ),
    ] {
        let address = answering(answer).await;
        let url = format!("http://anna:{TOKEN}@{address}");
        let error = failure(&url).await;
        assert_eq!(error.to_string(), expected);
        assert!(!format!("{error:?}").contains(TOKEN));
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(
        failure(&format!("http://{nobody}")).await.to_string(),
        "cannot reach the proxy: connection refused; check its host, port and the network"
    );
}

#[tokio::test]
async fn a_proxys_reply_is_bounded() {
    let address = serve(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"x-more: and more and more\r\n").await.is_ok() {}
    })
    .await;
    assert!(matches!(failure(&format!("http://{address}")).await, ConnectError::ProxyReply));
}

#[test]
fn a_proxy_url_that_is_invalid_is_rejected_without_showing_it() {
    for url in ["", "socks5://proxy:1080", "https://proxy:3128", "http://a:b/c@proxy", "ht tp", "%"]
    {
        let error = HttpProxy::new(url).unwrap_err();
        assert_eq!(
            error.to_string(),
            "proxy url is invalid: write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT",
            "{url}"
        );
    }
}

/// Returns whether a TLS connection to `localhost` goes through the proxy with these variables.
async fn is_proxied(vars: &[(&str, String)], proxy_heads: &mut mpsc::Receiver<String>) -> bool {
    let (config, root) = certificate();
    let address = tls_pbx(config).await;
    let lookup = |name: &str| vars.iter().find(|var| var.0 == name).map(|var| var.1.clone());
    let endpoint = Endpoint::new(format!("localhost:{}", address.port()), "my-domain", TOKEN);
    let builder = Client::builder().connector(HttpProxy::from_vars(lookup).unwrap());
    let connected = builder.root_certificates(root).connect(endpoint).await.is_ok();
    // The proxy leads to a PBX without TLS.
    assert_eq!(connected, proxy_heads.is_empty());
    proxy_heads.try_recv().is_ok()
}

#[tokio::test]
async fn the_environments_proxy_is_used_unless_no_proxy_lists_the_host() {
    let (address, mut heads) = proxy(pbx(idle).await).await;
    let (url, bare) = (format!("http://{address}"), address.to_string());
    let var = |name, value: &str| (name, value.to_owned());
    for (vars, expected) in [
        (vec![], false),
        (vec![var("HTTPS_PROXY", "")], false),
        (vec![var("HTTPS_PROXY", &url)], true),
        (vec![var("https_proxy", &bare)], true),
        (vec![var("HTTP_PROXY", &url)], false),
        (vec![var("HTTPS_PROXY", &url), var("NO_PROXY", "example.net, localhost")], false),
        (vec![var("HTTPS_PROXY", &url), var("no_proxy", "*")], false),
        (vec![var("HTTPS_PROXY", &url), var("NO_PROXY", "example.net,local")], true),
    ] {
        assert_eq!(is_proxied(&vars, &mut heads).await, expected, "{vars:?}");
    }
    let invalid = HttpProxy::from_vars(|name| (name == "HTTPS_PROXY").then(|| "socks5://p".into()));
    assert!(matches!(invalid.unwrap_err(), ConnectError::ProxyUrl));
}
