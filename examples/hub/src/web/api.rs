//! The API.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

use super::{App, error};
use crate::sources::ControlError;
use crate::store::{Filter, StoreError};
use crate::timeline::{self, Call, Outcome};

/// Calls of a page of the log, at most.
const MAX_LIMIT: u32 = 1_000;
/// Bytes of an export that are sent together.
const CHUNK: usize = 32 << 10;
/// Time for a PBX to carry out a command.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn sources(State(shared): App) -> Response {
    Json(shared.live.sources()).into_response()
}

pub(super) async fn state(State(shared): App) -> Response {
    Json(shared.live.snapshot()).into_response()
}

/// The filters of the log, as a query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LogQuery {
    search: Option<String>,
    source: Option<String>,
    outcome: Option<String>,
    from: Option<i64>,
    to: Option<i64>,
    before: Option<String>,
    limit: Option<u32>,
}

impl LogQuery {
    fn filter(self) -> Result<Filter, String> {
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        let outcomes = timeline::outcomes(self.outcome.as_deref().unwrap_or_default());
        let outcomes = outcomes
            .ok_or_else(|| format!("outcome: expected a list of {}", Outcome::WORDS.join(", ")))?;
        let place = |before: &str| {
            let (started, number) = before.split_once('.')?;
            Some((started.parse().ok()?, number.parse().ok()?))
        };
        let before = match text(self.before) {
            None => None,
            Some(before) => {
                Some(place(&before).ok_or("before: expected the `next` of another page")?)
            }
        };
        let (search, source) = (text(self.search), text(self.source));
        Ok(Filter { search, source, outcomes, from: self.from, to: self.to, before })
    }
}

pub(super) async fn calls(
    State(shared): App,
    query: Result<Query<LogQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => return error(StatusCode::BAD_REQUEST, &rejection.body_text()),
    };
    let limit = query.limit.unwrap_or(100).clamp(1, MAX_LIMIT);
    let filter = match query.filter() {
        Ok(filter) => filter,
        Err(text) => return error(StatusCode::BAD_REQUEST, &text),
    };
    match shared.store.calls(filter, limit).await {
        Ok(page) => {
            let next = page.next.map(|(started, number)| format!("{started}.{number}"));
            Json(json!({"calls": page.calls, "next": next})).into_response()
        }
        Err(fault) => unavailable(&fault),
    }
}

pub(super) async fn call(
    State(shared): App,
    Path((source, id)): Path<(String, String)>,
) -> Response {
    match shared.store.call(&source, &id).await {
        Ok(Some(call)) => Json(call).into_response(),
        Ok(None) => error(StatusCode::NOT_FOUND, "no such call"),
        Err(fault) => unavailable(&fault),
    }
}

pub(super) async fn csv(
    State(shared): App,
    query: Result<Query<LogQuery>, QueryRejection>,
) -> Response {
    let filter = query.map_err(|rejection| rejection.body_text());
    let filter = match filter.and_then(|Query(query)| query.filter()) {
        Ok(filter) => filter,
        Err(text) => return error(StatusCode::BAD_REQUEST, &text),
    };
    // A slow reader holds the question up, not the memory.
    let (chunks, receiver) = mpsc::channel::<Bytes>(4);
    let store = shared.store.clone();
    tokio::spawn(async move {
        let mut export = Export::new(chunks);
        if let Err(fault) = store.each_call(filter, move |call| export.take(call)).await {
            tracing::warn!(%fault, "an export has ended early");
        }
    });
    let body = stream::unfold(receiver, |mut receiver| async {
        let chunk = receiver.recv().await?;
        Some((Ok::<_, std::io::Error>(chunk), receiver))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"calls.csv\""),
    ];
    (headers, Body::from_stream(body)).into_response()
}

/// Calls on their way into a CSV file.
struct Export {
    lines: csv::Writer<Vec<u8>>,
    chunks: mpsc::Sender<Bytes>,
}

impl Export {
    const COLUMNS: [&str; 15] = [
        "source",
        "id",
        "direction",
        "state",
        "customer",
        "customer_name",
        "called_number",
        "queue",
        "answered_by",
        "placed_by",
        "started_at",
        "wait_s",
        "talk_s",
        "outcome",
        "recording",
    ];

    fn new(chunks: mpsc::Sender<Bytes>) -> Self {
        let mut lines = csv::Writer::from_writer(Vec::new());
        let _ = lines.write_record(Self::COLUMNS); // into memory
        Self { lines, chunks }
    }

