//! An integration with a pretend PBX, over real HTTP: plans its subscriptions, shows the plan, applies
//! it, takes the events of a small day in, and prints the log of outside calls.
//!
//! ```text
//! cargo run --release -p ucom-examples --example ucom-listener
//! ```
//!
//! Ends by itself, with 0 if everything was as it has to be: above all, if the subscriptions of
//! another integration are as they were.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::crypto::CryptoProvider;
use tokio::net::TcpListener;
use ucom_events::api::{
    AddSubscription, ApiHost, Attempt, EventOwner, Grant, ListSubscriptions, RequestToken, Secret,
};
use ucom_events::{
    AgentId, Assignment, Connect, ConnectOptions, Connected, DeliveryMethod, EventPath, EventToken,
    EventUrls, Executor, ExecutorError, ExtensionId, LegRecord, SubscriptionSpec, SubscriptionType,
    Timestamp, TokenTable, Tracker, TrackerOptions,
};
use ucom_examples::day::{self, Sent};
use ucom_examples::listener::Listener;
use ucom_examples::pretend_pbx::PretendPbx;

const EXTENSIONS: &[(u64, &str, &str)] = &[
    (33_330, "099", "ivr"),
    (33_334, "300", "queue"),
    (33_335, "106", "phone"),
    (33_336, "107", "phone"),
    (33_337, "108", "phone"),
    (33_338, "109", "phone"),
    (33_339, "110", "fax"),
];

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ucom-listener: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let pbx = PretendPbx::new(EXTENSIONS, plain_client(&provider)?);
    let pbx_address = serve(pbx.router()).await?;
    // The other integration counts what it gets.
    let heard_by_other = Arc::new(AtomicUsize::new(0));
    let counter = heard_by_other.clone();
    let other = axum::Router::new().fallback(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        async { "OK" }
    });
    let other = format!("{}/hooks", serve(other).await?);

    // Our own server has its address before it knows anything.
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let urls = EventUrls::allowing_http(&format!("http://{}/pbx", socket.local_addr()?))?;
    let rows = subscribe_before(&pbx, &other, &urls, &provider)?;
    let foreign_before = pbx.subscriptions_below(&other);

    println!("== plan");
    let credentials = RequestToken::new(
        "ucom-examples",
        Secret::new("secret of the application"),
        Grant::ClientCredentials,
    );
    let host = ApiHost::allowing_http(&pbx_address)?;
    let executor = Executor::new(host.clone(), credentials.clone(), provider.clone())?;
    let connected = connect(&executor, &urls, rows, &provider).await?;
    print!("{connected}");

    println!("== apply");
    let report = executor.run(connected.plan.clone(), &Attempt::by_user()).await;
    for step in connected.plan.steps() {
        println!("  {step}");
    }
    println!("{} of {} steps done", report.done, connected.plan.steps().count());
    for (extension, error) in &report.failures {
        println!("extension {extension}: {error}");
    }
    require(report.failures.is_empty(), "every step is carried out")?;
    let agent_token = random_token(&provider)?;
    subscribe_agent(&executor, &urls, &agent_token).await?;
    let again = connect(&executor, &urls, connected.rows.clone(), &provider).await?;
    println!("planned again: {} steps", again.plan.steps().count());
    require(again.plan.is_empty(), "a second plan is empty")?;
    require(!pbx.has_deleted_all(), "nobody removes all subscriptions")?;
    let foreign_after = pbx.subscriptions_below(&other);
    require(
        foreign_before == foreign_after,
        "the other integration's subscriptions are untouched",
    )?;
    println!("{} subscriptions of another integration: untouched", foreign_after.len());
    println!("{} requests to the API", pbx.requests());

    println!("== hourly limit");
    pbx.leave_requests(1);
    let question = ListSubscriptions::new(ExtensionId::new(33_335));
    for _ in 0..2 {
        match executor.send(&question, Attempt::by_user()).await {
            Ok(list) => println!("{} subscriptions on 453*106", list.subscriptions.len()),
            Err(error @ (ExecutorError::Api { .. } | ExecutorError::Budget { .. })) => {
                println!("{error}");
            }
            Err(error) => return Err(error.into()),
        }
    }

    // One that does not know of it is told by the PBX, and asks once, not again and again.
    let unaware = Executor::new(host, credentials, provider.clone())?;
    let before = pbx.requests();
    if let Err(error) = unaware.send(&question, Attempt::by_user()).await {
        println!("{error}");
    }
    require(pbx.requests() == before + 1, "one action is one request")?;

    println!("== day");
    let listener = listener(&connected, &urls, agent_token);
    let router = listener.router();
    tokio::spawn(async move { axum::serve(socket, router).await });
    let events = day::events();
    play(&pbx, &listener, &events).await?;
    let false_url = format!("{}ext-event/{}", urls.base(), "0".repeat(32));
    let status = pbx.post(&false_url, &events[0].fields).await?;
    print_lines(&listener);
    require(status == 404, "an event without a right token is refused")?;

    println!("== call log");
    let log = finish(&listener);
    log.iter().for_each(print_record);
    print_lines(&listener);
    require(log.len() == 6, "each outside call is logged once")?;
    let heard = heard_by_other.load(Ordering::Relaxed);
    println!("the other integration has had {heard} events");
    require(heard > 0, "the other integration still gets its events")?;
    Ok(())
}

