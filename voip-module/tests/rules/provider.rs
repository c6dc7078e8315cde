//! The contract of a provider: buttons, forwarding, and what a provider sees.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::json;
use voip_module::{
    Buttons, CallData, Error, HttpRequest, LiveCall, ParseError, Token, VoipMember, VoipProvider,
    VoipTestConnectionResult, VoipWebhookParseResult, WebhookRouter,
};

use crate::now;

/// A provider with two of the four buttons, which records its calls.
#[derive(Default)]
struct Partial(Mutex<Vec<String>>);

impl Partial {
    fn note(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }
}

#[async_trait]
impl VoipProvider for Partial {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        VoipTestConnectionResult::ok()
    }

    async fn parse_webhook(
        &self,
        request: &HttpRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        self.note(format!("{} {} {:?}", request.path_suffix(), request.query(), request.body()));
        Ok(VoipWebhookParseResult::empty())
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        Ok(Vec::new())
    }

    async fn generate_call(&self, _: &str, _: &str) -> Result<(), Error> {
        Ok(())
    }

    async fn call_link(&self, _: &CallData) -> Result<url::Url, Error> {
        Ok("https://rec.example/".parse().unwrap())
    }

    async fn on_webhook_updated(&self, url: &url::Url) -> Result<(), Error> {
        Ok(self.note(format!("updated {url}")))
    }

    fn buttons(&self) -> Buttons {
        Buttons::HANGUP | Buttons::HOLD
    }

    async fn hangup_call(&self, call: LiveCall<'_>) -> Result<(), Error> {
        Ok(self.note(format!("hangup {} {} {:?}", call.src_phone, call.dst_phone, call.ids)))
    }

    async fn hold_call(&self, call: LiveCall<'_>, hold: bool) -> Result<(), Error> {
        Ok(self.note(format!("hold {} {} {hold}", call.src_phone, call.dst_phone)))
    }

    fn key_fields(&self) -> &[&str] {
        &["key"]
    }
}

// V27, V28, V30–V32
#[test]
fn each_button_is_independent_and_an_undeclared_one_reaches_nothing() {
    let router = WebhookRouter::without_token(Partial::default());
    now(router.hangup_call("1", "2")).unwrap();
    now(router.hold_call("1", "2", true)).unwrap();
    let error = now(router.accept_call("1", "2")).unwrap_err();
    assert_eq!(error.to_string(), "VoipAcceptCall is not supported by this provider");
    assert!(matches!(error, Error::Unsupported { operation: "VoipAcceptCall" }));
    assert_eq!(now(router.redirect_call("1", "2", "3")).unwrap_err().code(), "unsupported");
    let call = LiveCall::new("1", "2", &[]);
    let direct = now(router.provider().accept_call(call)).unwrap_err();
    assert_eq!(direct.code(), "unsupported");
    assert_eq!(call.id().unwrap_err().code(), "invalid_argument");
    assert_eq!(*router.provider().0.lock().unwrap(), ["hangup 1 2 []", "hold 1 2 true"]);
}

// V75
#[test]
fn click_to_call_checks_its_numbers() {
    let router = WebhookRouter::without_token(Partial::default());
    now(router.generate_call("701", "79990000001")).unwrap();
    let error = now(router.generate_call("", "79990000001")).unwrap_err();
    assert_eq!(error.to_string(), "invalid argument `src_phone`: it is empty");
    assert!(now(router.generate_call("701", "")).is_err());
}

// V44
#[test]
fn arc_box_and_reference_forward_every_method() {
    fn check(provider: impl VoipProvider) {
        assert_eq!(provider.buttons(), Buttons::HANGUP | Buttons::HOLD);
        assert_eq!(provider.key_fields(), ["key"]);
        now(provider.on_webhook_updated(&"https://crm.example/".parse().unwrap())).unwrap();
        assert!(now(provider.test_connection()).success());
        assert!(now(provider.members()).unwrap().is_empty());
        now(provider.generate_call("1", "2")).unwrap();
        assert_eq!(now(provider.call_link(&json!({}))).unwrap().as_str(), "https://rec.example/");
        let call = LiveCall::new("1", "2", &[]);
        now(provider.hangup_call(call)).unwrap();
        now(provider.hold_call(call, false)).unwrap();
        assert!(now(provider.accept_call(call)).is_err());
        assert!(now(provider.redirect_call(call, "3")).is_err());
        let request = http::Request::post("/").body(bytes::Bytes::new()).unwrap().into();
        assert!(now(provider.parse_webhook(&request)).unwrap().is_empty());
    }
    let provider = Arc::new(Partial::default());
    check(provider.clone());
    check(&*provider);
    check(Box::new(provider.clone()) as Box<dyn VoipProvider>);
    assert_eq!(provider.0.lock().unwrap().len(), 12);
}

// V22, V41, V43
#[test]
fn a_provider_sees_the_request_without_its_token() {
    let token = Token::new("T0K").unwrap();
    let router = WebhookRouter::new(Partial::default(), token).path("/hook");
    let request = http::Request::post("/hook/event/7?a=1&token=T0K&b").header("x-api-KEY", "k");
    let response = now(router.handle(request.body("body".into()).unwrap()));
    assert_eq!(response.status(), 200);
    assert_eq!(*router.provider().0.lock().unwrap(), [r#"event/7 a=1&b b"body""#]);
}

fn form(body: &'static str) -> HttpRequest {
    let request =
        http::Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    request.body(body.into()).unwrap().into()
}

// V152
#[test]
fn fields_are_trimmed_and_numbers_keep_a_raw_plus() {
    let request = form("from=+79990000001&to=+701&name=%20Anna+A%20&empty=+&bad=7%0A1&to=702");
    let fields = request.form_fields().unwrap();
    assert_eq!((fields.phone("from"), fields.phone("to")), ("+79990000001", "702"));
    assert_eq!(
        (fields.get("name"), fields.get("empty"), fields.get("x")),
        (Some("Anna A"), None, None)
    );
    assert_eq!((fields.phone("bad"), fields.phone("x")), ("", ""));
    assert_eq!(fields.require("empty").unwrap_err().to_string(), "missing field `empty`");
    assert_eq!(format!("{fields:?}"), r#"{"from", "to", "name", "empty", "bad", "to"}"#);
}

// V152
#[test]
fn json_is_read_into_a_type_and_refused_without_quoting_it() {
    #[derive(Debug, serde::Deserialize)]
    struct Ring {
        from: String,
    }
    let json = |content_type: &str, body: &'static str| -> Result<Ring, ParseError> {
        let request = http::Request::post("/").header("content-type", content_type);
        HttpRequest::from(request.body(body.into()).unwrap()).json()
    };
    assert_eq!(json("application/json", "\u{feff}{\"from\":\"1\"}").unwrap().from, "1");
    assert_eq!(
        json("Application/Vnd.PBX+JSON; charset=UTF-8", r#"{"from":"1"}"#).unwrap().from,
        "1"
    );
    let error = json("application/json", "{\n\"from\":79990000001}").unwrap_err();
    assert_eq!(
        (error.code(), error.status().as_u16(), error.to_string()),
        (
            "invalid_body",
            400,
            "invalid body: expected JSON of the documented shape, at line 2, column 18".into()
        )
    );
    let error = json("text/plain", "{}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "unsupported media type: expected Content-Type: application/json, charset utf-8, received \
         \"text/plain\""
    );
    assert!(json("application/json; charset=koi8-r", "{}").is_err());
}
