//! The script's websocket, over a real one.

use std::time::Duration;

use pbx_integration::bridge::BackendScriptBuilder;
use pbx_integration::testing::call_control_conformance;
use pbx_integration::{CallControl as _, CallId, StartCall};

use crate::network::{Fault, Server};
use crate::pbx::{Pbx, SECRET, id, script};
use crate::{Service, wait};

const TENANT: &str = "tenant1.example.com";

fn websocket(server: &Server) -> BackendScriptBuilder {
    script(server.address).websocket()
}

/// A script with an open websocket.
fn start(has_timer: bool) -> Option<(Service, Server, Pbx)> {
    let service = Service::new();
    let server = service.server();
    let mut pbx = Pbx::start(websocket(&server), server.address, has_timer)?;
    pbx.send();
    Some((service, server, pbx))
}

/// The same, but polls are never answered.
fn start_without_polls() -> Option<(Service, Server, Pbx)> {
    let service = Service::new();
    let server = service.server();
    let mut pbx = Pbx::start_without_polls(websocket(&server), server.address, true)?;
    pbx.send();
    Some((service, server, pbx))
}

fn cdr(pbx: &mut Pbx, callid: &str) {
    pbx.call("oncdr", &format!("{{callid: '{callid}', domain: '{TENANT}', start: 1757930400}}"));
}

fn call() -> StartCall {
    StartCall::builder(TENANT, "+12025550123").user("41").build().unwrap()
}

// X44
#[test]
fn events_by_websocket_are_acknowledged_and_delivered_once() {
    let Some((service, _, mut pbx)) = start(true) else { return };
    for callid in ["c1", "c2"] {
        cdr(&mut pbx, callid);
    }
    assert_eq!(service.recorder.seen(), ["cdr c1", "cdr c2"]);
    assert!(pbx.deliveries().is_empty(), "sent by HTTP, too");
    let frame = &pbx.frames[1];
    assert_eq!(pbx.frames.len(), 2);
    assert_eq!((&frame["path"], &frame["tenant"]), (&"/v1/event/oncdr".into(), &TENANT.into()));
    assert!(frame["delivery"].as_str().unwrap().ends_with("-2;1"), "{frame}");
    assert_eq!(frame["body"]["callid"], "c2");
    assert!(pbx.log.iter().all(|line| !line.contains(SECRET)));
}

// X8, X44, X58
#[test]
fn every_text_arrives_by_websocket_as_it_was() {
    let Some((service, _, mut pbx)) = start(true) else { return };
    let text = r"'\u0000 \u2028 \u65e5 \ud83d\ude00 \udc00!'";
    pbx.call("oncdr", &format!("{{callid: 'c1', start: 1757930400, comment: {text}}}"));
    assert_eq!((pbx.frames.len(), pbx.deliveries().len()), (1, 0));
    let cdr = serde_json::to_value(service.recorder.last_cdr()).unwrap();
    assert_eq!(cdr["comment"], "\0 \u{2028} \u{65e5} \u{1f600} \u{fffd}!");
}

// X13, X44
#[test]
fn losses_are_reported_by_websocket() {
    let Some((service, _, mut pbx)) = start(true) else { return };
    pbx.call("oncdr", "{nonsense: true}");
    cdr(&mut pbx, "c1");
    assert_eq!(service.bridge.status(&id()).losses.refused, 1);
    assert_eq!(pbx.frames[1]["lost"], "g=0,a=0,c=0,r=1");
}

// X20, X44
#[test]
fn a_delivery_without_acknowledgement_goes_again_by_http_and_is_delivered_once() {
    for fault in [Fault::LoseAnswer, Fault::Cut] {
        let Some((service, server, mut pbx)) = start(true) else { return };
        server.fail_next([fault]);
        cdr(&mut pbx, "c1");
        cdr(&mut pbx, "c2");
        pbx.advance(1000);
        assert_eq!(pbx.frames.len(), 1);
        assert_eq!(pbx.deliveries(), ["1;2", "2;1"], "{fault:?}");
        assert_eq!(service.recorder.seen(), ["cdr c1", "cdr c2"]);
        // The websocket is tried again later.
        pbx.advance(60_000);
        cdr(&mut pbx, "c3");
        assert_eq!(pbx.frames.len(), 2);
        assert_eq!(service.recorder.seen(), ["cdr c1", "cdr c2", "cdr c3"]);
    }
}

// X44
#[test]
fn a_websocket_without_acknowledgements_is_closed_after_ten_seconds() {
    let Some((service, _, mut pbx)) = start(true) else { return };
    pbx.takes_acks = false;
    cdr(&mut pbx, "c1");
    cdr(&mut pbx, "c2");
    pbx.advance(9_999);
    assert_eq!(pbx.open_sockets(), 1);
    pbx.advance(1);
    assert_eq!(pbx.open_sockets(), 0);
    pbx.advance(1000);
    assert_eq!(pbx.deliveries(), ["1;2", "2;1"]);
    assert_eq!(service.recorder.seen(), ["cdr c1", "cdr c2"]);
}

