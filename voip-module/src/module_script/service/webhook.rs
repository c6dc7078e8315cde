//! A webhook request that the platform took, on its way through the router.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;
use url::form_urlencoded;

use super::ask::Arguments;
use super::dispatch::{Answer, Parsed, Response};
use crate::carrier::BodyIsNotText;
use crate::error::Error;
use crate::log;
use crate::module_script::protocol::{ErrorCode, Failure};
use crate::router::Outcome;

const MAX_RESPONSE_BYTES: usize = 64 << 10;

/// Characters that may not stand raw in a query, though senders put them there.
const NOT_IN_QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The request as the platform received it. Its token stays there; headers that are not legal are
/// left out.
// W99, W187
pub(super) fn request(args: &Arguments) -> Result<http::Request<Bytes>, Error> {
    let refuse = |name, reason| Err(Error::InvalidArgument { name, reason });
    let Ok(method) = Method::from_bytes(args.text("method")?.as_bytes()) else {
        return refuse("method", "expected an HTTP method");
    };
    let query = match (args.get("rawQuery"), args.get("query")) {
        (Some(Value::String(raw)), _) => utf8_percent_encode(raw, NOT_IN_QUERY).to_string(),
        (None, Some(Value::Array(pairs))) => encoded(pairs),
        (None, None) => String::new(),
        _ => return refuse("rawQuery", "expected a string, or a list of pairs in `query`"),
    };
    let Ok(uri) = Uri::try_from(format!("/?{query}")) else {
        return refuse("rawQuery", "it is too long");
    };
    let is_text = args.get("bodyIsText").and_then(Value::as_bool).unwrap_or(true);
    let body = match args.get("body") {
        Some(Value::String(body)) if is_text => Bytes::from(body.clone()),
        Some(_) if is_text => return refuse("body", "expected a string"),
        _ => Bytes::new(),
    };
    let mut request = http::Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    if !is_text {
        request.extensions_mut().insert(BodyIsNotText);
    }
    if let Some(Value::Object(headers)) = args.get("headers") {
        for (name, value) in headers {
            add_header(request.headers_mut(), name, value);
        }
    }
    Ok(request)
}

fn add_header(headers: &mut HeaderMap, name: &str, value: &Value) {
    let name = HeaderName::from_bytes(name.as_bytes());
    let value = HeaderValue::from_bytes(value.as_str().unwrap_or_default().as_bytes());
    if let (Ok(name), Ok(value)) = (name, value) {
        // A map that is full takes no more.
        let _ = headers.try_append(name, value);
    }
}

/// Pairs as a query; pairs of another form are left out.
fn encoded(pairs: &[Value]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for pair in pairs {
        if let (Some(name), Some(value)) = (pair[0].as_str(), pair[1].as_str()) {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

/// The result for the script. A refusal by the provider is a success of the ask.
// W105
pub(super) fn answer(outcome: Outcome) -> Result<Answer, Failure> {
    let Outcome { response, result, .. } = outcome;
    let is_fault = response.status() == StatusCode::INTERNAL_SERVER_ERROR;
    if is_fault && result.response.is_none() {
        return Err(Failure::new(ErrorCode::Internal, "the provider's parser failed"));
    }
    // The journal follows calls here and suppresses nothing: if this answer is lost, the PBX's
    // repetition has to give the same result.
    // W109
    let response = if result.is_empty() { response } else { result.response.unwrap_or_default() };
    let (parts, body) = response.into_parts();
    let body = String::from_utf8(body.into()).ok();
    let Some(body) = body.filter(|body| body.len() <= MAX_RESPONSE_BYTES) else {
        log::fault("the provider's response is not text or too long", "");
        let message = "the provider's response is not text or too long";
        return Err(Failure::new(ErrorCode::Internal, message));
    };
    let mut headers = BTreeMap::new();
    for (name, value) in &parts.headers {
        if let Ok(value) = value.to_str() {
            headers.insert(name.as_str().to_owned(), value.to_owned());
        }
    }
    let response = Response { status: parts.status.as_u16(), headers, body };
    let (event, call_record) = (result.event, result.call_record);
    Ok(Answer::Parsed(Box::new(Parsed { event, call_record, response })))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Answer, answer};
    use crate::model::{
        VoipCallDirection, VoipWebhookEvent, VoipWebhookParseResult, VoipWebhookRequest,
    };
    use crate::router::Outcome;

    // W109
    #[test]
    fn a_repetition_in_flight_gives_its_result_all_the_same() {
        let (start, direction) = (VoipWebhookEvent::NotifyStart, VoipCallDirection::In);
        let event = VoipWebhookRequest::new(start, direction, "79990000001", "701");
        let mut response = http::Response::new(Bytes::from_static(b"delivery in progress"));
        *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
        let outcome = Outcome {
            response,
            result: VoipWebhookParseResult::event(event.clone()),
            verdict: None,
            delivery: None,
        };
        let Ok(Answer::Parsed(parsed)) = answer(outcome) else { panic!("a result") };
        assert_eq!((parsed.response.status, &*parsed.response.body), (200, ""));
        assert_eq!(parsed.event, Some(event));
    }
}
