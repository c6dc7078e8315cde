//! The PBX's address, credentials and connection options.
//!
//! [`Endpoint`] makes the HTTP requests that open the websocket and call a user.

mod credentials;
mod error;
mod from_url;
mod secret;

pub use error::{EndpointError, EndpointPart};

use std::fmt;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Uri};
use url::{Host, Url, form_urlencoded};

use crate::helper_leg::CallUser;
use credentials::Credentials;
use error::check_text;
use secret::Secret;

/// A PBX, the credentials, and the options of the connection.
///
/// ```
/// use basix_cti::Endpoint;
///
/// let endpoint = Endpoint::new("pbx.example.net", "my-domain", "T0KEN")
///     .app_name("wallboard")
///     .force();
///
/// assert_eq!(
///     endpoint.url()?.as_str(),
///     "wss://pbx.example.net/basix/api/ws_cti?app_name=wallboard&force=true"
/// );
/// let request = endpoint.request()?;
/// assert_eq!(request.headers()["authorization"], "Basic bXktZG9tYWluOlQwS0VO");
/// assert!(request.headers()["authorization"].is_sensitive());
/// # Ok::<(), basix_cti::endpoint::EndpointError>(())
/// ```
///
/// No URL, `Debug` or error contains the token or session. The parts are checked when they are used:
/// by [`url`](Self::url), [`request`](Self::request), [`call_user`](Self::call_user) and
/// [`server`](Self::server).
// B1–B3
#[derive(Clone)]
pub struct Endpoint {
    server: String,
    credentials: Credentials,
    app_name: String,
    force: bool,
    full_events: bool,
    /// Unknown query parameters of the URL, as they were written.
    others: Vec<String>,
}

/// The host and port to connect to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ServerAddress {
    /// The name or address; an IPv6 address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// True if the connection uses TLS: always, unless the server was written with `ws://`.
    pub is_tls: bool,
}

impl Endpoint {
    const PATH: &'static str = "/basix/api/ws_cti";
    const CALL_USER_PATH: &'static str = "/basix/api/call_user";

    /// An endpoint with a domain and its API token.
    ///
    /// `server` is a host, `pbx.example.net`, or an address, `[2001:db8::1]`, with or without a
    /// port, `pbx.example.net:8443`. The connection uses TLS unless the server is written with
    /// `ws://`.
    #[must_use]
    pub fn new(
        server: impl Into<String>,
        domain: impl Into<String>,
        token: impl Into<String>,
    ) -> Self {
        let token = Secret::new(token);
        Self::of(server.into(), Credentials::Token { domain: domain.into(), token })
    }

    /// An endpoint with the header of a login session.
    ///
    /// With a session the PBX sends only channels of its user, unless
    /// [`full_events`](Self::full_events) is set.
    #[must_use]
    pub fn with_session(
        server: impl Into<String>,
        header_name: impl Into<String>,
        header_value: impl Into<String>,
    ) -> Self {
        let value = Secret::new(header_value);
        Self::of(server.into(), Credentials::Session { header: header_name.into(), value })
    }

    /// An endpoint with the cookie of a login session; see [`with_session`](Self::with_session).
    #[must_use]
    pub fn with_cookie(
        server: impl Into<String>,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        let value = Secret::new(value);
        Self::of(server.into(), Credentials::Cookie { name: name.into(), value })
    }

    fn of(server: String, credentials: Credentials) -> Self {
        let (app_name, others) = (String::new(), Vec::new());
        Self { server, credentials, app_name, force: false, full_events: false, others }
    }

    /// Names the application. The PBX uses the name for diagnosis and to count connections.
    #[must_use]
    pub fn app_name(self, app_name: impl Into<String>) -> Self {
        Self { app_name: app_name.into(), ..self }
    }

    /// Lets the PBX drop an older connection when the limit is reached. That connection receives
    /// `connection_replaced`.
    #[must_use]
    pub fn force(self) -> Self {
        Self { force: true, ..self }
    }

    /// Requests events of all channels, not only of those of the session's user.
    #[must_use]
    pub fn full_events(self) -> Self {
        Self { full_events: true, ..self }
    }

    /// The websocket's URL, without credentials.
    ///
    /// # Errors
    ///
    /// If any part of the endpoint is invalid.
    pub fn url(&self) -> Result<Url, EndpointError> {
        self.credentials.header()?;
        if !self.app_name.is_empty() {
            check_text(&self.app_name, EndpointPart::AppName)?;
        }
        let mut url = self.base()?;
        url.set_path(Self::PATH);
        let known = [
            ("app_name", (!self.app_name.is_empty()).then_some(&*self.app_name)),
            ("force", self.force.then_some("true")),
            ("full_events", self.full_events.then_some("true")),
        ];
        let known = known.into_iter().filter_map(|(name, value)| {
            // %20 is a space in every way of decoding a query; + is not.
            let value: String = form_urlencoded::byte_serialize(value?.as_bytes()).collect();
            Some(format!("{name}={}", value.replace('+', "%20")))
        });
        let query: Vec<String> = known.chain(self.others.iter().cloned()).collect();
        if !query.is_empty() {
            url.set_query(Some(&query.join("&")));
        }
        if url.as_str().len() >= usize::from(u16::MAX) {
            return Err(EndpointError::TooLong);
        }
        Ok(url)
    }

