//! The trait that a provider implements.

use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use super::{Buttons, LiveCall};
use crate::carrier::HttpRequest;
use crate::error::{Error, ParseError};
use crate::model::{CallData, VoipMember, VoipTestConnectionResult, VoipWebhookParseResult};

/// A telephony provider as the platform sees it: five mandatory functions, and the buttons of the
/// call page.
///
/// The [crate's first page](crate) has a whole provider. A wrapper forwards every method;
/// `#![deny(clippy::missing_trait_methods)]` helps.
#[async_trait]
pub trait VoipProvider: Send + Sync {
    /// Tests the connection. A fault of the PBX is a failed result with a reason, not an error.
    #[doc(alias = "VoipTestConnection")]
    async fn test_connection(&self) -> VoipTestConnectionResult;

    /// Parses a webhook request. The result depends on the request only; earlier pushes are the
    /// journal's task.
    ///
    /// # Errors
    ///
    /// The refusal of the request: the sender gets the error's own status and text.
    /// [`ParseError::Internal`] stands for a fault of the provider, and gives 500.
    #[doc(alias = "VoipParseWebhookRequest")]
    async fn parse_webhook(
        &self,
        request: &HttpRequest,
    ) -> Result<VoipWebhookParseResult, ParseError>;

    /// Returns the PBX's operators, for the mapping table. Their ids are in the notation of events
    /// and records.
    ///
    /// # Errors
    ///
    /// Any failure of the command.
    #[doc(alias = "VoipGetMembers")]
    async fn members(&self) -> Result<Vec<VoipMember>, Error>;

    /// Starts a call from `src_phone`, an operator, to `dst_phone`.
    ///
    /// # Errors
    ///
    /// Any failure of the command.
    #[doc(alias = "VoipGenerateCall")]
    async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error>;

    /// Returns the link to a recording, from the [`call`](crate::VoipCallRecord::call) of its
    /// record.
    ///
    /// # Errors
    ///
    /// [`Error::Link`] if there is no recording or no usable link.
    #[doc(alias = "VoipGetCallLink")]
    async fn call_link(&self, call: &CallData) -> Result<Url, Error>;

    /// Receives the new absolute URL of the webhook, such as after its token was renewed. Does
    /// nothing by default.
    ///
    /// # Errors
    ///
    /// Any failure of the provider.
    #[doc(alias = "VoipOnWebhookUpdated")]
    async fn on_webhook_updated(&self, webhook_url: &Url) -> Result<(), Error> {
        let _ = webhook_url;
        Ok(())
    }

    /// Returns the buttons that the call page shows. None by default.
    fn buttons(&self) -> Buttons {
        Buttons::NONE
    }

    /// Connects operator and client.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] unless implemented, and any failure of the command.
    #[doc(alias = "VoipAcceptCall")]
    async fn accept_call(&self, call: LiveCall<'_>) -> Result<(), Error> {
        let _ = call;
        Err(Error::Unsupported { operation: "VoipAcceptCall" })
    }

    /// Ends the call.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] unless implemented, and any failure of the command.
    #[doc(alias = "VoipHangupCall")]
    async fn hangup_call(&self, call: LiveCall<'_>) -> Result<(), Error> {
        let _ = call;
        Err(Error::Unsupported { operation: "VoipHangupCall" })
    }

    /// Releases the present operator and connects the client to the one at the internal number
    /// `redirect_to`.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] unless implemented, and any failure of the command.
    #[doc(alias = "VoipRedirectCall")]
    async fn redirect_call(&self, call: LiveCall<'_>, redirect_to: &str) -> Result<(), Error> {
        let _ = (call, redirect_to);
        Err(Error::Unsupported { operation: "VoipRedirectCall" })
    }

    /// Holds the call (`true`), or resumes it.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] unless implemented, and any failure of the command.
    #[doc(alias = "VoipHoldCall")]
    async fn hold_call(&self, call: LiveCall<'_>, hold: bool) -> Result<(), Error> {
        let _ = (call, hold);
        Err(Error::Unsupported { operation: "VoipHoldCall" })
    }

    /// Returns the names of webhook fields that hold a key. They are left out of the identity of a
    /// delivery and of [`Delivery::raw`](crate::Delivery::raw), as `token` always is.
    fn key_fields(&self) -> &[&str] {
        &[]
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
                request: &HttpRequest,
            ) -> Result<VoipWebhookParseResult, ParseError> {
                (**self).parse_webhook(request).await
            }

            async fn members(&self) -> Result<Vec<VoipMember>, Error> {
                (**self).members().await
            }

            async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
                (**self).generate_call(src_phone, dst_phone).await
            }

            async fn call_link(&self, call: &CallData) -> Result<Url, Error> {
                (**self).call_link(call).await
            }

            async fn on_webhook_updated(&self, webhook_url: &Url) -> Result<(), Error> {
                (**self).on_webhook_updated(webhook_url).await
            }

            fn buttons(&self) -> Buttons {
                (**self).buttons()
            }

            async fn accept_call(&self, call: LiveCall<'_>) -> Result<(), Error> {
                (**self).accept_call(call).await
            }

            async fn hangup_call(&self, call: LiveCall<'_>) -> Result<(), Error> {
                (**self).hangup_call(call).await
            }

            async fn redirect_call(&self, call: LiveCall<'_>, to: &str) -> Result<(), Error> {
                (**self).redirect_call(call, to).await
            }

            async fn hold_call(&self, call: LiveCall<'_>, hold: bool) -> Result<(), Error> {
                (**self).hold_call(call, hold).await
            }

            fn key_fields(&self) -> &[&str] {
                (**self).key_fields()
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);
