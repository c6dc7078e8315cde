//! TLS: either provider, and what is refused.

use std::net::SocketAddr;
use std::sync::Arc;

use basix_cti::{Client, ClientOptions, Endpoint, Event};
use rustls::crypto::{aws_lc_rs, ring};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{TOKEN, crypto, idle, serve, until};

/// A certificate for `localhost`, and the roots that trust it.
pub(super) fn certificate() -> (ServerConfig, RootCertStore) {
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

pub(super) async fn tls_pbx(config: ServerConfig) -> SocketAddr {
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
