//! Connectors: byte streams to the server.

use std::fmt::Debug;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::endpoint::ServerAddress;
use crate::session::ConnectError;

/// A byte stream in both directions, such as a TCP connection or a tunnel.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Io for T {}

/// A boxed byte stream, as a [`Connector`] returns it.
pub type BoxedIo = Box<dyn Io>;

/// Opens byte streams to the server: directly, through a proxy, or through a tunnel.
///
/// TLS and the websocket run on top of the stream. [`TcpConnector`](super::TcpConnector) is the
/// default; [`HttpProxy`](super::HttpProxy) connects through an HTTP proxy.
///
/// ```
/// use basix_cti::client::{BoxedIo, Connector, async_trait};
/// use basix_cti::endpoint::ServerAddress;
/// use basix_cti::session::ConnectError;
/// use basix_cti::Client;
///
/// /// Reaches the PBX through a socket of an SSH tunnel.
/// #[derive(Debug)]
/// struct Tunnel;
///
/// #[async_trait]
/// impl Connector for Tunnel {
///     async fn connect(&self, _: &ServerAddress) -> Result<BoxedIo, ConnectError> {
///         Ok(Box::new(tokio::net::TcpStream::connect("127.0.0.1:8443").await?))
///     }
/// }
///
/// let builder = Client::builder().connector(Tunnel);
/// ```
#[async_trait]
pub trait Connector: Debug + Send + Sync + 'static {
    /// Opens a stream to the server. The session's connect timeout limits the time.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached. An [`io::Error`](std::io::Error) becomes
    /// [`ConnectError::Unreachable`]; use [`ConnectError::connector`] for other errors.
    async fn connect(&self, server: &ServerAddress) -> Result<BoxedIo, ConnectError>;
}
