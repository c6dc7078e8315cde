//! The buttons on the call page.

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Error;

/// The buttons on the call page (§4.2). Each is independent: what a provider has, it implements and
/// declares in [`VoipProvider::capabilities`](crate::VoipProvider::capabilities) (V31, V32).
///
/// A call is known by its two numbers only; providers that want an id keep a
/// [`CallIds`](crate::router::CallIds) (V33).
#[async_trait]
pub trait CallControl: Send + Sync {
    /// Connects operator and client.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] unless implemented, and whatever the provider meets.
    #[doc(alias = "VoipAcceptCall")]
    async fn accept(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        let _ = (src_phone, dst_phone);
        Err(Error::Unsupported { operation: "VoipAcceptCall" })
    }

    /// Ends the call.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] unless implemented, and whatever the provider meets.
    #[doc(alias = "VoipHangupCall")]
    async fn hangup(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        let _ = (src_phone, dst_phone);
        Err(Error::Unsupported { operation: "VoipHangupCall" })
    }

    /// Releases the present operator and connects the client to the one at the internal number
    /// `redirect_to`.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] unless implemented, and whatever the provider meets.
    #[doc(alias = "VoipRedirectCall")]
    async fn redirect(
        &self,
        src_phone: &str,
        dst_phone: &str,
        redirect_to: &str,
    ) -> Result<(), Error> {
        let _ = (src_phone, dst_phone, redirect_to);
        Err(Error::Unsupported { operation: "VoipRedirectCall" })
    }

    /// Stops the voice without ending the call, or lets it through again.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] unless implemented, and whatever the provider meets.
    #[doc(alias = "VoipHoldCall")]
    async fn hold(&self, src_phone: &str, dst_phone: &str, hold: bool) -> Result<(), Error> {
        let _ = (src_phone, dst_phone, hold);
        Err(Error::Unsupported { operation: "VoipHoldCall" })
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<T: CallControl + ?Sized> CallControl for $pointer {
            async fn accept(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
                (**self).accept(src_phone, dst_phone).await
            }

            async fn hangup(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
                (**self).hangup(src_phone, dst_phone).await
            }

            async fn redirect(
                &self,
                src_phone: &str,
                dst_phone: &str,
                redirect_to: &str,
            ) -> Result<(), Error> {
                (**self).redirect(src_phone, dst_phone, redirect_to).await
            }

            async fn hold(&self, src_phone: &str, dst_phone: &str, hold: bool) -> Result<(), Error> {
                (**self).hold(src_phone, dst_phone, hold).await
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);
