//! `POST /basix/api/call_user`: a leg to a user, as eavesdropping needs one.

use std::collections::VecDeque;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value as Json, json};

use super::super::connection::after;
use super::super::handshake::Credentials;
use super::Pbx;
use super::account::Caller;
use basix_cti::Timestamp;
use basix_cti::element::UserId;

/// The path of the request.
pub(crate) const CALL_USER_PATH: &str = "/basix/api/call_user";
/// Maximum size of a body, in bytes.
pub(crate) const MAX_BODY: usize = 64 << 10;

/// The legs that wait to be answered, and scripted answers.
#[derive(Clone, Debug)]
pub(super) struct CallUser {
    answer_after: Option<Duration>,
    ringing: Vec<(Timestamp, String)>,
    scripted: VecDeque<Response<Vec<u8>>>,
    requests: u64,
}

impl Default for CallUser {
    fn default() -> Self {
        Self {
            answer_after: Some(Duration::from_millis(200)),
            ringing: Vec::new(),
            scripted: VecDeque::new(),
            requests: 0,
        }
    }
}

impl CallUser {
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.ringing.iter().map(|(due, _)| *due).min()
    }
}

impl Pbx {
    /// Answers an HTTP request to the PBX: `POST /basix/api/call_user` makes a leg to a user and
    /// gives `result_code` 0 and `uuids`, or another code and `error.id`. Other paths are 404.
    ///
    /// The credentials are those of the websocket: `Authorization`, or a session as cookie or
    /// header. Without them `error.id` is `authentication_required`.
    #[must_use]
    pub fn handle_http(&mut self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        if request.uri().path() != CALL_USER_PATH {
            return answer(StatusCode::NOT_FOUND, &json!({"error": {"id": "not_found"}}));
        }
        if request.method() != Method::POST {
            let id = "method_not_allowed";
            return answer(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": {"id": id}}));
        }
        self.call_user.requests += 1;
        if let Some(scripted) = self.call_user.scripted.pop_front() {
            return scripted;
        }
        match self.call_user(request) {
            Ok(uuid) => answer(StatusCode::OK, &json!({"result_code": 0, "uuids": [uuid]})),
            Err(id) => answer(StatusCode::OK, &json!({"result_code": 1, "error": {"id": id}})),
        }
    }

    fn call_user(&mut self, request: &Request<Vec<u8>>) -> Result<String, &'static str> {
        let credentials = Credentials::from_headers(request.headers());
        let caller = self.caller(credentials.as_ref()).or(Err("authentication_required"))?;
        if request.body().len() > MAX_BODY {
            return Err("invalid_request");
        }
        let body: Json = serde_json::from_slice(request.body()).or(Err("invalid_request"))?;
        let user = body.get("user_id").and_then(Json::as_i64).map(UserId);
        let user = user.ok_or("invalid_request")?;
        let destination = body.get("destination").and_then(Json::as_str);
        let destination = destination.ok_or("invalid_request")?.to_owned();
        if matches!(caller, Caller::User { user: own, .. } if own != user) {
            return Err("permission_denied");
        }
        let origination = ["call_user", &user.to_string(), &destination];
        let uuid = self.originate(user, &destination, &origination).or(Err("user_not_found"))?;
        if let Some(time) = self.call_user.answer_after {
            self.call_user.ringing.push((after(self.now, time), uuid.clone()));
        }
        Ok(uuid)
    }

    /// Sets the time after which the legs of `call_user` are answered; never with `None`. 200 ms by
    /// default.
    pub const fn set_answer_after(&mut self, time: Option<Duration>) {
        self.call_user.answer_after = time;
    }

    /// Answers the next `call_user` with this response, without any other effect.
    pub fn script_call_user(&mut self, response: Response<Vec<u8>>) {
        self.call_user.scripted.push_back(response);
    }

    /// Number of `call_user` requests received.
    #[must_use]
    pub const fn call_user_requests(&self) -> u64 {
        self.call_user.requests
    }

    /// Answers the legs that are due.
    pub(super) fn answer_due(&mut self) {
        let now = self.now;
        let (due, ringing) = std::mem::take(&mut self.call_user.ringing)
            .into_iter()
            .partition(|(due, _)| *due <= now);
        self.call_user.ringing = ringing;
        let due: Vec<(Timestamp, String)> = due;
        for (_, uuid) in due {
            // It may have ended before.
            let _ = self.answer(&uuid);
        }
    }
}

fn answer(status: StatusCode, body: &Json) -> Response<Vec<u8>> {
    let mut response = Response::new(body.to_string().into_bytes());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
