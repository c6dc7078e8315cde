//! Signed pushes.

use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use proptest::prelude::*;
use voip_module::module_script::push::{PushSigner, PushVerifier, Pusher, SignatureError};
use voip_module::transport::TransportError;
use voip_module::{HttpTransport, Secret, Sink as _};

use crate::world::{Time, URL, WALL};
use crate::{of_event, start};

const KEY: &str = "K3YK3YK3YK3YK3YK3YK3YK3YK3YK3YK3";

/// Keeps the body of the only request.
#[derive(Clone, Default)]
struct Keeps(Arc<Mutex<String>>);

#[async_trait]
impl HttpTransport for Keeps {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        *self.0.lock().unwrap() = String::from_utf8(request.body().to_vec()).unwrap();
        Ok(http::Response::new(Bytes::new()))
    }
}

fn signed(key: &str) -> String {
    let (kept, time) = (Keeps::default(), Time::default());
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(WALL);
    let mut pusher = Pusher::builder(kept.clone(), time.clone())
        .clock(time)
        .wall_clock(move || wall)
        .signer(PushSigner::new(&Secret::new(key)))
        .build()
        .unwrap();
    let handle = pusher.handle();
    handle.set_target(URL.parse().unwrap()).unwrap();
    let mut context = Context::from_waker(Waker::noop());
    assert!(handle.deliver(&of_event(start("A-1"))).as_mut().poll(&mut context).is_ready());
    let mut run = Box::pin(pusher.run());
    assert!(run.as_mut().poll(&mut context).is_pending());
    drop(run);
    let body = kept.0.lock().unwrap().clone();
    assert!(!body.is_empty());
    body
}

fn verifier(current: &str, previous: Option<&str>) -> PushVerifier {
    let previous = previous.map(Secret::new);
    PushVerifier::new(&Secret::new(current), previous.as_ref())
}

// W152
#[test]
fn a_signed_push_is_checked_with_the_current_and_the_previous_key() {
    let body = signed(KEY);
    assert!(body.starts_with(r#"{"voipBridge":1,"signed":"{\"voipBridge\":1,\"id\":\""#), "{body}");
    let other = "0THER0THER0THER0THER0THER0THER00";
    for verifier in [verifier(KEY, None), verifier(KEY, Some(other)), verifier(other, Some(KEY))] {
        let push = verifier.verify(WALL, body.as_bytes()).unwrap();
        assert_eq!((push.event, push.call_record), (Some(start("A-1")), None));
        assert_eq!((push.id.len(), push.sent_at), (32, WALL));
    }
    let refused = verifier(other, None).verify(WALL, body.as_bytes());
    assert_eq!(refused, Err(SignatureError::WrongSignature));
    assert!(!format!("{:?}", verifier(KEY, None)).contains("K3Y"));
}

// W152
#[test]
fn a_signature_is_hmac_sha256_with_a_key_derived_from_the_service_key() {
    let body: serde_json::Value = serde_json::from_str(&signed(KEY)).unwrap();
    // Made with Python's hmac module.
    let signed = r#"{"voipBridge":1,"id":"0123456789abcdef","sentAt":1767608100,"attempt":1}"#;
    let signature = "v1,K699jo7NAlkWa5Ur6MD0z2UnogekEaIKNS/iT4oS+Nk=";
    let envelope = serde_json::json!({"voipBridge": 1, "signed": signed, "signature": signature});
    let push = verifier(KEY, None).verify(WALL, envelope.to_string().as_bytes()).unwrap();
    assert_eq!(push.id, "0123456789abcdef");
    assert!(body["signature"].as_str().unwrap().starts_with("v1,"));
}

// W152
#[test]
fn a_replay_a_change_and_an_unsigned_push_are_refused() {
    let (body, verifier) = (signed(KEY), verifier(KEY, None));
    for (now, expected) in
        [(WALL + 300, true), (WALL - 300, true), (WALL + 301, false), (WALL - 301, false)]
    {
        let result = verifier.verify(now, body.as_bytes());
        assert_eq!(result.err(), (!expected).then_some(SignatureError::Time), "{now}");
    }
    let changed = body.replace("A-1", "A-2");
    assert_eq!(verifier.verify(WALL, changed.as_bytes()), Err(SignatureError::WrongSignature));
    for unsigned in ["", "{}", r#"{"voipBridge":1,"event":{}}"#, &body.replace("v1,", "v2,")] {
        let result = verifier.verify(WALL, unsigned.as_bytes());
        assert_eq!(result, Err(SignatureError::NotSigned), "{unsigned}");
    }
}

proptest! {
    // W180
    #[test]
    fn no_body_passes_without_the_key(body in any::<String>(), signature in any::<Vec<u8>>()) {
        use base64::Engine as _;
        let signature = base64::prelude::BASE64_STANDARD.encode(signature);
        let envelope = serde_json::json!({
            "voipBridge": 1, "signed": body, "signature": format!("v1,{signature}"),
        });
        let verifier = verifier(KEY, None);
        prop_assert!(verifier.verify(WALL, envelope.to_string().as_bytes()).is_err());
        prop_assert!(verifier.verify(WALL, body.as_bytes()).is_err());
    }
}
