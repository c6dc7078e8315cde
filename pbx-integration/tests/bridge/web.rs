//! Web requests through the script.

use serde_json::{Value, json};

use crate::Service;
use crate::network::{Fault, Server};
use crate::pbx::{Pbx, script};
use pbx_integration::integration::EntryPoint;

fn start() -> Option<(Service, Server, Pbx)> {
    let service = Service::new();
    let server = service.server();
    let script = script(server.address).entry_points([EntryPoint::Cdr, EntryPoint::Http]);
    let pbx = Pbx::start(script, server.address, true)?;
    Some((service, server, pbx))
}

/// Calls `onhttp`, and gives the replies so far.
fn request(pbx: &mut Pbx, headers: &str) -> Vec<Value> {
    let fields = "method: 'POST', scheme: 'https', url: 'ourcrmsys/dial', identifier: 'ourcrmsys'";
    let body = "domain: 'tenant1.example.com', body: '\\u65e5'";
    let callback = "function (a, b, c, d) { emit('reply', [a, b, c, d]); }";
    pbx.eval(&format!("onhttp({{{fields}, {body}, headers: {headers}}}, {callback})"));
    pbx.send();
    replies(pbx)
}

fn replies(pbx: &Pbx) -> Vec<Value> {
    pbx.asked.iter().filter(|(kind, _)| kind == "reply").map(|(_, reply)| reply.clone()).collect()
}

fn gateway_timeout() -> Value {
    json!([504, "Gateway Timeout", "text/plain", "Gateway Timeout"])
}

// X11, X41
#[test]
fn a_web_request_is_forwarded_and_replied_to_whatever_form_its_headers_have() {
    let Some((_service, _, mut pbx)) = start() else { return };
    for headers in [
        "[{name: 'X-Tag', value: 'a: b'}]",
        "[['X-Tag', 'a: b']]",
        "['X-Tag: a: b']",
        "{'X-Tag': 'a: b'}",
    ] {
        let reply = request(&mut pbx, headers).pop().unwrap();
        let body = "ourcrmsys/dial [(\"X-Tag\", \"a: b\")] \u{65e5}";
        assert_eq!(reply, json!([201, "Created", "text/plain; charset=utf-8", body]), "{headers}");
    }
    assert_eq!(replies(&pbx).len(), 4);
}

// X41
#[test]
fn a_web_request_without_an_answer_is_replied_504_once() {
    let Some((_service, server, mut pbx)) = start() else { return };
    server.fail_next([Fault::Status(500, None)]);
    assert_eq!(request(&mut pbx, "[]"), [gateway_timeout()]);
    pbx.is_up = false;
    assert_eq!(request(&mut pbx, "[]").len(), 2);
    // The timers of both are still to come.
    pbx.advance(9000);
    assert_eq!(replies(&pbx), [gateway_timeout(), gateway_timeout()]);
}

// X41
#[test]
fn a_web_request_that_takes_too_long_is_replied_504() {
    let Some((_service, _, mut pbx)) = start() else { return };
    let callback = "function (a, b, c, d) { emit('reply', [a, b, c, d]); }";
    pbx.eval(&format!("onhttp({{url: 'ourcrmsys/dial', method: 'GET'}}, {callback})"));
    pbx.eval("timers[0]()");
    assert_eq!(replies(&pbx), [gateway_timeout()]);
    pbx.send();
    assert_eq!(replies(&pbx).len(), 1, "a late answer is a second reply");
}

// X9, X41
#[test]
fn a_web_request_that_cannot_be_read_is_replied_504() {
    let Some((_service, _, mut pbx)) = start() else { return };
    pbx.eval("onhttp(undefined, function (code) { emit('reply', code); })");
    pbx.eval("onhttp({}, undefined)");
    pbx.send();
    assert_eq!(replies(&pbx), [json!(504)]);
}
