//! Conveniences over every provider.

use async_trait::async_trait;

use super::{CallControl, Capabilities, VoipProvider};
use crate::error::Error;

/// The call controls of any provider, by its declared capabilities: what is not declared gives
/// [`Error::Unsupported`] and reaches nothing (V32). Nobody implements this trait.
#[async_trait]
pub trait VoipProviderExt: VoipProvider {
    /// As [`CallControl::accept`].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if it is not declared, and whatever the provider meets.
    async fn accept_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        control(self, Capabilities::ACCEPT, "VoipAcceptCall")?.accept(src_phone, dst_phone).await
    }

    /// As [`CallControl::hangup`].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if it is not declared, and whatever the provider meets.
    async fn hangup_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        control(self, Capabilities::HANGUP, "VoipHangupCall")?.hangup(src_phone, dst_phone).await
    }

    /// As [`CallControl::redirect`].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if it is not declared, and whatever the provider meets.
    async fn redirect_call(
        &self,
        src_phone: &str,
        dst_phone: &str,
        redirect_to: &str,
    ) -> Result<(), Error> {
        control(self, Capabilities::REDIRECT, "VoipRedirectCall")?
            .redirect(src_phone, dst_phone, redirect_to)
            .await
    }

    /// As [`CallControl::hold`].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if it is not declared, and whatever the provider meets.
    async fn hold_call(&self, src_phone: &str, dst_phone: &str, hold: bool) -> Result<(), Error> {
        control(self, Capabilities::HOLD, "VoipHoldCall")?.hold(src_phone, dst_phone, hold).await
    }
}

impl<T: VoipProvider + ?Sized> VoipProviderExt for T {}

fn control<'a, P: VoipProvider + ?Sized>(
    provider: &'a P,
    capability: Capabilities,
    operation: &'static str,
) -> Result<&'a dyn CallControl, Error> {
    provider
        .call_control()
        .filter(|_| provider.capabilities().contains(capability))
        .ok_or(Error::Unsupported { operation })
}
