//! A provider for an invented cloud PBX, and the conformance suite run on it. Its pushes are forms:
//! `what=ring|talk|bye`, `from`, `to`, `id`, `key`; with `bye` come `seconds` and `audio`.

use async_trait::async_trait;
use voip_module::transport::Post;
#[expect(clippy::wildcard_imports, reason = "a provider uses most of the root")]
use voip_module::{VoipWebhookParseResult as ParseResult, *};

struct Parrot<T> {
    key: Secret,
    transport: T,
}

#[async_trait]
impl<T: HttpTransport> VoipProvider for Parrot<T> {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        self.members().await.into()
    }
    async fn parse_webhook(&self, request: &HttpRequest) -> Result<ParseResult, ParseError> {
        let fields = request.form_fields()?; // `?` is the refusal, with its own status
        self.key.check(fields.get("key"))?;
        let (client, operator) = (fields.phone("from"), fields.require("to")?);
        let (direction, id) = (VoipCallDirection::In, fields.get("id").unwrap_or_default());
        let event = match fields.require("what")? {
            "ring" => VoipWebhookEvent::NotifyStart,
            "talk" => VoipWebhookEvent::NotifyAnswer,
            "bye" => VoipWebhookEvent::NotifyEnd,
            other => return Err(ParseError::unknown_event("ring, talk or bye", other)),
        };
        let event = VoipWebhookRequest::new(event, direction, client, operator).call_id(id);
        let result = ParseResult::event(event);
        let Some(seconds) = fields.get("seconds") else { return Ok(result) };
        let record = VoipCallRecord::new(direction, client, operator).call_id(id);
        let record = record.duration(seconds.parse().unwrap_or_default());
        Ok(result.with_record(record.call(serde_json::json!({ "audio": fields.get("audio") }))))
    }
    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        let post = Post::json("https://parrot.example/people", &()).bearer(&self.key);
        post.send(&self.transport, "people").await?.json("expected members")
    }
    async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        Error::require("src_phone", src_phone)?;
        Error::require("dst_phone", dst_phone)?;
        let numbers = [("from", src_phone), ("to", dst_phone)];
        let post = Post::form("https://parrot.example/dial", numbers).bearer(&self.key);
        post.send(&self.transport, "dial").await?.text().map(drop)
    }
    async fn call_link(&self, call: &CallData) -> Result<url::Url, Error> {
        Ok(LinkError::check(call["audio"].as_str())?)
    }
    fn key_fields(&self) -> &[&str] {
        &["key"] // never shown, and not in a delivery's raw fields
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    voip_examples::check_parrot(|key, transport| Parrot { key, transport }).await;
}
