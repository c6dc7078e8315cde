//! The service beside a module of ELMA365 / Brix365, as it runs in a container: the Gravitel cloud
//! PBX, set up by environment variables.
//!
//! ```sh
//! VOIP_BRIDGE_LISTEN=127.0.0.1:3000 VOIP_BRIDGE_KEY=0123456789abcdef0123456789abcdef \
//! GRAVITEL_ENDPOINT=https://tenant.example/sys/crm_api.wcgp GRAVITEL_KEY=K3Y \
//!     cargo run -p voip-examples --example elma-service
//! ```
//!
//! Copy it, and put your own `VoipProvider` in the place of Gravitel's.

use std::error::Error;
use std::future::IntoFuture as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{sleep, timeout};
use tracing_subscriber::filter::LevelFilter;
use voip_module::WebhookRouter;
use voip_module::gravitel::{GravitelConfig, GravitelProvider};
use voip_module::module_script::push::FileSpool;
use voip_module::module_script::{ModuleService, ServiceConfig};
use voip_module::router::TokioTimer;
use voip_module::transport::{ReqwestOptions, ReqwestTransport};

type Provider = Arc<GravitelProvider<ReqwestTransport>>;

/// The service, and the PBX's own way in.
type App = Arc<(ModuleService<Provider>, Option<WebhookRouter<Provider>>)>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = ServiceConfig::from_env().unwrap_or_else(|mistakes| {
        eprintln!("{mistakes}");
        std::process::exit(2)
    });
    tracing_subscriber::fmt().with_max_level(config.log.parse::<LevelFilter>()?).init();
    let listener = TcpListener::bind(config.listen).await?;
    let mut signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    println!("listening at {}", listener.local_addr()?);

    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let transport = ReqwestTransport::new(crypto, ReqwestOptions::default().with_body(1 << 20))?;
    let [endpoint, key] =
        ["GRAVITEL_ENDPOINT", "GRAVITEL_KEY"].map(|name| std::env::var(name).unwrap_or_default());
    let gravitel = GravitelConfig::new(endpoint, key);
    let provider = Arc::new(GravitelProvider::new(gravitel, transport.clone()));

    let mut pusher = config.pusher(transport, TokioTimer);
    if let Some(directory) = &config.spool_dir {
        pusher = pusher.spool(FileSpool::open(directory)?);
    }
    let mut pusher = pusher.build()?;
    let push = pusher.handle();
    config.webhook_url.iter().try_for_each(|url| push.set_target(url.clone()))?;
    let pushing = tokio::spawn(async move { pusher.run().await });

    let service = config.service(provider.clone(), TokioTimer).push(push.clone());
    let webhooks = config.provider_token.map(|token| {
        WebhookRouter::new(provider, token).path("/webhook").timer(TokioTimer).sink(push.clone())
    });
    let app = Arc::new((service, webhooks));
    let routes = axum::Router::new().fallback(answer).with_state(app.clone());
    tokio::spawn(axum::serve(listener, routes).into_future());

    stop_signal(&mut signals).await;
    tokio::spawn(async move {
        stop_signal(&mut signals).await;
        std::process::exit(1)
    });
    app.0.begin_shutdown();
    sleep(Duration::from_secs(5)).await; // asks still arrive
    let _ = timeout(Duration::from_secs(15), app.0.idle()).await;
    push.begin_shutdown();
    Ok(pushing.await?)
}

async fn stop_signal([terminate, interrupt]: &mut [Signal; 2]) {
    tokio::select! { _ = terminate.recv() => {} _ = interrupt.recv() => {} }
}

async fn answer(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, (512 << 10) + 1).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = http::Request::from_parts(parts, body);
    let answer = match &*app {
        (_, Some(webhooks)) if request.uri().path() == "/webhook" => webhooks.handle(request).await,
        (service, _) => service.handle(request).await,
    };
    answer.map(Into::into)
}
