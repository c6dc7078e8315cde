//! Log lines, with the feature `tracing`.

use http::StatusCode;
use voip_module::gravitel::{GravitelConfig, GravitelProvider};
use voip_module::router::{SinkError, sink_fn};
use voip_module::testing::{Push, ScriptedTransport};
use voip_module::{Token, VoipProvider, WebhookRouter};

use crate::logs::Lines;
use crate::now;

// V39, V46, V106
#[test]
fn faults_and_refusals_are_logged_without_token_and_numbers() {
    let text = Lines::of(|| {
        let token = Token::new("T0K-of-the-platform").unwrap();
        let sink = sink_fn(|_| {
            let numbers = "79990000001, +7 (999) 000-00-02";
            Err(SinkError::from(format!("no queue for T0K-of-the-platform, {numbers}\n\u{1b}[31m")))
        });
        let router = WebhookRouter::new(GravitelProvider::parser_only(), token).sink(sink);
        let push = Push::event("INCOMING").phone("79990000001");
        now(router.handle(push.post("/hook?token=T0K-of-the-platfor")));
        now(router.handle(push.post("/hook?token=T0K-of-the-platform")));
        now(router.handle(Push::event("HELD").post("/hook?token=T0K-of-the-platform")));
    });
    assert!(text.contains("Invalid token") && text.contains("the sink failed"), "{text}");
    assert!(text.contains("no queue for …, …, +…\\n"), "{text}");
    assert!(text.contains("DEBUG message=webhook request refused status=401"), "{text}");
    let refused = "INFO message=webhook request refused status=400 code=unknown_event_type";
    assert!(text.contains(refused), "{text}");
    assert!(!text.contains("T0K") && !text.contains('\u{1b}') && !text.contains("7999"), "{text}");
}

#[test]
fn an_unexpected_body_goes_to_the_log_without_key_and_cut() {
    let body = format!("<html>K3Y-1 for 79990000001 {}</html>", "x".repeat(500));
    let text = Lines::of(|| {
        let transport = ScriptedTransport::new().always(StatusCode::OK, body);
        let config = GravitelConfig::new("https://pbx.example/", "K3Y-1");
        let provider = GravitelProvider::new(config, transport);
        let error = now(provider.members()).unwrap_err();
        assert!(!error.to_string().contains("html"));
    });
    assert!(text.contains("<html>… for … xxx"), "{text}");
    assert!(!text.contains("K3Y") && !text.contains("7999") && text.len() < 400, "{text}");
}

// V37
#[test]
fn a_short_token_is_warned_about() {
    let text = Lines::of(|| {
        let _ = Token::new("short");
    });
    assert!(text.contains("shorter than 16 bytes") && !text.contains("short\""), "{text}");
}

// V149
#[test]
fn a_push_without_effect_is_logged_with_its_command_cut_and_escaped() {
    let text = Lines::of(|| {
        let router = WebhookRouter::without_token(GravitelProvider::parser_only());
        for cmd in ["sms", "", "a\u{1b}b", &"x".repeat(100), "79990000001"] {
            now(router.handle(Push::new().field("cmd", cmd).post("/")));
        }
    });
    let lines: Vec<_> = text.lines().map(|line| line.split(" command=").nth(1).unwrap()).collect();
    assert_eq!(lines, ["sms", "", "a\\u{1b}b", &"x".repeat(64), "…"]);
    assert!(text.lines().all(|line| line.starts_with("INFO")), "{text}");
    assert!(!text.contains(&"x".repeat(65)) && !text.contains("7999"), "{text}");
}
