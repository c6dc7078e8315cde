//! The webhook router beyond the vectors.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use voip_module::carrier::Limits;
use voip_module::gravitel::sample::SampleProvider;
use voip_module::gravitel::{GravitelOptions, GravitelProvider};
use voip_module::router::Notice;
use voip_module::router::{SinkError, VerifyError, WebhookVerifier, sink_fn};
use voip_module::testing::{ManualClock, ManualTimer, Push};
use voip_module::{
    CallData, Error, HttpRequest, HttpResponse, ParseError, PlatformVersion, Token, VoipMember,
    VoipProvider, VoipTestConnectionResult, VoipWebhookParseResult, WebhookRouter,
};

use crate::now;

pub(crate) fn incoming(callid: &str) -> Push {
    Push::event("INCOMING").phone("79990000001").ext("701").callid(callid)
}

fn token(text: &str) -> Token {
    Token::new(text).unwrap()
}

fn gravitel() -> WebhookRouter<impl VoipProvider> {
    WebhookRouter::without_token(GravitelProvider::parser_only())
}

/// A provider made of one parser function.
struct Parser<F>(F);

#[async_trait]
impl<F> VoipProvider for Parser<F>
where
    F: Fn() -> Result<VoipWebhookParseResult, ParseError> + Send + Sync,
{
    async fn test_connection(&self) -> VoipTestConnectionResult {
        VoipTestConnectionResult::ok()
    }

    async fn parse_webhook(&self, _: &HttpRequest) -> Result<VoipWebhookParseResult, ParseError> {
        (self.0)()
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        Ok(Vec::new())
    }

    async fn generate_call(&self, _: &str, _: &str) -> Result<(), Error> {
        Ok(())
    }

    async fn call_link(&self, _: &CallData) -> Result<url::Url, Error> {
        Err(voip_module::LinkError::NoRecording.into())
    }
}

// V38
#[test]
fn another_method_is_answered_with_the_allowed_ones() {
    let router = WebhookRouter::new(GravitelProvider::parser_only(), token("T0K"));
    let response = now(router.handle(http::Request::delete("/hook").body(Bytes::new()).unwrap()));
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET, POST");
}

