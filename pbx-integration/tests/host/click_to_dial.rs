//! Calls by the page for clicks.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use pbx_integration::control::{ClickToDial, ControlError, HttpTransport};
use pbx_integration::{CallControl as _, CallId, EndCall, StartCall};

use crate::now;

const TIME: u64 = 1_764_064_800;

fn dial() -> ClickToDial {
    ClickToDial::new("https://pbx.example.com/", "k9-Lamp-Otter").unwrap()
}

fn call(user: &str, to: &str) -> StartCall {
    StartCall::builder("tenant1.example.com", to).user(user).build().unwrap()
}

// X51: worked example 12
#[test]
fn the_url_has_the_hash_of_the_values_before_they_are_escaped() {
    let time = UNIX_EPOCH + Duration::from_secs(TIME);
    let request = dial().request(&call("41@tenant1.example.com", "+12025550123"), time).unwrap();
    let shown = "https://pbx.example.com/remote_call.htm?user=41%40tenant1.example.com&extension=true\
        &dest=%2B12025550123&time=1764064800&duration=60&auth=";
    assert_eq!(request.url(), format!("{shown}8522e72702b1f6a39cb0f5348ce49435"));
    assert_eq!(
        (request.to_string(), format!("{request:?}")),
        (format!("{shown}…"), "ClickRequest { .. }".into())
    );
    // The hash of "abc00", by another program.
    let short = ClickToDial::new("http://pbx", "b").unwrap().with_validity(Duration::from_secs(0));
    let request = short.request(&call("a", "c"), UNIX_EPOCH).unwrap();
    assert!(
        request.url().ends_with("&time=0&duration=0&auth=39564963167f013e7d57b1f106bb07e9"),
        "{}",
        request.url()
    );
}

// X52
#[test]
fn what_the_page_does_not_take_is_unsupported_before_anything_is_sent() {
    let builder = || StartCall::builder("tenant1.example.com", "+12025550123").user("41");
    let calls = [
        builder().from("+12025550100"),
        builder().ani("+12025550100"),
        builder().timeout(30.0),
        builder().connect(true),
        StartCall::builder("tenant1.example.com", "+12025550123").from("41"),
    ];
    for call in calls {
        let error = dial().request(&call.build().unwrap(), UNIX_EPOCH).unwrap_err();
        assert!(matches!(error, ControlError::Unsupported { .. }), "{error}");
    }
    for pbx in ["pbx", "ftp://pbx", "https://u@pbx", "https://pbx/path", "https://pbx?x"] {
        assert!(ClickToDial::new(pbx, "x").is_err(), "{pbx}");
    }
}

#[derive(Debug)]
struct Transport(u16, Mutex<Vec<String>>);

#[async_trait]
impl HttpTransport for &Transport {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(TIME)
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ControlError> {
        self.1.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
        Ok(Response::builder().status(self.0).body(Bytes::new()).unwrap())
    }
}

// X52
#[test]
fn a_click_is_call_control_over_a_transport() {
    let (good, bad) = (Transport(200, Mutex::default()), Transport(403, Mutex::default()));
    let calls = dial().over(&good);
    let id = now(calls.start_call(&call("41", "+12025550123"))).unwrap();
    assert_eq!(id, CallId::from("click-1764064800000"));
    let sent = good.1.lock().unwrap().clone();
    assert_eq!(sent.len(), 1);
    assert!(
        sent[0].starts_with("GET https://pbx.example.com/remote_call.htm?user=41&"),
        "{sent:?}"
    );
    let end = EndCall::builder(id).build().unwrap();
    let error = now(calls.end_call(&end)).unwrap_err();
    assert_eq!(error.to_string(), "endCall is not supported by this host");
    let error = now(dial().over(&bad).start_call(&call("41", "+12025550123"))).unwrap_err();
    assert_eq!(error.to_string(), "the PBX refused: code 403");
    assert!(!format!("{calls:?}").contains("k9-Lamp"));
}
