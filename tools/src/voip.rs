//! Requests as lines of JSON.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use voip_module::carrier::BodyIsNotText;
use voip_module::router::Outcome;
use voip_module::router::journal::Verdict;
use voip_module::{Delivery, HttpResponse, VoipProvider, VoipWebhookParseResult, WebhookRouter};

/// A webhook request: `{"at"?,"method","uri","headers":{…},"body"}`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Seconds since the start.
    #[serde(deserialize_with = "seconds")]
    pub at: Option<f64>,
    /// The method; without one `POST` if there is a body, or else `GET`.
    pub method: Option<String>,
    /// The URI, absolute or from the path on.
    pub uri: String,
    /// The headers. An array is a header that is there several times.
    pub headers: Option<Map<String, Value>>,
    /// The body: text, or a value that the platform has made of it.
    pub body: Value,
}

fn seconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let at = Option::<f64>::deserialize(deserializer)?;
    if at.is_some_and(|at| at < 0.0) {
        return Err(serde::de::Error::custom("`at`: expected seconds >= 0"));
    }
    Ok(at)
}

/// The printed outcome of a request.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Answer {
    /// The status of the HTTP answer.
    pub status: u16,
    /// The body of the HTTP answer.
    pub body: String,
    /// The result for the platform, before the journal.
    pub result: VoipWebhookParseResult,
    /// The verdict of the journal and the delivery, with a journal.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub journaled: Option<Journaled>,
}

/// The journal's verdict on a request, and the delivery.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Journaled {
    /// The verdict; `null` without a call of the journal.
    pub journal: Option<Verdict>,
    /// The delivery to the sink.
    pub delivered: Option<Delivery>,
}

impl RecordedRequest {
    /// Sends the request to a router.
    pub async fn put_to<P: VoipProvider>(self, router: &WebhookRouter<P>, journal: bool) -> Answer {
        let (response, result, journaled) = match self.into_request() {
            Ok(request) => {
                let Outcome { response, result, verdict, delivery, .. } =
                    router.process(request).await;
                (response, result, Journaled { journal: verdict, delivered: delivery })
            }
            Err(Refusal(status, message)) => {
                let response = HttpResponse::error(status, message).into();
                (response, VoipWebhookParseResult::empty(), Journaled::default())
            }
        };
        Answer {
            status: response.status().as_u16(),
            body: String::from_utf8_lossy(response.body()).into_owned(),
            result,
            journaled: journal.then_some(journaled),
        }
    }

    /// The request itself, or the answer of a web server to an impossible one.
    fn into_request(self) -> Result<http::Request<Bytes>, Refusal> {
        let Self { at: _, method, uri, headers, body } = self;
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
                // A web server never hands over an invalid header.
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

/// The answer of a web server to an impossible request.
struct Refusal(http::StatusCode, &'static str);

/// A URI, with invalid characters percent-encoded.
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
