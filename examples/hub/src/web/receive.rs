//! Requests of PBXs: into the inbox, then to their source.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::WWW_AUTHENTICATE;
use axum::response::{IntoResponse, Response};

use super::{App, error};
use crate::inbox;

/// The longest body.
const MAX_BODY: usize = 4 << 20;
/// Time for a request to be answered once the hub stops.
const GRACE: Duration = Duration::from_secs(1);

pub(super) async fn receive(
    State(shared): App,
    Path(path): Path<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let name = path.into_iter().find(|(key, _)| key == "source").map(|(_, name)| name);
    let parts = name.as_ref().and_then(|name| shared.sources.get(name));
    let Some((name, receiver)) = name.zip(parts.and_then(|parts| parts.receiver.clone())) else {
        return error(StatusCode::NOT_FOUND, "no such source");
    };
    let (head, body) = request.into_parts();
    match receiver.check(&head) {
        Ok(()) => {}
        // A PBX may wait to be asked for the credentials in its URL.
        Err(StatusCode::UNAUTHORIZED) => {
            let challenge = [(WWW_AUTHENTICATE, "Basic realm=\"hub\"")];
            return (StatusCode::UNAUTHORIZED, challenge).into_response();
        }
        Err(status) => return status.into_response(),
    }
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request: http::Request<Bytes> = http::Request::from_parts(head, body);
    let Some(secrets) = receiver.secrets() else {
        let mut stop = shared.stop.clone();
        // A poll would be held for seconds.
        let stopping = async {
            let _ = stop.wait_for(|stop| *stop).await;
            tokio::time::sleep(GRACE).await;
        };
        return tokio::select! {
            response = receiver.handle(request, shared.config.clock.now()) => response.map(Body::from),
            () = stopping => error(StatusCode::SERVICE_UNAVAILABLE, "the hub stops"),
        };
    };
    let arrival = shared.config.clock.arrive();
    let row = inbox::write(&name, &request, arrival.at, &secrets);
    if let Err(fault) = shared.store.receive(row).await {
        return error(StatusCode::SERVICE_UNAVAILABLE, &fault.to_string());
    }
    shared.live.has_spoken(&name);
    receiver.handle(request, arrival.at).await.map(Body::from)
}
