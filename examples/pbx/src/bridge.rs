//! A web server between a PBX and a registry.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use pbx_integration::bridge::BridgeService;
use pbx_integration::event::Tenant;
use pbx_integration::integration::{Dispatch, EntryPoint};
use pbx_integration::{Registry, Secret};
use tokio::net::TcpListener;

#[cfg(feature = "websocket")]
use crate::websocket::upgrade;

struct Bridge {
    registry: Registry,
    token: Secret,
    tenant: Option<Tenant>,
}

/// Serves a registry on a free port of this machine, for the PBX of one tenant, which knows the token.
///
/// # Errors
///
/// If there is no free port.
pub async fn serve(registry: Registry, token: Secret, tenant: &str) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    let bridge = Bridge { registry, token, tenant: Tenant::new(tenant) };
    let app = Router::new().route("/{entry_point}", post(receive)).with_state(Arc::new(bridge));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

/// Serves a bridge on a free port of this machine, websockets included.
///
/// # Errors
///
/// If there is no free port.
pub async fn serve_bridge(service: BridgeService) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    let app = Router::new().fallback(async move |request: Request| {
        #[cfg(feature = "websocket")]
        if request.uri().path().ends_with("/v1/ws") {
            return upgrade(service, request).await;
        }
        let (head, body) = request.into_parts();
        if let Err(status) = service.precheck(&head) {
            return status.into_response();
        }
        match axum::body::to_bytes(body, 4 << 20).await {
            Ok(body) => service.handle(Request::from_parts(head, body)).await.map(Body::from),
            Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

/// The part of the web framework: bytes in, bytes out.
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
    // The token belongs to this tenant's PBX, independent of the payload.
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
