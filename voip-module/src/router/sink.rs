//! Where results go.

use std::sync::Arc;

use async_trait::async_trait;

use crate::model::VoipWebhookParseResult;

/// Why a result could not be taken.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Takes what the router made of webhook requests. It is waited for before the sender is answered,
/// so it should do no more than put the result into a queue.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Takes a result that holds an event, a record or a notice.
    ///
    /// # Errors
    ///
    /// If the result cannot be taken. The sender then gets 500 and may send it again.
    async fn deliver(&self, result: &VoipWebhookParseResult) -> Result<(), SinkError>;
}

#[async_trait]
impl<T: Sink + ?Sized> Sink for Arc<T> {
    async fn deliver(&self, result: &VoipWebhookParseResult) -> Result<(), SinkError> {
        (**self).deliver(result).await
    }
}

/// A [`Sink`] that calls a function.
#[must_use]
pub fn sink_fn<F>(function: F) -> impl Sink
where
    F: Fn(&VoipWebhookParseResult) -> Result<(), SinkError> + Send + Sync,
{
    struct FnSink<F>(F);

    #[async_trait]
    impl<F> Sink for FnSink<F>
    where
        F: Fn(&VoipWebhookParseResult) -> Result<(), SinkError> + Send + Sync,
    {
        async fn deliver(&self, result: &VoipWebhookParseResult) -> Result<(), SinkError> {
            (self.0)(result)
        }
    }

    FnSink(function)
}