    /// The HTTP request that opens the websocket, with the credentials in a header marked sensitive.
    ///
    /// The sender adds the headers of every websocket: `Host`, `Connection`, `Upgrade` and
    /// `Sec-WebSocket-…`. It must not offer extensions: the PBX does not compress.
    // B1, B4
    ///
    /// # Errors
    ///
    /// If any part of the endpoint is invalid.
    pub fn request(&self) -> Result<Request<()>, EndpointError> {
        self.request_to(&self.url()?, ())
    }

    /// The HTTP request that makes the PBX call a user, with the same credentials.
    /// [`CallUserAnswer`](crate::helper_leg::CallUserAnswer) reads the answer.
    // B96
    ///
    /// ```
    /// use basix_cti::element::UserId;
    /// use basix_cti::helper_leg::CallUser;
    /// use basix_cti::Endpoint;
    ///
    /// let endpoint = Endpoint::new("pbx.example.net", "my-domain", "T0KEN");
    /// let request = endpoint.call_user(&CallUser::media_plug(UserId(10001001)))?;
    /// assert_eq!(request.method(), "POST");
    /// assert_eq!(request.uri(), "https://pbx.example.net/basix/api/call_user");
    /// assert_eq!(request.body(), br#"{"user_id":10001001,"destination":"media_plug"}"#);
    /// # Ok::<(), basix_cti::endpoint::EndpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If any part of the endpoint is invalid.
    pub fn call_user(&self, call: &CallUser) -> Result<Request<Vec<u8>>, EndpointError> {
        let websocket = self.url()?;
        // https and wss have the same default port, and so have http and ws.
        let scheme = if websocket.scheme() == "ws" { "http" } else { "https" };
        let authority = &websocket[url::Position::BeforeHost..url::Position::AfterPort];
        let url = Url::parse(&format!("{scheme}://{authority}{}", Self::CALL_USER_PATH));
        let mut request =
            self.request_to(&url.map_err(|_| EndpointError::Server)?, call.to_json())?;
        *request.method_mut() = Method::POST;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(request)
    }

    fn request_to<T>(&self, url: &Url, body: T) -> Result<Request<T>, EndpointError> {
        let (name, value) = self.credentials.header()?;
        let mut request = Request::new(body);
        *request.uri_mut() = Uri::try_from(url.as_str()).map_err(|_| EndpointError::Server)?;
        request.headers_mut().insert(name, value);
        Ok(request)
    }

    /// The host and port to connect to.
    ///
    /// ```
    /// use basix_cti::Endpoint;
    ///
    /// let server = Endpoint::new("[2001:db8::1]:8443", "my-domain", "T0KEN").server()?;
    /// assert_eq!((server.host.as_str(), server.port, server.is_tls), ("2001:db8::1", 8443, true));
    /// # Ok::<(), basix_cti::endpoint::EndpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the server is invalid.
    pub fn server(&self) -> Result<ServerAddress, EndpointError> {
        let url = self.base()?;
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(EndpointError::Server),
        };
        let port = url.port_or_known_default().ok_or(EndpointError::Server)?;
        Ok(ServerAddress { host, port, is_tls: url.scheme() == "wss" })
    }

    /// The server's URL, without path and query.
    fn base(&self) -> Result<Url, EndpointError> {
        check_text(&self.server, EndpointPart::Server)?;
        let (scheme, server) = match self.server.split_once("://") {
            None => ("wss", &*self.server),
            Some((scheme, server)) if scheme.eq_ignore_ascii_case("wss") => ("wss", server),
            Some((scheme, server)) if scheme.eq_ignore_ascii_case("ws") => ("ws", server),
            Some(_) => return Err(EndpointError::Scheme),
        };
        let server = server.strip_suffix('/').unwrap_or(server);
        if server.contains(['/', '\\', '?', '#', '@']) {
            return Err(EndpointError::ServerHasMore);
        }
        let url = Url::parse(&format!("{scheme}://{server}"));
        let url = url.map_err(|_| EndpointError::Server)?;
        let is_host = match url.host() {
            // URLs allow more characters than host names.
            Some(Host::Domain(name)) => {
                name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
            }
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
            None => false,
        };
        if is_host && url.port() != Some(0) { Ok(url) } else { Err(EndpointError::Server) }
    }
}

/// Server and domain, if they are valid, and the options; never the token or session.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // All fields by name, so that adding one forces a decision here.
        let Self { server: _, credentials, app_name, force, full_events, others: _ } = self;
        let mut shown = f.debug_struct("Endpoint");
        // An invalid part may be a whole URL, or a token in the wrong place.
        match self.base() {
            Ok(url) => shown.field("server", &url[..url::Position::AfterPort].to_owned()),
            Err(error) => shown.field("server", &format_args!("({error})")),
        };
        if let Credentials::Token { domain, token: _ } = credentials {
            match domain.contains(':') {
                false => shown.field("domain", domain),
                true => shown.field("domain", &format_args!("({})", EndpointError::DomainColon)),
            };
        }
        shown
            .field("app_name", app_name)
            .field("force", force)
            .field("full_events", full_events)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}
