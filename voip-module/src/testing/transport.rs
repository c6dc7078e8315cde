//! A transport with prepared answers.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::StatusCode;

use crate::transport::{HttpTransport, TransportError};

type Answer = Result<http::Response<Bytes>, TransportError>;

/// A transport with scripted answers, which records the requests. Clones share both. After the last
/// answer every request fails. `Debug` shows counts only.
///
/// ```
/// use http::StatusCode;
/// use voip_module::gravitel::{GravitelConfig, GravitelProvider};
/// use voip_module::testing::ScriptedTransport;
///
/// let transport = ScriptedTransport::new().reply(StatusCode::OK, r#"[{"name":"admin","ext":"701"}]"#);
/// let config = GravitelConfig::new("https://pbx.example/sys/crm_api.wcgp", "K3Y");
/// let provider = GravitelProvider::new(config, transport.clone());
/// assert!(transport.requests().is_empty());
/// ```
#[derive(Clone, Default)]
pub struct ScriptedTransport(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    /// The answer after the last scripted one.
    always: Option<(StatusCode, Bytes)>,
    requests: Vec<http::Request<Bytes>>,
}

impl ScriptedTransport {
    /// Creates a transport without answers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an answer.
    #[must_use]
    pub fn reply(self, status: StatusCode, body: impl Into<Bytes>) -> Self {
        let mut response = http::Response::new(body.into());
        *response.status_mut() = status;
        self.script().answers.push_back(Ok(response));
        self
    }

    /// Sets the answer after the last scripted one.
    #[must_use]
    pub fn always(self, status: StatusCode, body: impl Into<Bytes>) -> Self {
        self.script().always = Some((status, body.into()));
        self
    }

    /// Adds a failure.
    #[must_use]
    pub fn fail(self, error: TransportError) -> Self {
        self.script().answers.push_back(Err(error));
        self
    }

    /// Returns the requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.script().requests.clone()
    }

    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl HttpTransport for ScriptedTransport {
    async fn send(&self, request: http::Request<Bytes>) -> Answer {
        let mut script = self.script();
        script.requests.push(request);
        if let Some(answer) = script.answers.pop_front() {
            return answer;
        }
        let (status, body) =
            script.always.clone().ok_or(TransportError::Request("the script has ended".into()))?;
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        Ok(response)
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let script = self.script();
        f.debug_struct("ScriptedTransport")
            .field("answers_left", &script.answers.len())
            .field("requests", &script.requests.len())
            .finish_non_exhaustive()
    }
}
