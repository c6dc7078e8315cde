//! Web servers for a router, and for the service of a module.

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind};
use tokio::time::{sleep, timeout};
use voip_module::carrier::Limits;
use voip_module::module_script::ModuleService;
use voip_module::module_script::protocol::MAX_ASK_BYTES;
use voip_module::{VoipProvider, WebhookRouter};

/// Serves a router on a free port of this machine, and returns its address.
///
/// # Errors
///
/// If there is no free port.
pub async fn serve<P: VoipProvider + 'static>(
    router: Arc<WebhookRouter<P>>,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let app = axum::Router::new().fallback(webhook::<P>).with_state(router);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

/// The head is checked before the body is read; then bytes in, bytes out.
async fn webhook<P: VoipProvider + 'static>(
    State(router): State<Arc<WebhookRouter<P>>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(refusal) = router.precheck(&parts) {
        return http::Response::from(refusal).map(Into::into);
    }
    // A byte more than the router's limit, so that the router refuses a longer body.
    let Ok(body) = axum::body::to_bytes(body, Limits::default().body + 1).await else {
        return http::StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    router.handle(http::Request::from_parts(parts, body)).await.map(Into::into)
}

/// The service of a module, and the PBX's own way in at `/webhook`.
pub struct ModuleApp<P>(Arc<Parts<P>>);

type Parts<P> = (ModuleService<P>, Option<WebhookRouter<P>>);

impl<P> std::fmt::Debug for ModuleApp<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModuleApp").finish_non_exhaustive()
    }
}

impl<P: VoipProvider + 'static> ModuleApp<P> {
    /// Serves both at an address, and prints it.
    ///
    /// # Errors
    ///
    /// If the address cannot be used.
    pub async fn serve(
        address: SocketAddr,
        service: ModuleService<P>,
        webhooks: Option<WebhookRouter<P>>,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        println!("listening at {}", listener.local_addr()?);
        let app = Arc::new((service, webhooks));
        let routes = axum::Router::new().fallback(module::<P>).with_state(app.clone());
        tokio::spawn(axum::serve(listener, routes).into_future());
        Ok(Self(app))
    }

    /// Refuses new asks after 5 s, in which some still arrive, and waits up to 15 s for the running ones.
    pub async fn drain(&self) {
        let (service, _) = &*self.0;
        service.begin_shutdown();
        sleep(Duration::from_secs(5)).await;
        let _ = timeout(Duration::from_secs(15), service.idle()).await;
    }
}

async fn module<P: VoipProvider + 'static>(
    State(app): State<Arc<Parts<P>>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    // A byte more than the service's limit, so that the service refuses a longer body.
    let Ok(body) = axum::body::to_bytes(body, MAX_ASK_BYTES + 1).await else {
        return http::StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = http::Request::from_parts(parts, body);
    let answer = match &*app {
        (_, Some(webhooks)) if request.uri().path() == "/webhook" => webhooks.handle(request).await,
        (service, _) => service.handle(request).await,
    };
    answer.map(Into::into)
}

/// SIGTERM and Ctrl-C, from the moment at which this is made.
#[derive(Debug)]
pub struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// Takes the signals over.
    ///
    /// # Errors
    ///
    /// If signals cannot be received.
    pub fn listen() -> std::io::Result<Self> {
        let [terminate, interrupt] =
            [SignalKind::terminate(), SignalKind::interrupt()].map(tokio::signal::unix::signal);
        Ok(Self { terminate: terminate?, interrupt: interrupt? })
    }

    /// Ends the process at once on the next one, with code 1.
    pub fn exit_on_next(mut self) {
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(1)
        });
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! { _ = self.terminate.recv() => {} _ = self.interrupt.recv() => {} }
    }
}
