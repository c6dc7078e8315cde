//! The contract of a provider (§4).

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::json;
use voip_module::{
    CallControl, CallData, Capabilities, Error, ParseError, Skeleton, VoipMember, VoipProvider,
    VoipProviderExt, VoipTestConnectionResult, VoipWebhookParseResult, WebhookRequest,
};

use crate::now;

/// Offers to hang up and to hold, and notes what it was told.
#[derive(Default)]
struct Partial(Mutex<Vec<String>>);

#[async_trait]
impl CallControl for Partial {
    async fn hangup(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        Ok(self.0.lock().unwrap().push(format!("hangup {src_phone} {dst_phone}")))
    }

    async fn hold(&self, src_phone: &str, dst_phone: &str, hold: bool) -> Result<(), Error> {
        Ok(self.0.lock().unwrap().push(format!("hold {src_phone} {dst_phone} {hold}")))
    }
}

#[async_trait]
impl VoipProvider for Partial {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        VoipTestConnectionResult::ok()
    }

    async fn parse_webhook(
        &self,
        _: &WebhookRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        Ok(VoipWebhookParseResult::empty())
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        Ok(Vec::new())
    }

    async fn generate_call(&self, _: &str, _: &str) -> Result<(), Error> {
        Ok(())
    }

    async fn call_link(&self, _: &CallData) -> Result<String, Error> {
        Ok(String::new())
    }

    async fn on_webhook_updated(&self, url: &url::Url) -> Result<(), Error> {
        Ok(self.0.lock().unwrap().push(format!("updated {url}")))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::HANGUP | Capabilities::HOLD
    }

    fn call_control(&self) -> Option<&dyn CallControl> {
        Some(self)
    }
}

#[test]
fn v27_v28_v30_the_skeleton_is_the_vendors_empty_module() {
    let test = now(Skeleton.test_connection());
    assert_eq!(
        (test.success(), test.fail_reason()),
        (false, Some("VoipTestConnection is not implemented"))
    );
    let request = http::Request::post("/").body(bytes::Bytes::new()).unwrap().into();
    let result = now(Skeleton.parse_webhook(&request)).unwrap();
    let response = result.response.unwrap();
    assert_eq!((response.status().as_u16(), &response.body()[..]), (400, &b"Hello, world!"[..]));
    for error in [
        now(Skeleton.members()).unwrap_err(),
        now(Skeleton.generate_call("1", "2")).unwrap_err(),
        now(Skeleton.call_link(&json!({}))).unwrap_err(),
    ] {
        assert_eq!(error.code(), "not_implemented");
    }
    assert_eq!(
        now(Skeleton.members()).unwrap_err().to_string(),
        "VoipGetMembers is not implemented"
    );
    let url = "https://crm.example/hook".parse().unwrap();
    assert!(now(Skeleton.on_webhook_updated(&url)).is_ok());
    assert_eq!(Skeleton.capabilities(), Capabilities::none());
}

#[test]
fn v31_v32_each_button_is_independent_and_what_is_not_offered_is_unsupported() {
    let provider = Partial::default();
    let offered = provider.capabilities();
    assert!(offered.contains(Capabilities::HOLD) && !offered.contains(Capabilities::REDIRECT));
    now(provider.hangup_call("1", "2")).unwrap();
    now(provider.hold_call("1", "2", true)).unwrap();
    let error = now(provider.accept_call("1", "2")).unwrap_err();
    assert_eq!(error.to_string(), "VoipAcceptCall is not supported by this provider");
    assert!(matches!(error, Error::Unsupported { operation: "VoipAcceptCall" }));
    assert_eq!(now(provider.redirect_call("1", "2", "3")).unwrap_err().code(), "unsupported");
    assert_eq!(now(provider.accept("1", "2")).unwrap_err().code(), "unsupported");
    assert_eq!(*provider.0.lock().unwrap(), ["hangup 1 2", "hold 1 2 true"]);
    for error in [now(Skeleton.hangup_call("1", "2")), now(Skeleton.hold_call("1", "2", true))] {
        assert_eq!(error.unwrap_err().code(), "unsupported");
    }
}

#[test]
fn v44_arc_box_and_reference_forward_every_method() {
    fn check(provider: impl VoipProvider) {
        assert_eq!(provider.capabilities().to_string(), "hangup, hold");
        assert!(provider.call_control().is_some() && provider.contact_lookup().is_none());
        now(provider.on_webhook_updated(&"https://crm.example/".parse().unwrap())).unwrap();
        assert!(now(provider.test_connection()).success());
        assert!(now(provider.members()).unwrap().is_empty());
        now(provider.generate_call("1", "2")).unwrap();
        assert_eq!(now(provider.call_link(&json!({}))).unwrap(), "");
        let request = http::Request::post("/").body(bytes::Bytes::new()).unwrap().into();
        assert!(now(provider.parse_webhook(&request)).unwrap().is_empty());
    }
    let provider = Arc::new(Partial::default());
    check(provider.clone());
    check(&*provider);
    check(Box::new(provider.clone()) as Box<dyn VoipProvider>);
    assert_eq!(*provider.0.lock().unwrap(), ["updated https://crm.example/"; 3]);
}

#[test]
fn v22_v41_v43_a_provider_sees_the_request_without_its_token() {
    struct Looks;
    #[async_trait]
    impl VoipProvider for Looks {
        async fn test_connection(&self) -> VoipTestConnectionResult {
            VoipTestConnectionResult::ok()
        }
        async fn parse_webhook(
            &self,
            request: &WebhookRequest,
        ) -> Result<VoipWebhookParseResult, ParseError> {
            assert_eq!(request.path_suffix(), "event/7");
            assert_eq!(request.query(), "a=1&b");
            assert_eq!(request.headers()["X-API-Key"], "k");
            assert_eq!(request.body(), "body");
            Ok(VoipWebhookParseResult::empty())
        }
        async fn members(&self) -> Result<Vec<VoipMember>, Error> {
            Ok(Vec::new())
        }
        async fn generate_call(&self, _: &str, _: &str) -> Result<(), Error> {
            Ok(())
        }
        async fn call_link(&self, _: &CallData) -> Result<String, Error> {
            Ok(String::new())
        }
    }
    let token = voip_module::router::Token::new("T0K").unwrap();
    let router = voip_module::router::WebhookRouter::new(Looks, token).path("/hook");
    let request = http::Request::post("/hook/event/7?a=1&token=T0K&b").header("x-api-KEY", "k");
    let response = now(router.handle(request.body("body".into()).unwrap()));
    assert_eq!(response.status(), 200);
}
