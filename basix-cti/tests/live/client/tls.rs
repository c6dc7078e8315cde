//! TLS: crypto providers, trusted, pinned and rejected certificates.

use std::net::SocketAddr;
use std::sync::Arc;

use basix_cti::client::ClientBuilder;
use basix_cti::{Client, Endpoint, Event};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
#[cfg(feature = "aws-lc-rs")]
use rustls::crypto::aws_lc_rs;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{TOKEN, idle, serve, until};

/// A server's configuration for `localhost`, and its self-signed certificate in DER.
pub(super) fn certificate() -> (ServerConfig, Vec<u8>) {
    issue(CertificateParams::new(vec!["localhost".into()]).unwrap())
}

fn issue(params: CertificateParams) -> (ServerConfig, Vec<u8>) {
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = server_config()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    (config, certificate.der().to_vec())
}

fn server_config() -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
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

fn endpoint(host: &str, address: SocketAddr) -> Endpoint {
    Endpoint::new(format!("{host}:{}", address.port()), "my-domain", TOKEN)
}

async fn follows(builder: ClientBuilder, endpoint: Endpoint) {
    let mut client = builder.connect(endpoint).await.unwrap();
    until(&mut client, |event| matches!(event, Event::Resynced)).await;
    client.close().await;
}

async fn rejected(builder: ClientBuilder, endpoint: Endpoint) -> String {
    builder.connect(endpoint).await.unwrap_err().to_string()
}

fn pem(der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

fn fingerprint(der: &[u8]) -> String {
    let bytes = Sha256::digest(der).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>();
    bytes.join(":")
}

/// With the feature `aws-lc-rs` two providers are compiled in, so that rustls has no default.
#[tokio::test]
async fn tls_works_with_the_default_provider_and_with_each_that_is_compiled_in() {
    let (config, root) = certificate();
    let address = tls_pbx(config).await;
    let builder = || Client::builder().root_certificates(root.clone());
    follows(builder(), endpoint("localhost", address)).await;
    for provider in [
        ring::default_provider(),
        #[cfg(feature = "aws-lc-rs")]
        aws_lc_rs::default_provider(),
    ] {
        let builder = builder().crypto_provider(Arc::new(provider));
        follows(builder, endpoint("localhost", address)).await;
    }
}

#[tokio::test]
async fn root_certificates_may_be_pem_or_der() {
    let (config, root) = certificate();
    let other = certificate().1;
    let address = tls_pbx(config).await;
    let chain = format!("# our CA\n{}{}", pem(&other), pem(&root));
    for roots in [root, chain.into_bytes()] {
        follows(Client::builder().root_certificates(roots), endpoint("localhost", address)).await;
    }
}

#[tokio::test]
async fn a_pinned_self_signed_certificate_is_accepted_whatever_its_name_and_dates() {
    let mut params = CertificateParams::new(vec!["old-name.example".into()]).unwrap();
    params.not_before = date_time_ymd(2001, 1, 1);
    params.not_after = date_time_ymd(2002, 1, 1);
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let (config, der) = issue(params);
    let address = tls_pbx(config).await;
    let other = certificate().1;
    for builder in [
        Client::builder().pinned_certificate(der.clone()),
        Client::builder().pinned_certificate(pem(&der)),
        Client::builder().pinned_fingerprint(fingerprint(&der)),
        Client::builder().pinned_fingerprint(fingerprint(&other)).pinned_certificate(der.clone()),
    ] {
        follows(builder, endpoint("127.0.0.1", address)).await;
    }
    let builder = Client::builder().pinned_certificate(other).root_certificates(der);
    assert_eq!(
        rejected(builder, endpoint("127.0.0.1", address)).await,
        "the server's certificate was rejected: it is not one of the pinned certificates; pin the \
         present certificate after checking that it is the PBX's own"
    );
}

/// A server that presents a certificate and signs with the key of another.
#[derive(Debug)]
struct Impostor(Arc<CertifiedKey>);

impl ResolvesServerCert for Impostor {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

#[tokio::test]
async fn a_pinned_certificate_without_its_private_key_is_rejected() {
    let der = certificate().1;
    let key = PrivatePkcs8KeyDer::from(KeyPair::generate().unwrap().serialize_der());
    let key = ring::sign::any_supported_type(&PrivateKeyDer::from(key)).unwrap();
    for versions in [[&rustls::version::TLS12], [&rustls::version::TLS13]] {
        let chain = vec![CertificateDer::from(der.clone())];
        let key = CertifiedKey::new(chain, Arc::clone(&key));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&versions)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Impostor(Arc::new(key))));
        let address = tls_pbx(config).await;
        let builder = Client::builder().pinned_certificate(der.clone());
        assert_eq!(
            rejected(builder, endpoint("localhost", address)).await,
            "the server's certificate was rejected: invalid peer certificate: BadSignature; check \
             the certificate of the PBX"
        );
    }
}

