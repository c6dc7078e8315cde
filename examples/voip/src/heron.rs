//! The PBX of `json-provider`: its commands, and its pushes for the conformance suite and a journal.

use async_trait::async_trait;
use serde_json::{Value, json};
use url::Url;
use voip_module::testing::{Fixture, Fixtures, ScriptedTransport, conformance};
use voip_module::transport::Post;
use voip_module::{
    CallData, Error, HttpRequest, HttpTransport, LinkError, ParseError, Secret, VoipMember,
    VoipProvider, VoipTestConnectionResult, VoipWebhookParseResult, WebhookRouter,
};

const KEY: &str = "heron-key-0815";

/// A provider for an invented PBX, around the parser of its pushes.
#[derive(Debug)]
pub struct Heron<T, F> {
    key: Secret,
    transport: T,
    parse: F,
}

#[async_trait]
impl<T, F> VoipProvider for Heron<T, F>
where
    T: HttpTransport,
    F: Fn(&HttpRequest) -> Result<VoipWebhookParseResult, ParseError> + Send + Sync,
{
    async fn test_connection(&self) -> VoipTestConnectionResult {
        self.members().await.into()
    }

    async fn parse_webhook(
        &self,
        request: &HttpRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        let key = request.headers().get("x-heron-key").and_then(|key| key.to_str().ok());
        self.key.check(key)?;
        (self.parse)(request)
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        let post = Post::json("https://heron.example/agents", &json!({})).bearer(&self.key);
        let answer = post.send(&self.transport, "agents").await?;
        let agents: Vec<Value> = answer.json("expected an array of agents")?;
        Ok(VoipMember::distinct(agents.iter().filter_map(|agent| {
            let login = agent["login"].as_str()?;
            Some(VoipMember::new(agent["ext"].as_str().unwrap_or(login), login))
        })))
    }

    async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        Error::require("src_phone", src_phone)?;
        Error::require("dst_phone", dst_phone)?;
        let call = json!({ "agent": src_phone, "dial": dst_phone });
        let post = Post::json("https://heron.example/calls", &call).bearer(&self.key);
        post.send(&self.transport, "calls").await?.text().map(drop)
    }

    async fn call_link(&self, call: &CallData) -> Result<Url, Error> {
        Ok(LinkError::check(call["url"].as_str())?)
    }
}

/// Runs the conformance suite on a provider with this parser, then one call through a router, and prints
/// both.
///
/// # Panics
///
/// If the provider violates its contract.
pub async fn check_heron<F>(parse: F)
where
    F: Fn(&HttpRequest) -> Result<VoipWebhookParseResult, ParseError> + Copy + Send + Sync,
{
    let push = |key: &str, push: &Value| {
        http::Request::post("/heron")
            .header("Content-Type", "application/json")
            .header("X-Heron-Key", key)
            .body(push.to_string().into())
            .expect("a request")
    };
    let agent = json!({"login": "anna", "ext": "701"});
    let leg = |kind: &str| json!({"kind": kind, "call": "7", "caller": "79990000001", "agent": agent, "talked": 9});
    let audio = json!({"kind": "audio", "call": "7", "url": "https://a.example/7"});
    let pushes = [leg("ringing"), leg("talking"), leg("over"), audio];

    let members = r#"[{"login":"anna","ext":"701"},{"login":"ivan"}]"#;
    let provider = || Heron {
        key: KEY.into(),
        transport: ScriptedTransport::new().always(http::StatusCode::OK, members),
        parse,
    };
    let fixtures = Fixtures::new()
        .unauthorised(push("other", &pushes[0]))
        .recording(json!({"url": "https://a.example/7"}), "https://a.example/7")
        .secret(KEY);
    let accepted =
        |fixtures: Fixtures, one: &Value| fixtures.accepted(Fixture::new(push(KEY, one)));
    let report = conformance(provider(), pushes.iter().fold(fixtures, accepted)).await;
    println!("{report}");
    report.assert_clean();

    let router = WebhookRouter::without_token(provider());
    for one in &pushes {
        let outcome = router.process(push(KEY, one)).await;
        println!("{}", serde_json::to_string(&outcome.delivery).expect("JSON"));
    }
}
