//! Events from the script to the integration, and faults on the way.

use std::sync::mpsc::channel;

use pbx_integration::bridge::Features;

use crate::network::{Fault, Server};
use crate::pbx::{Pbx, SECRET, id, script};
use crate::{Service, wait};

const TENANT: &str = "tenant1.example.com";

/// The payload of a record, as JavaScript.
fn cdr(callid: &str) -> String {
    format!("{{callid: '{callid}', domain: '{TENANT}', start: 1757930400, end: 1757930410}}")
}

/// The payload of a group event, as JavaScript.
fn group(callid: &str) -> String {
    format!(
        "{{domain: {{address: '{TENANT}', id: 3}}, state: 'ringing', callid: '{callid}', \
         timestamps: {{start: 1757930400}}, group: {{type: 'acd', number: '300'}}, call: {{}}, user: 3}}"
    )
}

fn start() -> Option<(Service, Server, Pbx)> {
    let service = Service::new();
    let server = service.server();
    let pbx = Pbx::start(script(server.address), server.address, true)?;
    Some((service, server, pbx))
}

// X1, X10, X13, X15
#[test]
fn an_event_arrives_with_the_headers_of_the_protocol() {
    let Some((service, _, mut pbx)) = start() else { return };
    pbx.call("ongroup", &group("c7f2@pbx"));
    assert_eq!(service.recorder.seen(), ["group c7f2@pbx"]);
    let sent = pbx.sent.last().unwrap();
    assert_eq!(sent.path, "/vodia/v1/event/ongroup");
    assert_eq!(sent.header("Authorization"), format!("Bearer {SECRET}"));
    let version = env!("CARGO_PKG_VERSION");
    let bridge: Vec<&str> = sent.header("X-Bridge").split(';').collect();
    assert_eq!((bridge[0], bridge[1], bridge[3]), ("1", "ourcrmsys", version));
    assert_eq!(sent.header("X-Bridge-Delivery"), format!("{}-1;1", bridge[2]));
    assert_eq!(sent.header("X-Bridge-Tenant"), TENANT);
    assert_eq!(sent.header("X-Bridge-Lost"), "g=0,a=0,c=0,r=0");
    let body = r#"{"domain":{"address":"tenant1.example.com","id":3},"state":"ringing","callid":"c7f2@pbx","#;
    assert!(sent.body.starts_with(body) && !sent.body.contains("\"call\""), "{}", sent.body);
}

// X14, X16: worked example 5
#[test]
fn a_service_that_is_down_gets_the_events_later_in_order_with_the_same_ids() {
    let Some((service, server, mut pbx)) = start() else { return };
    pbx.call("ongroup", &group("c1@pbx"));
    pbx.is_up = false;
    pbx.call("ongroup", &group("c2@pbx"));
    pbx.call("oncdr", &cdr("c3@pbx"));
    assert_eq!(pbx.deliveries(), ["1;1", "2;1"]);
    assert!((500..=1000).contains(&pbx.last_timer()), "{}", pbx.last_timer());
    pbx.is_up = true;
    server.fail_next([Fault::Status(503, None)]);
    pbx.advance(1000);
    assert_eq!(pbx.deliveries(), ["1;1", "2;1", "2;2"]);
    assert!((1000..=2000).contains(&pbx.last_timer()), "{}", pbx.last_timer());
    pbx.advance(2000);
    assert_eq!(pbx.deliveries(), ["1;1", "2;1", "2;2", "2;3", "3;1"]);
    assert_eq!(service.recorder.seen(), ["group c1@pbx", "group c2@pbx", "cdr c3@pbx"]);
    assert!(
        pbx.log.iter().any(|line| line.contains("events not reached, code 0")),
        "{:?}",
        pbx.log
    );
    assert_eq!(pbx.log.iter().filter(|line| line.contains("events")).count(), 3);
}

// X20: worked example 6
#[test]
fn an_event_whose_answer_was_lost_is_not_dispatched_twice() {
    let Some((mut service, server, mut pbx)) = start() else { return };
    server.fail_next([Fault::LoseAnswer]);
    pbx.call("oncdr", &cdr("c4@pbx"));
    assert_eq!(service.recorder.seen(), ["cdr c4@pbx"]);
    pbx.advance(1000);
    assert_eq!(pbx.deliveries(), ["1;1", "1;2"]);
    // The same with a restart of the service: the content is known.
    server.fail_next([Fault::LoseAnswer]);
    pbx.call("oncdr", &cdr("c5@pbx"));
    service.restart(&server);
    pbx.advance(1000);
    assert_eq!(pbx.deliveries(), ["1;1", "1;2", "2;1", "2;2"]);
    pbx.call("oncdr", &cdr("c6@pbx"));
    assert_eq!(service.recorder.seen(), ["cdr c4@pbx", "cdr c5@pbx", "cdr c6@pbx"]);
}

