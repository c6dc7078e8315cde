//! Signed requests (V4, §14).

use std::time::Duration;

use bytes::Bytes;
use voip_module::gravitel::GravitelProvider;
use voip_module::router::{StandardWebhooks, VerifyError, WebhookRouter, WebhookVerifier};

use crate::now;

// The example of the Standard Webhooks specification.
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIME: &str = "1614265330";
const BODY: &str = r#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn request(id: &str, time: &str, signature: &str, body: &'static str) -> http::Request<Bytes> {
    http::Request::post("/")
        .header("webhook-id", id)
        .header("webhook-timestamp", time)
        .header("webhook-signature", signature)
        .body(Bytes::from(body))
        .unwrap()
}

fn verifier(unix_now: u64) -> StandardWebhooks {
    StandardWebhooks::new(KEY, move || Duration::from_secs(unix_now)).unwrap()
}

#[test]
fn section_14_a_signature_counts_for_five_minutes_either_way() {
    let signed = request(ID, TIME, SIGNATURE, BODY);
    for (now, verdict) in [
        (1_614_265_330, Ok(())),
        (1_614_265_630, Ok(())),
        (1_614_265_030, Ok(())),
        (1_614_265_631, Err(VerifyError::Stale)),
        (1_614_265_029, Err(VerifyError::Stale)),
    ] {
        assert_eq!(verifier(now).verify(&signed), verdict);
    }
}

#[test]
fn section_14_what_is_changed_does_not_fit() {
    let verifier = verifier(1_614_265_330);
    let several = format!("v1a,x v1,AAAA {SIGNATURE}");
    for (request, verdict) in [
        (request(ID, TIME, &several, BODY), Ok(())),
        (request(ID, TIME, SIGNATURE, "{}"), Err(VerifyError::Mismatch)),
        (request("other", TIME, SIGNATURE, BODY), Err(VerifyError::Mismatch)),
        (request(ID, "1614265331", SIGNATURE, BODY), Err(VerifyError::Mismatch)),
        (request(ID, "soon", SIGNATURE, BODY), Err(VerifyError::Malformed)),
        (request(ID, TIME, "", BODY), Err(VerifyError::Mismatch)),
        (http::Request::new(Bytes::new()), Err(VerifyError::Malformed)),
    ] {
        assert_eq!(verifier.verify(&request), verdict);
    }
    let rotated = StandardWebhooks::new("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", || {
        Duration::from_secs(1_614_265_330)
    });
    let rotated = rotated.unwrap().key(KEY).unwrap();
    assert_eq!(rotated.verify(&request(ID, TIME, SIGNATURE, BODY)), Ok(()));
    assert!(StandardWebhooks::new("whsec_AAAA", || Duration::ZERO).is_err());
    assert!(!format!("{rotated:?}").contains("MfKQ"));
}

#[test]
fn v4_v129_the_router_refuses_what_is_not_signed() {
    let router = WebhookRouter::without_token(GravitelProvider::parser_only())
        .verifier(verifier(1_614_265_330));
    let response = now(router.handle(http::Request::post("/").body(Bytes::new()).unwrap()));
    assert_eq!(response.status(), 401);
    assert_eq!(response.body(), r#"{"error":"signature headers are missing or malformed"}"#);
    let response = now(router.handle(request(ID, TIME, SIGNATURE, BODY)));
    assert_eq!(response.status(), 400, "the provider's own answer");
}
