//! Why a connection could not be made.

use std::io::ErrorKind;
use std::sync::Arc;

use crate::endpoint::EndpointError;

/// Why a connection could not be made. Holds neither token nor URL.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The endpoint is not one to connect to.
    #[error("cannot connect: {0}")]
    Endpoint(#[from] EndpointError),
    /// The program's source of endpoints gave none.
    #[error("cannot connect: no endpoint was given for this attempt")]
    NoEndpoint(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The file to record the connection in cannot be made.
    #[error(
        "cannot record the connection: {0}; name a file that does not exist, in a directory that does"
    )]
    Recording(ErrorKind),
    /// The PBX cannot be reached.
    #[error("cannot reach the PBX: {0}; check server, port and network")]
    Unreachable(ErrorKind),
    /// TLS could not be agreed upon.
    #[error("TLS was refused: {0}; check the server's name and the certificates that are trusted")]
    Tls(String),
    /// The PBX does not accept the credentials.
    #[error(
        "the PBX refused the credentials with HTTP status {0}; check domain and token, or log in again"
    )]
    Unauthorized(u16),
    /// The server answered with HTTP instead of opening a websocket.
    #[error(
        "the server answered with HTTP status {0} instead of opening a websocket; check server and port, and that a proxy in between passes websockets"
    )]
    Status(u16),
    /// The server's answer is no websocket handshake.
    #[error(
        "the server's answer is no websocket handshake; check that server and port are those of the PBX"
    )]
    NotWebsocket,
    /// The connection was not made in time.
    #[error("the PBX did not answer in time; check server, port and network")]
    TimedOut,
    /// The session was closed before the connection was made.
    #[error("closed before a connection was made")]
    Closed,
}