// X40
#[test]
fn an_integration_that_fails_or_panics_gets_the_event_again() {
    let Some((service, _, mut pbx)) = start() else { return };
    service.recorder.fail_next("no disk");
    service.recorder.fail_next("panic");
    pbx.call(
        "onagent",
        &format!("{{domain: {{address: '{TENANT}', id: 3}}, callid: 'c1@pbx', user: 3}}"),
    );
    pbx.call("oncdr", &cdr("c2@pbx"));
    assert!(service.recorder.seen().is_empty());
    pbx.advance(4999);
    assert_eq!(pbx.deliveries(), ["1;1"]);
    pbx.advance(10_000);
    assert_eq!(pbx.deliveries(), ["1;1", "1;2", "1;3", "2;1"]);
    assert_eq!(service.recorder.seen(), ["agent c1@pbx", "cdr c2@pbx"]);
}

// X16
#[test]
fn retry_after_is_obeyed_up_to_five_minutes() {
    let Some((service, server, mut pbx)) = start() else { return };
    server.fail_next([Fault::Status(429, Some(7)), Fault::Status(503, Some(9999))]);
    pbx.call("oncdr", &cdr("c1@pbx"));
    pbx.advance(6_999);
    assert_eq!(pbx.deliveries().len(), 1);
    pbx.advance(1);
    assert_eq!(pbx.deliveries().len(), 2);
    pbx.advance(299_999);
    assert_eq!(pbx.deliveries().len(), 2);
    pbx.advance(1);
    assert_eq!(service.recorder.seen(), ["cdr c1@pbx"]);
}

// X12, X13: worked example 7
#[test]
fn a_full_queue_drops_the_oldest_live_event_first_and_counts_it() {
    let service = Service::new();
    let server = service.server();
    let small = script(server.address).queue(5, 1 << 20);
    let Some(mut pbx) = Pbx::start(small, server.address, true) else { return };
    pbx.is_up = false;
    for number in 1..=9 {
        let callid = format!("c{number}@pbx");
        match number {
            2 | 4 => pbx.call("ongroup", &group(&callid)),
            6 => {
                pbx.call("onagent", &format!("{{domain: '{TENANT}', callid: '{callid}', user: 3}}"))
            }
            _ => pbx.call("oncdr", &cdr(&callid)),
        }
    }
    pbx.is_up = true;
    pbx.advance(1000);
    let seen = ["cdr c1@pbx", "cdr c5@pbx", "cdr c7@pbx", "cdr c8@pbx", "cdr c9@pbx"];
    assert_eq!(service.recorder.seen(), seen);
    assert_eq!(pbx.sent.last().unwrap().header("X-Bridge-Lost"), "g=2,a=1,c=1,r=0");
    let losses = service.bridge.status(&id()).losses;
    assert_eq!((losses.group, losses.agent, losses.cdr, losses.refused), (2, 1, 1, 0));
}

// X12
#[test]
fn a_body_larger_than_the_queue_is_dropped_and_counted() {
    let service = Service::new();
    let server = service.server();
    let small = script(server.address).queue(5, 1024);
    let Some(mut pbx) = Pbx::start(small, server.address, true) else { return };
    pbx.call("oncdr", &format!("{{callid: 'c1', text: '{}'}}", "x".repeat(1024)));
    pbx.call("oncdr", &cdr("c2@pbx"));
    assert_eq!(service.recorder.seen(), ["cdr c2@pbx"]);
    assert_eq!(service.bridge.status(&id()).losses.cdr, 1);
}

// X17: worked example 10
#[test]
fn a_wrong_secret_or_version_keeps_the_queue_and_is_tried_again_slowly() {
    let Some((service, server, mut pbx)) = start() else { return };
    for (status, seconds) in [(401, 60), (403, 60), (426, 300)] {
        let before = pbx.deliveries().len();
        server.fail_next([Fault::Status(status, None)]);
        pbx.call("oncdr", &cdr(&format!("c{status}@pbx")));
        pbx.advance(seconds * 1000 - 1);
        assert_eq!(pbx.deliveries().len(), before + 1, "{status}");
        pbx.advance(1);
        assert_eq!(pbx.deliveries().len(), before + 2, "{status}");
    }
    assert_eq!(service.recorder.seen(), ["cdr c401@pbx", "cdr c403@pbx", "cdr c426@pbx"]);
    assert_eq!(service.bridge.status(&id()).losses.total(), 0);
    let refused = pbx.log.iter().filter(|line| line.contains("events refused"));
    assert_eq!(refused.count(), 3, "{:?}", pbx.log);
}

