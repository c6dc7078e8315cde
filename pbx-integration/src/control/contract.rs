//! The contract of a host that controls calls.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::call_id::CallId;
use super::end_call::EndCall;
use super::error::ControlError;
use super::start_call::StartCall;

/// Starts and ends calls: implemented by connections to a PBX, and by `testing::MemoryHost`.
///
/// The contract, which `testing::call_control_conformance` checks:
///
/// - [`end_call`](Self::end_call) accepts the id that [`start_call`](Self::start_call) returned,
///   with the same JSON type.
/// - A call that is unknown or has ended is [`ControlError::NotFound`], at every attempt.
/// - A client token repeated within the call's time to connect is [`ControlError::Repeated`], and
///   no second call is started. A host that only forwards requests does not know tokens.
/// - No error contains a number or a name.
///
/// A wrapper must forward every method; `#![deny(clippy::missing_trait_methods)]` helps.
#[async_trait]
pub trait CallControl: fmt::Debug + Send + Sync {
    /// Starts a call and returns its id. Not idempotent.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    #[doc(alias = "startCall")]
    async fn start_call(&self, call: &StartCall) -> Result<CallId, ControlError>;

    /// Ends a call.
    ///
    /// # Errors
    ///
    /// [`ControlError::NotFound`] if it is unknown or has ended, and others.
    #[doc(alias = "endCall")]
    async fn end_call(&self, end: &EndCall) -> Result<(), ControlError>;
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<T: CallControl + ?Sized> CallControl for $pointer {
            async fn start_call(&self, call: &StartCall) -> Result<CallId, ControlError> {
                (**self).start_call(call).await
            }

            async fn end_call(&self, end: &EndCall) -> Result<(), ControlError> {
                (**self).end_call(end).await
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);

/// A host without call control: every request is [`ControlError::Unsupported`].
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "has no state")]
pub struct NoCallControl;

#[async_trait]
impl CallControl for NoCallControl {
    async fn start_call(&self, _: &StartCall) -> Result<CallId, ControlError> {
        Err(ControlError::Unsupported { operation: "startCall" })
    }

    async fn end_call(&self, _: &EndCall) -> Result<(), ControlError> {
        Err(ControlError::Unsupported { operation: "endCall" })
    }
}
