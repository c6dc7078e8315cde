//! Commands in web requests to the script.

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use http::{Request, Response};
use pbx_integration::bridge::{BridgeSecret, InvalidUrl, WebCommands};
use pbx_integration::control::{ControlError, HttpTransport};
use pbx_integration::testing::call_control_conformance;
use pbx_integration::{CallControl as _, CallId, StartCall};
use serde_json::json;

use crate::network::{Server, send};
use crate::pbx::{Pbx, SECRET, id, script};
use crate::{Service, wait};

/// A client for the pretend PBX.
#[derive(Clone, Copy, Debug)]
struct Client(SocketAddr);

#[async_trait]
impl HttpTransport for Client {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ControlError> {
        let headers = request.headers().iter();
        let headers: Vec<_> = headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
            .collect();
        let body = std::str::from_utf8(request.body()).unwrap();
        let method = request.method().as_str();
        let answer = send(method, self.0, request.uri().path(), &headers, body);
        let answer = answer.map_err(|error| match error.kind() {
            std::io::ErrorKind::ConnectionRefused => ControlError::Unreachable(error.into()),
            _ => ControlError::Unknown(error.into()),
        })?;
        Ok(Response::builder().status(answer.status).body(answer.body.into()).unwrap())
    }
}

/// A PBX that takes web requests and whose polls are not answered.
fn start() -> Option<(Service, Server, Pbx, Client)> {
    let service = Service::new();
    let server = service.server();
    let script = script(server.address).web_commands();
    let pbx = Pbx::start_without_polls(script, server.address, true)?;
    let client = Client(pbx.listen());
    Some((service, server, pbx, client))
}

fn road(service: &Service, client: Client) -> WebCommands {
    let secret = BridgeSecret::new(SECRET).unwrap();
    let url = format!("http://{}/ourcrmsys/commands", client.0);
    service.bridge.web_commands(&id(), &url, &secret).unwrap()
}

/// Runs a future, and posts commands meanwhile.
async fn posting<T>(road: WebCommands, client: Client, future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    loop {
        match select(future.as_mut(), std::pin::pin!(road.post(&client))).await {
            Either::Left((output, _)) => return output,
            Either::Right((posted, _)) => drop(posted),
        }
    }
}

fn call() -> StartCall {
    StartCall::builder("tenant1.example.com", "+12025550123").user("41").build().unwrap()
}

// X42
#[test]
fn calls_are_started_and_ended_by_web_requests() {
    let Some((service, _, mut pbx, client)) = start() else { return };
    let (road, calls) = (road(&service, client), service.bridge.call_control(&id()));
    let report = pbx.serve(async move {
        posting(road, client, call_control_conformance(&calls, call(), false)).await
    });
    report.assert_clean();
    assert!(report.checks >= 15, "{report}");
    assert!(pbx.sent.is_empty(), "a result was posted, too: {:?}", pbx.sent);
}

