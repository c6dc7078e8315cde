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

use super::export::Export;
use super::{App, error};
use crate::Shared;
use crate::sources::{Control, ControlError};
use crate::store::{Filter, StoreError};
use crate::timeline::{self, Outcome};

/// Calls of a page of the log, at most.
const MAX_LIMIT: u32 = 1_000;
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
    fn filter(self) -> Result<Filter, ApiError> {
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        let outcomes = timeline::outcomes(self.outcome.as_deref().unwrap_or_default());
        let outcomes = outcomes.ok_or_else(|| {
            ApiError::bad_request(format!(
                "outcome: expected a list of {}",
                Outcome::WORDS.join(", ")
            ))
        })?;
        let place = |before: &str| {
            let (started, number) = before.split_once('.')?;
            Some((started.parse().ok()?, number.parse().ok()?))
        };
        let before = text(self.before).map(|before| {
            place(&before)
                .ok_or_else(|| ApiError::bad_request("before: expected the `next` of another page"))
        });
        let before = before.transpose()?;
        let (search, source) = (text(self.search), text(self.source));
        Ok(Filter { search, source, outcomes, from: self.from, to: self.to, before })
    }
}

pub(super) async fn calls(
    State(shared): App,
    query: Result<Query<LogQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(query) = query?;
    let limit = query.limit.unwrap_or(100).clamp(1, MAX_LIMIT);
    let page = shared.store.calls(query.filter()?, limit).await?;
    let next = page.next.map(|(started, number)| format!("{started}.{number}"));
    Ok(Json(json!({"calls": page.calls, "next": next})).into_response())
}

pub(super) async fn call(
    State(shared): App,
    Path((source, id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let call = shared.store.call(&source, &id).await?;
    let call = call.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "no such call"))?;
    Ok(Json(call).into_response())
}

pub(super) async fn csv(
    State(shared): App,
    query: Result<Query<LogQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let filter = query?.0.filter()?;
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
    Ok((headers, Body::from_stream(body)).into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct DayQuery {
    date: Option<String>,
    zone: Option<String>,
}

pub(super) async fn day(
    State(shared): App,
    query: Result<Query<DayQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(query) = query?;
    let zone = TimeZone::get(query.zone.as_deref().unwrap_or("UTC"))
        .map_err(|_| ApiError::bad_request("zone: expected a time zone, such as Europe/Berlin"))?;
    let today = || {
        let now = jiff::Timestamp::from_microsecond(shared.config.clock.now())?;
        Ok(now.to_zoned_datetime(zone.clone()).date())
    };
    let date = query.date.map_or_else(today, |date| date.parse::<Date>());
    let date =
        date.map_err(|_| ApiError::bad_request("date: expected a date, such as 2026-11-25"))?;
    let day = shared.store.day(date, zone).await?;
    Ok(Json(day).into_response())
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
) -> Result<Response, ApiError> {
    let Json(NewCall { source, from, to }) = body?;
    if [&from, &to].iter().any(|text| text.trim().is_empty() || text.len() > 128) {
        return Err(ApiError::bad_request("from, to: expected 1 to 128 characters"));
    }
    let id = command(control(&shared, &source)?.call(&from, &to)).await?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))).into_response())
}

pub(super) async fn hang_up(
    State(shared): App,
    Path((source, id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    command(control(&shared, &source)?.hang_up(&id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The commands of a source.
fn control<'a>(shared: &'a Shared, source: &str) -> Result<&'a dyn Control, ApiError> {
    let parts = shared.sources.get(source);
    let parts = parts.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "no such source"))?;
    Ok(parts.control.as_deref().ok_or(ControlError::Unsupported)?)
}

/// Waits for a PBX to carry out a command.
async fn command<T>(work: impl Future<Output = Result<T, ControlError>>) -> Result<T, ApiError> {
    let result = tokio::time::timeout(PATIENCE, work).await;
    let late = |_| ApiError::new(StatusCode::GATEWAY_TIMEOUT, "the PBX did not answer in time");
    Ok(result.map_err(late)??)
}

/// An answer other than success.
pub(super) struct ApiError {
    status: StatusCode,
    text: String,
}

impl ApiError {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }

    fn bad_request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        error(self.status, &self.text)
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request(rejection.body_text())
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self::bad_request(rejection.body_text())
    }
}

impl From<ControlError> for ApiError {
    fn from(refusal: ControlError) -> Self {
        Self::new(refusal.status(), refusal.to_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(fault: StoreError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, fault.to_string())
    }
}
