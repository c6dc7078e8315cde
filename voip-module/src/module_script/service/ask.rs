//! An ask on its way in.

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::request::Parts;
use serde_json::{Map, Value};

use super::json::Strict;
use crate::carrier::MediaType;
use crate::error::Error;
use crate::module_script::protocol::{ErrorCode, Failure, MAX_ASK_BYTES, PROTOCOL, is_request_id};

/// An ask whose form is right.
pub(super) struct Received {
    pub(super) request_id: String,
    pub(super) args: Arguments,
}

/// A refused ask: its id, if it could be read, and the reason.
pub(super) type Refused = (Option<String>, Failure);

impl Received {
    /// Reads an ask, after path, method and key have been checked.
    // W97, W98, W104, W181
    pub(super) fn read(parts: &Parts, body: &Bytes) -> Result<Self, Refused> {
        let refuse = |code, message| Err((None, Failure::new(code, message)));
        if body.len() > MAX_ASK_BYTES {
            return refuse(ErrorCode::PayloadTooLarge, "the ask is too large");
        }
        let is_json = MediaType::of(&parts.headers).is_some_and(|media_type| media_type.is_json());
        if !is_json || parts.headers.contains_key(CONTENT_ENCODING) {
            let message = "expected Content-Type: application/json in UTF-8, not compressed";
            return refuse(ErrorCode::UnsupportedMediaType, message);
        }
        let Ok(Strict(Value::Object(mut ask))) = serde_json::from_slice(body) else {
            let message = "expected a JSON object without repeated members";
            return refuse(ErrorCode::InvalidBody, message);
        };
        let request_id = match ask.remove("requestId") {
            Some(Value::String(id)) if is_request_id(&id) => Some(id),
            _ => None,
        };
        if ask.get("voipBridge").and_then(Value::as_u64) != Some(PROTOCOL) {
            let failure = Failure::new(ErrorCode::UnsupportedProtocol, "this service speaks 1");
            return Err((request_id, failure));
        }
        let Some(request_id) = request_id else {
            let message = "`requestId`: expected 16 to 64 letters, digits, `_` and `-`";
            return refuse(ErrorCode::InvalidBody, message);
        };
        let Some(Value::Object(args)) = ask.remove("args") else {
            let failure = Failure::new(ErrorCode::InvalidBody, "`args`: expected an object");
            return Err((Some(request_id), failure));
        };
        Ok(Self { request_id, args: Arguments(args) })
    }
}

/// The arguments of an ask. Unknown ones are ignored.
pub(super) struct Arguments(Map<String, Value>);

impl Arguments {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(super) fn text(&self, name: &'static str) -> Result<&str, Error> {
        let text = self.0.get(name).and_then(Value::as_str);
        text.ok_or(Error::InvalidArgument { name, reason: "expected a string" })
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Error> {
        let flag = self.0.get(name).and_then(Value::as_bool);
        flag.ok_or(Error::InvalidArgument { name, reason: "expected true or false" })
    }

    /// The texts of a list; elements of another type are ignored.
    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let list = self.0.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str)
    }

    /// The arguments as text, the same for equal arguments.
    pub(super) fn canonical(&self) -> String {
        // The map is sorted.
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}
