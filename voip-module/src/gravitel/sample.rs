//! The vendor's published example as a provider with exactly its results, for integrators who
//! replace that module.
//!
//! Values that the types cannot hold are replaced: `undefined` by `""`, `NaN` by 0, and a link that is not an
//! absolute URL by an error.

use std::borrow::Cow;
use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use url::Url;

use super::command::Command;
use super::push::{Field, MAX_LINK, MAX_VALUE};
use super::{
    Account, GravitelClient, GravitelConfig, GravitelOptions, KEY_FIELDS, NoTransport, parse,
};
use crate::carrier::{HttpRequest, HttpResponse, MediaType, is_broken};
use crate::error::{Error, LinkError, ParseError};
use crate::model::{
    CallData, VoipCallDirection as Direction, VoipCallDisposition as Disposition, VoipCallRecord,
    VoipMember, VoipTestConnectionResult, VoipWebhookEvent as Event, VoipWebhookParseResult,
    VoipWebhookRequest,
};
use crate::provider::VoipProvider;
use crate::transport::{Answer, HttpTransport, stated_error};

/// The vendor's published example.
///
/// ```
/// use voip_module::gravitel::sample::SampleProvider;
/// use voip_module::WebhookRouter;
///
/// let router = WebhookRouter::without_token(SampleProvider::parser_only());
/// ```
#[derive(Clone)]
pub struct SampleProvider<T> {
    client: GravitelClient<T>,
}

impl SampleProvider<NoTransport> {
    /// Creates a provider that parses pushes and sends nothing.
    #[must_use]
    pub fn parser_only() -> Self {
        Self::new(GravitelConfig::default(), NoTransport)
    }
}

impl<T> SampleProvider<T> {
    /// Creates a provider. The key of pushes is not checked, as in the example.
    pub fn new(config: GravitelConfig, transport: T) -> Self {
        Self { client: GravitelClient::new(config, GravitelOptions::default(), transport) }
    }
}

/// The fields of a form, as the example's script reads them.
struct Fields<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Fields<'a> {
    /// Pairs without exactly one `=` are dropped, `+` is a plus, a broken escape is an error.
    // V108–V118
    fn decode(form: &'a str) -> Result<Self, ParseError> {
        let mut fields = Vec::new();
        for pair in form.split('&') {
            let mut parts = pair.split('=');
            let (Some(name), Some(value), None) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let (name, value) = (unescape(name)?, unescape(value)?);
            let limit = if name == "link" { MAX_LINK } else { MAX_VALUE };
            if Field::named(&name).is_some() && value.len() > limit {
                return Err(ParseError::FieldTooLarge { limit });
            }
            // A member of this name of a script's object goes to its prototype.
            if name != "__proto__" {
                fields.push((name, value));
            }
        }
        Ok(Self(fields))
    }

    fn get(&self, name: &str) -> &str {
        self.0.iter().rfind(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    fn result(&self) -> Result<VoipWebhookParseResult, ParseError> {
        match self.get("cmd") {
            "event" => self.event().map(VoipWebhookParseResult::event),
            "history" => Ok(VoipWebhookParseResult::call_record(self.record())),
            _ => Ok(VoipWebhookParseResult::empty()),
        }
    }

    /// Every event but `OUTGOING` is incoming, and the client's number comes first.
    // V85–V91
    fn event(&self) -> Result<VoipWebhookRequest, ParseError> {
        let (event, direction, disposition) = match self.get("type") {
            "INCOMING" => (Event::NotifyStart, Direction::In, Disposition::Unknown),
            "ACCEPTED" => (Event::NotifyAnswer, Direction::In, Disposition::Unknown),
            "COMPLETED" => (Event::NotifyEnd, Direction::In, Disposition::Unknown),
            "CANCELLED" => (Event::NotifyEnd, Direction::In, Disposition::Cancel),
            "OUTGOING" => (Event::NotifyStart, Direction::Out, Disposition::Unknown),
            other => return Err(ParseError::unknown_event(parse::EVENT_TYPES, other)),
        };
        let (client, operator) = (self.get("phone"), self.get("ext"));
        Ok(VoipWebhookRequest::new(event, direction, client, operator).disposition(disposition))
    }

    // V92, V93, V99–V101
    fn record(&self) -> VoipCallRecord {
        let is_out = self.get("type") == "out";
        let direction = if is_out { Direction::Out } else { Direction::In };
        let disposition = match self.get("status") {
            "Success" => Disposition::Answered,
            "Busy" => Disposition::Busy,
            "Missed" => Disposition::Cancel,
            "NotAvailable" => Disposition::NoAnswer,
            _ => Disposition::Unknown,
        };
        let mut call = Map::new();
        for (member, field) in [("id", "callid"), ("link", "link")] {
            if !self.get(field).is_empty() {
                call.insert(member.into(), self.get(field).into());
            }
        }
        VoipCallRecord::new(direction, self.get("phone"), self.get("ext"))
            .disposition(disposition)
            .duration(parse_int(self.get("duration")))
            .call(Value::Object(call))
    }
}

fn unescape(raw: &str) -> Result<Cow<'_, str>, ParseError> {
    if is_broken(raw) {
        return Err(ParseError::InvalidEncoding);
    }
    percent_decode_str(raw).decode_utf8().map_err(|_| ParseError::InvalidEncoding)
}

