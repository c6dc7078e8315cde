//! The service beside a module of ELMA365 / Brix365, as it runs in a container, for the Gravitel cloud PBX: put your own
//! `VoipProvider` in its place.
//!
//! ```sh
//! VOIP_BRIDGE_KEY=0123456789abcdef0123456789abcdef GRAVITEL_KEY=K3Y \
//! GRAVITEL_ENDPOINT=https://tenant.example/sys/crm_api.wcgp cargo run -p voip-examples --example elma-service
//! ```

use std::env::var;
use std::sync::Arc;

use tracing_subscriber::filter::LevelFilter;
use voip_examples::{ModuleApp, StopSignal};
use voip_module::WebhookRouter;
use voip_module::gravitel::{GravitelConfig, GravitelProvider};
use voip_module::module_script::ServiceConfig;
use voip_module::module_script::push::FileSpool;
use voip_module::router::TokioTimer;
use voip_module::transport::{ReqwestOptions, ReqwestTransport};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = ServiceConfig::from_env().unwrap_or_else(|mistakes| {
        eprintln!("{mistakes}");
        std::process::exit(2)
    });
    tracing_subscriber::fmt().with_max_level(config.log.parse::<LevelFilter>()?).init();

    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let transport = ReqwestTransport::new(crypto, ReqwestOptions::default().with_body(1 << 20))?;
    let [endpoint, key] =
        ["GRAVITEL_ENDPOINT", "GRAVITEL_KEY"].map(|it| var(it).unwrap_or_default());
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
        let router = WebhookRouter::new(provider, token).path("/webhook");
        router.timer(TokioTimer).sink(push.clone())
    });
    let mut stop = StopSignal::listen()?;
    let app = ModuleApp::serve(config.listen, service, webhooks).await?;

    stop.next().await;
    stop.exit_on_next();
    app.drain().await;
    push.begin_shutdown();
    Ok(pushing.await?)
}
