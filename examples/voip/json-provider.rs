//! A provider for an invented PBX that sends JSON: legs with logins and extensions, recordings in
//! pushes of their own, and the conformance suite run on it.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;
use url::Url;
use voip_examples::usage::no_arguments;
use voip_module::router::journal::{LegFacts, Recording};
use voip_module::testing::{Fixture, Fixtures, ScriptedTransport, conformance};
use voip_module::transport::Post;
#[expect(clippy::wildcard_imports, reason = "a provider uses most of the root")]
use voip_module::*;

/// A push: `{"kind":"state"|"done"|"audio", …}`, signed by a header with a key.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Push {
    State { call: String, state: State, caller: String, agent: Agent },
    Done { call: String, caller: String, agent: Agent, talked: i64 },
    Audio { call: String, url: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ringing,
    Talking,
    Over,
}

#[derive(Deserialize)]
struct Agent {
    login: String,
    #[serde(default)]
    ext: String,
}

impl Agent {
    /// The extension, or else the login, and the other name for the journal.
    fn id(&self) -> (&str, LegFacts) {
        let has_ext = !self.ext.is_empty();
        let mut facts = LegFacts::default();
        (facts.names, facts.rank) = (vec![self.login.clone()], if has_ext { 2 } else { 1 });
        (if has_ext { &self.ext } else { &self.login }, facts)
    }
}

struct Heron<T> {
    key: Secret,
    transport: T,
}

#[async_trait]
impl<T: HttpTransport> VoipProvider for Heron<T> {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        self.members().await.into()
    }

    async fn parse_webhook(
        &self,
        request: &HttpRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        let push: Push = request.json()?;
        let key = request.headers().get("x-heron-key").and_then(|key| key.to_str().ok());
        self.key.check(key)?;
        let direction = VoipCallDirection::In;
        Ok(match push {
            Push::State { call, state, caller, agent } => {
                let (id, facts) = agent.id();
                let event = match state {
                    State::Ringing => VoipWebhookEvent::NotifyStart,
                    State::Talking => VoipWebhookEvent::NotifyAnswer,
                    State::Over => VoipWebhookEvent::NotifyEnd,
                };
                let event = VoipWebhookRequest::new(event, direction, caller, id).call_id(call);
                VoipWebhookParseResult::event(event).with_leg(facts)
            }
            Push::Done { call, caller, agent, talked } => {
                let (id, facts) = agent.id();
                let disposition = match talked {
                    0 => VoipCallDisposition::NoAnswer,
                    _ => VoipCallDisposition::Answered,
                };
                let record = VoipCallRecord::new(direction, caller, id).duration(talked);
                let record = record.disposition(disposition).call(json!({})).call_id(call);
                VoipWebhookParseResult::call_record(record).with_leg(facts)
            }
            Push::Audio { call, url } => {
                VoipWebhookParseResult::recording(Recording::new(call, json!({ "url": url })))
            }
        })
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        let post = Post::json("https://heron.example/agents", &json!({})).bearer(&self.key);
        let answer = post.send(&self.transport, "agents").await?;
        let agents: Vec<Agent> = answer.json("expected an array of agents")?;
        let members = agents.iter().map(|agent| VoipMember::new(agent.id().0, &*agent.login));
        Ok(VoipMember::distinct(members))
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

#[tokio::main(flavor = "current_thread")]
async fn main() {
    no_arguments("json-provider", "Runs the conformance suite on a provider for an invented PBX.");
    let push = |key: &str, push: serde_json::Value| {
        http::Request::post("/heron")
            .header("Content-Type", "application/json")
            .header("X-Heron-Key", key)
            .body(push.to_string().into())
            .expect("a request")
    };
    let agent = json!({"login": "anna", "ext": "701"});
    let state = |state: &str| json!({"kind": "state", "call": "7", "state": state, "caller": "79990000001", "agent": agent});
    let done =
        json!({"kind": "done", "call": "7", "caller": "79990000001", "agent": agent, "talked": 9});
    let audio = json!({"kind": "audio", "call": "7", "url": "https://a.example/7"});
    let pushes = [state("ringing"), state("talking"), state("over"), done, audio];

    let accounts = r#"[{"login":"anna","ext":"701"},{"login":"ivan"}]"#;
    let provider = || Heron {
        key: "heron-key-0815".into(),
        transport: ScriptedTransport::new().always(http::StatusCode::OK, accounts),
    };
    let fixtures = Fixtures::new()
        .unauthorised(push("other", state("ringing")))
        .recording(json!({"url": "https://a.example/7"}), "https://a.example/7")
        .secret("heron-key-0815");
    let accepted = |fixtures: Fixtures, one: &serde_json::Value| {
        fixtures.accepted(Fixture::new(push("heron-key-0815", one.clone())))
    };
    let report = conformance(provider(), pushes.iter().fold(fixtures, accepted)).await;
    println!("{report}");
    report.assert_clean();

    let router = WebhookRouter::without_token(provider());
    for one in &pushes {
        let outcome = router.process(push("heron-key-0815", one.clone())).await;
        println!("{}", serde_json::to_string(&outcome.delivery).expect("JSON"));
    }
}
