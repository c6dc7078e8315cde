//! Credentials and the header that carries them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};

use super::error::{EndpointError, EndpointPart, check_text};
use super::secret::Secret;

#[derive(Clone)]
pub(super) enum Credentials {
    Token { domain: String, token: Secret },
    Session { header: String, value: Secret },
    Cookie { name: String, value: Secret },
}

impl Credentials {
    /// The header that carries the credentials.
    pub(super) fn header(&self) -> Result<(HeaderName, HeaderValue), EndpointError> {
        let (name, value) = match self {
            Self::Token { domain, token } => {
                check_text(domain, EndpointPart::Domain)?;
                check_text(token.expose(), EndpointPart::Token)?;
                if domain.contains(':') {
                    return Err(EndpointError::DomainColon);
                }
                let user_info = Secret::new(format!("{domain}:{}", token.expose()));
                let user_info = Secret::new(STANDARD.encode(user_info.expose()));
                (AUTHORIZATION, Secret::new(format!("Basic {}", user_info.expose())))
            }
            Self::Session { header, value } => {
                check_text(header, EndpointPart::SessionName)?;
                check_text(value.expose(), EndpointPart::SessionValue)?;
                let name = HeaderName::from_bytes(header.as_bytes());
                let name = name.map_err(|_| EndpointError::SessionHeader)?;
                if belongs_to_the_handshake(&name) {
                    return Err(EndpointError::SessionHeader);
                }
                (name, value.clone())
            }
            Self::Cookie { name, value } => {
                check_text(name, EndpointPart::SessionName)?;
                check_text(value.expose(), EndpointPart::SessionValue)?;
                // These separate cookies, or a name from its value.
                if name.contains(['=', ';', ',', ' ', '"']) || value.expose().contains([';', ' ']) {
                    return Err(EndpointError::Cookie);
                }
                (COOKIE, Secret::new(format!("{name}={}", value.expose())))
            }
        };
        let value = HeaderValue::from_bytes(value.expose().as_bytes());
        let mut value =
            value.map_err(|_| EndpointError::ControlCharacter(EndpointPart::SessionValue))?;
        value.set_sensitive(true);
        Ok((name, value))
    }
}

/// Headers that the request needs for itself.
fn belongs_to_the_handshake(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("sec-websocket-")
        || ["connection", "content-length", "content-type", "host", "transfer-encoding", "upgrade"]
            .contains(&name)
}