// V46, V107
#[test]
fn a_fault_of_the_provider_is_500_and_any_other_error_is_a_refusal() {
    for (parse, status, body) in [
        (
            (|| panic!("secret detail")) as fn() -> Result<VoipWebhookParseResult, ParseError>,
            500,
            r#"{"error":"internal error"}"#,
        ),
        (|| Err(ParseError::Internal), 500, r#"{"error":"internal error"}"#),
        (|| Err(ParseError::MissingField("from")), 400, r#"{"error":"missing field `from`"}"#),
        (|| Err(ParseError::BadToken), 401, r#"{"error":"Invalid token"}"#),
        (
            || "up".parse::<voip_module::VoipCallDirection>().map(|_| Default::default()),
            400,
            r#"{"error":"unknown call direction"}"#,
        ),
    ] {
        let router = WebhookRouter::new(Parser(parse), token("T0K-0123456789abcd"));
        let outcome = now(router.process(incoming("C").post("/hook?token=T0K-0123456789abcd")));
        assert_eq!(
            (outcome.response.status().as_u16(), &outcome.response.body()[..]),
            (status, body.as_bytes())
        );
        assert_eq!(outcome.response.headers()["content-type"], "application/json");
        assert!(outcome.result.is_empty() && outcome.verdict.is_none());
    }
}

// V106
#[test]
fn a_refusal_never_shows_the_token() {
    let uri = "/hook?token=T0K-0123456789abcd";
    let push = Push::event("T0K-0123456789abcd").phone("1");
    let default = WebhookRouter::new(GravitelProvider::parser_only(), token("T0K-0123456789abcd"));
    let sample = WebhookRouter::new(SampleProvider::parser_only(), token("T0K-0123456789abcd"));
    for response in [now(default.handle(push.post(uri))), now(sample.handle(push.post(uri)))] {
        assert_eq!(response.status(), 400);
        let body = String::from_utf8_lossy(response.body());
        assert!(body.ends_with(r#"received \"…\""}"#), "{body}");
    }
}

// V45
#[test]
fn the_old_token_is_valid_for_the_overlap_even_if_rotated_twice() {
    let clock = ManualClock::new();
    let router = WebhookRouter::new(GravitelProvider::parser_only(), token("old"))
        .clock(clock.clone())
        .token_overlap(Duration::from_secs(60));
    let status = |token: &str| {
        now(router.handle(incoming("").post(&format!("/hook?token={token}")))).status().as_u16()
    };
    assert_eq!((status("old"), status("new")), (200, 401));
    router.rotate_token(token("new"));
    clock.advance(Duration::from_millis(30_000));
    router.rotate_token(token("new"));
    clock.advance(Duration::from_millis(29_999));
    assert_eq!((status("old"), status("new")), (200, 200));
    clock.advance(Duration::from_millis(1));
    assert_eq!((status("old"), status("new")), (401, 200));
    router.rotate_token(token("newer"));
    assert_eq!((status("old"), status("new"), status("newer")), (401, 200, 200));
}

// V45
#[test]
fn without_an_overlap_the_old_token_is_invalid_at_once() {
    let router = WebhookRouter::new(GravitelProvider::parser_only(), token("old"));
    router.rotate_token(token("new"));
    let status = |uri: &str| now(router.handle(incoming("").post(uri))).status().as_u16();
    assert_eq!((status("/hook?token=old"), status("/hook?token=new")), (401, 200));
}

// V37
#[test]
fn an_empty_token_cannot_be_configured() {
    assert_eq!(Token::new("").unwrap_err().to_string(), "invalid webhook token: it is empty");
}

// V184
#[test]
fn a_token_in_the_path_leaves_what_follows_to_the_provider() {
    let router = WebhookRouter::new(GravitelProvider::parser_only(), token("T/0 K")).path("/hook");
    let router = router.token_in_path();
    for (uri, status) in [
        ("/hook/T%2F0%20K", 200),
        ("/hook/T%2F0%20K/events/call", 200),
        ("/hook/%54%2f0%20K/?a=1", 200),
        ("/hook/T%2F0%20K?token=T%2F0%20K", 401),
        ("/hook?token=T%2F0%20K", 401),
        ("/hook/T/0%20K", 401),
        ("/hook", 401),
        ("/hook/", 401),
        ("/other/T%2F0%20K", 404),
    ] {
        assert_eq!(now(router.handle(incoming("").post(uri))).status().as_u16(), status, "{uri}");
    }
}

// V129, V182
#[test]
fn precheck_refuses_from_the_head_alone() {
    let router = WebhookRouter::new(GravitelProvider::parser_only(), token("T0K")).path("/hook");
    let check = |method: &str, uri: &str, length: &str| {
        let request = http::Request::builder().method(method).uri(uri);
        let (parts, ()) = request.header("content-length", length).body(()).unwrap().into_parts();
        router.precheck(&parts).map_err(|refusal| refusal.status.as_u16())
    };
    assert_eq!(check("POST", "/hook?token=T0K", "65536"), Ok(()));
    assert_eq!(check("POST", "/hook?token=T0K", "65537"), Err(413));
    assert_eq!(check("POST", "/hook?token=T0K", "99999999999999999999999"), Err(413));
    assert_eq!(check("POST", "/hook?token=T0K", "nonsense"), Ok(()));
    assert_eq!(check("POST", "/hook?token=x", "65537"), Err(401));
    assert_eq!(check("PUT", "/hook?token=x", "65537"), Err(405));
    assert_eq!(check("PUT", "/x?token=x", "65537"), Err(404));
    let request = http::Request::put("/hook").body(()).unwrap();
    let refusal = router.precheck(&request.into_parts().0).unwrap_err();
    let response = http::Response::<Bytes>::from(refusal);
    assert_eq!(response.headers()["allow"], "GET, POST");
    assert_eq!(response.body(), r#"{"error":"method not allowed"}"#);
}

// V42, V123
#[test]
fn limits_can_be_set() {
    let router = gravitel().limits(Limits::default().with_body(100).with_fields(4));
    let status = |body: String| {
        let request = http::Request::post("/hook")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into())
            .unwrap();
        now(router.handle(request)).status().as_u16()
    };
    assert_eq!(status("cmd=x&b=1&c=1&d=1".into()), 200);
    assert_eq!(status("cmd=x&b=1&c=1&d=1&e=1".into()), 400);
    assert_eq!(status("&".repeat(100)), 200);
    assert_eq!(status("&".repeat(101)), 413);
}

// V42
#[test]
fn other_content_types_are_left_to_the_provider() {
    let router = WebhookRouter::without_token(Parser(|| Ok(VoipWebhookParseResult::empty())));
    let request = http::Request::post("/").header("content-type", "application/json");
    assert_eq!(now(router.handle(request.body("&a".repeat(1_000).into()).unwrap())).status(), 200);
}

// V90, V95, V150, V151
#[test]
fn deliveries_go_to_the_sink_and_refusals_do_not() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = seen.clone();
    let router =
        gravitel().sink(sink_fn(move |delivery| Ok(sink.lock().unwrap().push(delivery.clone()))));
    let put = |push: Push| now(router.handle(push.post("/hook"))).status().as_u16();
    assert_eq!(put(incoming("C-1").field("crm_token", "K").diversion("+74950000000")), 200);
    assert_eq!(put(Push::event("HELD").phone("1")), 400);
    assert_eq!(put(Push::contact().phone("1")), 200);
    assert_eq!(put(Push::event("TRANSFERRED").callid("C-4").field("second_callid", "C-5")), 200);
    assert_eq!(put(Push::rating("5").callid("C-4").user("admin")), 200);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    assert!(seen[0].event.is_some());
    let raw = serde_json::to_string(&seen[0].raw).unwrap();
    assert_eq!(
        raw,
        r#"{"callid":"C-1","cmd":"event","diversion":"+74950000000","ext":"701","phone":"79990000001","type":"INCOMING"}"#
    );
    assert_eq!(seen[1].notice, Some(Notice::transferred("C-4", "C-5", "", "")));
    assert_eq!(seen[2].notice, Some(Notice::rated("C-4", "5", "", "admin")));
}

// V46, V160
#[test]
fn a_failing_sink_is_answered_500_and_the_repetition_gets_through() {
    let fails = Arc::new(Mutex::new(true));
    let sink_fails = fails.clone();
    let router = gravitel().sink(sink_fn(move |_| match *sink_fails.lock().unwrap() {
        true => Err(SinkError::from("queue is full")),
        false => Ok(()),
    }));
    let push = Push::event("COMPLETED").phone("1").ext("701").callid("C");
    let outcome = now(router.process(push.post("/hook")));
    assert_eq!((outcome.response.status().as_u16(), outcome.delivery.is_none()), (500, true));
    *fails.lock().unwrap() = false;
    let outcome = now(router.process(push.post("/hook")));
    assert_eq!((outcome.response.status().as_u16(), outcome.delivery.is_some()), (200, true));
    assert_eq!(router.statistics().undone, 1);
}

// V46
#[test]
fn a_panicking_sink_or_verifier_does_not_take_the_router_with_it() {
    let router = gravitel().sink(sink_fn(|_| panic!("no queue")));
    assert_eq!(now(router.handle(incoming("C").post("/hook"))).status(), 500);
    struct Unsure;
    impl WebhookVerifier for Unsure {
        fn verify(&self, _: &http::Request<Bytes>) -> Result<Option<String>, VerifyError> {
            panic!("no key")
        }
    }
    let router = gravitel().verifier(Unsure);
    assert_eq!(now(router.handle(incoming("C").post("/hook"))).status(), 500);
}

/// Takes requests whose `webhook-id` begins with `good`.
struct Signed;

impl WebhookVerifier for Signed {
    fn verify(&self, request: &http::Request<Bytes>) -> Result<Option<String>, VerifyError> {
        let id = request.headers().get("webhook-id").ok_or(VerifyError::Malformed)?;
        let id = id.to_str().map_err(|_| VerifyError::Malformed)?;
        if id.starts_with("good") { Ok(Some(id.to_owned())) } else { Err(VerifyError::Mismatch) }
    }
}

// V4, V157
#[test]
fn a_verified_delivery_id_identifies_repetitions() {
    let router = gravitel().verifier(Signed);
    let put = |id: &'static str, push: &Push| {
        let mut request = push.post("/hook");
        request.headers_mut().insert("webhook-id", http::HeaderValue::from_static(id));
        let outcome = now(router.process(request));
        (outcome.response.status().as_u16(), outcome.delivery.is_some())
    };
    let rating = |mark: &str| Push::rating(mark).callid("C");
    assert_eq!(put("bad-1", &rating("5")), (401, false));
    assert_eq!(put("good-1", &rating("5")), (200, true));
    assert_eq!(put("good-1", &rating("4")), (200, false));
    assert_eq!(put("good-2", &rating("5")), (200, true));
    let response = now(router.handle(rating("5").post("/hook")));
    assert_eq!(response.body(), r#"{"error":"signature headers are missing or malformed"}"#);
}

// V183
#[test]
fn a_provider_or_sink_that_exceeds_its_deadline_is_503_and_undone() {
    use std::task::{Context, Poll, Waker};
    struct Hangs;
    #[async_trait]
    impl voip_module::Sink for Hangs {
        async fn deliver(&self, _: &voip_module::Delivery) -> Result<(), SinkError> {
            std::future::pending().await
        }
    }
    let timer = ManualTimer::new();
    let router = gravitel().sink(Hangs).timer(timer.clone());
    let router = router.deadlines(Duration::from_secs(1), Duration::from_secs(2));
    let mut process = Box::pin(router.process(incoming("C").post("/hook")));
    let mut context = Context::from_waker(Waker::noop());
    assert!(process.as_mut().poll(&mut context).is_pending());
    assert_eq!(router.statistics().in_flight, 1);
    assert_eq!(timer.asked(), [Duration::from_secs(2)]);
    timer.finish();
    let Poll::Ready(outcome) = process.as_mut().poll(&mut context) else { panic!("still waits") };
    assert_eq!(outcome.response.status(), 503);
    assert_eq!(outcome.response.headers()["retry-after"], "5");
    assert_eq!((router.statistics().in_flight, router.statistics().undone), (0, 1));
}

// V47
#[test]
fn the_edition_decides_which_members_are_written() {
    let router = gravitel().platform(PlatformVersion::V2024);
    let outcome = now(router.process(incoming("C").post("/hook")));
    assert_eq!(outcome.result.event.unwrap().call_id, None);
    assert_eq!(outcome.delivery.unwrap().event.unwrap().call_id, None);
    assert!(now(router.process(incoming("C").post("/hook"))).delivery.is_none());
}

// V105
#[test]
fn the_sample_sets_no_content_type_and_the_default_does() {
    let push = Push::event("HELD").phone("1");
    let response = now(gravitel().handle(push.post("/hook")));
    assert_eq!(
        (response.status().as_u16(), response.headers().contains_key("content-type")),
        (400, true)
    );
    let router = WebhookRouter::without_token(SampleProvider::parser_only());
    let response = now(router.handle(push.post("/hook")));
    assert_eq!(
        (response.status().as_u16(), response.headers().contains_key("content-type")),
        (400, false)
    );
}

// V33, V175
#[test]
fn buttons_get_the_ids_of_the_live_calls() {
    let router = gravitel();
    let put = |push: Push| drop(now(router.handle(push.post("/hook"))));
    put(incoming("C-1"));
    put(incoming("C-2"));
    put(Push::event("ACCEPTED").phone("+7 (999) 000-00-01").ext("701").callid("C-1"));
    assert_eq!(router.live_calls("79990000001", "701"), ["C-1", "C-2"]);
    assert_eq!(router.live_calls("701", "+79990000001"), ["C-1", "C-2"]);
    assert!(router.live_calls("79990000001", "702").is_empty());
    put(Push::event("COMPLETED").phone("79990000001").ext("701").callid("C-1"));
    assert_eq!(router.live_calls("79990000001", "701"), ["C-2"]);
    // A leg that began under a login is found under it and under its extension.
    put(Push::event("OUTGOING").phone("79990000002").user("anna").callid("C-3"));
    put(Push::event("ACCEPTED").phone("79990000002").user("anna").ext("702").callid("C-3"));
    assert_eq!(router.live_calls("anna", "79990000002"), ["C-3"]);
    assert_eq!(router.live_calls("702", "79990000002"), ["C-3"]);
}

// V77, V167
#[test]
fn a_provider_that_writes_the_client_first_keeps_its_order() {
    use voip_module::gravitel::NumberOrder;
    let options = GravitelOptions::default().with_number_order(NumberOrder::ClientFirst);
    let provider = GravitelProvider::parser_only().options(options);
    let router = WebhookRouter::without_token(provider);
    for kind in ["OUTGOING", "ACCEPTED", "COMPLETED"] {
        let push = Push::event(kind).phone("79990000002").ext("702").callid("C");
        let event = now(router.process(push.post("/"))).delivery.unwrap().event.unwrap();
        let numbers = (event.direction.as_str(), &*event.src_phone, &*event.dst_phone);
        assert_eq!(numbers, ("out", "79990000002", "702"), "{kind}");
    }
}

#[test]
fn a_response_can_be_made_of_an_error() {
    let response = http::Response::<Bytes>::from(HttpResponse::from(ParseError::Internal));
    assert_eq!(response.body(), r#"{"error":"internal error"}"#);
}
