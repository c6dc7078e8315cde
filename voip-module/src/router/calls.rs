//! The platform's functions on live calls, with ids from the journal.

use super::WebhookRouter;
use crate::error::Error;
use crate::provider::{Buttons, LiveCall, VoipProvider};

impl<P: VoipProvider> WebhookRouter<P> {
    /// Returns the ids of the live calls between two numbers, in either order: talking before
    /// ringing, newest first.
    #[must_use]
    pub fn live_calls(&self, src_phone: &str, dst_phone: &str) -> Vec<String> {
        let now = self.clock.now();
        self.with_journal(|journal| journal.live_calls(now, src_phone, dst_phone))
            .unwrap_or_default()
    }

    /// Starts a call; see [`VoipProvider::generate_call`]. Once the PBX has sent its pushes,
    /// [`live_calls`](Self::live_calls) finds the call.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if a number is empty, and any failure of the provider.
    pub async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        Error::require("src_phone", src_phone)?;
        Error::require("dst_phone", dst_phone)?;
        self.provider.generate_call(src_phone, dst_phone).await
    }

    /// Accepts a call; see [`VoipProvider::accept_call`].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if the provider does not declare the button, and any failure of it.
    pub async fn accept_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        self.require(Buttons::ACCEPT, "VoipAcceptCall")?;
        let ids = self.live_calls(src_phone, dst_phone);
        self.provider.accept_call(LiveCall::new(src_phone, dst_phone, &ids)).await
    }

    /// Ends a call; see [`VoipProvider::hangup_call`].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if the provider does not declare the button, and any failure of it.
    pub async fn hangup_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        self.require(Buttons::HANGUP, "VoipHangupCall")?;
        let ids = self.live_calls(src_phone, dst_phone);
        self.provider.hangup_call(LiveCall::new(src_phone, dst_phone, &ids)).await
    }

    /// Redirects a call to another operator; see [`VoipProvider::redirect_call`].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if the provider does not declare the button, and any failure of it.
    pub async fn redirect_call(
        &self,
        src_phone: &str,
        dst_phone: &str,
        redirect_to: &str,
    ) -> Result<(), Error> {
        self.require(Buttons::REDIRECT, "VoipRedirectCall")?;
        let ids = self.live_calls(src_phone, dst_phone);
        self.provider.redirect_call(LiveCall::new(src_phone, dst_phone, &ids), redirect_to).await
    }

    /// Holds a call, or resumes it; see [`VoipProvider::hold_call`].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if the provider does not declare the button, and any failure of it.
    pub async fn hold_call(
        &self,
        src_phone: &str,
        dst_phone: &str,
        hold: bool,
    ) -> Result<(), Error> {
        self.require(Buttons::HOLD, "VoipHoldCall")?;
        let ids = self.live_calls(src_phone, dst_phone);
        self.provider.hold_call(LiveCall::new(src_phone, dst_phone, &ids), hold).await
    }

    fn require(&self, button: Buttons, operation: &'static str) -> Result<(), Error> {
        // V31, V32
        if self.provider.buttons().contains(button) {
            return Ok(());
        }
        Err(Error::Unsupported { operation })
    }
}
