//! Commands from Rust to the PBX: calls and settings.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use pbx_integration::bridge::SettingNames;
use pbx_integration::control::ControlError;
use pbx_integration::settings::SaveResult;
use pbx_integration::testing::{call_control_conformance, settings_conformance};
use pbx_integration::{CallControl as _, CallId, EndCall, Secret, Settings, StartCall};
use serde_json::json;

use crate::network::{Fault, Server};
use crate::pbx::{Pbx, id, script};
use crate::{Service, wait};

const TENANT: &str = "tenant1.example.com";

fn start() -> Option<(Service, Server, Pbx)> {
    let service = Service::new();
    let server = service.server();
    let pbx = Pbx::start(script(server.address), server.address, true)?;
    Some((service, server, pbx))
}

fn call() -> StartCall {
    StartCall::builder(TENANT, "+12025550123").user("41").build().unwrap()
}

fn results(pbx: &Pbx) -> Vec<&str> {
    let results = pbx.sent.iter().filter(|sent| sent.path.ends_with("/v1/result"));
    results.map(|sent| &*sent.body).collect()
}

// X25, X26: worked example 8
#[test]
fn a_call_is_started_and_ended_from_rust() {
    let Some((service, _, mut pbx)) = start() else { return };
    let calls = service.bridge.call_control(&id());
    let started = calls.clone();
    let id = pbx.serve(async move { started.start_call(&call()).await }).unwrap();
    assert_eq!(id, CallId::from("call-1"));
    let end = EndCall::builder(id).code(486).text("Busy Here").build().unwrap();
    pbx.serve(async move { calls.end_call(&end).await }).unwrap();
    let args = json!({"domain": TENANT, "user": "41", "to": "+12025550123"});
    assert_eq!(pbx.asked[0], ("startCall".to_owned(), args));
    assert_eq!(pbx.asked[1], ("endCall".to_owned(), json!(["call-1", 486, "Busy Here", false])));
    assert_eq!(results(&pbx).len(), 2);
    assert!(results(&pbx)[0].ends_with(r#","ok":true,"value":"call-1"}"#), "{:?}", results(&pbx));
}

// X34, X60
#[test]
fn the_contract_of_call_control_holds_through_script_and_engine() {
    let Some((service, _, mut pbx)) = start() else { return };
    let calls = service.bridge.call_control(&id());
    let report = pbx.serve(async move { call_control_conformance(&calls, call(), false).await });
    report.assert_clean();
    assert!(report.checks >= 15, "{report}");
}

// X27, X29
#[test]
fn a_command_whose_answer_was_lost_is_given_again_and_runs_once() {
    let Some((service, server, mut pbx)) = start() else { return };
    let calls = service.bridge.call_control(&id());
    let other = calls.clone();
    let waiting = std::thread::spawn(move || wait(async move { other.start_call(&call()).await }));
    // The answer of the poll arrives, the result does not.
    server.fail_next([Fault::Cut]);
    pbx.finish_poll();
    assert_eq!(pbx.asked.len(), 1);
    // The service does not know this, and gives the command again in an answer to an event.
    service.clock.advance(Duration::from_secs(5));
    pbx.call("oncdr", &format!("{{callid: 'c1', domain: '{TENANT}', start: 1757930400}}"));
    pbx.advance(1000);
    assert_eq!(waiting.join().unwrap().unwrap(), CallId::from("call-1"));
    assert_eq!(pbx.asked.len(), 1, "the call was started twice");
}

// X27
#[test]
fn the_same_command_again_sends_the_first_result_and_runs_nothing() {
    let service = Service::new();
    let server = service.server();
    let started = Pbx::start_without_polls(script(server.address), server.address, true);
    let Some(mut pbx) = started else { return };
    let answer = r#"{commands: [{id: 'c-1', name: 'startCall', args: {to: '1'}}]}"#;
    // The answers of the first poll and of the next.
    pbx.eval(&format!("callbacks[0](200, {answer}, [])"));
    pbx.eval(&format!("callbacks[2](200, {answer}, [])"));
    pbx.send();
    assert_eq!(pbx.asked.len(), 1, "the call was started twice");
    assert_eq!(results(&pbx), [r#"{"id":"c-1","ok":true,"value":"call-1"}"#; 2]);
}

// X28
#[test]
fn the_result_of_a_command_goes_before_events_that_wait() {
    let Some((service, server, mut pbx)) = start() else { return };
    server.fail_next([Fault::Status(500, None)]);
    for callid in ["c1", "c2"] {
        pbx.call(
            "oncdr",
            &format!("{{callid: '{callid}', domain: '{TENANT}', start: 1757930400}}"),
        );
    }
    let calls = service.bridge.call_control(&id());
    let waiting = std::thread::spawn(move || wait(async move { calls.start_call(&call()).await }));
    pbx.finish_poll();
    pbx.advance(1000);
    waiting.join().unwrap().unwrap();
    let paths = pbx.sent.iter().filter_map(|sent| sent.path.strip_prefix("/vodia/v1/"));
    let paths: Vec<&str> = paths.filter(|path| *path != "poll").collect();
    assert_eq!(paths, ["event/oncdr", "result", "event/oncdr", "event/oncdr"]);
    assert_eq!(service.recorder.seen(), ["cdr c1", "cdr c2"]);
}

// X30
#[test]
fn a_command_that_nobody_fetches_was_not_sent() {
    let service = Service::new();
    let calls = service.bridge.call_control(&id());
    let call = call();
    let mut starting = Box::pin(calls.start_call(&call));
    assert!((&mut starting).now_or_never().is_none());
    assert_eq!(service.bridge.status(&id()).commands, 1);
    service.clock.advance(Duration::from_secs(10));
    let error = wait(starting).unwrap_err();
    assert!(matches!(error, ControlError::Unreachable(_)), "{error}");
    assert_eq!(service.bridge.status(&id()).commands, 0);
}

// X29, X30
#[test]
fn a_command_of_a_boot_that_is_gone_has_an_unknown_outcome() {
    let Some((service, _, mut pbx)) = start() else { return };
    let calls = service.bridge.call_control(&id());
    let waiting = std::thread::spawn(move || wait(async move { calls.start_call(&call()).await }));
    // The PBX restarts after it was given the command and before it could post the result.
    pbx.eval("startCall = function () { throw new Error('the power is gone'); }");
    let before = pbx.sent.len();
    pbx.lose_arrival();
    pbx.restart();
    assert!(pbx.sent.len() > before);
    pbx.call("oncdr", &format!("{{callid: 'c1', domain: '{TENANT}', start: 1757930400}}"));
    service.clock.advance(Duration::from_secs(10));
    let error = waiting.join().unwrap().unwrap_err();
    assert!(matches!(error, ControlError::Unknown(_)), "{error}");
    assert!(results(&pbx).is_empty(), "a second boot was given the command");
}

// X29
#[test]
fn the_poll_of_a_boot_that_was_replaced_ends_and_is_not_repeated() {
    let Some((_service, _, mut pbx)) = start() else { return };
    pbx.load();
    pbx.finish_poll();
    let polls = pbx.sent.iter().filter(|sent| sent.path.ends_with("/v1/poll")).count();
    assert_eq!(polls, 2);
    assert!(pbx.log.iter().any(|line| line.contains("poll replaced, code 410")), "{:?}", pbx.log);
}

// X33
#[test]
fn a_caller_that_gives_up_takes_its_command_back() {
    let Some((service, _, mut pbx)) = start() else { return };
    pbx.lose_poll_after_hold(&service.clock);
    let calls = service.bridge.call_control(&id());
    let call = call();
    assert!(calls.start_call(&call).now_or_never().is_none());
    assert_eq!(service.bridge.status(&id()).commands, 0);
    pbx.call("oncdr", &format!("{{callid: 'c1', domain: '{TENANT}', start: 1757930400}}"));
    assert!(pbx.asked.is_empty());
}

// X31
#[test]
fn more_commands_than_fit_are_refused_at_once() {
    let service = Service::new();
    let calls = service.bridge.call_control(&id());
    let call = call();
    let mut waiting = Vec::new();
    for _ in 0..1000 {
        let mut starting = Box::pin(calls.start_call(&call));
        assert!((&mut starting).now_or_never().is_none());
        waiting.push(starting);
    }
    let refused = calls.start_call(&call).now_or_never().unwrap();
    assert!(matches!(refused, Err(ControlError::Unreachable(_))));
    drop(waiting);
    let long = EndCall::builder("x".repeat(65 << 10)).build().unwrap();
    let refused = calls.end_call(&long).now_or_never().unwrap();
    assert!(matches!(refused, Err(ControlError::Unreachable(_))));
}

// X25, X32
#[test]
fn a_host_that_fails_or_lacks_a_function_is_said_to() {
    let Some((service, _, mut pbx)) = start() else { return };
    let calls = service.bridge.call_control(&id());
    for (host, expected) in [
        (
            "startCall = function () { throw new Error('+12025550123'); }",
            "startCall failed in the PBX",
        ),
        ("startCall = function () { return null; }", "startCall failed in the PBX"),
        ("startCall = function () { return 1.5; }", "startCall failed in the PBX"),
        ("startCall = undefined", "startCall is not supported by this host"),
    ] {
        pbx.eval(host);
        let calls = calls.clone();
        let error = pbx.serve(async move { calls.start_call(&call()).await }).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    pbx.eval("startCall = function () { return 42; }");
    let id = pbx.serve(async move { calls.start_call(&call()).await }).unwrap();
    assert_eq!(id, CallId::from(42_u64));
    assert!(pbx.sent.iter().all(|sent| !sent.body.contains("+1202")));
}

fn conformance_names() -> SettingNames {
    let mut public: Vec<String> = (0..32).map(|number| format!("n{number}")).collect();
    let own = [
        "", "public", "private", "spelling", "value", "no such", "a", "b", "c", "d", "e", "f", "g",
        "h", "entry",
    ];
    public.extend(own.map(str::to_owned));
    SettingNames::new(public, ["", "private", "public", "value", "k", "shown", "no such"])
}

// X35, X60
#[test]
fn the_contract_of_settings_holds_through_script_and_engine() {
    let service = Service::new();
    for name in ["conformancea", "conformanceb"] {
        let id = pbx_integration::Identifier::new(name).unwrap();
        let coverage = pbx_integration::Coverage::none();
        service.registry.register(id, coverage, service.recorder.clone()).unwrap();
    }
    let server = service.server();
    let store = Arc::new(service.bridge.settings(conformance_names()));
    // One script for each of the two integrations that the suite writes to.
    let secret = pbx_integration::bridge::BridgeSecret::new(crate::pbx::SECRET).unwrap();
    let url = format!("http://{}/vodia", server.address);
    let scripts = ["conformancea", "conformanceb"].map(|name| {
        let id = pbx_integration::Identifier::new(name).unwrap();
        pbx_integration::bridge::BackendScript::builder(&id, &url, &secret)
    });
    let [first, second] = scripts;
    let Some(mut pbx) = Pbx::start(first, server.address, true) else { return };
    pbx.load_another(second);
    let report = pbx.serve(settings_conformance(store));
    report.assert_clean();
    assert!(report.checks >= 100, "{report}");
}

// X35, X36, X37: worked example 9
#[test]
fn an_update_writes_what_differs_and_reads_secrets_back() {
    let Some((service, _, mut pbx)) = start() else { return };
    let names = SettingNames::new(["username", "broken", "after"], ["password"]);
    let settings = Settings::new(Arc::new(service.bridge.settings(names)), id()).tenant(TENANT);
    let save = |pbx: &mut Pbx, json: &str| {
        let (settings, result) = (settings.clone(), SaveResult::parse(json).unwrap());
        pbx.serve(async move { settings.save(result).await })
    };
    save(&mut pbx, r#"[{"username": "joe"}, {"password": "p1"}]"#).unwrap();
    // The password is kept, and so not sent.
    let saved = save(&mut pbx, r#"[{"username": "ann"}, {"password": ""}]"#).unwrap();
    assert_eq!(format!("{saved:?}"), r#"Saved { public: {"username"}, secrets: {} }"#);
    let own = settings.clone();
    let password = pbx.serve(async move { own.secret("password").await }).unwrap();
    assert_eq!(password, Some(Secret::new("p1")));
    let error = save(&mut pbx, r#"{"other": 1}"#).unwrap_err();
    assert_eq!(error.to_string(), "the setting `other` is not declared");
    // The entries are written in order until one fails.
    let error = save(&mut pbx, r#"{"after": "p2", "broken": 1, "username": "joe"}"#).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        (error.to_string().as_str(), &*source),
        ("the settings store failed: save to the PBX", "1 of 3 entries were written")
    );
    for sent in &pbx.sent {
        let is_result = sent.path.ends_with("/v1/result");
        assert!(is_result || !format!("{sent:?}").contains("p1"), "{sent:?}");
    }
    assert!(pbx.log.iter().all(|line| !line.contains("p1") && !line.contains("joe")));
}
