//! A provider for a cloud PBX that nobody has heard of, and the conformance suite run on it.

use async_trait::async_trait;
use serde_json::json;
use voip_module::testing::{Fixture, Fixtures, conformance};
use voip_module::{
    CallData, Error, LinkError, ParseError, Secret, VoipCallDirection, VoipCallRecord, VoipMember,
    VoipProvider, VoipTestConnectionResult, VoipWebhookEvent, VoipWebhookParseResult,
    VoipWebhookRequest, WebhookRequest,
};

/// Pushes are forms: `what=ring|talk|bye`, `from`, `to`, `id`; with `bye` come `seconds` and `audio`.
struct Parrot {
    key: Secret,
}

impl Parrot {
    fn read(&self, request: &WebhookRequest) -> Result<VoipWebhookParseResult, ParseError> {
        let fields = request.form_fields()?;
        if !self.key.matches(fields.get("key").unwrap_or_default().as_bytes()) {
            return Err(ParseError::BadToken);
        }
        let (client, operator) = (fields.require("from")?, fields.require("to")?);
        let event = match fields.require("what")? {
            "ring" => VoipWebhookEvent::NotifyStart,
            "talk" => VoipWebhookEvent::NotifyAnswer,
            "bye" => VoipWebhookEvent::NotifyEnd,
            _ => return Ok(VoipWebhookParseResult::empty()),
        };
        let (direction, id) = (VoipCallDirection::In, fields.get("id").unwrap_or_default());
        let event = VoipWebhookRequest::new(event, direction, client, operator).call_id(id);
        let mut result = VoipWebhookParseResult::event(event);
        if let Some(seconds) = fields.get("seconds") {
            let reason = "expected whole seconds";
            let invalid = ParseError::InvalidField { field: "seconds", reason };
            let record = VoipCallRecord::new(direction, client, operator)
                .duration(seconds.parse().map_err(|_| invalid)?)
                .call(json!({ "audio": fields.get("audio") }));
            result.call_record = Some(record.call_id(id));
        }
        Ok(result)
    }
}

#[async_trait]
impl VoipProvider for Parrot {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        VoipTestConnectionResult::ok()
    }

    async fn parse_webhook(
        &self,
        r: &WebhookRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        Ok(self.read(r).unwrap_or_else(Into::into))
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        Ok(vec![VoipMember::new("701", "Anna Admin"), VoipMember::new("702", "Ivan")])
    }

    async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        if src_phone.is_empty() || dst_phone.is_empty() {
            return Err(Error::InvalidArgument { name: "phone", reason: "it is empty" });
        }
        Ok(()) // here the PBX would be asked
    }

    async fn call_link(&self, call: &CallData) -> Result<String, Error> {
        Ok(call["audio"].as_str().ok_or(LinkError::NoRecording)?.to_owned())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let push = |form: &'static str| {
        http::Request::post("/parrot")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form.into())
            .expect("a request")
    };
    let fixtures = Fixtures::new()
        .accepted(Fixture::new(push("key=polly-0815&what=ring&from=79990000001&to=701&id=7")).gives(
            json!({"event": {"event": "notify_start", "direction": "in", "srcPhone": "79990000001",
                "dstPhone": "701", "disposition": "unknown", "callId": "7"}}),
        ))
        .accepted(Fixture::new(push(
            "key=polly-0815&what=bye&from=79990000001&to=701&id=7&seconds=9&audio=https://a.example/7",
        )))
        .unauthorised(push("key=molly&what=ring&from=79990000001&to=701"))
        .recording(json!({"audio": "https://a.example/7"}), "https://a.example/7")
        .secret("polly-0815");
    let report = conformance(Parrot { key: "polly-0815".into() }, fixtures).await;
    println!("{report}");
    report.assert_clean();
}
