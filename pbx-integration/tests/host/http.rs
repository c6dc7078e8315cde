//! Web requests and their answers (§7).

use pbx_integration::{Error, HttpReply, HttpRequest, Issue, Reader, Responder, Rule, Secret};
use pbx_integration::integration::ReplyError;
use serde_json::{Value, json};

use crate::{now, vector, wait};

fn read(json: &Value) -> Result<HttpRequest, Issue> {
    Reader::strict().read_http_request(json.to_string()).map(|parsed| parsed.value)
}

fn request(extra: Value) -> Value {
    let mut json =
        json!({"method": "POST", "scheme": "https", "identifier": "ourcrmsys", "url": "a"});
    json.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    json
}

#[test]
fn e7_a_request_is_read_and_written_back() {
    let json = vector("e7_http.json");
    let request = Reader::strict().read_http_request(&json).unwrap();
    assert!(request.warnings.is_empty());
    let request = request.value;
    assert_eq!((&*request.method, &*request.scheme), ("POST", "https"));
    assert_eq!((&*request.identifier, &*request.url), ("ourcrmsys", "ourcrmsys/dial"));
    assert_eq!(request.domain.as_ref().unwrap().address(), Some("tenant1.example.com"));
    assert_eq!(request.body().unwrap(), r#"{"dial":"+12025550123"}"#);
    assert_eq!(request.headers.get("content-type"), Some("application/json"));
    let written: Value = serde_json::to_value(&request).unwrap();
    assert_eq!(written, serde_json::from_str::<Value>(&json).unwrap());
}

#[test]
fn e7_the_sample_reply_has_its_four_values() {
    let reply = HttpReply::json(200, "true").with_reason("Ok");
    assert_eq!(
        serde_json::to_value(&reply).unwrap(),
        json!([200, "Ok", "application/json", "true"])
    );
}

// P71
#[test]
fn a_reply_is_given_once_at_once_or_later() {
    let (responder, reply) = Responder::new("POST");
    let later = std::thread::spawn(move || {
        responder.send(HttpReply::json(201, "1")).unwrap();
        assert!(responder.is_answered());
        let second = responder.send(HttpReply::json(200, "2")).unwrap_err();
        assert!(matches!(second, Error::Reply(ReplyError::AlreadyReplied)));
        assert_eq!(
            second.to_string(),
            "the request has been answered already; a second reply is not sent"
        );
    });
    let reply = wait(reply);
    assert_eq!((reply.status, &*reply.body), (201, "1"));
    later.join().unwrap();
}

// P71
#[test]
fn a_responder_dropped_unused_answers_500() {
    let (responder, reply) = Responder::new("POST");
    drop(responder);
    let reply = now(reply);
    assert_eq!((reply.status, &*reply.reason), (500, "Internal Server Error"));
    assert_eq!(reply.body, "internal error");
}

// P72
#[test]
fn headers_come_as_a_list_or_as_a_map() {
    let list = json!([{"name": "X-Tag", "value": "a"}, {"name": "Other", "value": 7}, {"name": "x-tag", "value": "b", "more": 1}]);
    let read_list = read(&request(json!({"headers": list}))).unwrap();
    assert_eq!(read_list.headers.get_all("X-TAG").collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(read_list.headers.get("other"), Some("7"));
    let written = serde_json::to_value(&read_list).unwrap();
    assert_eq!(written["headers"][2], json!({"name": "x-tag", "value": "b", "more": 1}));
    let map = r#"{"method":"GET","scheme":"http","identifier":"a","url":"a","headers":{"X-Tag":["a","b"],"A":"c"}}"#;
    let map = Reader::strict().read_http_request(map).unwrap().value;
    let headers: Vec<_> = map.headers.iter().collect();
    assert_eq!(headers, [("X-Tag", "a"), ("X-Tag", "b"), ("A", "c")]);
    let one = read(&request(json!({"headers": {"name": "X-Tag", "value": "a"}}))).unwrap();
    assert_eq!(one.headers.iter().collect::<Vec<_>>(), [("X-Tag", "a")], "P10");
    for none in [json!(null), json!(""), json!([])] {
        assert!(read(&request(json!({"headers": none}))).unwrap().headers.is_empty());
    }
}

// P72
#[test]
fn a_bad_header_is_an_error_with_its_path_or_dropped() {
    for (headers, text) in [
        (json!(["a"]), "headers[0]: a header is expected, found a text (P72)"),
        (
            json!([{"name": "a"}, {"value": "S3CRET"}]),
            "headers[1].name: a required field is expected, found nothing (P13)",
        ),
        (
            json!([{"name": "a", "value": ["S3CRET"]}]),
            "headers[0].value: a text is expected, found a list (P12)",
        ),
        (
            json!([{"name": 7, "value": ""}]),
            "headers[0].name: a text is expected, found a number (P12)",
        ),
        (
            json!([{"name": "", "value": ""}]),
            "headers[0].name: a header's name is expected, found nothing (P72)",
        ),
        (json!({"a": {"S3CRET": 1}}), "headers: a text is expected, found an object (P12)"),
        (json!("X-A: b"), "headers: a list of headers is expected, found a text (P72)"),
    ] {
        let json = request(json!({"headers": headers}));
        assert_eq!(read(&json).unwrap_err().to_string(), text);
        let lenient = Reader::lenient().read_http_request(json.to_string()).unwrap();
        assert_eq!(lenient.warnings[0].to_string(), text);
    }
}

// P73
#[test]
fn the_identifier_is_needed_in_both_modes() {
    for reader in [Reader::strict(), Reader::lenient()] {
        for bad in [json!({}), json!({"identifier": ""}), json!({"identifier": 7})] {
            let error = reader.read_http_request(bad.to_string()).unwrap_err();
            assert!(error.path() == "identifier" || reader == Reader::strict(), "{error}");
        }
    }
    let lenient = Reader::lenient().read_http_request(r#"{"identifier":"a","method":7}"#).unwrap();
    assert_eq!(lenient.value.method, "");
    assert_eq!(lenient.warnings.len(), 3, "method, scheme, url");
}

// P74
#[test]
fn a_reply_that_could_forge_headers_is_not_sent() {
    let (responder, reply) = Responder::new("GET");
    for (bad, text) in [
        (
            HttpReply::new(200, "text/html\r\nSet-Cookie: a=b", ""),
            "the content type of the reply has a control character; nothing was sent",
        ),
        (
            HttpReply::json(200, "").with_reason("Ok\nX: y"),
            "the reason phrase of the reply has a control character; nothing was sent",
        ),
        (
            HttpReply::json(200, "").with_reason("Ok\u{7f}"),
            "the reason phrase of the reply has a control character; nothing was sent",
        ),
        (
            HttpReply::empty(99),
            "the status of the reply is 99 instead of 100 to 599; nothing was sent",
        ),
        (
            HttpReply::empty(600),
            "the status of the reply is 600 instead of 100 to 599; nothing was sent",
        ),
    ] {
        assert_eq!(responder.send(bad.clone()).unwrap_err().to_string(), text);
        assert!(bad.into_http().is_err());
        assert!(!responder.is_answered());
    }
    responder.send(HttpReply::empty(404)).unwrap();
    let reply = now(reply);
    assert_eq!((reply.status, &*reply.reason), (404, "Not Found"), "the standard phrase");
}

// P75
#[test]
fn a_body_is_text_and_its_bytes_are_there_all_the_same() {
    let request = HttpRequest::new("POST", "ourcrmsys", "a").with_body(vec![b'a', 0xff]);
    let error = request.body().unwrap_err();
    assert_eq!((error.rule(), error.path()), (Rule::new(75), "body"));
    assert_eq!(error.to_string(), "body: text in UTF-8 is expected, found something else (P75)");
    assert_eq!(request.body_bytes(), [b'a', 0xff]);
    assert!(serde_json::to_string(&request).is_err());
    let half = r#"{"method":"GET","scheme":"http","identifier":"a","url":"a","body":"\ud800"}"#;
    let error = Reader::strict().read_http_request(half).unwrap_err();
    assert_eq!((error.rule(), error.path()), (Rule::new(75), "body"));
    assert_eq!(HttpRequest::new("GET", "a", "a").body().unwrap(), "");
}

// P75
#[test]
fn head_204_and_304_carry_no_body() {
    for (method, status, body, content_type) in [
        ("GET", 200, "text", "text/plain; charset=utf-8"),
        ("HEAD", 200, "", "text/plain; charset=utf-8"),
        ("head", 404, "", "text/plain; charset=utf-8"),
        ("GET", 204, "", ""),
        ("POST", 304, "", ""),
        ("GET", 100, "", ""),
    ] {
        let (responder, reply) = Responder::new(method);
        responder.send(HttpReply::text(status, "text")).unwrap();
        let reply = now(reply);
        assert_eq!((&*reply.body, &*reply.content_type), (body, content_type), "{method} {status}");
    }
    let (responder, reply) = Responder::new("HEAD");
    drop(responder);
    assert_eq!((now(reply).body.as_str()), "", "nor does the answer of a dropped responder");
}

// P76
#[test]
fn a_secret_is_presented_by_one_header_as_a_whole() {
    let token = Secret::new("t0ken");
    let presents = |headers: Value, name: &str| {
        read(&request(json!({"headers": headers}))).unwrap().presents(name, &token)
    };
    let header = |name: &str, value: &str| json!({"name": name, "value": value});
    assert!(presents(json!([header("X-Token", "t0ken")]), "x-token"));
    assert!(presents(json!([header("Authorization", "Bearer t0ken")]), "authorization"));
    assert!(presents(json!([header("Authorization", "bearer t0ken")]), "Authorization"));
    assert!(!presents(json!([header("X-Token", "Bearer t0ken")]), "X-Token"));
    assert!(!presents(json!([header("X-Token", "t0ke")]), "X-Token"));
    assert!(!presents(json!([header("X-Token", "t0ken2")]), "X-Token"));
    assert!(!presents(json!([]), "X-Token"));
    let twice = json!([header("X-Token", "t0ken"), header("x-token", "t0ken")]);
    assert!(!presents(twice, "X-Token"));
    let empty = read(&request(json!({"headers": [header("X-Token", "")]}))).unwrap();
    assert!(!empty.presents("X-Token", &Secret::new("")), "an empty secret is presented by nobody");
    let odd = read(&request(json!({"headers": [header("Authorization", "Beareü t")]}))).unwrap();
    assert!(!odd.presents("Authorization", &token), "no panic inside a character");
}

#[test]
fn an_answer_goes_to_any_web_framework() {
    let response = HttpReply::json(201, "{}").into_http().unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.body(), "{}");
    assert!(HttpReply::empty(204).into_http().unwrap().headers().is_empty());
}