    /// Adds a call, or ends the file; returns whether somebody still reads it.
    fn take(&mut self, call: Option<Call>) -> bool {
        let is_end = call.is_none();
        if let Some(call) = call {
            let seconds = |time: Option<i64>| time.map(|time| (time / 1_000_000).to_string());
            let started = jiff::Timestamp::from_microsecond(call.started_at_us);
            let text = |text: Option<String>| text.unwrap_or_default();
            let record = [
                call.source,
                call.id,
                call.direction.as_str().into(),
                call.state.as_str().into(),
                call.customer,
                text(call.customer_name),
                call.called_number,
                text(call.queue),
                text(call.answered_by),
                text(call.placed_by),
                started.map_or_else(|_| String::new(), |started| started.to_string()),
                text(seconds(call.wait_us)),
                text(seconds(call.talk_us)),
                text(call.outcome.map(|outcome| outcome.as_str().into())),
                text(call.recording),
            ];
            let _ = self.lines.write_record(record.map(without_formula));
        }
        let _ = self.lines.flush();
        if !is_end && self.lines.get_ref().len() < CHUNK {
            return true;
        }
        let next = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        let lines = std::mem::replace(&mut self.lines, next);
        let chunk = lines.into_inner().unwrap_or_default();
        self.chunks.blocking_send(chunk.into()).is_ok()
    }
}

/// A cell that no spreadsheet takes for a formula; callers choose their names.
fn without_formula(cell: String) -> String {
    let is_number = cell.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit());
    match cell.chars().next() {
        Some('=' | '@' | '\t' | '\r') => format!("'{cell}"),
        Some('+' | '-') if !is_number => format!("'{cell}"),
        _ => cell,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct DayQuery {
    date: Option<String>,
    zone: Option<String>,
}

pub(super) async fn day(
    State(shared): App,
    query: Result<Query<DayQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => return error(StatusCode::BAD_REQUEST, &rejection.body_text()),
    };
    let Ok(zone) = TimeZone::get(query.zone.as_deref().unwrap_or("UTC")) else {
        return error(StatusCode::BAD_REQUEST, "zone: expected a time zone, such as Europe/Berlin");
    };
    let today = || {
        let now = jiff::Timestamp::from_microsecond(shared.config.clock.now())?;
        Ok(now.to_zoned_datetime(zone.clone()).date())
    };
    let Ok(date) = query.date.map_or_else(today, |date| date.parse::<Date>()) else {
        return error(StatusCode::BAD_REQUEST, "date: expected a date, such as 2026-11-25");
    };
    match shared.store.day(date, zone).await {
        Ok(day) => Json(day).into_response(),
        Err(fault) => unavailable(&fault),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCall {
    source: String,
    from: String,
    to: String,
}

pub(super) async fn start_call(
    State(shared): App,
    body: Result<Json<NewCall>, JsonRejection>,
) -> Response {
    let NewCall { source, from, to } = match body {
        Ok(Json(body)) => body,
        Err(rejection) => return error(StatusCode::BAD_REQUEST, &rejection.body_text()),
    };
    if [&from, &to].iter().any(|text| text.trim().is_empty() || text.len() > 128) {
        return error(StatusCode::BAD_REQUEST, "from, to: expected 1 to 128 characters");
    }
    let Some(parts) = shared.sources.get(&source) else {
        return error(StatusCode::NOT_FOUND, "no such source");
    };
    let Some(control) = &parts.control else {
        let refusal = ControlError::Unsupported;
        return error(refusal.status(), &refusal.to_string());
    };
    match tokio::time::timeout(PATIENCE, control.call(&from, &to)).await {
        Ok(Ok(id)) => (StatusCode::CREATED, Json(json!({"id": id}))).into_response(),
        Ok(Err(refusal)) => error(refusal.status(), &refusal.to_string()),
        Err(_) => error(StatusCode::GATEWAY_TIMEOUT, "the PBX did not answer in time"),
    }
}

pub(super) async fn hang_up(
    State(shared): App,
    Path((source, id)): Path<(String, String)>,
) -> Response {
    let control = shared.sources.get(&source).and_then(|parts| parts.control.as_ref());
    let Some(control) = control else {
        let refusal = ControlError::Unsupported;
        return error(refusal.status(), &refusal.to_string());
    };
    match tokio::time::timeout(PATIENCE, control.hang_up(&id)).await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(refusal)) => error(refusal.status(), &refusal.to_string()),
        Err(_) => error(StatusCode::GATEWAY_TIMEOUT, "the PBX did not answer in time"),
    }
}

fn unavailable(fault: &StoreError) -> Response {
    error(StatusCode::SERVICE_UNAVAILABLE, &fault.to_string())
}
