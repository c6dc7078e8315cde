//! A call from its first webhook to its recording, through the script in node and the service.

use serde_json::{Value, json};
use voip_module::Buttons;

use crate::node;
use crate::server::{Server, newest};

const FORM: &str = "application/x-www-form-urlencoded";

/// Webhooks of a PBX, and the buttons that a user presses on the call's page.
// W24, W177
#[test]
fn a_call_is_shown_controlled_and_played() {
    if !node::has_typescript() {
        return;
    }
    let server = Server::new(Buttons::ALL);
    let module = server.module(newest());
    let webhook = |body: &str| {
        let headers = json!({ ":path": "/hook/1?token=T0K", "content-type": FORM });
        let request = json!({ "method": "POST", "headers": headers, "body": body });
        let done = module.call("VoipParseWebhookRequest", json!([request]));
        assert_eq!(done["value"]["response"]["code"], 200, "{done}");
        done["value"].clone()
    };
    let event = |kind: &str, call: &str| {
        webhook(&format!("cmd=event&type={kind}&phone=79990000001&ext=701&callid={call}"))["event"]
            .clone()
    };
    let press = |function: &str, args: Value| {
        let done = module.call(function, args);
        assert!(done["thrown"].is_null(), "{done}");
        server.service.provider().asked().pop().unwrap()
    };
    let shown = |event: &Value| {
        ["event", "direction", "srcPhone", "dstPhone", "callId"]
            .map(|member| event[member].as_str().unwrap_or_default().to_owned())
            .join(" ")
    };

    let numbers = json!(["79990000001", "701"]);
    let start = event("INCOMING", "C-1");
    assert_eq!(shown(&start), "Event.NotifyStart Direction.In 79990000001 701 C-1");
    let id = "79990000001 701 [\"C-1\"]";
    assert_eq!(press("VoipAcceptCall", numbers.clone()), format!("accept {id}"));
    assert_eq!(
        shown(&event("ACCEPTED", "C-1")),
        "Event.NotifyAnswer Direction.In 79990000001 701 C-1"
    );
    let hold = |is_held: bool| json!(["79990000001", "701", is_held]);
    assert_eq!(press("VoipHoldCall", hold(true)), format!("hold {id} true"));
    assert_eq!(press("VoipHoldCall", hold(false)), format!("hold {id} false"));
    let redirect = json!(["79990000001", "701", "702"]);
    assert_eq!(press("VoipRedirectCall", redirect), format!("redirect {id} to 702"));
    assert_eq!(press("VoipHangupCall", numbers), format!("hangup {id}"));
    assert_eq!(
        shown(&event("COMPLETED", "C-1")),
        "Event.NotifyEnd Direction.In 79990000001 701 C-1"
    );

    let link = "https://rec.example/a.mp3?id=1";
    let history =
        "cmd=history&type=in&status=Success&phone=79990000001&ext=701&callid=C-1&duration=124";
    let record = webhook(&format!("{history}&link={link}"))["callRecord"].clone();
    assert_eq!((&record["duration"], &record["callId"]), (&json!(124), &json!("C-1")));
    let played = module.call("VoipGetCallLink", json!([record["call"]]));
    assert_eq!(played["value"], link, "{played}");

    // An operator calls out.
    assert_eq!(press("VoipGenerateCall", json!(["701", "79990000001"])), "call 701 79990000001");
    let start = event("OUTGOING", "C-2");
    assert_eq!(shown(&start), "Event.NotifyStart Direction.Out 701 79990000001 C-2");
}
