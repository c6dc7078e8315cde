//! Errors of endpoints.

use std::fmt;

/// A part of an [`Endpoint`](crate::Endpoint).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointPart {
    /// The server.
    Server,
    /// The domain.
    Domain,
    /// The token.
    Token,
    /// The name of the header or cookie of a session.
    SessionName,
    /// The value of that header or cookie.
    SessionValue,
    /// The name of the application.
    AppName,
    /// The text given to [`Endpoint::from_url`](crate::Endpoint::from_url).
    Url,
}

impl fmt::Display for EndpointPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "server",
            Self::Domain => "domain",
            Self::Token => "token",
            Self::SessionName => "session header's name",
            Self::SessionValue => "session header's value",
            Self::AppName => "app_name",
            Self::Url => "url",
        })
    }
}

/// A problem of an [`Endpoint`](crate::Endpoint). Contains none of its parts, so it may be
/// logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// A part is empty.
    #[error("{0} is empty")]
    Empty(EndpointPart),
    /// A part contains a line break or another control character.
    #[error("{0} contains a control character, such as a line break: remove it")]
    ControlCharacter(EndpointPart),
    /// The URL would be longer than HTTP allows.
    #[error("url is longer than 65534 bytes: shorten app_name or the server")]
    TooLong,
    /// The server is not a host with or without a port.
    #[error(
        "server is not a host or an address, with or without a port: write pbx.example.net, \
         pbx.example.net:8443 or [2001:db8::1]:8443"
    )]
    Server,
    /// The server has user info, a path, a query or a fragment.
    #[error(
        "server contains more than host and port: write the rest in the other arguments, or give the \
         whole url to from_url"
    )]
    ServerHasMore,
    /// The scheme is not `wss` or `ws`.
    #[error("scheme is not wss or ws: write wss://, or ws:// for a connection without TLS")]
    Scheme,
    /// The domain contains a colon, which HTTP Basic credentials do not allow.
    #[error("domain contains a colon: pass the token as a separate argument")]
    DomainColon,
    /// The header cannot carry a session.
    #[error(
        "session header's name is invalid, or that of a header which the request needs itself: \
         write the one your login uses, such as Authorization"
    )]
    SessionHeader,
    /// The cookie is invalid.
    #[error(
        "session cookie contains a character that cookies do not allow: pass name and \
         value of one cookie, encoded as the server set them"
    )]
    Cookie,
    /// The text given to [`Endpoint::from_url`](crate::Endpoint::from_url) has no domain and token.
    #[error("url has no domain and token: write wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti")]
    NoCredentials,
    /// Domain or token contain a character that ends this part of a URL.
    #[error(
        "domain or token in the url contains a raw /, \\, ? or #: write it as %2F, %5C, %3F or %23, or \
         pass domain and token to Endpoint::new"
    )]
    RawSeparator,
    /// Domain or token are not percent-encoded UTF-8.
    #[error("{0} in the url is not percent-encoded UTF-8: write % as %25")]
    PercentEncoding(EndpointPart),
    /// The path is not that of the CTI websocket.
    #[error("url's path is not /basix/api/ws_cti: correct or remove it")]
    Path,
    /// The URL has a fragment.
    #[error("url has a fragment: remove it, or write # as %23")]
    Fragment,
    /// The token is in the query, the obsolete form.
    // B6
    #[error(
        "url has its token in the query, which is obsolete: write \
         wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti"
    )]
    ObsoleteCredentials,
}

/// Rejects empty text and control characters.
pub(super) fn check_text(text: &str, part: EndpointPart) -> Result<(), EndpointError> {
    if text.is_empty() {
        return Err(EndpointError::Empty(part));
    }
    if text.contains(char::is_control) {
        return Err(EndpointError::ControlCharacter(part));
    }
    Ok(())
}