/// What was subscribed before: by another integration, by us when 109 was connected, and by us on 106
/// with an address that has changed.
fn subscribe_before(
    pbx: &PretendPbx,
    other: &str,
    urls: &EventUrls,
    provider: &CryptoProvider,
) -> Result<BTreeMap<ExtensionId, EventToken>, Box<dyn Error>> {
    for kind in ["dial-in", "dial-out", "answer", "hangup"] {
        pbx.subscribe(33_335, kind, &format!("{other}/106"));
    }
    for place in 0..14 {
        pbx.subscribe(33_337, "hangup", &format!("{other}/108/{place}"));
    }
    let mut rows = BTreeMap::new();
    for extension in [33_336, 33_338] {
        let token = random_token(provider)?;
        pbx.subscribe(extension, "hangup", urls.opaque(EventPath::Extension, &token).expose());
        rows.insert(ExtensionId::new(extension), token);
    }
    pbx.subscribe(33_335, "answer", &format!("{}old/address", urls.base()));
    pbx.subscribe(33_335, "message-in", &format!("{}old/address", urls.base()));
    Ok(rows)
}

async fn connect(
    executor: &Executor,
    urls: &EventUrls,
    rows: BTreeMap<ExtensionId, EventToken>,
    provider: &CryptoProvider,
) -> Result<Connected, Box<dyn Error>> {
    let assignments = vec![
        Assignment::new("anna", "106"),
        Assignment::new("boris", "453*107"),
        Assignment::new("vera", "108"),
        Assignment::new("gleb", "999"),
    ];
    let mut connect = Connect::new(ConnectOptions::new(urls.clone()), assignments, rows);
    while let Some(question) = connect.next_request() {
        connect.handle_reply(executor.send(&question, Attempt::by_user()).await?);
    }
    let mut failed = false;
    let connected = connect.finish(|| {
        let mut random = [0; 16];
        failed |= provider.secure_random.fill(&mut random).is_err();
        random
    });
    require(!failed, "there is randomness")?;
    Ok(connected.ok_or("a reply is missing")?)
}

fn random_token(provider: &CryptoProvider) -> Result<EventToken, Box<dyn Error>> {
    let mut random = [0; 16];
    provider.secure_random.fill(&mut random).map_err(|_| "no randomness")?;
    Ok(EventToken::from_random(random))
}

async fn subscribe_agent(
    executor: &Executor,
    urls: &EventUrls,
    token: &EventToken,
) -> Result<(), ExecutorError> {
    let agent = EventOwner::agent(ucom_events::api::ClientId::new(801), &AgentId::new("136"));
    let url = urls.opaque(EventPath::Agent, token);
    let spec = SubscriptionSpec::new(SubscriptionType::AgentLogin, DeliveryMethod::Post, url);
    executor.send(&AddSubscription::new(agent, spec), Attempt::by_user()).await?;
    Ok(())
}

fn listener(connected: &Connected, urls: &EventUrls, agent_token: EventToken) -> Listener {
    let mut rows = TokenTable::new();
    for (id, token) in &connected.rows {
        let extension = connected.extensions.iter().find(|extension| extension.id == *id);
        let name = extension.map_or_else(|| id.to_string(), |extension| extension.name.clone());
        rows.insert(token.clone(), name);
    }
    rows.insert(agent_token, "agents".to_owned());
    let directory = connected.directory.clone();
    let options = TrackerOptions::default().with_directory(directory.clone());
    Listener::new(urls.clone(), rows, directory, Tracker::new(options))
}

/// Sends the day's events, each at its time, and shows what is made of them.
async fn play(
    pbx: &PretendPbx,
    listener: &Listener,
    events: &[Sent],
) -> Result<(), Box<dyn Error>> {
    for event in events {
        listener.heard().advance(Timestamp::from_micros(event.at * 1_000_000));
        pbx.send(&event.list, &event.event_type, &event.fields).await?;
        print_lines(listener);
    }
    Ok(())
}

/// Lets time pass until every call is decided.
fn finish(listener: &Listener) -> Vec<LegRecord> {
    let mut heard = listener.heard();
    while let Some(timeout) = heard.next_timeout() {
        heard.advance(timeout);
    }
    std::mem::take(&mut heard.log)
}

fn print_lines(listener: &Listener) {
    let lines = std::mem::take(&mut listener.heard().lines);
    for line in lines {
        println!("{line}");
    }
}

fn print_record(record: &LegRecord) {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let outcome = record.outcome.as_ref().map_or("-", |outcome| outcome.as_str());
    let direction = record.direction.as_ref().map_or("-", |direction| direction.as_str());
    println!(
        "  {:<3} {:<8} {:<13} {:<12} talked {:>5.1} s  through {:<12} recording {}",
        direction,
        text(&record.extension),
        record.party().unwrap_or("-"),
        outcome,
        record.talk_time.unwrap_or_default().as_secs_f64(),
        text(&record.called_did),
        text(&record.recording_id),
    );
}

/// Serves on a port of its own, and gives the address.
async fn serve(router: axum::Router) -> std::io::Result<String> {
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", socket.local_addr()?);
    tokio::spawn(async move { axum::serve(socket, router).await });
    Ok(address)
}

/// The client that the pretend PBX sends events with.
fn plain_client(provider: &Arc<CryptoProvider>) -> Result<reqwest::Client, Box<dyn Error>> {
    let tls = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).build()?)
}

fn require(holds: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("does not hold: {what}").into()) }
}
