//! Requests that no script of ours sends.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Request, Response};
use pbx_integration::Identifier;
use pbx_integration::bridge::{BackendScript, Bridge, BridgeSecret, InvalidUrl, ScriptError};
use pbx_integration::integration::EntryPoint;

use crate::pbx::{SECRET, id};
use crate::{Clock, Service, wait};

const CDR: &str = r#"{"domain": "tenant1.example.com", "callid": "c1@pbx", "start": 1757930400}"#;

fn request(path: &str, changes: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let authorization = format!("Bearer {SECRET}");
    let mut headers = vec![
        ("authorization", &*authorization),
        ("x-bridge", "1;ourcrmsys;b7;0.1.0"),
        ("x-bridge-delivery", "b7-1;1"),
        ("x-bridge-tenant", "tenant1.example.com"),
        ("x-bridge-lost", "g=0,a=0,c=0,r=0"),
    ];
    for (name, value) in changes {
        headers.retain(|(own, _)| own != name);
        headers.push((name, value));
    }
    let mut request = Request::post(path);
    for (name, value) in headers.into_iter().filter(|(_, value)| !value.is_empty()) {
        request = request.header(name, value);
    }
    request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn text(response: &Response<Bytes>) -> String {
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    format!("{} {body}", response.status().as_u16())
}

// X20, X21, X23
#[test]
fn every_kind_of_bad_request_has_its_status() {
    let service = Service::new();
    let handler = service.bridge.service(service.registry.clone());
    let path = "/vodia/v1/event/oncdr";
    let long = "x".repeat((4 << 20) + 1);
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, &'a str);
    let rows: [Row<'_>; 13] = [
        ("/vodia/v1/event/oncdr", &[("authorization", "")], CDR, "401 "),
        (path, &[("authorization", "Bearer x")], CDR, "401 "),
        (path, &[("authorization", "Basic sJ3kq0P-ww7Zt1b_9dRmXv5eLhYc2aGu")], CDR, "401 "),
        (
            path,
            &[("x-bridge", "2;ourcrmsys;b7;9.0.0")],
            CDR,
            r#"426 {"error":"protocol","spoken":[1]}"#,
        ),
        (path, &[("x-bridge", "1;other;b7;0.1.0")], CDR, "404 "),
        (
            path,
            &[("x-bridge", "1;ourcrmsys")],
            CDR,
            r#"400 {"error":{"code":"bad_request","message":"invalid or missing","path":"x-bridge"}}"#,
        ),
        (
            path,
            &[("x-bridge-delivery", "")],
            CDR,
            r#"400 {"error":{"code":"bad_request","message":"invalid or missing","path":"x-bridge-delivery"}}"#,
        ),
        (
            path,
            &[("x-bridge-tenant", "tenant2.example.com")],
            CDR,
            r#"400 {"error":{"code":"bad_request","message":"invalid or missing","path":"x-bridge-tenant"}}"#,
        ),
        (path, &[], "[", r#"400 {"error":{"code":"bad_json","message":"#),
        (path, &[], &long, "413 "),
        ("/vodia/v1/other", &[], CDR, "404 "),
        ("/vodia", &[], CDR, "404 "),
        (path, &[], CDR, "200 {}"),
    ];
    for (path, changes, body, expected) in rows {
        let request = request(path, changes, body);
        let refused = handler.precheck(&request.clone().into_parts().0).err();
        let is_strange = expected == "401 " || path == "/vodia";
        assert_eq!(refused.is_some(), is_strange, "{path} {changes:?} before its body");
        let answer = wait(handler.handle(request));
        assert!(refused.is_none_or(|status| status == answer.status()), "{refused:?}");
        let answer = text(&answer);
        assert!(answer.starts_with(expected), "{changes:?}: {answer}");
    }
    assert_eq!(service.recorder.seen(), ["cdr c1@pbx"]);
    let get = Request::get(path).body(Bytes::new()).unwrap();
    assert_eq!(handler.precheck(&get.clone().into_parts().0).unwrap_err(), 405);
    assert_eq!(wait(handler.handle(get)).status(), 405);
}

// X21, X39
#[test]
fn a_secret_speaks_for_its_tenants_and_two_are_valid_at_once() {
    let service = Service::new();
    let other = "R4pQz8vN_k2XwT6bYhJ1mC9sLdGf3aEu";
    let secrets = [
        BridgeSecret::new(SECRET).unwrap(),
        BridgeSecret::new(other).unwrap().for_tenants(["tenant2.example.com"]),
    ];
    let bridge = Bridge::new(secrets, service.clock.clone());
    assert!(!format!("{bridge:?}").contains("sJ3k"));
    let handler = bridge.service(service.registry.clone());
    let path = "/v1/event/oncdr";
    let bearer = format!("Bearer {other}");
    let refused = wait(handler.handle(request(path, &[("authorization", &bearer)], CDR)));
    assert_eq!(refused.status(), 403);
    let own = CDR.replace("tenant1", "tenant2");
    let changes = [("authorization", &*bearer), ("x-bridge-tenant", "Tenant2.example.com.")];
    assert_eq!(wait(handler.handle(request(path, &changes, &own))).status(), 200);
    let changes = [("x-bridge-delivery", "b7-2;1")];
    assert_eq!(wait(handler.handle(request(path, &changes, CDR))).status(), 200);
    assert_eq!(service.recorder.seen(), ["cdr c1@pbx", "cdr c1@pbx"]);
}

// X20, X33
#[test]
fn a_request_that_was_given_up_leaves_no_trace() {
    let clock = Clock::new();
    let bridge = Bridge::new([BridgeSecret::new(SECRET).unwrap()], clock.clone());
    let attempts = Arc::new(AtomicUsize::new(0));
    let registry = service_with(Slow(attempts.clone()));
    let handler = bridge.service(registry);
    let path = "/v1/event/oncdr";
    let mut first = Box::pin(handler.handle(request(path, &[], CDR)));
    assert!((&mut first).now_or_never().is_none());
    let second = wait(handler.handle(request(path, &[], CDR)));
    assert_eq!(
        (second.status().as_u16(), &second.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    drop(first);
    let third = wait(handler.handle(request(path, &[], CDR)));
    assert_eq!((third.status(), attempts.load(Ordering::SeqCst)), (http::StatusCode::OK, 2));
    // Other content with the same id, so that only the id can be known.
    let repeat = wait(handler.handle(request(path, &[], &CDR.replace("c1@pbx", "c2@pbx"))));
    assert_eq!((repeat.status(), attempts.load(Ordering::SeqCst)), (http::StatusCode::OK, 2));
}

/// An integration whose first handler never ends.
struct Slow(Arc<AtomicUsize>);

#[async_trait::async_trait]
impl pbx_integration::Integration for Slow {
    async fn on_cdr(
        &self,
        _: &pbx_integration::Context,
        _: pbx_integration::Cdr,
    ) -> Result<(), pbx_integration::Error> {
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

fn service_with(
    integration: impl pbx_integration::Integration + 'static,
) -> pbx_integration::Registry {
    let store = Arc::new(pbx_integration::settings::MemorySettings::new());
    let calls = Arc::new(pbx_integration::control::NoCallControl);
    let registry = pbx_integration::Registry::new(store, calls);
    let coverage = pbx_integration::Coverage::everywhere();
    registry.register(id(), coverage, integration).unwrap();
    registry
}

// X24
#[test]
fn a_handler_that_takes_too_long_is_answered_503() {
    let clock = Clock::new();
    let bridge = Bridge::new([BridgeSecret::new(SECRET).unwrap()], clock.clone());
    let handler = bridge.service(service_with(Slow(Arc::default())));
    let mut first = Box::pin(handler.handle(request("/v1/event/oncdr", &[], CDR)));
    assert!((&mut first).now_or_never().is_none());
    clock.advance(std::time::Duration::from_secs(8));
    assert_eq!(wait(first).status(), 503);
}

// X22
#[test]
fn the_observer_sees_warnings_and_receipts() {
    let service = Service::new();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = lines.clone();
    let handler = service.bridge.service(service.registry.clone()).with_observer(move |dispatch| {
        let mut lines = seen.lock().unwrap();
        lines.extend(dispatch.warnings.iter().map(ToString::to_string));
        lines.extend(dispatch.receipts.iter().map(ToString::to_string));
    });
    let body = CDR.replace("{\"domain\"", "{\"bridge_error\":\"not serializable\",\"domain\"");
    assert_eq!(text(&wait(handler.handle(request("/v1/event/oncdr", &[], &body)))), "200 {}");
    let warning = "expected a payload that can be written as JSON, found a text";
    assert_eq!(*lines.lock().unwrap(), [warning, "ourcrmsys: delivered"]);
}

// X6, X7
#[test]
fn a_script_is_refused_with_the_option_at_fault() {
    let secret = BridgeSecret::new(SECRET).unwrap();
    let refused = |url: &str| BackendScript::builder(&id(), url, &secret).build().unwrap_err();
    assert_eq!(refused("http://crm.example.com/"), ScriptError::Url(InvalidUrl::NotHttps));
    assert_eq!(refused("ftp://crm.example.com/"), ScriptError::Url(InvalidUrl::NotHttps));
    assert_eq!(refused("/vodia"), ScriptError::Url(InvalidUrl::Malformed));
    for url in
        ["https://u:p@crm.example.com", "https://crm.example.com/?a", "https://crm.example.com/#a"]
    {
        assert_eq!(refused(url), ScriptError::Url(InvalidUrl::Parts), "{url}");
    }
    assert_eq!(
        refused(&format!("https://crm.example.com/{}", "x".repeat(9000))),
        ScriptError::TooLong
    );
    let (lenient, _) = Identifier::lenient("Our-CRM").unwrap();
    let url = "https://crm.example.com";
    let script = BackendScript::builder(&lenient, url, &secret);
    assert_eq!(script.build().unwrap_err(), ScriptError::Identifier);
    let script = BackendScript::builder(&id(), url, &secret);
    assert_eq!(script.clone().entry_points([]).build().unwrap_err(), ScriptError::NoEntryPoint);
    assert_eq!(script.queue(0, 1 << 20).build().unwrap_err(), ScriptError::Queue);
    for url in ["http://localhost:80/x", "http://127.0.0.1", "http://[::1]:8080/x"] {
        assert!(BackendScript::builder(&id(), url, &secret).build().is_ok(), "{url}");
    }
    for secret in ["", "short", &"x".repeat(129), "sJ3kq0P ww7Zt1b_9dRmXv5eLhYc2aGu"] {
        let error = BridgeSecret::new(secret).unwrap_err().to_string();
        assert_eq!(error, "secret of the bridge: expected 32 to 128 letters, digits, '_' and '-'");
    }
}

// X1, X2, X6
#[test]
fn the_script_is_short_ascii_and_has_only_what_was_asked_for() {
    let secret = BridgeSecret::new(SECRET).unwrap();
    let script = BackendScript::builder(&id(), "https://svc.example.com/vodia/", &secret);
    let script = script.label("</script> \u{65e5} & 'x'\u{2028}");
    let plain = script.clone().build().unwrap();
    let first = format!(
        "// pbx-integration {0}, protocol 1, integration ourcrmsys\n",
        env!("CARGO_PKG_VERSION")
    );
    assert!(plain.as_str().starts_with(&first));
    assert!(plain.as_str().is_ascii() && plain.as_str().len() <= 16 << 10);
    let label = r#""label":"\u003c/script\u003e \u65e5 \u0026 \u0027x\u0027\u2028""#;
    assert!(plain.as_str().contains(label), "{}", plain.as_str());
    assert!(plain.as_str().contains(r#""url":"https://svc.example.com/vodia""#));
    assert!(!plain.as_str().contains("onhttp"));
    assert!(!format!("{plain:?} {script:?}").contains(SECRET));
    assert_eq!(plain.as_str(), script.clone().build().unwrap().as_str());
    let only = script.entry_points([EntryPoint::Http]).build().unwrap();
    assert!(only.as_str().contains("function onhttp") && !only.as_str().contains("function oncdr"));
    assert_eq!(only.as_str().matches("//").count(), 2, "the first line and the URL");
}
