//! The opening request of a connection, and its refusals.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};

/// The cookie that names a login session of the model.
pub const SESSION_COOKIE: &str = "basix_session";
/// The header that names a login session of the model, for clients that have no cookies.
pub const SESSION_HEADER: &str = "x-basix-session";

/// The path of the CTI websocket.
pub(crate) const CTI_PATH: &str = "/basix/api/ws_cti";
/// Maximum length of a path with query, in bytes.
const MAX_TARGET: usize = 8 << 10;
/// Maximum length of an application's name, in bytes.
const MAX_APP_NAME: usize = 256;

/// The opening request of a connection: credentials and options.
///
/// ```
/// use basix_cti_testing::Handshake;
///
/// let handshake = Handshake::new().with_token("example.test", "s3cret").with_app_name("wallboard");
/// assert!(!format!("{handshake:?}").contains("s3cret"));
/// // The same from a request, as a server gets it.
/// let request = http::Request::get("/basix/api/ws_cti?app_name=wallboard")
///     .header("authorization", "Basic ZXhhbXBsZS50ZXN0OnMzY3JldA==")
///     .body(())?;
/// assert_eq!(Handshake::from_request(&request), Ok(handshake));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Handshake {
    pub(super) credentials: Option<Credentials>,
    pub(super) app_name: String,
    pub(super) force: bool,
    pub(super) full_events: bool,
}

/// The credentials of a connection.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    Token { domain: String, token: String },
    Session(String),
}

/// The reason why the PBX refuses a connection before it is a websocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The PBX answers with this HTTP status in place of 101.
    #[error("the PBX refuses the websocket with HTTP status {}", .0.as_u16())]
    Status(StatusCode),
    /// The PBX answers with a web page and status 200.
    #[error("the PBX answers with a web page in place of a websocket")]
    WebPage,
    /// The connection is not accepted.
    #[error("the PBX does not take the connection")]
    Unreachable,
}

impl Handshake {
    /// A request without credentials and options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the domain and an API token.
    #[must_use]
    pub fn with_token(self, domain: &str, token: &str) -> Self {
        let credentials = Credentials::Token { domain: domain.to_owned(), token: token.to_owned() };
        Self { credentials: Some(credentials), ..self }
    }

    /// Sets a login session from [`Pbx::log_in`](super::Pbx::log_in).
    #[must_use]
    pub fn with_session(self, session: &str) -> Self {
        Self { credentials: Some(Credentials::Session(session.to_owned())), ..self }
    }

    /// Sets the name of the application.
    #[must_use]
    pub fn with_app_name(self, app_name: &str) -> Self {
        Self { app_name: app_name.to_owned(), ..self }
    }

    /// Sets `force=true`: an older connection makes room.
    #[must_use]
    pub fn with_force(self) -> Self {
        Self { force: true, ..self }
    }

    /// Sets `full_events=true`: events of all channels.
    #[must_use]
    pub fn with_full_events(self) -> Self {
        Self { full_events: true, ..self }
    }

    /// Reads the opening request.
    ///
    /// # Errors
    ///
    /// If it does not ask for the CTI websocket, or is too long: 404, 414, 400.
    pub fn from_request<T>(request: &http::Request<T>) -> Result<Self, Refusal> {
        let uri = request.uri();
        if uri.path() != CTI_PATH {
            return Err(Refusal::Status(StatusCode::NOT_FOUND));
        }
        let query = uri.query().unwrap_or_default();
        if query.len() > MAX_TARGET {
            return Err(Refusal::Status(StatusCode::URI_TOO_LONG));
        }
        let mut handshake =
            Self { credentials: Credentials::from_headers(request.headers()), ..Self::default() };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "app_name" if value.len() > MAX_APP_NAME => {
                    return Err(Refusal::Status(StatusCode::BAD_REQUEST));
                }
                "app_name" => handshake.app_name = value.into_owned(),
                "force" => handshake.force = value == "true",
                "full_events" => handshake.full_events = value == "true",
                _ => {}
            }
        }
        Ok(handshake)
    }
}

impl Credentials {
    /// The credentials of a request: a session if it has one, else Basic.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
        let header = headers.get(SESSION_HEADER).and_then(text);
        let cookies = || headers.get_all(COOKIE).iter().filter_map(text);
        let cookie = || {
            cookies().find_map(|cookies| {
                let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
                pairs.find(|(name, _)| *name == SESSION_COOKIE).map(|(_, value)| value.to_owned())
            })
        };
        if let Some(session) = header.or_else(cookie) {
            return Some(Self::Session(session));
        }
        let basic = headers.get(AUTHORIZATION).and_then(text)?;
        let (scheme, encoded) = basic.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (domain, token) = decoded.split_once(':')?;
        Some(Self::Token { domain: domain.to_owned(), token: token.to_owned() })
    }
}

/// Does not show the token or the session.
impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("credentials", &self.credentials)
            .field("app_name", &self.app_name)
            .field("force", &self.force)
            .field("full_events", &self.full_events)
            .finish()
    }
}

/// Does not show the token or the session.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token { domain, .. } => {
                f.debug_struct("Token").field("domain", domain).finish_non_exhaustive()
            }
            Self::Session(_) => f.debug_struct("Session").finish_non_exhaustive(),
        }
    }
}
