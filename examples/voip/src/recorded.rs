//! Requests as lines of JSON.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use voip_module::router::{Outcome, WebhookRouter};
use voip_module::{BodyIsNotText, HttpResponse, VoipProvider, VoipWebhookParseResult};

/// A webhook request: `{"method","uri","headers":{…},"body"}`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method; without one `POST` if there is a body, or else `GET`.
    pub method: Option<String>,
    /// The URI, absolute or from the path on.
    pub uri: String,
    /// The headers. An array is a header that is there several times.
    pub headers: Option<Map<String, Value>>,
    /// The body: text, or whatever else the platform has made of it (V83).
    pub body: Value,
}

/// What came of a request, as it is printed.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Answer {
    /// The status of the HTTP answer.
    pub status: u16,
    /// The body of the HTTP answer.
    pub body: String,
    /// The result for the platform.
    pub result: VoipWebhookParseResult,
}

impl RecordedRequest {
    /// Puts the request to a router.
    pub async fn put_to<P: VoipProvider>(self, router: &WebhookRouter<P>) -> Answer {
        let outcome = match self.into_request() {
            Ok(request) => router.process(request).await,
            Err(Refusal(status, message)) => {
                let response = HttpResponse::error(status, message).into();
                return Answer::new(&response, VoipWebhookParseResult::empty());
            }
        };
        let Outcome { response, result, .. } = outcome;
        Answer::new(&response, result)
    }

    /// The request itself, or what a web server answers to one that cannot be.
    fn into_request(self) -> Result<http::Request<Bytes>, Refusal> {
        let Self { method, uri, headers, body } = self;
        let method = match method {
            Some(method) => Method::from_bytes(method.as_bytes())
                .map_err(|_| Refusal(http::StatusCode::METHOD_NOT_ALLOWED, "method not allowed"))?,
            None if body.is_null() => Method::GET,
            None => Method::POST,
        };
        let mut request = http::Request::new(Bytes::new());
        *request.method_mut() = method;
        *request.uri_mut() = readable_uri(&uri)?;
        for (name, value) in headers.into_iter().flatten() {
            let values = match value {
                Value::Array(values) => values,
                one => vec![one],
            };
            for value in values {
                let value = match value {
                    Value::String(text) => text,
                    Value::Null => continue,
                    other => other.to_string(),
                };
                // A web server would never hand over a header that is none.
                let name = HeaderName::from_bytes(name.as_bytes());
                if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
                    request.headers_mut().append(name, value);
                }
            }
        }
        match body {
            Value::String(text) => *request.body_mut() = text.into(),
            Value::Null => {}
            other => {
                *request.body_mut() = other.to_string().into();
                request.extensions_mut().insert(BodyIsNotText);
            }
        }
        Ok(request)
    }
}

/// What a web server answers to a request that cannot be.
struct Refusal(http::StatusCode, &'static str);

/// A URI, with what a URI cannot hold percent-encoded.
fn readable_uri(uri: &str) -> Result<Uri, Refusal> {
    let rooted = if uri.starts_with('/') || uri.contains("://") {
        uri.to_owned()
    } else {
        format!("/{uri}")
    };
    if rooted.len() > usize::from(u16::MAX) - 1 {
        return Err(Refusal(http::StatusCode::URI_TOO_LONG, "the URI is too long"));
    }
    rooted.parse().or_else(|_| {
        let mut escaped = String::new();
        for byte in rooted.bytes() {
            match byte {
                b'!' | b'#'..=b';' | b'=' | b'?'..=b'[' | b']' | b'_' | b'a'..=b'z' | b'~' => {
                    escaped.push(char::from(byte));
                }
                other => escaped.push_str(&format!("%{other:02X}")),
            }
        }
        escaped.parse().map_err(|_| Refusal(http::StatusCode::BAD_REQUEST, "the URI is malformed"))
    })
}

impl Answer {
    fn new(response: &http::Response<Bytes>, result: VoipWebhookParseResult) -> Self {
        Self {
            status: response.status().as_u16(),
            body: String::from_utf8_lossy(response.body()).into_owned(),
            result,
        }
    }
}