// X16, X44
#[test]
fn without_timers_the_next_event_closes_a_websocket_without_acknowledgements() {
    let Some((service, _, mut pbx)) = start(false) else { return };
    pbx.takes_acks = false;
    cdr(&mut pbx, "c1");
    pbx.advance(9_999);
    cdr(&mut pbx, "c2");
    assert_eq!(pbx.open_sockets(), 1);
    pbx.advance(1);
    cdr(&mut pbx, "c3");
    assert_eq!(pbx.open_sockets(), 0);
    pbx.advance(1000);
    cdr(&mut pbx, "c4");
    assert_eq!(pbx.deliveries(), ["1;2", "2;1", "3;1", "4;1"]);
    assert_eq!(service.recorder.seen(), ["cdr c1", "cdr c2", "cdr c3", "cdr c4"]);
}

// X16, X44
#[test]
fn an_event_that_the_service_cannot_take_goes_again_by_websocket() {
    let Some((service, server, mut pbx)) = start(true) else { return };
    service.recorder.fail_next("no disk");
    cdr(&mut pbx, "c1");
    pbx.advance(1000);
    assert_eq!((pbx.frames.len(), pbx.deliveries().len()), (2, 0));
    assert_eq!(service.recorder.seen(), ["cdr c1"]);
    server.fail_next([Fault::Status(401, None)]);
    cdr(&mut pbx, "c2");
    pbx.advance(59_999);
    assert_eq!(pbx.frames.len(), 3);
    pbx.advance(1);
    assert_eq!(pbx.frames.len(), 4);
}

// X26, X44
#[test]
fn commands_arrive_by_websocket_without_a_poll() {
    let Some((service, _, mut pbx)) = start_without_polls() else { return };
    let calls = service.bridge.call_control(&id());
    let own = calls.clone();
    let started = pbx.serve(async move { own.start_call(&call()).await }).unwrap();
    assert_eq!(started, CallId::from("call-1"));
    let report = pbx.serve(async move { call_control_conformance(&calls, call(), false).await });
    report.assert_clean();
    assert!(report.checks >= 15, "{report}");
    assert!(pbx.sent.is_empty() && pbx.frames.iter().all(|frame| frame["path"] == "/v1/result"));
}

// X28, X44
#[test]
fn the_result_that_a_broken_websocket_took_along_goes_again_by_http() {
    let Some((service, _, mut pbx)) = start_without_polls() else { return };
    pbx.takes_acks = false;
    let calls = service.bridge.call_control(&id());
    let waiting = std::thread::spawn(move || wait(async move { calls.start_call(&call()).await }));
    pbx.finish_poll();
    assert_eq!(pbx.asked.len(), 1);
    pbx.cut_sockets();
    pbx.advance(1000);
    assert_eq!(waiting.join().unwrap().unwrap(), CallId::from("call-1"));
    assert_eq!(pbx.asked.len(), 1);
    assert!(pbx.sent[0].path.ends_with("/v1/result"));
}

// X29, X44
#[test]
fn a_command_that_was_lost_with_its_websocket_is_given_again() {
    let Some((service, _, mut pbx)) = start_without_polls() else { return };
    let calls = service.bridge.call_control(&id());
    let waiting = std::thread::spawn(move || wait(async move { calls.start_call(&call()).await }));
    pbx.lose_arrival();
    pbx.cut_sockets();
    service.clock.advance(Duration::from_secs(5));
    assert!(pbx.asked.is_empty());
    cdr(&mut pbx, "c1");
    assert_eq!(waiting.join().unwrap().unwrap(), CallId::from("call-1"));
    assert_eq!(pbx.asked.len(), 1);
}

// X44
#[test]
fn a_service_or_host_without_websockets_changes_nothing() {
    let service = Service::new();
    let server = service.server();
    server.refuse_websockets();
    let Some(mut pbx) = Pbx::start(websocket(&server), server.address, true) else { return };
    pbx.send();
    cdr(&mut pbx, "c1");
    pbx.eval("Websocket = undefined");
    pbx.restart();
    cdr(&mut pbx, "c2");
    pbx.eval("Websocket = function () { throw new Error('not here'); }");
    pbx.restart();
    cdr(&mut pbx, "c3");
    assert!(pbx.frames.is_empty());
    assert_eq!(pbx.deliveries(), ["1;1"; 3]);
    assert_eq!(service.recorder.seen(), ["cdr c1", "cdr c2", "cdr c3"]);
}

// X29, X44
#[test]
fn the_websocket_of_a_boot_that_was_replaced_is_closed() {
    let Some((service, _, mut pbx)) = start(true) else { return };
    pbx.load();
    pbx.send();
    let is_replaced = |line: &String| line.contains("poll replaced, code 410");
    while pbx.open_sockets() > 1 || !pbx.log.iter().any(is_replaced) {
        pbx.finish_poll();
    }
    cdr(&mut pbx, "c1");
    assert_eq!(service.recorder.seen(), ["cdr c1"]);
    assert_eq!(pbx.frames.len(), 1);
}
