//! The transport with two crypto providers compiled in, so that rustls has no default and panics if it is asked
//! for one.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs, ring};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use voip_module::HttpTransport as _;
use voip_module::transport::{ReqwestOptions, ReqwestTransport, TransportError};

#[tokio::test]
async fn the_transport_takes_the_provider_that_it_is_given() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"220 this is not TLS\r\n").await.unwrap();
        }
    });
    for crypto in [ring::default_provider(), aws_lc_rs::default_provider()] {
        let transport = ReqwestTransport::new(Arc::new(crypto), ReqwestOptions::default()).unwrap();
        let request = http::Request::post(format!("https://{address}/")).body("".into()).unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert!(
            matches!(error, TransportError::Connect(_) | TransportError::Interrupted(_)),
            "{error:?}"
        );
    }
    assert!(CryptoProvider::get_default().is_none());
}
