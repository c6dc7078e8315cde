//! Page, API, webhooks and measurements over HTTP.

mod access;
mod api;
mod events;
mod export;
mod metrics;
mod page;
mod receive;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router, middleware};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::Shared;

type App = State<Arc<Shared>>;

pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<bool>,
) {
    let stopped = async move {
        // A sender that is gone is as good.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let served = axum::serve(listener, routes(shared)).with_graceful_shutdown(stopped).await;
    if let Err(error) = served {
        tracing::error!(%error, "the web server has ended");
    }
}

fn routes(shared: Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/api/sources", get(api::sources))
        .route("/api/state", get(api::state))
        .route("/api/events", get(events::events))
        .route("/api/calls", get(api::calls).post(api::start_call))
        .route("/api/calls.csv", get(api::csv))
        .route("/api/calls/{source}/{id}", get(api::call).delete(api::hang_up))
        .route("/api/day", get(api::day))
        .route("/metrics", get(metrics::metrics))
        .layer(middleware::from_fn_with_state(shared.clone(), access::check));
    Router::new()
        .merge(api)
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/in/{source}", any(receive::receive))
        .route("/in/{source}/{*rest}", any(receive::receive))
        .fallback(get(page::file))
        .with_state(shared)
}

/// Answers 200 if requests of PBXs would be taken now.
async fn ready(State(shared): App) -> Response {
    match shared.store.fault() {
        None => "ready\n".into_response(),
        Some(fault) => (StatusCode::SERVICE_UNAVAILABLE, format!("{fault}\n")).into_response(),
    }
}

/// An error with a status, as JSON.
fn error(status: StatusCode, text: &str) -> Response {
    let mut response = (status, Json(json!({"error": text}))).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    }
    response
}
