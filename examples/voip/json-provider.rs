//! The parser for a PBX that sends JSON, announces recordings on their own, and names an agent by login
//! or by extension. `voip_examples::Heron` is the rest of the provider.

use serde::Deserialize;
use serde_json::json;
use voip_module::router::journal::{LegFacts, Recording};
use voip_module::{
    HttpRequest, ParseError, VoipCallDirection, VoipCallDisposition, VoipCallRecord,
    VoipWebhookEvent as Event, VoipWebhookParseResult, VoipWebhookRequest,
};

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Push {
    Ringing { call: String, caller: String, agent: Agent },
    Talking { call: String, caller: String, agent: Agent },
    Over { call: String, caller: String, agent: Agent, talked: i64 },
    Audio { call: String, url: String },
}

#[derive(Deserialize)]
struct Agent {
    login: String,
    ext: Option<String>,
}

fn parse(request: &HttpRequest) -> Result<VoipWebhookParseResult, ParseError> {
    let direction = VoipCallDirection::In;
    let event = |event, call: &str, caller: &str, agent: &Agent| {
        // The journal learns both names, and prefers the extension.
        let mut leg = LegFacts::default();
        (leg.names, leg.rank) = (vec![agent.login.clone()], 1 + u8::from(agent.ext.is_some()));
        let id = agent.ext.as_deref().unwrap_or(&agent.login);
        let event = VoipWebhookRequest::new(event, direction, caller, id).call_id(call);
        VoipWebhookParseResult::event(event).with_leg(leg)
    };
    Ok(match request.json()? {
        Push::Ringing { call, caller, agent } => event(Event::NotifyStart, &call, &caller, &agent),
        Push::Talking { call, caller, agent } => event(Event::NotifyAnswer, &call, &caller, &agent),
        Push::Over { call, caller, agent, talked } => {
            let result = event(Event::NotifyEnd, &call, &caller, &agent);
            let id = agent.ext.unwrap_or(agent.login);
            let record = VoipCallRecord::new(direction, caller, id).duration(talked).call_id(call);
            result.with_record(record.call(json!({})).disposition(match talked {
                0 => VoipCallDisposition::NoAnswer,
                _ => VoipCallDisposition::Answered,
            }))
        }
        Push::Audio { call, url } => {
            VoipWebhookParseResult::recording(Recording::new(call, json!({ "url": url })))
        }
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    voip_examples::check_heron(parse).await;
}