// X17
#[test]
fn a_payload_that_the_service_refuses_is_dropped_and_counted() {
    let Some((service, _, mut pbx)) = start() else { return };
    pbx.call("oncdr", "{nonsense: true}");
    pbx.call("oncdr", &cdr("c2@pbx"));
    assert_eq!(service.recorder.seen(), ["cdr c2@pbx"]);
    assert_eq!(service.bridge.status(&id()).losses.refused, 1);
}

// X8, X58: worked example 3
#[test]
fn every_text_arrives_as_it_was() {
    let Some((service, _, mut pbx)) = start() else { return };
    let text = r#"'\u0000 \"q\" \n \u2028 \u65e5 \ud83d\ude00 \u007f \udc00!'"#;
    pbx.call(
        "oncdr",
        &format!("{{callid: 'c1@pbx', domain: '{TENANT}', start: 1757930400, comment: {text}}}"),
    );
    let body = &pbx.sent.last().unwrap().body;
    assert!(
        body.is_ascii() && body.contains(r"\u2028 \u65e5 \ud83d\ude00 \u007f \udc00!"),
        "{body}"
    );
    let cdr = service.recorder.last_cdr();
    let json = serde_json::to_value(&cdr).unwrap();
    assert_eq!(json["comment"], "\0 \"q\" \n \u{2028} \u{65e5} \u{1f600} \u{7f} \u{fffd}!");
}

// X8, X9, X22: worked example 4
#[test]
fn a_payload_with_a_cycle_arrives_with_its_plain_members() {
    let Some((service, _, mut pbx)) = start() else { return };
    let payload = format!("{{callid: 'd9@pbx', domain: '{TENANT}', start: 1757930400, states: s}}");
    pbx.call(
        "oncdr",
        &format!("(function () {{ var s = [{{}}]; s[0].owner = s; return {payload}; }}())"),
    );
    let expected = r#"{"bridge_error":"not serializable","callid":"d9@pbx","domain":"tenant1.example.com","start":1757930400}"#;
    assert_eq!(pbx.sent.last().unwrap().body, expected);
    // A call that refers to its payload is left out.
    let payload = format!("{{callid: 'd8@pbx', domain: '{TENANT}', start: 1757930400, f: print}}");
    pbx.call("oncdr", &format!("(function () {{ var p = {payload}; p.call = p; return p; }}())"));
    let expected = r#"{"callid":"d8@pbx","domain":"tenant1.example.com","start":1757930400}"#;
    assert_eq!(pbx.sent.last().unwrap().body, expected);
    assert_eq!(service.recorder.seen(), ["cdr d9@pbx", "cdr d8@pbx"]);
}

// X9
#[test]
fn an_entry_point_never_throws() {
    let Some((service, _, mut pbx)) = start() else { return };
    for payload in ["undefined", "null", "1", "'text'", "{get callid() { throw 1; }}", "[]"] {
        pbx.call("ongroup", payload);
    }
    pbx.eval("system.http = function () { throw new Error('no'); }; console.trace = system.http");
    pbx.call("oncdr", &cdr("c1@pbx"));
    pbx.eval("system = undefined");
    pbx.call("oncdr", &cdr("c2@pbx"));
    assert!(service.recorder.seen().is_empty());
    assert_eq!(
        service.bridge.status(&id()).losses.refused,
        5,
        "the sixth would be in the next request"
    );
}

// X16
#[test]
fn without_timers_the_next_event_sends_what_waits() {
    let service = Service::new();
    let server = service.server();
    let Some(mut pbx) = Pbx::start(script(server.address), server.address, false) else { return };
    pbx.is_up = false;
    pbx.call("oncdr", &cdr("c1@pbx"));
    pbx.is_up = true;
    pbx.call("oncdr", &cdr("c2@pbx"));
    assert!(service.recorder.seen().is_empty(), "too early");
    pbx.advance(1000);
    pbx.call("oncdr", &cdr("c3@pbx"));
    assert_eq!(service.recorder.seen(), ["cdr c1@pbx", "cdr c2@pbx", "cdr c3@pbx"]);
    let features = service.bridge.status(&id()).features;
    assert!(features.is_none_or(|features| !features.timer));
}

