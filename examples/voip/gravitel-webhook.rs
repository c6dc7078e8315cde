//! A web server that takes Gravitel's pushes, and a mock cloud PBX that sends them.
//!
//! ```sh
//! cargo run -p voip-examples --example gravitel-webhook
//! cargo run -p voip-examples --example gravitel-webhook -- --listen 127.0.0.1:8080
//! ```
//!
//! Without arguments it plays three calls and ends. With `--listen` it stays, and prints a `curl`
//! line to try.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use url::Url;
use voip_examples::{MockPbx, usage};
use voip_module::carrier::Limits;
use voip_module::gravitel::{
    Contact, ContactLookup, ContactQuery, GravitelConfig, GravitelProvider, HistoryQuery, Period,
};
use voip_module::router::{TokioTimer, sink_fn};
use voip_module::transport::{ReqwestOptions, ReqwestTransport};
use voip_module::{Token, VoipProvider, WebhookRouter};

type Router = WebhookRouter<Arc<GravitelProvider<ReqwestTransport>>>;

const API_KEY: &str = "key-for-the-cloud-pbx"; // from Gravitel's page, for the module
const TOKEN: &str = "token-of-the-platform"; // from the platform, for Gravitel's cabinet

/// The CRM's answer to the question who is calling.
struct AddressBook;

#[async_trait]
impl ContactLookup for AddressBook {
    async fn find_contact(
        &self,
        query: &ContactQuery,
    ) -> Result<Option<Contact>, voip_module::Error> {
        let known = query.phone == "79990000001";
        Ok(known.then(|| Contact::named("Client One").responsible("admin")))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let listen: Option<SocketAddr> =
        match &*arguments.iter().map(String::as_str).collect::<Vec<_>>() {
            [] => None,
            ["--listen", address] => Some(address.parse()?),
            ["--help"] => usage::help("usage: gravitel-webhook [--listen ADDR]"),
            _ => usage::refuse("gravitel-webhook", "expected nothing, or --listen ADDR"),
        };

    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let transport = ReqwestTransport::new(crypto, ReqwestOptions::default())?;
    let pbx = MockPbx::start(API_KEY).await?;
    let config =
        GravitelConfig::new(pbx.endpoint.as_str(), API_KEY).with_crm_key(TOKEN).with_http();
    let provider =
        GravitelProvider::new(config, transport.clone()).contacts(AddressBook, TokioTimer);
    let provider = Arc::new(provider);

    let router = WebhookRouter::new(provider.clone(), Token::new(TOKEN)?)
        .path("/telephony")
        .timer(TokioTimer)
        .sink(sink_fn(|delivery| {
            println!("   to the CRM: {}", serde_json::to_string(delivery)?);
            Ok(())
        }));
    let webhook = serve(router, listen.unwrap_or_else(|| ([127, 0, 0, 1], 0).into())).await?;

    if listen.is_some() {
        println!("listening; stop with Ctrl-C. Try:\n");
        println!(
            "curl -i '{webhook}' -d 'cmd=event&type=INCOMING&phone=79990000001&ext=701&callid=C-1\
             &crm_token={TOKEN}'"
        );
        std::future::pending::<()>().await;
    }

    println!("## commands");
    println!("test connection: {:?}", provider.test_connection().await);
    for member in provider.members().await? {
        println!("member: {} {}", member.id, member.label);
    }
    provider.generate_call("702", "79990000002").await?;
    println!("asked for a call from 702 to 79990000002");

    println!("\n## pushes");
    for push in pbx.pushes(TOKEN) {
        let (status, body) = pbx.push(&transport, &webhook, &push).await?;
        println!("   answer: {} {body}", status.as_u16());
    }

    println!("\n## history");
    let history = provider.client().history(&HistoryQuery::period(Period::Today)).await?;
    for row in history.rows {
        let (id, kind, login) = (&row.id, &row.kind, row.login());
        println!("{id} {kind} {} {login} {} s", row.client, row.duration.as_secs());
    }
    let call = serde_json::json!({"id": "C-1", "link": "https://rec.example/a.mp3?id=1"});
    println!("recording: {}", provider.call_link(&call).await?);
    Ok(())
}

/// Starts the web server, and gives the URL that the platform would show.
async fn serve(router: Router, address: SocketAddr) -> Result<Url, Box<dyn Error>> {
    let listener = TcpListener::bind(address).await?;
    let url = format!("http://{}/telephony?token={TOKEN}", listener.local_addr()?);
    let app = axum::Router::new().fallback(webhook).with_state(Arc::new(router));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(url.parse()?)
}

/// What a web framework has to do: check the head, then bytes in, bytes out.
async fn webhook(State(router): State<Arc<Router>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(refusal) = router.precheck(&parts) {
        return axum::http::Response::from(refusal).map(axum::body::Body::from);
    }
    // A byte more than the router takes, so that it is the router that refuses what is too long.
    let Ok(body) = axum::body::to_bytes(body, Limits::default().body + 1).await else {
        return axum::http::StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let outcome = router.process(axum::http::Request::from_parts(parts, body)).await;
    if outcome.delivery.is_none() {
        println!("   nothing to deliver ({:?})", outcome.verdict);
    }
    outcome.response.map(axum::body::Body::from)
}
