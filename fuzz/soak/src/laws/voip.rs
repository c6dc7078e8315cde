//! Laws of `voip-module`.

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use voip_module::gravitel::sample::SampleProvider;
use voip_module::gravitel::{GravitelConfig, GravitelOptions, GravitelProvider};
use voip_module::router::journal::{Begun, CallJournal, Capacity, IdentityKey, Ticket, Verdict};
use voip_module::testing::ScriptedTransport;
use voip_module::{
    HttpRequest, Token, VoipProvider, VoipWebhookParseResult as ParseResult, WebhookRouter,
};

use super::now;

const WEB: &str = "tok-0a1b2c3d4e5f6071";
const CRM: &str = "crm-9f8e7d6c5b4a3928";
const API: &str = "api-1122334455667788";
const FORM: &str = "application/x-www-form-urlencoded";

/// The first byte chooses parser, method, media type and token; the rest is the body, or the query
/// of a GET.
fn request(data: &[u8]) -> Option<(u8, http::Request<Bytes>)> {
    let (&choice, rest) = data.split_first()?;
    let token = if choice & 1 == 0 { WEB } else { "another" };
    let request = if choice & 2 == 0 {
        let media_type = if choice & 4 == 0 { FORM } else { "application/json" };
        http::Request::post(format!("/hook?token={token}"))
            .header("content-type", media_type)
            .body(Bytes::copy_from_slice(rest))
    } else {
        let query = std::str::from_utf8(rest).ok()?;
        http::Request::get(format!("/hook?token={token}&{query}")).body(Bytes::new())
    };
    Some((choice, request.ok()?))
}

fn parse(choice: u8, request: &HttpRequest) -> Option<ParseResult> {
    let result = if choice & 8 == 0 {
        let options = GravitelOptions::default().with_accept_json(choice & 16 == 0);
        now(GravitelProvider::parser_only().options(options).parse_webhook(request))
    } else {
        now(SampleProvider::parser_only().parse_webhook(request))
    };
    result.ok()
}

/// Parses a request by a provider without keys.
pub fn parse_webhook(data: &[u8]) {
    let Some((choice, request)) = request(data) else { return };
    drop(black_box(parse(choice, &request.into())));
}

/// The router never fails, its answer and `Debug` show no key, and a result is the same after
/// it was JSON.
pub fn webhook(data: &[u8]) {
    let Some((choice, request)) = request(data) else { return };
    if let Some(result) = parse(choice, &request.clone().into()) {
        let json = serde_json::to_value(&result).expect("a result is JSON");
        let again: ParseResult = serde_json::from_value(json.clone()).expect("a result is read");
        assert_eq!(serde_json::to_value(&again).expect("a result is JSON"), json);
    }
    let config = GravitelConfig::new("https://pbx.example/", API).with_crm_key(CRM);
    let transport = ScriptedTransport::new();
    let provider: Box<dyn VoipProvider> = if choice & 8 == 0 {
        let options = GravitelOptions::default().with_accept_json(choice & 16 == 0);
        Box::new(GravitelProvider::new(config, transport).options(options))
    } else {
        Box::new(SampleProvider::new(config, transport))
    };
    let router = WebhookRouter::new(provider, Token::new(WEB).expect("the token is long enough"));
    let mut shown = format!("{router:?} {:?}", HttpRequest::from(request.clone()));
    let outcome = now(router.process(request));
    let response = outcome.response;
    assert!(!response.status().is_server_error(), "{}", response.status());
    assert!(choice & 1 == 0 || response.status().is_client_error(), "another token is accepted");
    shown += &format!("{:?}", response.headers());
    shown += &String::from_utf8_lossy(response.body());
    assert!(![WEB, CRM, API].iter().any(|key| shown.contains(key)), "{shown}");
}

