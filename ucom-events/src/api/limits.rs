//! The PBX's limits (§3.6).

use http::Method;
use serde_json::{Map, Value};

use crate::api::request::{ApiRequest, BASE, read_json};

/// Asks for the limits: `GET /limit/`.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct GetLimits;

impl GetLimits {
    /// The question.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl ApiRequest for GetLimits {
    type Reply = PbxLimits;

    fn what(&self) -> &'static str {
        "reading the limits"
    }

    fn method(&self) -> Method {
        Method::GET
    }

    fn path(&self) -> String {
        format!("{BASE}/limit/")
    }

    fn read(&self, body: &[u8]) -> Result<Self::Reply, &'static str> {
        read_json(body, "JSON").map(PbxLimits)
    }
}

/// The PBX's limits as it writes them: their shape is not documented.
#[derive(Clone, Debug, PartialEq)]
pub struct PbxLimits(Value);

impl PbxLimits {
    /// All of it.
    #[must_use]
    pub const fn as_json(&self) -> &Value {
        &self.0
    }

    /// A limit by its name, looked for in an object, or in a list of objects; the name is that of your
    /// PBX. A number written as text is a number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        let of = |object: &Map<String, Value>| match object.get(name)? {
            Value::String(text) => crate::form::digits(text.as_bytes()),
            value => value.as_u64(),
        };
        match &self.0 {
            Value::Object(object) => of(object),
            Value::Array(items) => items.iter().filter_map(Value::as_object).find_map(of),
            _ => None,
        }
    }
}