// X15
#[test]
fn a_script_that_is_loaded_before_every_callback_delivers_all_the_same() {
    let Some((service, server, mut pbx)) = start() else { return };
    pbx.is_forgetful = true;
    server.fail_next([Fault::Cut, Fault::LoseAnswer]);
    for callid in ["c1@pbx", "c2@pbx", "c3@pbx"] {
        pbx.call("oncdr", &cdr(callid));
    }
    pbx.advance(5000);
    let mut seen = service.recorder.seen();
    seen.sort();
    assert_eq!(seen, ["cdr c1@pbx", "cdr c2@pbx", "cdr c3@pbx"]);
}

// X57
#[test]
fn a_host_that_calls_back_inside_the_request_is_no_endless_loop() {
    let Some((service, _, mut pbx)) = start() else { return };
    pbx.eval("isAnsweringInside = true");
    pbx.call("oncdr", &cdr("c1@pbx"));
    assert_eq!(pbx.sent.iter().filter(|sent| sent.path.contains("event")).count(), 1);
    pbx.eval("isAnsweringInside = false");
    pbx.advance(1000);
    assert_eq!(service.recorder.seen(), ["cdr c1@pbx"]);
}

// X19, X59
#[test]
fn the_log_has_no_secret_and_no_content() {
    let Some((service, server, mut pbx)) = start() else { return };
    server.fail_next([Fault::Cut, Fault::Status(401, None), Fault::Status(500, None)]);
    pbx.call("oncdr", &cdr("c1@pbx"));
    pbx.advance(100_000);
    pbx.call("oncdr", "{nonsense: '+12025550123'}");
    assert_eq!(service.recorder.seen(), ["cdr c1@pbx"]);
    assert!(pbx.log.len() >= 4, "{:?}", pbx.log);
    for line in &pbx.log {
        let is_clean = [SECRET, "+1202", "c1@pbx", TENANT].iter().all(|text| !line.contains(text));
        assert!(is_clean, "{line}");
    }
    for sent in &pbx.sent {
        assert!(!sent.path.contains(SECRET) && !sent.body.contains(SECRET));
        let with_secret = sent.headers.iter().filter(|(_, value)| value.contains(SECRET));
        assert_eq!(with_secret.count(), 1);
    }
}

// X5, X38
#[test]
fn the_status_shows_the_features_of_the_host() {
    let service = Service::new();
    let server = service.server();
    assert_eq!(service.bridge.status(&id()).since_contact, None);
    let (bridge, clock) = (service.bridge.clone(), service.clock.clone());
    let (ready, is_ready) = channel();
    let watcher = std::thread::spawn(move || {
        let id = id();
        let mut next = Box::pin(bridge.next_status(&id));
        assert!(futures_util::FutureExt::now_or_never(&mut next).is_none());
        ready.send(()).unwrap();
        wait(next)
    });
    is_ready.recv().unwrap();
    let Some(mut pbx) = Pbx::start(script(server.address), server.address, true) else { return };
    let status = watcher.join().unwrap();
    assert!(status.since_contact.is_some() && !status.is_other_version());
    clock.advance(std::time::Duration::from_secs(8));
    pbx.finish_poll();
    let status = service.bridge.status(&id());
    let features = status.features.unwrap();
    assert!(features.calls && features.settings && features.timer && features.trace);
    assert!(features.websocket);
}

// X5
#[test]
fn missing_features_are_reported_once_after_each_load() {
    let service = Service::new();
    let (report, reports) = channel();
    let handler = service.bridge.service(service.registry.clone()).with_load_observer(
        move |identifier, status| {
            let missing: Vec<&str> = status.features.iter().flat_map(Features::missing).collect();
            let version = status.protocol_version.unwrap();
            report.send(format!("{identifier} {version} {}", missing.join(","))).unwrap();
        },
    );
    let server = Server::start(handler);
    let Some(mut pbx) = Pbx::start(script(server.address), server.address, false) else { return };
    assert_eq!(reports.recv().unwrap(), "ourcrmsys 1 timer");
    // The second poll of a boot reports nothing new.
    service.clock.advance(std::time::Duration::from_secs(8));
    pbx.finish_poll();
    pbx.eval("Websocket = undefined; startCall = undefined; console = undefined");
    pbx.load();
    assert_eq!(reports.recv().unwrap(), "ourcrmsys 1 calls,timer,trace,websocket");
}
