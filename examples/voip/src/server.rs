//! A web server for a router.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use voip_module::carrier::Limits;
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
