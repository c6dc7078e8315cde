//! Records that come by a CDR URL.

use bytes::Bytes;
use http::{Request, Response};
use pbx_integration::bridge::CdrReceiver;

use crate::{Service, wait};

const RECORD: &str = r#"{"version": "69.5.0", "system": "A1", "domain": "tenant1.example.com",
    "callid": "c1@pbx", "start": 1757930400, "end": 1757930410}"#;
const BASIC: &str = "Basic dm9kaWE6OWZLMi1tUXg3VHo=";

fn post(authorization: &str, body: &str) -> Request<Bytes> {
    let mut request = Request::post("/cdr");
    if !authorization.is_empty() {
        request = request.header("authorization", authorization);
    }
    request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn receiver(service: &Service) -> CdrReceiver {
    CdrReceiver::new(service.registry.clone()).basic_auth("vodia", "9fK2-mQx7Tz").unwrap()
}

fn text(response: &Response<Bytes>) -> String {
    format!("{} {}", response.status().as_u16(), String::from_utf8_lossy(response.body()))
}

// X48: worked example 11
#[test]
fn a_record_is_stored_once_and_its_update_again() {
    let service = Service::new();
    let receiver = receiver(&service);
    let updated = RECORD.replace("\"end\"", "\"comment\": \"x\", \"end\"");
    for body in [RECORD, RECORD, &updated, &updated] {
        assert_eq!(text(&wait(receiver.handle(post(BASIC, body)))), "200 ");
    }
    assert_eq!(service.recorder.seen(), ["cdr c1@pbx", "cdr c1@pbx"]);
}

// X48
#[test]
fn a_request_without_the_right_credentials_is_refused() {
    let service = Service::new();
    let receiver = receiver(&service);
    let wrong =
        ["", "Basic", "Basic !", "Basic dm9kaWE6d3Jvbmc=", "Bearer dm9kaWE6OWZLMi1tUXg3VHo="];
    for authorization in wrong {
        let request = post(authorization, RECORD);
        assert_eq!(receiver.precheck(&request.clone().into_parts().0).unwrap_err(), 401);
        let response = wait(receiver.handle(request));
        assert_eq!(text(&response), "401 ", "{authorization}");
        assert_eq!(response.headers()["www-authenticate"], "Basic realm=\"cdr\"");
    }
    receiver.precheck(&post(BASIC, "").into_parts().0).unwrap();
    let closed = CdrReceiver::new(service.registry.clone());
    assert_eq!(wait(closed.handle(post("", RECORD))).status(), 401, "open by default");
    assert!(service.recorder.seen().is_empty());
    assert_eq!(wait(closed.without_credentials().handle(post("", RECORD))).status(), 200);
}

// X48
#[test]
fn what_is_no_record_of_a_call_has_its_status() {
    let service = Service::new();
    let receiver = receiver(&service);
    let get = Request::get("/cdr").body(Bytes::new()).unwrap();
    let response = wait(receiver.handle(get));
    assert_eq!(
        (response.status().as_u16(), &response.headers()["allow"]),
        (405, &"POST".parse().unwrap())
    );
    let answer = |body: &str| text(&wait(receiver.handle(post(BASIC, body))));
    assert_eq!(answer("{"), "400 expected JSON, found a syntax error in line 1, column 1");
    let leg = r#"{"action": "cdr", "Primary": "c1@pbx"}"#;
    let expected = "422 expected a record of the webcdr scheme, found one of the json scheme";
    assert_eq!(answer(leg), expected);
    assert_eq!(answer(&"x".repeat((4 << 20) + 1)), "413 ");
    service.recorder.fail_next("no disk");
    assert_eq!(answer(RECORD), "503 ");
    assert_eq!(answer(RECORD), "200 ");
}

// X49, X50
#[test]
fn two_passwords_are_accepted_and_the_last_is_in_the_url() {
    let service = Service::new();
    let receiver = receiver(&service).basic_auth("vodia", "new-Pass_1").unwrap();
    assert_eq!(wait(receiver.handle(post(BASIC, RECORD))).status(), 200);
    let new = "Basic dm9kaWE6bmV3LVBhc3NfMQ==";
    assert_eq!(wait(receiver.handle(post(new, RECORD))).status(), 200);
    let url = receiver.cdr_url("cdr.example.com:8443/cdr").unwrap();
    assert_eq!(url.expose(), "webcdrs://vodia:new-Pass_1@cdr.example.com:8443/cdr");
    assert!(!format!("{receiver:?}").contains("new-Pass_1"));
    for (user, password) in [("", "x"), ("a:b", "x"), ("a", "x@y"), ("a", "")] {
        let error = receiver.clone().basic_auth(user, password).unwrap_err().to_string();
        let expected =
            "credentials: expected 1 to 64 letters, digits, '_' and '-' in user and password";
        assert_eq!(error, expected);
    }
}
