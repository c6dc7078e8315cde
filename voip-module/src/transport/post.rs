//! One POST to a PBX, and its answer mapped to [`Error`].

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded;

use super::HttpTransport;
use crate::error::Error;
use crate::log;
use crate::secret::Secret;

/// A POST of a form or of JSON.
///
/// ```
/// use voip_module::transport::Post;
/// use voip_module::{Error, HttpTransport, Secret};
///
/// # async fn example(transport: &impl HttpTransport, key: &Secret) -> Result<(), Error> {
/// #[derive(serde::Deserialize)]
/// struct Started {
///     id: String,
/// }
///
/// let started: Started = Post::form("https://pbx.example/dial", [("to", "79990000001")])
///     .bearer(key)
///     .send(transport, "dial")
///     .await?
///     .json("expected {\"id\":\"…\"}")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Post<'a> {
    request: Result<http::Request<Bytes>, Error>,
    secrets: Vec<&'a Secret>,
}

impl<'a> Post<'a> {
    /// Creates a POST of a form.
    pub fn form<N: AsRef<str>, V: AsRef<str>>(
        url: &str,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).finish();
        Self::new(url, "application/x-www-form-urlencoded", body.into())
    }

    /// Creates a POST of JSON.
    pub fn json(url: &str, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self::new(url, "application/json", body.into()),
            Err(_) => {
                let reason = "it cannot be written as JSON";
                let request = Err(Error::InvalidArgument { name: "body", reason });
                Self { request, secrets: Vec::new() }
            }
        }
    }

    fn new(url: &str, content_type: &'static str, body: Bytes) -> Self {
        let request = http::Request::post(url)
            .header(CONTENT_TYPE, HeaderValue::from_static(content_type))
            .body(body)
            .map_err(|_| Error::Config { reason: "invalid endpoint URL: it cannot be requested" });
        Self { request, secrets: Vec::new() }
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Ok(request) = &mut self.request {
            request.headers_mut().insert(name, value);
        }
        self
    }

    /// Sets `Authorization: Bearer …`, and redacts the key in errors.
    pub fn bearer(mut self, key: &'a Secret) -> Self {
        match HeaderValue::from_str(&format!("Bearer {}", key.expose())) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self = self.header(http::header::AUTHORIZATION, value);
            }
            Err(_) => {
                let reason = "invalid API key: it holds characters that a header cannot";
                self.request = Err(Error::Config { reason });
            }
        }
        self.secret(key)
    }

    /// Redacts a key of the request in errors, in case the PBX quotes it.
    pub fn secret(mut self, key: &'a Secret) -> Self {
        self.secrets.push(key);
        self
    }

    /// Sends the request; `operation` names it in errors.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] and [`Error::InvalidArgument`] before anything is sent; [`Error::Timeout`]
    /// and [`Error::Transport`] if no answer came.
    pub async fn send<T: HttpTransport + ?Sized>(
        self,
        transport: &T,
        operation: &'static str,
    ) -> Result<Answer<'a>, Error> {
        let response = transport.send(self.request?).await?;
        Ok(Answer { response, operation, secrets: self.secrets })
    }
}

/// The answer to a [`Post`], with any status.
#[derive(Debug)]
pub struct Answer<'a> {
    response: http::Response<Bytes>,
    operation: &'static str,
    secrets: Vec<&'a Secret>,
}

impl Answer<'_> {
    /// Returns the response.
    #[must_use]
    pub const fn response(&self) -> &http::Response<Bytes> {
        &self.response
    }

    /// Returns the body of a success: any 2xx without an `error` member.
    ///
    /// # Errors
    ///
    /// [`Error::Auth`] for 401, [`Error::Remote`] for any other refusal, [`Error::UnexpectedBody`]
    /// for a failure that is not JSON.
    pub fn text(&self) -> Result<String, Error> {
        // V59, V60
        let status = self.response.status();
        let body = String::from_utf8_lossy(self.response.body());
        let json = serde_json::from_str::<Value>(&body).ok();
        let said = json.as_ref().and_then(stated_error).map(|text| self.quotable(&text));
        match (status.as_u16(), said) {
            (401, said) => Err(Error::Auth {
                message: format!("{status}: {}", said.unwrap_or_else(|| "refused".into())),
            }),
            (_, Some(message)) => Err(Error::Remote { status, message }),
            (200..=299, None) => Ok(body.into_owned()),
            (300..=399, None) => Err(Error::Remote {
                status,
                message: "the cloud PBX is at another address; check the setting `endpoint`".into(),
            }),
            (_, None) if json.is_some() => {
                Err(Error::Remote { status, message: "no reason was given".into() })
            }
            _ => Err(self.unexpected("expected JSON")),
        }
    }

    /// Reads the body of a success as JSON; `expected` describes it in the error.
    ///
    /// # Errors
    ///
    /// As [`text`](Self::text), and [`Error::UnexpectedBody`] if the body is not `R`.
    pub fn json<R: DeserializeOwned>(&self, expected: &'static str) -> Result<R, Error> {
        serde_json::from_str(&self.text()?).map_err(|_| self.unexpected(expected))
    }

    /// Creates the error for an answer of another shape, and logs the body.
    #[must_use]
    pub fn unexpected(&self, reason: &'static str) -> Error {
        let body = String::from_utf8_lossy(self.response.body());
        log::unexpected_body(self.operation, &self.quotable(&body));
        Error::UnexpectedBody { status: self.response.status(), operation: self.operation, reason }
    }

    /// A text of the PBX for an error: without keys, numbers and control characters, cut.
    pub(crate) fn quotable(&self, text: &str) -> String {
        let text = self.secrets.iter().fold(text.to_owned(), |text, key| key.redact(&text));
        let text = log::without_numbers(&text);
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
    }
}

/// The `error` member of an object, as text.
pub(crate) fn stated_error(json: &Value) -> Option<String> {
    match json.as_object()?.get("error")? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
