//! Web requests and their answers.

use pbx_integration::wire::Code;
use pbx_integration::{HttpReply, HttpRequest, Issue, Reader, Secret};
use serde_json::{Value, json};

use crate::vector;

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
        (json!(["a"]), "headers[0]: expected a header, found a text"),
        (
            json!([{"name": "a"}, {"value": "S3CRET"}]),
            "headers[1].name: expected a required field, found no value",
        ),
        (
            json!([{"name": "a", "value": ["S3CRET"]}]),
            "headers[0].value: expected a text, found a list",
        ),
        (json!([{"name": 7, "value": ""}]), "headers[0].name: expected a text, found a number"),
        (
            json!([{"name": "", "value": ""}]),
            "headers[0].name: expected a required field, found no value",
        ),
        (json!({"a": {"S3CRET": 1}}), "headers: expected a text, found an object"),
        (json!("X-A: b"), "headers: expected a list, found a text"),
    ] {
        let json = request(json!({"headers": headers}));
        assert_eq!(read(&json).unwrap_err().to_string(), text);
        let lenient = Reader::lenient().read_http_request(json.to_string()).unwrap();
        assert_eq!(lenient.warnings[0].to_string(), text);
    }
}

// P11, P72
#[test]
fn a_map_of_headers_has_a_limit_and_keeps_a_name_once() {
    let map = |name: &str, values: usize| {
        let json = request(json!({"headers": {name: vec![1; values]}}));
        Reader::lenient().read_http_request(json.to_string())
    };
    let headers = map("X-Tag", 1_000).unwrap().value.headers;
    let names: Vec<_> = headers.iter().map(|(name, _)| name.as_ptr()).collect();
    assert_eq!(names.len(), 1_000);
    assert!(names.iter().all(|name| *name == names[0]), "a long name would be there 1000 times");
    assert_eq!(map("a", 100_001).unwrap_err().code(), Code::TooManyEntries);
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
    for (bad, text) in [
        (
            HttpReply::new(200, "text/html\r\nSet-Cookie: a=b", ""),
            "the content type of the reply has a control character",
        ),
        (
            HttpReply::json(200, "").with_reason("Ok\nX: y"),
            "the reason phrase of the reply has a control character",
        ),
        (
            HttpReply::json(200, "").with_reason("Ok\u{7f}"),
            "the reason phrase of the reply has a control character",
        ),
        (HttpReply::empty(99), "the status of the reply is 99 instead of 100 to 599"),
        (HttpReply::empty(600), "the status of the reply is 600 instead of 100 to 599"),
    ] {
        assert_eq!(bad.check().unwrap_err().to_string(), text);
        assert!(bad.into_http().is_err());
    }
    assert_eq!(HttpReply::empty(404).reason_phrase(), "Not Found");
}

// P75
#[test]
fn a_body_is_text_and_its_bytes_are_there_all_the_same() {
    let request = HttpRequest::new("POST", "ourcrmsys", "a").with_body(vec![b'a', 0xff]);
    let error = request.body().unwrap_err();
    assert_eq!((error.code(), error.path()), (Code::NotUtf8, "body"));
    assert_eq!(error.to_string(), "body: expected text in UTF-8, found invalid bytes");
    assert_eq!(request.body_bytes(), [b'a', 0xff]);
    assert!(serde_json::to_string(&request).is_err());
    let half = r#"{"method":"GET","scheme":"http","identifier":"a","url":"a","body":"\ud800"}"#;
    let error = Reader::strict().read_http_request(half).unwrap_err();
    assert_eq!((error.code(), error.path()), (Code::NotUtf8, ""));
    assert_eq!(HttpRequest::new("GET", "a", "a").body().unwrap(), "");
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
