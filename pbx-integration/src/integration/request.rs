//! A web request for an integration.

use std::fmt;

use serde::{Serialize, Serializer};

use self::wire::WireRequest;
use super::headers::Headers;
use crate::event::Domain;
use crate::settings::Secret;
use crate::wire::issue::{Fault, Found};
use crate::wire::{Code, Extra, Issue, Parsed, Reader};

/// A web request for an integration.
///
/// `Debug` is safe for logs: it shows the path of the URL, the names of the headers and the size of
/// the body; other parts may be secret or personal.
///
/// ```
/// use pbx_integration::{Reader, Secret};
///
/// let json = r#"{"method": "POST", "scheme": "https", "body": "{\"dial\":\"+12025550123\"}",
///     "identifier": "ourcrmsys", "url": "ourcrmsys/dial", "domain": "tenant1.example.com",
///     "headers": [{"name": "Content-Type", "value": "application/json"},
///         {"name": "X-Token", "value": "example"}]}"#;
/// let request = Reader::strict().read_http_request(json)?.value;
/// assert_eq!((&*request.identifier, request.path()), ("ourcrmsys", "ourcrmsys/dial"));
/// assert_eq!(request.body()?, r#"{"dial":"+12025550123"}"#);
/// assert!(request.presents("x-token", &Secret::new("example")));
/// assert!(!format!("{request:?}").contains("example\""));
/// # Ok::<(), pbx_integration::Issue>(())
/// ```
#[doc(alias = "onhttp")]
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct HttpRequest {
    /// HTTP method.
    pub method: String,
    /// `http` or `https`.
    pub scheme: String,
    /// Identifier of the integration.
    pub identifier: String,
    /// File name of the request, with its query if there is one.
    pub url: String,
    /// The tenant, if it is known. The sender may have chosen it: do not trust it alone.
    pub domain: Option<Domain>,
    /// Headers.
    pub headers: Headers,
    /// Fields that this version does not know.
    pub extra: Extra,
    body: Vec<u8>,
}

impl HttpRequest {
    /// Creates a request for an integration, over https, without headers and body.
    #[must_use]
    pub fn new(method: &str, identifier: &str, url: &str) -> Self {
        Self {
            method: method.to_owned(),
            scheme: "https".to_owned(),
            identifier: identifier.to_owned(),
            url: url.to_owned(),
            ..Self::default()
        }
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Returns the body; empty if the request has none.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8. [`body_bytes`](Self::body_bytes) returns any body.
    pub fn body(&self) -> Result<&str, Issue> {
        std::str::from_utf8(&self.body).map_err(|_| {
            let (code, expected) = (Code::NotUtf8, "text in UTF-8");
            Issue::new("body", Fault { code, expected, found: Found::InvalidBytes })
        })
    }

    /// Returns the body as received.
    #[must_use]
    pub fn body_bytes(&self) -> &[u8] {
        &self.body
    }

    /// Returns the URL without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.split(['?', '#']).next().unwrap_or_default()
    }

    /// Returns whether the request presents a secret in a header, compared in constant time. In
    /// `Authorization`, a leading `Bearer` is skipped. A repeated header or an empty secret never
    /// matches.
    #[must_use]
    pub fn presents(&self, header: &str, secret: &Secret) -> bool {
        let mut values = self.headers.get_all(header);
        let (Some(value), None) = (values.next(), values.next()) else { return false };
        let value = match value.split_at_checked(7) {
            Some((scheme, token))
                if header.eq_ignore_ascii_case("authorization")
                    && scheme.eq_ignore_ascii_case("bearer ") =>
            {
                token
            }
            _ => value,
        };
        secret.matches(value.as_bytes())
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Destructured, so that a new field forces a decision here.
        let Self { method, scheme, identifier, url: _, domain, headers, extra, body } = self;
        f.debug_struct("HttpRequest")
            .field("method", method)
            .field("scheme", scheme)
            .field("identifier", identifier)
            .field("path", &self.path())
            .field("domain", &domain.as_ref().and_then(Domain::address))
            .field("headers", headers)
            .field("extra", &extra.len())
            .field("body_bytes", &body.len())
            .finish()
    }
}

/// Writes the PBX's form; an error if the body is not UTF-8.
impl Serialize for HttpRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = self.body().map_err(serde::ser::Error::custom)?;
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let request = WireRequest {
            method: text(&self.method),
            scheme: text(&self.scheme),
            body: text(body),
            identifier: self.identifier.clone(),
            url: text(&self.url),
            domain: self.domain.clone(),
            headers: self.headers.clone(),
            extra: self.extra.clone(),
        };
        request.serialize(serializer)
    }
}

impl Reader {
    /// Reads the payload of `onhttp`. Its `identifier` is required in both modes, because it
    /// selects the integration.
    ///
    /// # Errors
    ///
    /// If the input is not a JSON object within the limits, has no `identifier`, or (strict mode)
    /// has an invalid field.
    pub fn read_http_request(&self, json: impl AsRef<[u8]>) -> Result<Parsed<HttpRequest>, Issue> {
        Ok(self.read::<WireRequest>(json.as_ref())?.map(HttpRequest::from_wire))
    }
}

impl HttpRequest {
    fn from_wire(request: WireRequest) -> Self {
        let WireRequest { method, scheme, body, identifier, url, domain, headers, extra } = request;
        Self {
            method: method.unwrap_or_default(),
            scheme: scheme.unwrap_or_default(),
            identifier,
            url: url.unwrap_or_default(),
            domain,
            headers,
            extra,
            body: body.unwrap_or_default().into_bytes(),
        }
    }
}

/// The wire form of the request.
#[expect(unreachable_pub, reason = "`record!` makes public types")]
mod wire {
    use crate::event::Domain;
    use crate::integration::headers::Headers;
    use crate::wire::field::text;
    use crate::wire::record::record;

    record! {
        /// A web request, see [`HttpRequest`](super::HttpRequest).
        pub struct WireRequest {
            /// HTTP method.
            pub method: Option<String> = "method" required(text),
            /// Scheme.
            pub scheme: Option<String> = "scheme" required(text),
            /// Body.
            pub body: Option<String> = "body" optional(text),
            /// Identifier of the integration.
            pub identifier: String = "identifier" fatal(text),
            /// File name.
            pub url: Option<String> = "url" required(text),
            /// Tenant.
            pub domain: Option<Domain> = "domain" domain,
            /// Headers.
            pub headers: Headers = "headers" headers,
        }
    }
}
