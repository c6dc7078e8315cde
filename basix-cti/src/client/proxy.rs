//! Connections through an HTTP proxy.

use std::fmt;

use async_trait::async_trait;
use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use url::Url;

use super::connector::{BoxedIo, Connector};
use super::tcp::TcpConnector;
use crate::endpoint::ServerAddress;
use crate::session::ConnectError;

/// Connects through an HTTP proxy, with the method `CONNECT`.
///
/// TLS runs inside the tunnel, so the proxy sees only host and port of the PBX.
///
/// ```
/// use basix_cti::Client;
/// use basix_cti::client::HttpProxy;
///
/// let proxy = HttpProxy::new("http://user:password@proxy.example.net:3128")?;
/// let builder = Client::builder().connector(proxy);
///
/// // Or as `HTTPS_PROXY` and `NO_PROXY` say:
/// let builder = Client::builder().connector(HttpProxy::from_env()?);
/// # Ok::<(), basix_cti::session::ConnectError>(())
/// ```
pub struct HttpProxy {
    matcher: Matcher,
    tcp: TcpConnector,
}

/// Maximum bytes of the proxy's reply.
const MAX_REPLY: usize = 16 << 10;

impl HttpProxy {
    /// Creates a proxy for all connections: `http://HOST:PORT` or `http://USER:PASSWORD@HOST:PORT`.
    ///
    /// User and password are percent-decoded. The port is 80 by default.
    ///
    /// # Errors
    ///
    /// If the URL is invalid or its scheme is not `http`. The error contains nothing of it.
    pub fn new(url: &str) -> Result<Self, ConnectError> {
        check_url(url)?;
        Ok(Self { matcher: Matcher::builder().all(url).build(), tcp: TcpConnector::new() })
    }

    /// Reads the proxy for TLS connections from the environment.
    ///
    /// Reads `HTTPS_PROXY` and `NO_PROXY`, or the same names in lower case. Connects directly if no
    /// proxy is set, if `NO_PROXY` lists the server, or if the endpoint's scheme is `ws`. `NO_PROXY`
    /// is a comma-separated list of domains (which include their subdomains), IP addresses and
    /// networks such as `192.0.2.0/24`; `*` matches every server.
    ///
    /// # Errors
    ///
    /// The errors of [`new`](Self::new).
    pub fn from_env() -> Result<Self, ConnectError> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// Reads the proxy like [`from_env`](Self::from_env), from variables that `lookup` returns.
    ///
    /// # Errors
    ///
    /// The errors of [`new`](Self::new).
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConnectError> {
        let first = |names: [&str; 2]| names.into_iter().find_map(&lookup).unwrap_or_default();
        let proxy = first(["HTTPS_PROXY", "https_proxy"]);
        let matcher = if proxy.is_empty() {
            Matcher::builder().build()
        } else {
            check_url(&proxy)?;
            Matcher::builder().https(proxy).no(first(["NO_PROXY", "no_proxy"])).build()
        };
        Ok(Self { matcher, tcp: TcpConnector::new() })
    }

    /// Sets the connector to the proxy.
    #[must_use]
    pub fn with_tcp(self, tcp: TcpConnector) -> Self {
        Self { tcp, ..self }
    }

    async fn tunnel(
        &self,
        proxy: &Intercept,
        server: &ServerAddress,
    ) -> Result<BoxedIo, ConnectError> {
        let host = proxy.uri().host().ok_or(ConnectError::ProxyUrl)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = proxy.uri().port_u16().unwrap_or(80);
        let stream = self.tcp.open(host, port).await.map_err(|error| match error {
            ConnectError::Unreachable { kind, .. } => ConnectError::ProxyUnreachable(kind),
            other => other,
        })?;

        let authority = server.to_string();
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.method_mut() = Method::CONNECT;
        *request.uri_mut() = authority.parse().map_err(|_| ConnectError::ProxyReply)?;
        let headers = request.headers_mut();
        headers
            .insert(HOST, HeaderValue::from_str(&authority).map_err(|_| ConnectError::ProxyReply)?);
        if let Some(credentials) = proxy.basic_auth() {
            headers.insert(PROXY_AUTHORIZATION, credentials.clone());
        }

        let mut builder = http1::Builder::new();
        builder.max_buf_size(MAX_REPLY);
        let exchange = async {
            let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection.with_upgrades());
            sender.send_request(request).await
        };
        let response = exchange.await.map_err(|_| ConnectError::ProxyReply)?;
        match response.status() {
            status if status.is_success() => {
                let tunnel = hyper::upgrade::on(response).await;
                Ok(Box::new(TokioIo::new(tunnel.map_err(|_| ConnectError::ProxyReply)?)))
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(ConnectError::ProxyUnauthorized),
            status => Err(ConnectError::ProxyStatus(status.as_u16())),
        }
    }
}

/// Rejects invalid URLs, because the matcher is too lenient: it drops an unreadable URL, and
/// mistakes `http://user:pass/word@host` for a proxy called `user`.
fn check_url(url: &str) -> Result<(), ConnectError> {
    let with_scheme = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let is_plain = |url: &Url| {
        let has_more = url.path() != "/" || url.query().is_some() || url.fragment().is_some();
        url.scheme() == "http" && !has_more
    };
    let known = Matcher::builder().all(url).build().intercept(&Uri::from_static("http://pbx"));
    match (Url::parse(&with_scheme).ok().filter(is_plain), known) {
        (Some(_), Some(_)) => Ok(()),
        _ => Err(ConnectError::ProxyUrl),
    }
}

#[async_trait]
impl Connector for HttpProxy {
    async fn connect(&self, server: &ServerAddress) -> Result<BoxedIo, ConnectError> {
        let scheme = if server.is_tls { "https" } else { "http" };
        let uri = Uri::try_from(format!("{scheme}://{server}/"));
        match uri.ok().and_then(|uri| self.matcher.intercept(&uri)) {
            Some(proxy) => self.tunnel(&proxy, server).await,
            None => self.tcp.connect(server).await,
        }
    }
}

/// Shows the proxy's host and port, without its credentials.
impl fmt::Debug for HttpProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpProxy").field("matcher", &self.matcher).finish_non_exhaustive()
    }
}