#[tokio::test]
async fn a_rustls_configuration_of_the_programs_own_is_used_and_excludes_the_other_options() {
    let (config, root) = certificate();
    let address = tls_pbx(config).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root.clone())).unwrap();
    let own = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = || Client::builder().tls_config(Arc::new(own.clone()));
    follows(builder(), endpoint("localhost", address)).await;
    assert_eq!(
        rejected(builder().root_certificates(root), endpoint("localhost", address)).await,
        "TLS options are invalid: tls_config excludes crypto_provider, root_certificates and \
         pinned certificates; put them into the ClientConfig"
    );
}

#[tokio::test]
async fn a_rejected_certificate_names_the_cause_and_what_to_do() {
    let (config, root) = certificate();
    let address = tls_pbx(config).await;
    assert_eq!(
        rejected(Client::builder(), endpoint("localhost", address)).await,
        "the server's certificate was rejected: its issuer is not trusted; pass the issuer's \
         certificate as root_certificates, or pin a self-signed one"
    );
    let builder = Client::builder().root_certificates(root);
    assert_eq!(
        rejected(builder, endpoint("127.0.0.1", address)).await,
        "the server's certificate was rejected: it is for another host name; connect by a name in \
         the certificate, or pin the certificate"
    );
    let dates = [(2001, 2002), (4001, 4002)];
    let expected = [
        "it has expired; renew it on the PBX, and check this machine's clock",
        "it is not valid yet; check this machine's clock",
    ];
    for ((from, to), expected) in dates.into_iter().zip(expected) {
        let mut params = CertificateParams::new(vec!["localhost".into()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let (config, root) = issue(params);
        let address = tls_pbx(config).await;
        let builder = Client::builder().root_certificates(root);
        assert_eq!(
            rejected(builder, endpoint("localhost", address)).await,
            format!("the server's certificate was rejected: {expected}")
        );
    }
}

#[tokio::test]
async fn a_server_without_tls_is_named_as_the_cause() {
    let plain = serve(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    assert_eq!(
        rejected(Client::builder(), endpoint("localhost", plain)).await,
        "the TLS handshake failed: received corrupt message of type InvalidContentType; check that \
         server and port are those of the PBX"
    );
}

#[tokio::test]
async fn invalid_certificates_are_reported_before_connecting() {
    let nowhere = Endpoint::new("localhost:1", "my-domain", TOKEN);
    for (builder, expected) in [
        (
            Client::builder().root_certificates("hello"),
            "TLS options are invalid: expected a certificate in PEM or DER; a PEM text has a line \
             BEGIN CERTIFICATE",
        ),
        (
            Client::builder().root_certificates([0x30, 0x03, 1, 2, 3]),
            "TLS options are invalid: a root certificate is not a valid X.509 certificate",
        ),
        (
            Client::builder().pinned_certificate(""),
            "TLS options are invalid: expected a certificate in PEM or DER; a PEM text has a line \
             BEGIN CERTIFICATE",
        ),
        (
            Client::builder().pinned_fingerprint("ab:cd"),
            "TLS options are invalid: a pinned fingerprint is not SHA-256 in hexadecimal; write 64 \
             digits, with or without colons",
        ),
    ] {
        assert_eq!(rejected(builder, nowhere.clone()).await, expected);
    }
}
