//! Measurements, as Prometheus text.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::Registry;

use super::App;

pub(super) async fn metrics(State(shared): App) -> Response {
    let figures = shared.store.figures();
    let read = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
    let gauge =
        |figure: &AtomicU64| ConstGauge::new(i64::try_from(read(figure)).unwrap_or(i64::MAX));
    let mut registry = Registry::with_prefix("hub");
    let counter = |figure: &AtomicU64| ConstCounter::new(read(figure));
    registry.register("requests", "Requests of PBXs that were kept", counter(&figures.requests));
    registry.register("changes", "Changes of calls", counter(&figures.changes));
    registry.register("commits", "Commits of the database", counter(&figures.commits));
    registry.register("commit_failures", "Commits that failed", counter(&figures.failures));
    registry.register("outbox", "Changes that wait for receivers", gauge(&figures.outbox));
    registry.register("unwritten", "Calls to be written again", gauge(&figures.unwritten));
    let snapshot = shared.live.snapshot();
    let calls = i64::try_from(snapshot.calls.len()).unwrap_or(i64::MAX);
    registry.register("calls", "Calls that go on", ConstGauge::new(calls));
    let sources = Family::<Vec<(String, String)>, Gauge>::default();
    for source in shared.live.sources() {
        let labels = vec![("source".to_owned(), source.name)];
        sources.get_or_create(&labels).set(i64::from(source.is_current));
    }
    registry.register("source_current", "1 if the state of a source is its present one", sources);
    let counters = || Family::<Vec<(String, String)>, Counter>::default();
    let gauges = || Family::<Vec<(String, String)>, Gauge>::default();
    let (delivered, failures, refused, away) = (counters(), counters(), gauges(), gauges());
    for receiver in &shared.targets {
        let labels = vec![("receiver".to_owned(), receiver.name.clone())];
        delivered.get_or_create(&labels).inc_by(read(&receiver.delivered));
        failures.get_or_create(&labels).inc_by(read(&receiver.failures));
        let kept = i64::try_from(read(&receiver.refused)).unwrap_or(i64::MAX);
        refused.get_or_create(&labels).set(kept);
        let is_away = receiver.is_away.load(Ordering::Relaxed);
        away.get_or_create(&labels).set(i64::from(is_away));
    }
    registry.register("delivered", "Changes that a receiver has taken", delivered);
    registry.register("delivery_failures", "Attempts that a receiver did not take", failures);
    registry.register("refused", "Changes that a receiver has refused and that are kept", refused);
    registry.register("receiver_away", "1 if a receiver was away at the last attempt", away);
    let mut text = String::new();
    let _ = encode(&mut text, &registry); // into memory
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
