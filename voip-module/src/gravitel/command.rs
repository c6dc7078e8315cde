//! Commands: what is sent to Gravitel, and how answers are read (§8). No client in here.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use url::form_urlencoded;

use super::{Encoding, GravitelConfig};
use crate::error::Error;
use crate::log;

/// A command and its parameters, in their order.
pub(super) struct Command<'a> {
    pub(super) name: &'a str,
    pub(super) parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Command<'a> {
    pub(super) const fn new(name: &'a str) -> Self {
        Self { name, parameters: Vec::new() }
    }

    pub(super) fn parameter(mut self, name: &'a str, value: &'a str) -> Self {
        self.parameters.push((name, value));
        self
    }

    pub(super) fn optional(self, name: &'a str, value: Option<&'a str>) -> Self {
        match value {
            Some(value) => self.parameter(name, value),
            None => self,
        }
    }

    /// The `POST` that carries the command (V52–V54).
    pub(super) fn request(
        &self,
        config: &GravitelConfig,
        encoding: Encoding,
    ) -> Result<http::Request<Bytes>, Error> {
        let endpoint = config.checked_endpoint()?;
        if self.parameters.iter().any(|(name, _)| matches!(*name, "cmd" | "token")) {
            let reason = "`cmd` and `token` cannot be overridden";
            return Err(Error::InvalidArgument { name: "parameters", reason });
        }
        let members = [("cmd", self.name), ("token", config.api_key.expose())];
        let members = members.into_iter().chain(self.parameters.iter().copied());
        let (media_type, body) = match encoding {
            Encoding::Json => {
                // Text in a map is always JSON, so there is nothing that could fail.
                (
                    "application/json",
                    serde_json::to_string(&Members(members.collect())).unwrap_or_default(),
                )
            }
            Encoding::Form => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                ("application/x-www-form-urlencoded", form.extend_pairs(members).finish())
            }
        };
        http::Request::post(endpoint.as_str())
            .header(CONTENT_TYPE, HeaderValue::from_static(media_type))
            .body(Bytes::from(body))
            .map_err(|_| Error::Config { reason: "invalid endpoint URL: it cannot be requested" })
    }
}

/// Members of an object in a given order.
struct Members<'a>(Vec<(&'a str, &'a str)>);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The body of a successful answer (V59, V60).
pub(super) fn successful(
    operation: &'static str,
    response: &http::Response<Bytes>,
    config: &GravitelConfig,
) -> Result<String, Error> {
    let status = response.status();
    let body = String::from_utf8_lossy(response.body());
    let json = serde_json::from_str::<Value>(&body).ok();
    let said = json.as_ref().and_then(remote_error).map(|text| quotable(&text, config));
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
        _ => Err(unexpected(operation, response, config, "expected JSON")),
    }
}

/// The `error` member of an object, as text.
pub(super) fn remote_error(json: &Value) -> Option<String> {
    match json.as_object()?.get("error")? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The error for an answer that is something else than expected; its body goes to the log only.
pub(super) fn unexpected(
    operation: &'static str,
    response: &http::Response<Bytes>,
    config: &GravitelConfig,
    reason: &'static str,
) -> Error {
    let body = String::from_utf8_lossy(response.body());
    log::unexpected_body(operation, &quotable(&body, config));
    Error::UnexpectedBody { status: response.status(), operation, reason }
}

/// What the other side said, fit for an error: without a key, without anything that may be a
/// telephone number, without control characters, and not long.
pub(super) fn quotable(text: &str, config: &GravitelConfig) -> String {
    let text = log::without_numbers(&config.redact(text));
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}
