//! Signed pushes that the script hands back, because it cannot check a signature.

use std::collections::BTreeMap;
use std::time::SystemTime;

use http::StatusCode;
use serde_json::{Value, json};

use super::ModuleService;
use super::ask::Arguments;
use super::dispatch::{Answer, Parsed, Response};
use crate::module_script::protocol::PROTOCOL;
use crate::module_script::push::SignedPush;

impl<P> ModuleService<P> {
    /// Checks a push of the service itself and gives its event and record back; `None` for a request
    /// that is no push.
    // W62
    pub(super) fn signed_push(&self, args: &Arguments) -> Option<Answer> {
        let verifier = self.push_verifier.as_ref()?;
        let body = args
            .text("body")
            .ok()
            .filter(|_| args.get("method").is_some_and(|method| method == "POST"))?;
        let push: Value = serde_json::from_str(body).ok()?;
        if push.get("voipBridge").and_then(Value::as_u64) != Some(PROTOCOL) {
            return None;
        }
        let now = (self.wall_clock)().duration_since(SystemTime::UNIX_EPOCH);
        let parsed = match verifier.verify(now.map_or(0, |now| now.as_secs()), body.as_bytes()) {
            Ok(SignedPush { id, event, call_record, .. }) => {
                let body = format!("{{\"voipBridge\":{PROTOCOL},\"accepted\":{}}}", json!(id));
                Parsed { event, call_record, response: response(StatusCode::OK, body) }
            }
            Err(error) => {
                let body = json!({ "error": error.to_string() }).to_string();
                let response = response(StatusCode::UNAUTHORIZED, body);
                Parsed { event: None, call_record: None, response }
            }
        };
        Some(Answer::Parsed(Box::new(parsed)))
    }
}

fn response(status: StatusCode, body: String) -> Response {
    let headers = BTreeMap::from([("content-type".into(), "application/json".into())]);
    Response { status: status.as_u16(), headers, body }
}
