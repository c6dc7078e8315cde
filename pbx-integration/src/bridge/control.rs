//! Call control through the script.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;

use super::line::{CommandError, Failure, Line};
use crate::control::{CallControl, CallId, ControlError, EndCall, StartCall};
use crate::event::AsTenant as _;

/// Call control through the backend script of a PBX, made by [`Bridge::call_control`](super::Bridge::call_control).
///
/// An error says whether the PBX may have carried out the request: after [`ControlError::Unreachable`] nothing
/// was sent; after [`ControlError::Unknown`] a call may have been started, so do not start it again blindly.
#[derive(Clone)]
pub struct BridgeCalls {
    line: Arc<Line>,
    timeout: Duration,
}

impl BridgeCalls {
    pub(super) const fn new(line: Arc<Line>, timeout: Duration) -> Self {
        Self { line, timeout }
    }
}

#[async_trait]
impl CallControl for BridgeCalls {
    async fn start_call(&self, call: &StartCall) -> Result<CallId, ControlError> {
        let operation = "startCall";
        let args =
            serde_json::to_value(call).map_err(|error| ControlError::Unreachable(error.into()))?;
        let tenant = call.tenant().as_tenant();
        let result = self.line.command(operation, &args, tenant, self.timeout).await;
        let id = result.map_err(|error| control_error(operation, error))?;
        serde_json::from_value(id).map_err(|_| ControlError::Failed { operation })
    }

    async fn end_call(&self, end: &EndCall) -> Result<(), ControlError> {
        let operation = "endCall";
        let args = json!({
            "id": end.id(), "code": end.code(), "expl": end.text(), "forced": end.is_forced(),
        });
        let result = self.line.command(operation, &args, None, self.timeout).await;
        result.map(drop).map_err(|error| control_error(operation, error))
    }
}

fn control_error(operation: &'static str, error: CommandError) -> ControlError {
    match error {
        CommandError::Failed { error: Failure::Unsupported, .. } => {
            ControlError::Unsupported { operation }
        }
        CommandError::Failed { error: Failure::NotFound, .. } => ControlError::NotFound,
        CommandError::Failed { .. } => ControlError::Failed { operation },
        CommandError::Unknown => ControlError::Unknown(error.into()),
        error => ControlError::Unreachable(error.into()),
    }
}

impl fmt::Debug for BridgeCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeCalls").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
