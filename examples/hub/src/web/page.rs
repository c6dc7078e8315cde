//! The page: files that are part of the program.

use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

macro_rules! files {
    ($($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../page/", $name)))),+]
    };
}

/// Name and content of each file.
const FILES: &[(&str, &str)] = files! {
    "index.html" "style.css" "icon.svg"
    "main.js" "api.js" "call_actions.js" "call_view.js" "chart.js" "day_view.js" "dom.js"
    "event_stream.js" "format.js" "live.js" "log_view.js" "now_view.js" "screen_pop.js" "since.js"
    "timeline.js"
};

/// Only the page's own files, no frames, no inline code.
const POLICY: &str =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

pub(super) async fn file(uri: Uri) -> Response {
    let name = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let Some((_, content)) = FILES.iter().find(|(known, _)| *known == name) else {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/html; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, *content).into_response()
}