// X42, X43
#[test]
fn a_command_that_comes_by_both_roads_runs_once() {
    let Some((_service, _, mut pbx, client)) = start() else { return };
    let commands = json!({"commands": [{"id": "c-1", "name": "startCall", "args": {"to": "1"}}]});
    pbx.eval(&format!("callbacks[0](200, {commands}, [])"));
    let headers = [("authorization".to_owned(), format!("Bearer {SECRET}"))];
    let body = commands.to_string();
    let answer = pbx.serve(async move { send("POST", client.0, "/x", &headers, &body) }).unwrap();
    assert_eq!(answer.body, r#"{"results":[{"id":"c-1","ok":true,"value":"call-1"}]}"#);
    let started = pbx.asked.iter().filter(|(kind, _)| kind == "startCall").count();
    assert_eq!(started, 1);
}

// X42
#[test]
fn a_request_without_the_secret_is_forwarded_and_runs_nothing() {
    let Some((service, _, mut pbx, client)) = start() else { return };
    let body = json!({"commands": [{"id": "c-1", "name": "startCall", "args": {"to": "1"}}]});
    let longer = format!("Bearer {SECRET}x");
    let other = format!("Bearer {}G", &SECRET[..SECRET.len() - 1]);
    for authorization in ["", "Bearer ", SECRET, &longer, &other] {
        let headers = [("Authorization".to_owned(), authorization.to_owned())];
        let body = body.to_string();
        let answer = pbx.serve(async move { send("POST", client.0, "/x", &headers, &body) });
        assert_eq!(answer.unwrap().status, 201, "{authorization}");
    }
    let started = pbx.asked.iter().filter(|(kind, _)| kind == "startCall").count();
    assert_eq!(started, 0);
    drop(service);
}

// X42
#[test]
fn a_script_that_was_not_asked_to_takes_no_commands_from_web_requests() {
    let service = Service::new();
    let server = service.server();
    let script =
        script(server.address).entry_points([pbx_integration::integration::EntryPoint::Http]);
    let Some(mut pbx) = Pbx::start_without_polls(script, server.address, true) else { return };
    let (client, calls) = (Client(pbx.listen()), service.bridge.call_control(&id()));
    let (road, call) = (road(&service, client), call());
    let mut starting = Box::pin(calls.start_call(&call));
    assert!((&mut starting).now_or_never().is_none());
    // The integration's reply, with the status 201, has no results.
    let error = pbx.serve(async move { road.post(&client).await }).unwrap_err();
    assert!(matches!(error, ControlError::Unknown(_)), "{error}");
    assert!(pbx.asked.iter().all(|(kind, _)| kind == "reply"), "{:?}", pbx.asked);
}

// X29, X42
#[test]
fn a_command_whose_reply_was_lost_is_not_given_again() {
    let Some((service, _, mut pbx, client)) = start() else { return };
    pbx.gives_replies = false;
    let (road, calls) = (road(&service, client), service.bridge.call_control(&id()));
    let waiting = std::thread::spawn(move || wait(async move { calls.start_call(&call()).await }));
    let road = pbx.serve(async move {
        let error = road.post(&client).await.unwrap_err();
        assert!(matches!(error, ControlError::Unknown(_)), "{error}");
        road
    });
    service.clock.advance(Duration::from_secs(5));
    assert!(road.post(&client).now_or_never().is_none(), "given again");
    pbx.call("oncdr", "{callid: 'c1', domain: 'tenant1.example.com', start: 1757930400}");
    service.clock.advance(Duration::from_secs(5));
    let error = waiting.join().unwrap().unwrap_err();
    assert!(matches!(error, ControlError::Unknown(_)), "{error}");
    let started = pbx.asked.iter().filter(|(kind, _)| kind == "startCall").count();
    assert_eq!(started, 1);
}

// X30, X42, X43
#[test]
fn a_command_that_could_not_be_posted_goes_by_another_road_until_its_time_is_over() {
    let Some((service, _, mut pbx, _)) = start() else { return };
    let nobody = Client(std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let road = road(&service, nobody);
    let calls = service.bridge.call_control(&id());
    let own = calls.clone();
    let waiting = std::thread::spawn(move || wait(async move { own.start_call(&call()).await }));
    let error = wait(road.post(&nobody)).unwrap_err();
    assert!(matches!(error, ControlError::Unreachable(_)), "{error}");
    // The answer to an event takes it along.
    pbx.call("oncdr", "{callid: 'c1', domain: 'tenant1.example.com', start: 1757930400}");
    assert_eq!(waiting.join().unwrap().unwrap(), CallId::from("call-1"));

    let call = call();
    let mut starting = Box::pin(calls.start_call(&call));
    assert!((&mut starting).now_or_never().is_none());
    for _ in 0..2 {
        wait(road.post(&nobody)).unwrap_err();
        service.clock.advance(Duration::from_secs(5));
    }
    let error = wait(starting).unwrap_err();
    assert!(matches!(error, ControlError::Unreachable(_)), "{error}");
}

// X6, X42
#[test]
fn commands_are_posted_to_a_safe_url_only_and_the_secret_is_not_shown() {
    let service = Service::new();
    let secret = BridgeSecret::new(SECRET).unwrap();
    let road = |url: &str| service.bridge.web_commands(&id(), url, &secret);
    assert_eq!(road("http://pbx.example.com/x").unwrap_err(), InvalidUrl::NotHttps);
    assert_eq!(road("https://u:p@pbx.example.com/x").unwrap_err(), InvalidUrl::Parts);
    assert_eq!(road("pbx.example.com").unwrap_err(), InvalidUrl::Malformed);
    let road = road("https://pbx.example.com/ourcrmsys/commands").unwrap();
    let shown = r#"WebCommands { url: "https://pbx.example.com/ourcrmsys/commands", .. }"#;
    assert_eq!(format!("{road:?}"), shown);
}
