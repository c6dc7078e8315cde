//! TCP connections to hosts with several addresses.

use std::fmt::Debug;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::connector::{BoxedIo, Connector};
use crate::endpoint::ServerAddress;
use crate::session::ConnectError;

/// Resolves host names to addresses.
///
/// ```
/// use std::io;
/// use std::net::IpAddr;
///
/// use async_trait::async_trait;
/// use basix_cti::client::{Resolver, TcpConnector};
///
/// /// A name that only this program knows.
/// #[derive(Debug)]
/// struct Pinned(IpAddr);
///
/// #[async_trait]
/// impl Resolver for Pinned {
///     async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
///         match host {
///             "pbx.internal" => Ok(vec![self.0]),
///             _ => Err(io::ErrorKind::NotFound.into()),
///         }
///     }
/// }
///
/// let connector = TcpConnector::new().with_resolver(Pinned([192, 0, 2, 7].into()));
/// ```
#[async_trait]
pub trait Resolver: Debug + Send + Sync + 'static {
    /// Returns the addresses of a host, best first. IP addresses are never passed to it.
    ///
    /// # Errors
    ///
    /// If the name cannot be resolved. The error's text is part of [`ConnectError::Dns`].
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Debug)]
struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Connects by TCP and tries all addresses of the host, so that a dead one costs little time.
///
/// Addresses of both families are tried alternately. The next attempt starts when the one before
/// fails or takes longer than the [attempt delay](Self::with_attempt_delay); the first connection
/// wins and cancels the others ("happy eyeballs", RFC 8305).
#[derive(Clone, Debug)]
pub struct TcpConnector {
    resolver: Arc<dyn Resolver>,
    attempt_delay: Duration,
}

impl Default for TcpConnector {
    fn default() -> Self {
        Self { resolver: Arc::new(SystemResolver), attempt_delay: Self::ATTEMPT_DELAY }
    }
}

impl TcpConnector {
    /// Maximum number of addresses tried for each connection.
    pub const MAX_ADDRESSES: usize = 16;

    /// Default delay before the next address is tried, as RFC 8305 recommends.
    pub const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

    /// Creates a connector with the resolver of the operating system.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the resolver.
    #[must_use]
    pub fn with_resolver(self, resolver: impl Resolver) -> Self {
        Self { resolver: Arc::new(resolver), ..self }
    }

    /// Sets the delay of an attempt before the next address is tried as well.
    #[must_use]
    pub fn with_attempt_delay(self, attempt_delay: Duration) -> Self {
        Self { attempt_delay, ..self }
    }

    /// Opens a connection.
    pub(super) async fn open(&self, host: &str, port: u16) -> Result<TcpStream, ConnectError> {
        let addresses = match host.parse() {
            Ok(address) => vec![address],
            Err(_) => self.resolver.resolve(host).await.map_err(|error| dns(&error.to_string()))?,
        };
        let mut addresses = alternate(addresses).into_iter();
        let mut attempts = FuturesUnordered::new();
        let (mut tried, mut last) = (0, ErrorKind::NotFound);
        loop {
            if let Some(address) = addresses.next() {
                tried += 1;
                attempts.push(TcpStream::connect(SocketAddr::new(address, port)));
            }
            let result = if addresses.len() == 0 {
                attempts.next().await
            } else {
                match timeout(self.attempt_delay, attempts.next()).await {
                    Ok(result) => result,
                    Err(_) => continue,
                }
            };
            match result {
                Some(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Some(Err(error)) => last = error.kind(),
                None if tried == 0 => return Err(dns("the name has no addresses")),
                None => return Err(ConnectError::Unreachable { kind: last, addresses: tried }),
            }
        }
    }
}

#[async_trait]
impl Connector for TcpConnector {
    async fn connect(&self, server: &ServerAddress) -> Result<BoxedIo, ConnectError> {
        Ok(Box::new(self.open(&server.host, server.port).await?))
    }
}

fn dns(reason: &str) -> ConnectError {
    // The standard library prefixes the text of getaddrinfo.
    let reason = reason.strip_prefix("failed to lookup address information: ").unwrap_or(reason);
    ConnectError::Dns(super::shown(reason, 100))
}

/// Orders addresses by alternating families, starting with the family of the first.
fn alternate(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let is_first_v4 = addresses.first().is_some_and(IpAddr::is_ipv4);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == is_first_v4);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut addresses = Vec::new();
    while addresses.len() < TcpConnector::MAX_ADDRESSES {
        let (one, two) = (first.next(), second.next());
        if one.is_none() && two.is_none() {
            break;
        }
        addresses.extend(one.into_iter().chain(two));
    }
    addresses
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{TcpConnector, alternate};

    #[test]
    fn families_alternate_and_keep_their_order() {
        let parse = |text: &str| text.split(' ').map(|it| it.parse().unwrap()).collect();
        let addresses: Vec<IpAddr> = parse("::1 ::2 ::3 192.0.2.1 192.0.2.2");
        let expected: Vec<IpAddr> = parse("::1 192.0.2.1 ::2 192.0.2.2 ::3");
        assert_eq!(alternate(addresses), expected);
        assert_eq!(alternate(Vec::new()), Vec::<IpAddr>::new());
    }

    #[test]
    fn a_host_with_very_many_addresses_is_cut() {
        let addresses: Vec<IpAddr> =
            (0..10_000_u32).map(|at| IpAddr::from(at.to_be_bytes())).collect();
        assert_eq!(alternate(addresses).len(), TcpConnector::MAX_ADDRESSES);
    }
}