/// A number as a script's `parseInt` reads it; `NaN` is 0, and a number beyond the type its limit.
// V99, V135
fn parse_int(text: &str) -> i64 {
    let is_space = |character: char| {
        character == '\u{feff}' || (character.is_whitespace() && character != '\u{85}')
    };
    let text = text.trim_start_matches(is_space);
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (radix, text) = hexadecimal.map_or((10, text), |rest| (16, rest));
    let digits = text.chars().map_while(|character| character.to_digit(radix));
    let value = digits.fold(0_i64, |value, digit| {
        value.saturating_mul(i64::from(radix)).saturating_add(i64::from(digit))
    });
    if is_negative { -value } else { value }
}

/// The gate and the parser; an error becomes the example's own answer.
fn read(request: &HttpRequest) -> Result<VoipWebhookParseResult, ParseError> {
    // V122: the fields of a GET are those of its query; the query of a POST is ignored.
    if request.method() == Method::GET {
        return Fields::decode(request.query())?.result();
    }
    if !MediaType::is_exactly_form(request.headers()) {
        return Err(MediaType::form_expected(request.headers()));
    }
    if !request.is_text() {
        return Err(ParseError::InvalidBody { reason: "expected text" });
    }
    // A script gets text, even from invalid UTF-8.
    Fields::decode(&String::from_utf8_lossy(request.body()))?.result()
}

impl<T: HttpTransport> SampleProvider<T> {
    /// Sends a command; any status but 200 is an error.
    async fn send(&self, command: Command<'_>) -> Result<Answer<'_>, Error> {
        let answer = self.client.send(&command).await?;
        let status = answer.response().status();
        if status == StatusCode::OK {
            return Ok(answer);
        }
        let json = serde_json::from_slice::<Value>(answer.response().body()).ok();
        let said = json.as_ref().and_then(stated_error);
        let message = answer.quotable(said.as_deref().unwrap_or("no reason was given"));
        Err(match status.as_u16() {
            401 => Error::Auth { message: format!("{status}: {message}") },
            _ => Error::Remote { status, message },
        })
    }

    /// The connection test: JSON first, then the status.
    // V73
    async fn test(&self) -> Result<(), String> {
        let answer = self.client.send(&Command::new("accounts")).await;
        let answer = answer.map_err(|error| error.to_string())?;
        let json: Value = serde_json::from_slice(answer.response().body())
            .map_err(|_| "the answer is not JSON".to_owned())?;
        let status = answer.response().status();
        if status == StatusCode::OK {
            return Ok(());
        }
        let said = stated_error(&json).unwrap_or_else(|| "no reason was given".into());
        Err(format!("{status}: {}", answer.quotable(&said)))
    }
}

#[async_trait]
impl<T: HttpTransport> VoipProvider for SampleProvider<T> {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        let outcome = self.test().await;
        outcome.map_or_else(VoipTestConnectionResult::failed, |()| VoipTestConnectionResult::ok())
    }

    async fn parse_webhook(
        &self,
        request: &HttpRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        Ok(read(request).unwrap_or_else(|error| {
            // Unlike the router's refusals, without a content type (V105).
            let message = self.client.config.redact(&error.public_message());
            let response: http::Response<Bytes> = HttpResponse::new()
                .status(error.status())
                .content(json!({ "error": message }).to_string())
                .into();
            VoipWebhookParseResult::response(response)
        }))
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        let answer = self.send(Command::new("accounts")).await?;
        let accounts: Vec<Account> = serde_json::from_slice(answer.response().body())
            .map_err(|_| answer.unexpected("expected a JSON array of accounts"))?;
        let members = accounts.into_iter();
        Ok(members.map(|account| VoipMember::new(account.ext, account.name)).collect())
    }

    async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        let command = Command::new("makeCall").parameter("phone", dst_phone);
        self.send(command.parameter("user", src_phone)).await.map(drop)
    }

    async fn call_link(&self, call: &CallData) -> Result<Url, Error> {
        // A script finds no member in `null`, which is an error, and `undefined` in other scalars.
        if call.is_null() {
            return Err(LinkError::InvalidCallData.into());
        }
        let link = call.get("link").and_then(Value::as_str).unwrap_or_default();
        match Url::parse(link) {
            Ok(url) => Ok(url),
            Err(_) if link.is_empty() => Err(LinkError::NoRecording.into()),
            Err(_) => Err(LinkError::InvalidLink.into()),
        }
    }

    fn key_fields(&self) -> &[&str] {
        KEY_FIELDS
    }
}

impl<T> fmt::Debug for SampleProvider<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SampleProvider").field("client", &self.client).finish()
    }
}
