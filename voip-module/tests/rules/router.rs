//! The webhook router beyond what the vectors show (§5).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use voip_module::gravitel::GravitelProvider;
use voip_module::router::{
    CallTracker, DedupStore, Limits, MemoryDedup, SinkError, Token, VerifyError, WebhookRouter,
    WebhookVerifier, sink_fn,
};
use voip_module::testing::{ManualClock, Push};
use voip_module::{
    CallData, Error, HttpResponse, ParseError, PlatformVersion, ProviderNotice, Skeleton,
    VoipMember, VoipProvider, VoipTestConnectionResult, VoipWebhookParseResult, WebhookRequest,
};

use crate::now;

fn incoming(callid: &str) -> Push {
    Push::event("INCOMING").phone("79990000001").ext("701").callid(callid)
}

fn token(text: &str) -> Token {
    Token::new(text).unwrap()
}

/// A parser that does one thing.
struct Parser<F>(F);

#[async_trait]
impl<F> VoipProvider for Parser<F>
where
    F: Fn() -> Result<VoipWebhookParseResult, ParseError> + Send + Sync,
{
    async fn test_connection(&self) -> VoipTestConnectionResult {
        VoipTestConnectionResult::ok()
    }

    async fn parse_webhook(
        &self,
        _: &WebhookRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        (self.0)()
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

#[test]
fn v38_another_method_is_told_which_are_allowed() {
    let router = WebhookRouter::new(Skeleton, token("T0K"));
    let request = http::Request::delete("/hook").body(Bytes::new()).unwrap();
    let response = now(router.handle(request));
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET, POST");
}

#[test]
fn v46_v107_a_panic_or_error_of_a_provider_is_answered_500() {
    for parse in [
        (|| panic!("secret detail")) as fn() -> Result<VoipWebhookParseResult, ParseError>,
        || Err(ParseError::Internal),
        || Err(ParseError::MissingField("phone")),
    ] {
        let router = WebhookRouter::new(Parser(parse), token("T0K"));
        let outcome = now(router.process(incoming("C").post("/hook?token=T0K")));
        assert_eq!(outcome.response.status(), 500);
        assert_eq!(outcome.response.body(), r#"{"error":"internal error"}"#);
        assert!(outcome.result.is_empty());
    }
    let response = http::Response::<Bytes>::from(HttpResponse::from(ParseError::Internal));
    assert_eq!(response.body(), r#"{"error":"internal error"}"#, "V107");
}

#[test]
fn v45_the_old_token_is_good_for_the_overlap() {
    let clock = ManualClock::new();
    let overlap = Duration::from_secs(60);
    let provider = GravitelProvider::parser_only;
    let router =
        WebhookRouter::new(provider(), token("old")).clock(clock.clone()).token_overlap(overlap);
    let status = |token: &str| {
        now(router.handle(incoming("").post(&format!("/hook?token={token}")))).status().as_u16()
    };
    assert_eq!((status("old"), status("new")), (200, 401));
    router.rotate_token(token("new"));
    clock.advance(Duration::from_millis(59_999));
    assert_eq!((status("old"), status("new")), (200, 200));
    clock.advance(Duration::from_millis(1));
    assert_eq!((status("old"), status("new")), (401, 200));
    router.rotate_token(token("newer"));
    assert_eq!((status("old"), status("new"), status("newer")), (401, 200, 200));
}

#[test]
fn v45_without_a_clock_or_an_overlap_the_old_token_is_over_at_once() {
    let overlap = Duration::from_secs(60);
    for router in [
        WebhookRouter::new(GravitelProvider::parser_only(), token("old")).token_overlap(overlap),
        WebhookRouter::new(GravitelProvider::parser_only(), token("old")).clock(ManualClock::new()),
    ] {
        router.rotate_token(token("new"));
        let status = |uri: &str| now(router.handle(incoming("").post(uri))).status().as_u16();
        assert_eq!((status("/hook?token=old"), status("/hook?token=new")), (401, 200));
    }
}

#[test]
fn v37_an_empty_token_cannot_be_configured() {
    let error = Token::new("").unwrap_err();
    assert_eq!(error.to_string(), "invalid webhook token: it is empty");
}

#[test]
fn v43_a_registered_path_takes_what_is_under_it() {
    let router = WebhookRouter::without_token(GravitelProvider::parser_only()).path("hook/");
    for (path, status) in [
        ("/hook", 200),
        ("/hook/", 200),
        ("/hook/event", 200),
        ("/hooks", 404),
        ("/", 404),
        ("/other/hook", 404),
    ] {
        assert_eq!(now(router.handle(incoming("").post(path))).status().as_u16(), status, "{path}");
    }
}

#[test]
fn v42_v123_limits_can_be_set() {
    let limits = Limits::default().with_body(100).with_fields(4).with_value(11).with_link(20);
    let router = WebhookRouter::without_token(GravitelProvider::parser_only()).limits(limits);
    let status = |body: String| {
        let request = http::Request::post("/hook")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into())
            .unwrap();
        now(router.handle(request)).status().as_u16()
    };
    assert_eq!(status("cmd=x&b=1&c=1&d=1".into()), 200);
    assert_eq!(status("cmd=x&b=1&c=1&d=1&e=1".into()), 400);
    assert_eq!(status("cmd=x&b=12345678901&link=12345678901234567890".into()), 200);
    assert_eq!(status("cmd=x&b=123456789012".into()), 400);
    assert_eq!(status("cmd=x&%6Cink=123456789012345678901".into()), 400);
    assert_eq!(status("&".repeat(100)), 200);
    assert_eq!(status("&".repeat(101)), 413);
}

#[test]
fn v42_other_content_types_are_left_to_the_provider() {
    let router = WebhookRouter::without_token(Parser(|| Ok(VoipWebhookParseResult::empty())));
    let request = http::Request::post("/").header("content-type", "application/json");
    let request = request.body("&a".repeat(1_000).into()).unwrap();
    assert_eq!(now(router.handle(request)).status(), 200);
}

#[test]
fn v33_section_14_results_go_to_the_sink_and_refusals_do_not() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = seen.clone();
    let router = WebhookRouter::without_token(GravitelProvider::parser_only())
        .sink(sink_fn(move |result| Ok(sink.lock().unwrap().push(result.clone()))));
    let put = |push: Push| now(router.handle(push.post("/hook"))).status().as_u16();
    assert_eq!(put(incoming("C-1")), 200);
    assert_eq!(put(Push::event("HELD").phone("1")), 400);
    assert_eq!(put(Push::contact().phone("1")), 200);
    assert_eq!(put(Push::event("TRANSFERRED").callid("C-4").field("second_callid", "C-5")), 200);
    assert_eq!(put(Push::rating("5").callid("C-4").user("admin")), 200);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    assert!(seen[0].event.is_some());
    assert_eq!(
        seen[1].notice,
        Some(ProviderNotice::Transferred {
            call_id: Some("C-4".into()),
            second_call_id: Some("C-5".into()),
            phone: None,
            ext: None,
        }),
        "V90"
    );
    assert!(
        matches!(&seen[2].notice, Some(ProviderNotice::Rated { rating, user, .. })
            if rating.as_deref() == Some("5") && user.as_deref() == Some("admin")),
        "V95"
    );
}

#[test]
fn section_13_a_repeated_delivery_gives_an_empty_result_until_it_is_forgotten() {
    let clock = ManualClock::new();
    let router = WebhookRouter::without_token(GravitelProvider::parser_only())
        .clock(clock.clone())
        .dedup(MemoryDedup::new(100, Duration::from_secs(60)));
    let is_new = |push: &Push| {
        let outcome = now(router.process(push.post("/hook")));
        assert_eq!(outcome.response.status(), 200);
        !outcome.result.is_empty()
    };
    let record = Push::history("in", "Success").phone("1").callid("C");
    assert!(is_new(&incoming("C")) && !is_new(&incoming("C")));
    assert!(is_new(&incoming("C").ext("702")), "another leg");
    assert!(is_new(&record) && !is_new(&record));
    assert!(is_new(&Push::history("in", "Missed").phone("1").callid("C")), "another status");
    assert!(is_new(&incoming("")) && is_new(&incoming("")), "no callid, never repeated");
    // A refused request is not taken note of, and a question is answered every time.
    let contact = Push::contact().phone("1").callid("C");
    for _ in 0..2 {
        assert_eq!(now(router.handle(contact.post("/hook"))).body(), "{}");
        assert_eq!(
            now(router.handle(Push::event("INCOMING").callid("D").post("/hook"))).status(),
            400
        );
    }
    assert!(is_new(&incoming("D")));
    clock.advance(Duration::from_secs(61));
    assert!(is_new(&incoming("C")));
}

#[test]
fn section_13_the_memory_of_deliveries_is_bounded() {
    let store = MemoryDedup::new(3, Duration::from_secs(60));
    for at in 0..1_000 {
        assert!(now(store.insert(Duration::ZERO, &format!("C-{at}"))).unwrap());
        assert!(store.len() <= 3);
    }
    assert!(!now(store.insert(Duration::ZERO, "C-999")).unwrap());
    assert!(now(store.insert(Duration::ZERO, "C-0")).unwrap());
    assert!(now(store.insert(Duration::from_secs(61), "C-1")).unwrap());
    assert_eq!(store.len(), 1);
}

#[test]
fn v46_a_failing_sink_is_answered_500_and_the_repetition_gets_through() {
    let fails = Arc::new(Mutex::new(true));
    let sink_fails = fails.clone();
    let sink = sink_fn(move |_| match *sink_fails.lock().unwrap() {
        true => Err(SinkError::from("queue is full")),
        false => Ok(()),
    });
    let router = WebhookRouter::without_token(GravitelProvider::parser_only())
        .clock(ManualClock::new())
        .dedup(MemoryDedup::default())
        .track(CallTracker::default())
        .sink(sink);
    let push = Push::event("COMPLETED").phone("1").ext("701").callid("C");
    let outcome = now(router.process(push.post("/hook")));
    assert_eq!((outcome.response.status().as_u16(), outcome.result.is_empty()), (500, true));
    *fails.lock().unwrap() = false;
    let outcome = now(router.process(push.post("/hook")));
    assert_eq!((outcome.response.status().as_u16(), outcome.result.event.is_some()), (200, true));
}

#[test]
fn v46_a_panicking_sink_or_store_does_not_take_the_router_with_it() {
    struct Broken;
    #[async_trait]
    impl DedupStore for Broken {
        async fn insert(&self, _: Duration, _: &str) -> Result<bool, SinkError> {
            panic!("no connection")
        }
        async fn remove(&self, _: &str) -> Result<(), SinkError> {
            Err("no connection".into())
        }
    }
    let router = WebhookRouter::without_token(GravitelProvider::parser_only())
        .dedup(Broken)
        .sink(sink_fn(|_| panic!("no queue")));
    assert_eq!(now(router.handle(incoming("C").post("/hook"))).status(), 500);
    struct Unsure;
    impl WebhookVerifier for Unsure {
        fn verify(&self, _: &http::Request<Bytes>) -> Result<(), VerifyError> {
            panic!("no key")
        }
    }
    let router = WebhookRouter::without_token(GravitelProvider::parser_only()).verifier(Unsure);
    assert_eq!(now(router.handle(incoming("C").post("/hook"))).status(), 500);
    let router = WebhookRouter::without_token(GravitelProvider::parser_only()).dedup(Broken);
    assert!(now(router.process(incoming("C").post("/hook"))).result.event.is_some());
}

#[test]
fn v47_the_router_knows_editions_too() {
    let router = WebhookRouter::without_token(GravitelProvider::parser_only())
        .platform(PlatformVersion::V2024);
    let result = now(router.process(incoming("C").post("/hook"))).result;
    assert_eq!(result.event.unwrap().call_id, None);
}

#[test]
fn v105_the_sample_sets_no_content_type_and_the_default_does() {
    use voip_module::gravitel::GravitelOptions;
    for (options, content_type) in
        [(GravitelOptions::default(), true), (GravitelOptions::sample_compat(), false)]
    {
        let router = WebhookRouter::without_token(GravitelProvider::parser_only().options(options));
        let response = now(router.handle(Push::event("HELD").phone("1").post("/hook")));
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers().contains_key("content-type"), content_type);
    }
}
