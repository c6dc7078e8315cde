//! A web server for two integrations, and a pretend PBX that reports to it.
//!
//! ```sh
//! cargo run -p pbx-examples --example vodia-events
//! ```
//!
//! The CRM is for the extensions 41 and 42, the ticket system for 43 and 44. The program plays a call
//! to a queue, from ringing to record, saves and loads settings, has a click in the CRM start a call,
//! ends it, and ends itself.

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use pbx_examples::http_client::HttpClient;
use pbx_examples::pretend_pbx::PretendPbx;
use pbx_examples::queue_call::{self, TENANT};
use pbx_examples::usage::no_arguments;
use pbx_integration::event::Tenant;
use pbx_integration::integration::{Dispatch, EntryPoint};
use pbx_integration::settings::{FileSettings, SaveResult};
use pbx_integration::{
    AgentEvent, Cdr, Context, Coverage, EndCall, Error, GroupEvent, HttpReply, HttpRequest,
    Identifier, Integration, Registry, Secret, Settings, StartCall,
};
use serde_json::Value;
use tokio::net::TcpListener;

const PBX_TOKEN: &str = "token-between-pbx-and-bridge";
const CRM_TOKEN: &str = "token-of-the-crm";

/// A CRM: it shows who calls, and starts calls when somebody clicks on a number.
struct Crm;

#[async_trait]
impl Integration for Crm {
    async fn on_group(&self, _: &Context, event: GroupEvent) -> Result<(), Error> {
        let ringing: Vec<_> =
            event.ringing.iter().filter_map(|agent| agent.number.as_deref()).collect();
        let agent = event.agent.as_ref().and_then(|agent| agent.number.as_deref());
        println!("   crm: group is {:?}, rings at {ringing:?}, agent {agent:?}", event.phase());
        Ok(())
    }

    async fn on_agent(&self, _: &Context, event: AgentEvent) -> Result<(), Error> {
        let caller = event.caller.and_then(|caller| caller.name).unwrap_or_default();
        println!("   crm: pop-up at the agent's desk: {caller}");
        Ok(())
    }

    async fn on_cdr(&self, ctx: &Context, cdr: Cdr) -> Result<(), Error> {
        let call = cdr.summary();
        println!(
            "   crm: record {}, {}, net talk {:?}",
            cdr.callid, call.disposition, call.net_talk
        );
        let settings = ctx.settings().tenant(&cdr.domain);
        let seen = settings.public("records").await?.and_then(|seen| seen.as_u64()).unwrap_or(0);
        let _ = settings.set_public("records", seen + 1).await?;
        Ok(())
    }

