//! TLS by rustls: crypto provider, trusted and pinned certificates, errors in plain words.

use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as RustlsError, RootCertStore,
    SignatureScheme,
};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsConnector;

use super::connector::BoxedIo;
use super::shown;
use crate::session::ConnectError;

/// The TLS options of the builder.
#[derive(Clone, Default)]
pub(super) struct TlsOptions {
    pub(super) config: Option<Arc<ClientConfig>>,
    pub(super) provider: Option<Arc<CryptoProvider>>,
    /// Certificates to trust beside those of Mozilla, in PEM or DER.
    pub(super) roots: Vec<Vec<u8>>,
    /// The only certificates to accept, in PEM or DER.
    pub(super) pinned: Vec<Vec<u8>>,
    /// SHA-256 fingerprints of such certificates, in hexadecimal.
    pub(super) fingerprints: Vec<String>,
}

impl TlsOptions {
    /// Builds the configuration of TLS; `None` without a crypto provider, which only `wss` needs.
    pub(super) fn build(self) -> Result<Option<Arc<ClientConfig>>, ConnectError> {
        let has_certificates = !(self.roots.is_empty()
            && self.pinned.is_empty()
            && self.fingerprints.is_empty()
            && self.provider.is_none());
        if let Some(config) = self.config {
            return match has_certificates {
                false => Ok(Some(config)),
                true => Err(ConnectError::TlsOptions(
                    "tls_config excludes crypto_provider, root_certificates and pinned \
                     certificates; put them into the ClientConfig",
                )),
            };
        }
        let Some(provider) = self.provider.clone().or_else(default_provider) else {
            return if has_certificates { Err(ConnectError::NoCryptoProvider) } else { Ok(None) };
        };
        let algorithms = provider.signature_verification_algorithms;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ConnectError::Tls(shown(&error.to_string(), 300)))?;
        let builder = match self.pins()? {
            pins if pins.is_empty() => builder.with_root_certificates(self.root_store()?),
            pins => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Pinned { pins, algorithms })),
        };
        Ok(Some(Arc::new(builder.with_no_client_auth())))
    }

    fn root_store(&self) -> Result<RootCertStore, ConnectError> {
        let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for bytes in &self.roots {
            for certificate in certificates(bytes)? {
                store.add(certificate).map_err(|_| {
                    ConnectError::TlsOptions("a root certificate is not a valid X.509 certificate")
                })?;
            }
        }
        Ok(store)
    }

    fn pins(&self) -> Result<Vec<[u8; 32]>, ConnectError> {
        let mut pins = Vec::new();
        for bytes in &self.pinned {
            pins.extend(certificates(bytes)?.iter().map(|it| fingerprint(it)));
        }
        for text in &self.fingerprints {
            pins.push(parse_fingerprint(text).ok_or(ConnectError::TlsOptions(
                "a pinned fingerprint is not SHA-256 in hexadecimal; write 64 digits, with or \
                 without colons",
            ))?);
        }
        Ok(pins)
    }
}

/// Shows which options are set.
impl fmt::Debug for TlsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsOptions")
            .field("config", &self.config.is_some())
            .field("provider", &self.provider.is_some())
            .field("roots", &self.roots.len())
            .field("pinned", &(self.pinned.len() + self.fingerprints.len()))
            .finish()
    }
}

/// Returns the provider of the crate's features, `ring` before `aws-lc-rs`; else the process
/// default of rustls.
fn default_provider() -> Option<Arc<CryptoProvider>> {
    #[cfg(feature = "ring")]
    return Some(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(all(feature = "aws-lc-rs", not(feature = "ring")))]
    return Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
    CryptoProvider::get_default().cloned()
}

/// Reads all certificates of a PEM text, or one in DER.
fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    // DER starts with the tag of a sequence.
    if bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateDer::from(bytes.to_vec())]);
    }
    match CertificateDer::pem_slice_iter(bytes).collect::<Result<Vec<_>, _>>() {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(ConnectError::TlsOptions(
            "expected a certificate in PEM or DER; a PEM text has a line BEGIN CERTIFICATE",
        )),
    }
}

