//! Commands in web requests to the PBX.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Request, StatusCode};
use serde::Deserialize;

use super::auth::BridgeSecret;
use super::line::Line;
use super::protocol::{self, CommandResult};
use super::url::{self, InvalidUrl};
use crate::control::{ControlError, HttpTransport};

/// The road of commands through web requests, for a PBX that the service can reach; made by
/// [`Bridge::web_commands`](super::Bridge::web_commands).
///
/// The script has to be made for it ([`web_commands`](super::BackendScriptBuilder::web_commands)). Each command goes by
/// this road or by another, whichever takes it first, and runs once.
///
/// ```
/// use std::time::Duration;
/// use pbx_integration::bridge::{Timer, WebCommands};
/// use pbx_integration::control::HttpTransport;
///
/// async fn run(commands: WebCommands, client: impl HttpTransport, timer: impl Timer) {
///     loop {
///         if let Err(error) = commands.post(&client).await {
///             eprintln!("{error}");
///             timer.sleep(Duration::from_secs(1)).await;
///         }
///     }
/// }
/// ```
pub struct WebCommands {
    line: Arc<Line>,
    url: String,
    secret: BridgeSecret,
}

/// The answer of the script.
#[derive(Deserialize)]
struct Answer {
    results: Vec<CommandResult>,
}

#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("expected the results of commands")]
struct NoResults;

impl WebCommands {
    pub(super) fn new(
        line: Arc<Line>,
        url: &str,
        secret: &BridgeSecret,
    ) -> Result<Self, InvalidUrl> {
        Ok(Self { line, url: url::checked(url)?.to_owned(), secret: secret.clone() })
    }

    /// Waits for commands, posts them once, and takes their results.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unreachable`] or [`ControlError::Refused`]: no command was carried out. They wait for another
    /// try, or another road, until their time is over. [`ControlError::Unknown`]: they may have been carried out, and are
    /// not given again.
    // X42
    pub async fn post(&self, client: &impl HttpTransport) -> Result<(), ControlError> {
        let taken = self.take().await;
        let posted = self.post_once(client, &taken).await;
        if let Err(ControlError::Unreachable(_) | ControlError::Refused { .. }) = posted {
            taken.iter().for_each(|(number, _)| self.line.state().commands.give_back(*number));
            self.line.commands_changed.notify(usize::MAX);
        }
        posted
    }

    async fn take(&self) -> Vec<(u64, String)> {
        loop {
            let changed = self.line.commands_changed.listen();
            let taken = self.line.take_for_web(&self.secret);
            if !taken.is_empty() {
                return taken;
            }
            changed.await;
        }
    }

    async fn post_once(
        &self,
        client: &impl HttpTransport,
        taken: &[(u64, String)],
    ) -> Result<(), ControlError> {
        let answer = client.send(self.request(taken)?).await?;
        match answer.status() {
            StatusCode::OK if answer.body().len() <= protocol::MAX_BYTES => {}
            code if code.is_client_error() => {
                return Err(ControlError::Refused { code: code.as_u16() });
            }
            _ => return Err(ControlError::Unknown(NoResults.into())),
        }
        let answer: Answer = serde_json::from_slice(answer.body())
            .map_err(|_| ControlError::Unknown(NoResults.into()))?;
        answer.results.into_iter().for_each(|result| self.line.finish(result));
        Ok(())
    }

    fn request(&self, taken: &[(u64, String)]) -> Result<Request<Bytes>, ControlError> {
        let unsent = |error: http::Error| ControlError::Unreachable(error.into());
        let bearer = format!("Bearer {}", self.secret.expose());
        let mut bearer = HeaderValue::try_from(bearer).map_err(|error| unsent(error.into()))?;
        bearer.set_sensitive(true);
        let commands: Vec<&str> = taken.iter().map(|(_, json)| &**json).collect();
        Request::post(&self.url)
            .header(AUTHORIZATION, bearer)
            .header(CONTENT_TYPE, "application/json")
            .body(Bytes::from(protocol::commands(&commands)))
            .map_err(unsent)
    }
}

impl fmt::Debug for WebCommands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebCommands").field("url", &self.url).finish_non_exhaustive()
    }
}
