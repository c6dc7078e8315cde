//! `POST /basix/api/call_user`.
// B96

use std::time::Duration;

use basix_cti::element::LastEvent;
use basix_cti_testing::{Ending, Pbx, SESSION_HEADER};
use http::{Request, Response, StatusCode};
use serde_json::{Value as Json, json};

use crate::client::Client;

const TOKEN: (&str, &str) = ("authorization", "Basic ZXhhbXBsZS50ZXN0OnRva2Vu");

fn request(credentials: (&str, &str), body: &str) -> Request<Vec<u8>> {
    Request::post("/basix/api/call_user")
        .header(credentials.0, credentials.1)
        .body(body.as_bytes().to_vec())
        .unwrap()
}

fn ask(pbx: &mut Pbx, credentials: (&str, &str), body: &str) -> Json {
    let response = pbx.handle_http(&request(credentials, body));
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    serde_json::from_slice(response.body()).unwrap()
}

fn body(user: i64) -> String {
    json!({"user_id": user, "destination": "media_plug"}).to_string()
}

// B96
#[test]
fn a_leg_comes_and_is_answered() {
    let mut pbx = Pbx::new(1);
    let anna = pbx.add_user("anna");
    let mut client = Client::open(&mut pbx);
    client.catch_up(&mut pbx);
    let answer = ask(&mut pbx, TOKEN, &body(anna.0));
    assert_eq!(answer["result_code"], 0);
    let uuid = answer["uuids"][0].as_str().unwrap().to_owned();
    client.catch_up(&mut pbx);
    let leg = client.store.channel(&uuid).unwrap();
    assert_eq!(leg.last_event(), Some(LastEvent::ChannelOriginate));
    assert_eq!(
        (leg.calling_number().to_string().as_str(), leg.user_id()),
        ("media_plug", Some(anna))
    );

    pbx.advance(Duration::from_millis(199));
    assert!(client.catch_up(&mut pbx).is_empty());
    pbx.advance(Duration::from_millis(1));
    assert_eq!(client.catch_up(&mut pbx).len(), 1);
    let leg = client.store.channel(&uuid).unwrap();
    assert_eq!(leg.last_event(), Some(LastEvent::ChannelAnswer));
    assert_eq!(pbx.call_user_requests(), 1);
}

#[test]
fn a_leg_may_never_be_answered_or_end_before() {
    let mut pbx = Pbx::new(1);
    let anna = pbx.add_user("anna");
    pbx.set_answer_after(None);
    let never = ask(&mut pbx, TOKEN, &body(anna.0));
    pbx.set_answer_after(Some(Duration::from_secs(5)));
    let before = ask(&mut pbx, TOKEN, &body(anna.0));
    pbx.hangup(before["uuids"][0].as_str().unwrap(), Ending::RINGING_ENDS).unwrap();
    pbx.advance(Duration::from_secs(3600));
    let leg = pbx.channel(never["uuids"][0].as_str().unwrap()).unwrap();
    assert_eq!(leg.answer_timestamp, None);
    assert_eq!(pbx.channels().count(), 1);
}

// B96
#[test]
fn a_request_that_cannot_be_met_says_why() {
    let mut pbx = Pbx::new(1);
    let (anna, bob) = (pbx.add_user("anna"), pbx.add_user("bob"));
    let session = pbx.log_in(anna);
    let own = (SESSION_HEADER, session.as_str());
    let large = format!("{}{}", body(anna.0), " ".repeat(70_000));
    for (credentials, body, id) in [
        (("x-none", "none"), body(anna.0), "authentication_required"),
        (("authorization", "Basic AAAA"), body(anna.0), "authentication_required"),
        ((SESSION_HEADER, "00"), body(anna.0), "authentication_required"),
        (own, body(bob.0), "permission_denied"),
        (TOKEN, body(7), "user_not_found"),
        (TOKEN, "{".to_owned(), "invalid_request"),
        (TOKEN, "{}".to_owned(), "invalid_request"),
        (TOKEN, json!({"user_id": anna.0}).to_string(), "invalid_request"),
        (TOKEN, large, "invalid_request"),
    ] {
        let answer = ask(&mut pbx, credentials, &body);
        assert_ne!(answer["result_code"], 0);
        assert_eq!(answer["error"]["id"], id);
    }
    assert_eq!(pbx.channels().count(), 0);
    assert_eq!(ask(&mut pbx, own, &body(anna.0))["result_code"], 0);
}

#[test]
fn other_requests_are_not_found_and_answers_can_be_scripted() {
    let mut pbx = Pbx::new(1);
    let anna = pbx.add_user("anna");
    let get = Request::get("/basix/api/call_user").body(Vec::new()).unwrap();
    assert_eq!(pbx.handle_http(&get).status(), StatusCode::METHOD_NOT_ALLOWED);
    let other = Request::post("/basix/api/call").body(Vec::new()).unwrap();
    assert_eq!(pbx.handle_http(&other).status(), StatusCode::NOT_FOUND);

    let mut scripted = Response::new(b"<html>".to_vec());
    *scripted.status_mut() = StatusCode::BAD_GATEWAY;
    pbx.script_call_user(scripted);
    let asked = request(TOKEN, &body(anna.0));
    let answer = pbx.handle_http(&asked);
    assert_eq!(
        (answer.status(), answer.body().as_slice()),
        (StatusCode::BAD_GATEWAY, &b"<html>"[..])
    );
    assert_eq!(pbx.handle_http(&asked).status(), StatusCode::OK);
}