fn fingerprint(certificate: &[u8]) -> [u8; 32] {
    Sha256::digest(certificate).into()
}

fn parse_fingerprint(text: &str) -> Option<[u8; 32]> {
    let digits = text.chars().filter(|char| *char != ':');
    let digits = digits.map(|char| u8::try_from(char.to_digit(16)?).ok());
    let digits = digits.collect::<Option<Vec<u8>>>().filter(|digits| digits.len() == 64)?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    bytes.try_into().ok()
}

/// A verifier that accepts only the pinned certificates, with any names, issuers and dates.
///
/// The server still has to prove by the handshake's signature that it holds the private key.
#[derive(Debug)]
struct Pinned {
    pins: Vec<[u8; 32]>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, RustlsError> {
        match self.pins.contains(&fingerprint(end_entity)) {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(CertificateError::ApplicationVerificationFailure.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Negotiates TLS on a stream to the host.
pub(super) async fn negotiate(
    config: &Arc<ClientConfig>,
    host: &str,
    stream: BoxedIo,
) -> Result<BoxedIo, ConnectError> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| ConnectError::Tls("the server's name is not a host name".into()))?;
    let connector = TlsConnector::from(Arc::clone(config));
    let stream = connector.connect(name, stream).await.map_err(|error| tls_error(&error))?;
    Ok(Box::new(stream))
}

fn tls_error(error: &io::Error) -> ConnectError {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<RustlsError>());
    match cause {
        Some(RustlsError::InvalidCertificate(problem)) => certificate_error(problem),
        // The text of rustls may contain names chosen by the server.
        Some(cause) => ConnectError::Tls(shown(&cause.to_string(), 300)),
        None if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
            ConnectError::Tls("the server ended the handshake; the port may not use TLS".into())
        }
        None => ConnectError::Tls(shown(&error.to_string(), 300)),
    }
}

fn certificate_error(problem: &CertificateError) -> ConnectError {
    use CertificateError as Problem;
    let (reason, advice) = match problem {
        Problem::UnknownIssuer => (
            "its issuer is not trusted".into(),
            "pass the issuer's certificate as root_certificates, or pin a self-signed one",
        ),
        Problem::Expired | Problem::ExpiredContext { .. } => {
            ("it has expired".into(), "renew it on the PBX, and check this machine's clock")
        }
        Problem::NotValidYet | Problem::NotValidYetContext { .. } => {
            ("it is not valid yet".into(), "check this machine's clock")
        }
        Problem::NotValidForName | Problem::NotValidForNameContext { .. } => (
            "it is for another host name".into(),
            "connect by a name in the certificate, or pin the certificate",
        ),
        Problem::ApplicationVerificationFailure => (
            "it is not one of the pinned certificates".into(),
            "pin the present certificate after checking that it is the PBX's own",
        ),
        other => (
            shown(&RustlsError::InvalidCertificate(other.clone()).to_string(), 300),
            "check the certificate of the PBX",
        ),
    };
    ConnectError::Certificate { reason, advice }
}

#[cfg(test)]
mod tests {
    use super::{fingerprint, parse_fingerprint};

    #[test]
    fn a_fingerprint_reads_as_openssl_prints_it() {
        let wanted = fingerprint(b"abc");
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(parse_fingerprint(hex), Some(wanted));
        let pairs: Vec<String> =
            hex.as_bytes().chunks(2).map(|it| String::from_utf8_lossy(it).to_uppercase()).collect();
        assert_eq!(parse_fingerprint(&pairs.join(":")), Some(wanted));
    }

    #[cfg(feature = "ring")]
    #[test]
    fn ring_wins_whichever_other_provider_is_compiled_in() {
        let provider = super::default_provider().unwrap();
        assert_eq!(format!("{:?}", provider.key_provider), "Ring");
    }

    #[test]
    fn other_texts_are_not_fingerprints() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for text in ["", "ba", &hex[1..], &format!("{hex}0"), &format!("{hex}00"), "sha256", "é"] {
            assert_eq!(parse_fingerprint(text), None, "{text}");
        }
    }
}
