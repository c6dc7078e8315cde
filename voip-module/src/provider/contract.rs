//! The contract that a provider keeps.

use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use super::{CallControl, Capabilities, ContactLookup};
use crate::carrier::WebhookRequest;
use crate::error::{Error, ParseError};
use crate::model::{CallData, VoipMember, VoipTestConnectionResult, VoipWebhookParseResult};

/// A telephony provider, seen by the platform (§4.1): five mandatory functions and what it may
/// offer beyond them.
///
/// Whoever wraps a provider forwards every method; `#![deny(clippy::missing_trait_methods)]` helps.
#[async_trait]
pub trait VoipProvider: Send + Sync {
    /// Tells the user whether the connection works. A fault of the provider is a failed result with
    /// a reason, not an error (V29).
    #[doc(alias = "VoipTestConnection")]
    async fn test_connection(&self) -> VoipTestConnectionResult;

    /// Turns a webhook request into what the platform should do.
    ///
    /// To refuse a request, answer with a result that holds the refusal
    /// (`VoipWebhookParseResult::from(parse_error)`).
    ///
    /// # Errors
    ///
    /// A fault of the provider itself. The sender gets 500 `internal error` (V46).
    #[doc(alias = "VoipParseWebhookRequest")]
    async fn parse_webhook(
        &self,
        request: &WebhookRequest,
    ) -> Result<VoipWebhookParseResult, ParseError>;

    /// The provider's operators, for the mapping table.
    ///
    /// # Errors
    ///
    /// Whatever the provider meets.
    #[doc(alias = "VoipGetMembers")]
    async fn members(&self) -> Result<Vec<VoipMember>, Error>;

    /// Starts a call from `src_phone`, an operator, to `dst_phone`.
    ///
    /// # Errors
    ///
    /// Whatever the provider meets.
    #[doc(alias = "VoipGenerateCall")]
    async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error>;

    /// The link to a recording, from the [`call`](crate::VoipCallRecord::call) of its record (V18).
    ///
    /// # Errors
    ///
    /// [`Error::Link`] if there is no recording or no usable link.
    #[doc(alias = "VoipGetCallLink")]
    async fn call_link(&self, call: &CallData) -> Result<String, Error>;

    /// Hears that the webhook has a new absolute URL, such as after its token was renewed (V44).
    ///
    /// # Errors
    ///
    /// Whatever the provider meets. By default nothing is done.
    #[doc(alias = "VoipOnWebhookUpdated")]
    async fn on_webhook_updated(&self, webhook_url: &Url) -> Result<(), Error> {
        let _ = webhook_url;
        Ok(())
    }

    /// What is offered beyond the mandatory functions (V32). By default nothing.
    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
    }

    /// The buttons on the call page, if any of them is offered.
    fn call_control(&self) -> Option<&dyn CallControl> {
        None
    }

    /// The look-up of callers, if it is offered.
    fn contact_lookup(&self) -> Option<&dyn ContactLookup> {
        None
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<T: VoipProvider + ?Sized> VoipProvider for $pointer {
            async fn test_connection(&self) -> VoipTestConnectionResult {
                (**self).test_connection().await
            }

            async fn parse_webhook(
                &self,
                request: &WebhookRequest,
            ) -> Result<VoipWebhookParseResult, ParseError> {
                (**self).parse_webhook(request).await
            }

            async fn members(&self) -> Result<Vec<VoipMember>, Error> {
                (**self).members().await
            }

            async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
                (**self).generate_call(src_phone, dst_phone).await
            }

            async fn call_link(&self, call: &CallData) -> Result<String, Error> {
                (**self).call_link(call).await
            }

            async fn on_webhook_updated(&self, webhook_url: &Url) -> Result<(), Error> {
                (**self).on_webhook_updated(webhook_url).await
            }

            fn capabilities(&self) -> Capabilities {
                (**self).capabilities()
            }

            fn call_control(&self) -> Option<&dyn CallControl> {
                (**self).call_control()
            }

            fn contact_lookup(&self) -> Option<&dyn ContactLookup> {
                (**self).contact_lookup()
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);