/// Deliveries that are committed, undone or left in flight keep the journal within its capacity. If
/// the call has an id, what was committed is a repetition, what was undone is delivered again, and
/// what is in flight waits.
///
/// Each step is a byte of time, a byte of fate, the length of a form and the form.
pub fn journal(mut data: &[u8]) {
    const LEGS: usize = 8;
    const BYTES: usize = 16 << 10;
    let capacity = Capacity::default().with_legs(LEGS).with_bytes(BYTES);
    let mut journal = CallJournal::new(IdentityKey::random(), capacity);
    let provider = GravitelProvider::parser_only();
    let mut time = Duration::ZERO;
    let mut in_flight: Vec<Ticket> = Vec::new();
    while let [pause, fate, length, rest @ ..] = data {
        let (form, rest) = rest.split_at(rest.len().min((*length).into()));
        data = rest;
        // Up to about nine hours, most of it seconds.
        time += Duration::from_millis(u64::from(*pause).pow(3) * 2);
        let request = http::Request::post("/").header("content-type", FORM);
        let request = request.body(Bytes::copy_from_slice(form)).expect("the request is sound");
        let request = HttpRequest::from(request);
        let identity = journal.key().of_request(&request, &[]);
        let Ok(result) = now(provider.parse_webhook(&request)) else { continue };
        if result.is_empty() {
            continue;
        }
        if let Begun::Deliver(ticket, delivery) = journal.begin(time, identity, &result) {
            black_box(delivery);
            // Without an id, the same push may be another call.
            if !has_id(&result) {
                journal.commit(ticket);
                continue;
            }
            let waits = matches!(journal.begin(time, identity, &result), Begun::InFlight);
            assert!(waits, "a repetition in flight waits");
            let forgotten = journal.statistics().forgotten_for_room;
            match fate % 4 {
                0 => in_flight.push(ticket),
                1 => {
                    journal.undo(ticket);
                    let again = journal.begin(time, identity, &result);
                    let Begun::Deliver(ticket, _) = again else {
                        panic!("undone, but {again:?} afterwards")
                    };
                    journal.commit(ticket);
                }
                _ => {
                    journal.commit(ticket);
                    if journal.statistics().forgotten_for_room == forgotten {
                        let again = journal.begin(time, identity, &result);
                        assert!(matches!(again, Begun::Drop(Verdict::Repeat)), "{again:?}");
                    }
                }
            }
        }
        let statistics = journal.statistics();
        assert!(statistics.in_flight >= in_flight.len());
        if in_flight.is_empty() {
            assert!(statistics.legs <= LEGS && statistics.bytes <= BYTES, "{statistics:?}");
        }
        black_box(journal.live_calls(time, "79990000001", "701"));
    }
    let odd = data.len() % 2 == 1;
    for (at, ticket) in in_flight.into_iter().enumerate() {
        if (at % 2 == 0) == odd { journal.commit(ticket) } else { journal.undo(ticket) }
    }
    let statistics = journal.statistics();
    assert_eq!(statistics.in_flight, 0);
    assert!(statistics.legs <= LEGS && statistics.bytes <= BYTES, "{statistics:?}");
}

fn has_id(result: &ParseResult) -> bool {
    let of_event = result.event.as_ref().and_then(|event| event.call_id.as_ref());
    let of_record = result.call_record.as_ref().and_then(|record| record.call_id.as_ref());
    of_event.or(of_record).is_some()
}

/// Runs a command against any answer of the PBX: no key is in a result or an error.
///
/// The first byte chooses status and command; the rest is the body.
pub fn pbx_answer(data: &[u8]) {
    let Some((&choice, body)) = data.split_first() else { return };
    let status = [200, 200, 200, 201, 400, 401, 404, 500][usize::from(choice % 8)];
    let status = StatusCode::from_u16(status).expect("a status of three digits");
    let transport = ScriptedTransport::new().always(status, Bytes::copy_from_slice(body));
    let config = GravitelConfig::new("https://pbx.example/", API).with_crm_key(CRM);
    let provider: Box<dyn VoipProvider> = if choice & 8 == 0 {
        Box::new(GravitelProvider::new(config, transport))
    } else {
        Box::new(SampleProvider::new(config, transport))
    };
    let shown = match choice / 16 % 3 {
        0 => format!("{:?}", now(provider.test_connection())),
        1 => match now(provider.members()) {
            Ok(members) => format!("{}", members.len()),
            Err(error) => format!("{error} {error:?}"),
        },
        _ => match now(provider.generate_call("701", "79990000001")) {
            Ok(()) => String::new(),
            Err(error) => format!("{error} {error:?}"),
        },
    };
    assert!(![CRM, API].iter().any(|key| shown.contains(key)), "{shown}");
}
