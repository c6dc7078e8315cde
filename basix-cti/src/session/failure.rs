//! Errors of connecting.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use crate::endpoint::EndpointError;

/// The reason why a connection could not be made. Contains no token, URL or host name.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The endpoint is invalid.
    #[error("cannot connect: {0}")]
    Endpoint(#[from] EndpointError),
    /// The program's source of endpoints failed.
    #[error("cannot connect: the endpoint source returned an error")]
    NoEndpoint(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The tokio runtime is missing.
    #[error("cannot connect: no tokio runtime; call this from within one")]
    NoRuntime,
    /// The file to record the connection in cannot be created.
    #[error(
        "cannot record the connection: {0}; name a file that does not exist, in a directory that does"
    )]
    Recording(ErrorKind),
    /// The server's name could not be resolved.
    #[error("cannot resolve the server's name: {0}; check its spelling and the DNS")]
    Dns(Box<str>),
    /// None of the server's addresses accepted a connection.
    #[error("cannot reach the PBX: {}; check server, port and network", unreachable(*kind, *addresses))]
    Unreachable {
        /// The failure of the address that was tried last.
        kind: ErrorKind,
        /// Number of addresses that were tried.
        addresses: usize,
    },
    /// The proxy's URL is invalid.
    #[error("proxy url is invalid: write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT")]
    ProxyUrl,
    /// The proxy could not be reached.
    #[error("cannot reach the proxy: {0}; check its host, port and the network")]
    ProxyUnreachable(ErrorKind),
    /// The proxy requires credentials, or rejected them.
    #[error(
        "the proxy rejected the credentials with HTTP status 407; check user and password in the \
         proxy's URL"
    )]
    ProxyUnauthorized,
    /// The proxy refused to connect to the PBX.
    #[error(
        "the proxy refused to connect to the PBX with HTTP status {0}; check that it allows CONNECT \
         to the PBX's host and port"
    )]
    ProxyStatus(u16),
    /// The proxy's reply is not HTTP, or too long.
    #[error(
        "the proxy's reply is not an HTTP response; check that its port is that of an HTTP proxy"
    )]
    ProxyReply,
    /// The program's connector failed.
    #[error("the connector failed: {0}")]
    Connector(Arc<dyn std::error::Error + Send + Sync>),
    /// TLS is required and no crypto provider is available.
    #[error(
        "TLS needs a crypto provider; enable the feature `ring` or `aws-lc-rs` of basix-cti, or \
         pass a rustls ClientConfig"
    )]
    NoCryptoProvider,
    /// A certificate passed to the builder is invalid, or cannot be combined with other options.
    #[error("TLS options are invalid: {0}")]
    TlsOptions(&'static str),
    /// The server's certificate was rejected.
    #[error("the server's certificate was rejected: {reason}; {advice}")]
    Certificate {
        /// The problem.
        reason: Box<str>,
        /// The remedy.
        advice: &'static str,
    },
    /// The TLS handshake failed for another reason.
    #[error("the TLS handshake failed: {0}; check that server and port are those of the PBX")]
    Tls(Box<str>),
    /// The PBX rejected the credentials, with HTTP status 401 or 403.
    #[error("the PBX rejected the credentials with HTTP status {0}; {advice}", advice = advice(*.0))]
    Unauthorized(u16),
    /// The server answered with HTTP instead of opening a websocket.
    #[error(
        "the server answered with HTTP status {0} instead of opening a websocket; check server and port, and that a proxy in between passes websockets"
    )]
    Status(u16),
    /// The server's answer is not a websocket handshake.
    #[error(
        "the server's answer is not a websocket handshake; check that server and port are those of the PBX"
    )]
    NotWebsocket,
    /// The connection was not made in time.
    #[error("timed out {stage}; check server, port and network")]
    TimedOut {
        /// The stage, such as `negotiating TLS`.
        stage: &'static str,
    },
    /// The session was closed before the connection was made.
    #[error("closed before a connection was made")]
    Closed,
}

impl ConnectError {
    /// Wraps the error of the program's `Connector`.
    pub fn connector(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Connector(error.into().into())
    }
}

/// Converts to `Unreachable` for one address.
impl From<io::Error> for ConnectError {
    fn from(error: io::Error) -> Self {
        Self::Unreachable { kind: error.kind(), addresses: 1 }
    }
}

fn unreachable(kind: ErrorKind, addresses: usize) -> String {
    match addresses {
        1 => kind.to_string(),
        _ => format!(
            "none of {addresses} addresses accepted a connection, the last failure is {kind}"
        ),
    }
}

const fn advice(status: u16) -> &'static str {
    match status {
        403 => "check the rights of the token or user",
        _ => "check domain and token, or log in again",
    }
}