    async fn on_http(&self, ctx: &Context, request: HttpRequest) -> Result<HttpReply, Error> {
        let token = ctx.settings().tenant(&request.domain).secret("token").await?;
        if !token.is_some_and(|token| request.presents("X-Token", &token)) {
            return Ok(HttpReply::json(401, r#"{"error":"wrong token"}"#));
        }
        let body: Value = serde_json::from_str(request.body()?).map_err(Error::other)?;
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let call = StartCall::builder(ctx.tenant(), text("dial")).user(text("user")).timeout(30.0);
        let id = ctx.calls().start_call(&call.client_token("click-1").build()?).await?;
        println!("   crm: started call {id}");
        ctx.calls().end_call(&EndCall::builder(id.clone()).build()?).await?;
        println!("   crm: ended call {id}");
        Ok(HttpReply::json(200, serde_json::json!({ "call": id }).to_string()))
    }
}

/// A ticket system: it opens a ticket for a call that nobody took.
struct Tickets;

#[async_trait]
impl Integration for Tickets {
    async fn on_group(&self, _: &Context, event: GroupEvent) -> Result<(), Error> {
        println!("   tickets: {} missed so far", event.missed.len());
        Ok(())
    }

    async fn on_cdr(&self, _: &Context, cdr: Cdr) -> Result<(), Error> {
        println!("   tickets: record {}, {}", cdr.callid, cdr.summary().disposition);
        Ok(())
    }
}

/// The state of the web server.
struct Bridge {
    registry: Registry,
    token: Secret,
    tenant: Option<Tenant>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError + Send + Sync>> {
    no_arguments("vodia-events", "A bridge, a pretend PBX and two integrations in one program.");
    let folder = Folder::new();
    let store = Arc::new(FileSettings::open(&folder.0)?);
    let pbx = PretendPbx::start(PBX_TOKEN.into()).await?;

    let registry = Registry::new(store.clone(), Arc::new(pbx.call_control()));
    let crm = Identifier::new("ourcrmsys")?;
    registry.register(crm.clone(), Coverage::none().extensions(TENANT, ["41", "42"]), Crm)?;
    let tickets = Coverage::none().extensions(TENANT, ["43", "44"]);
    registry.register(Identifier::new("tickets")?, tickets, Tickets)?;
    let bridge = Bridge { registry, token: PBX_TOKEN.into(), tenant: Tenant::new(TENANT) };
    let bridge = HttpClient::new(serve(bridge).await?, PBX_TOKEN.into());

    println!("## settings");
    let settings = Settings::new(store, crm).tenant(TENANT);
    let form = format!(r#"[{{"url":"https://crm.example.com"}}, {{"token":"{CRM_TOKEN}"}}]"#);
    for returned in [&*form, &form, r#"[{"url":"https://crm.example.com/v2"}, {"token":""}]"#] {
        let saved = settings.save(SaveResult::parse(returned)?).await?;
        match saved.is_unchanged() {
            true => println!("saved: unchanged"),
            false => println!("saved: public {:?}, secret {:?}", saved.public, saved.secrets),
        }
    }
    println!("loaded: {} {:?}", settings.form_data().await?, settings.secret("token").await?);

    println!("\n## a call to the queue, and two others");
    for (entry_point, payload) in queue_call::answered().into_iter().chain(queue_call::others()) {
        println!("-> {entry_point}");
        let (status, answer) = pbx.report(&bridge, entry_point, &payload).await?;
        println!("   answer: {} {answer}", status.as_u16());
    }

    println!("\n## clicks in the CRM");
    for token in ["a guess", CRM_TOKEN] {
        println!("-> onhttp");
        let click = queue_call::click_to_dial(token);
        let (status, answer) = pbx.report(&bridge, EntryPoint::Http, &click).await?;
        println!("   answer: {} {answer}", status.as_u16());
    }
    for call in pbx.host().calls() {
        let ended = call.end.as_ref().map(|end| (end.code(), end.text()));
        println!("in the PBX: call {} to {}, ended with {ended:?}", call.id, call.start.to());
    }
    println!("loaded: {}", settings.form_data().await?);
    Ok(())
}

/// Starts the web server, and gives its address.
async fn serve(bridge: Bridge) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    let app = Router::new().route("/{entry_point}", post(receive)).with_state(Arc::new(bridge));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

/// All that a web framework has to do: bytes in, bytes out.
async fn receive(
    State(bridge): State<Arc<Bridge>>,
    Path(entry_point): Path<String>,
    request: Request,
) -> Response {
    let presented = request.headers().get(header::AUTHORIZATION).map(|value| value.as_bytes());
    let token = presented.and_then(|value| value.strip_prefix(b"Bearer "));
    if !token.is_some_and(|token| bridge.token.matches(token)) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(entry_point) = entry_point.parse::<EntryPoint>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Ok(body) = axum::body::to_bytes(request.into_body(), 4 << 20).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    // The token belongs to this tenant's PBX, whatever the payload says.
    let tenant = bridge.tenant.as_ref();
    let dispatch = match bridge.registry.dispatch_json(entry_point, tenant, &body).await {
        Ok(dispatch) => dispatch,
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or_default();
            return (status, error.to_string()).into_response();
        }
    };
    for receipt in dispatch.failures() {
        eprintln!("{receipt}");
    }
    answer(&dispatch)
}

/// The answer to the PBX: for a web request the four values of its reply function.
fn answer(dispatch: &Dispatch) -> Response {
    if let Some(reply) = &dispatch.reply {
        return serde_json::to_string(reply).unwrap_or_default().into_response();
    }
    let status = StatusCode::from_u16(dispatch.status()).unwrap_or_default();
    let receipts: Vec<_> = dispatch.receipts.iter().map(ToString::to_string).collect();
    (status, receipts.join(", ")).into_response()
}

/// A folder for the settings, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("vodia-events-{}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
