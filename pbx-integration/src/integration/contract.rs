//! The contract of an integration.

use std::sync::Arc;

use async_trait::async_trait;

use super::context::Context;
use super::reply::HttpReply;
use super::request::HttpRequest;
use crate::cdr::Cdr;
use crate::error::Error;
use crate::event::{AgentEvent, GroupEvent};

/// An integration: handlers of the four entry points of the PBX, all optional.
///
/// A [`Registry`](super::Registry) isolates integrations. An error means that the payload was not
/// handled: the receiver answers 503, and the sender retries.
///
/// A wrapper must forward every method; `#![deny(clippy::missing_trait_methods)]` helps.
///
/// ```
/// use async_trait::async_trait;
/// use pbx_integration::{Cdr, Context, Error, HttpReply, HttpRequest, Integration};
///
/// struct OurCrm;
///
/// #[async_trait]
/// impl Integration for OurCrm {
///     async fn on_cdr(&self, _ctx: &Context, cdr: Cdr) -> Result<(), Error> {
///         println!("{} has ended", cdr.callid);
///         Ok(())
///     }
///
///     async fn on_http(
///         &self,
///         ctx: &Context,
///         request: HttpRequest,
///     ) -> Result<HttpReply, Error> {
///         let token = ctx.settings().tenant(&request.domain).secret("token").await?;
///         if !token.is_some_and(|token| request.presents("X-Token", &token)) {
///             return Ok(HttpReply::text(401, "wrong token"));
///         }
///         Ok(HttpReply::json(200, "true"))
///     }
/// }
/// ```
#[async_trait]
pub trait Integration: Send + Sync {
    /// Handles the change of a queue or ring group. Ignored by default.
    ///
    /// # Errors
    ///
    /// Any error of the integration.
    #[doc(alias = "ongroup")]
    async fn on_group(&self, ctx: &Context, event: GroupEvent) -> Result<(), Error> {
        let _ = (ctx, event);
        Ok(())
    }

    /// Handles the change of an agent. Ignored by default.
    ///
    /// # Errors
    ///
    /// Any error of the integration.
    #[doc(alias = "onagent")]
    async fn on_agent(&self, ctx: &Context, event: AgentEvent) -> Result<(), Error> {
        let _ = (ctx, event);
        Ok(())
    }

    /// Handles the record of an ended call. Ignored by default.
    ///
    /// # Errors
    ///
    /// Any error of the integration.
    #[doc(alias = "oncdr")]
    async fn on_cdr(&self, ctx: &Context, cdr: Cdr) -> Result<(), Error> {
        let _ = (ctx, cdr);
        Ok(())
    }

    /// Handles a web request for the integration. Replies 404 by default.
    ///
    /// The PBX does not authenticate the sender: check a secret of your own with
    /// [`HttpRequest::presents`], and do not trust the tenant alone.
    ///
    /// # Errors
    ///
    /// Any error of the integration; the reply is then 500, without its text.
    #[doc(alias = "onhttp")]
    async fn on_http(&self, ctx: &Context, request: HttpRequest) -> Result<HttpReply, Error> {
        let _ = (ctx, request);
        Ok(HttpReply::text(404, "not found"))
    }
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<T: Integration + ?Sized> Integration for $pointer {
            async fn on_group(&self, ctx: &Context, event: GroupEvent) -> Result<(), Error> {
                (**self).on_group(ctx, event).await
            }

            async fn on_agent(&self, ctx: &Context, event: AgentEvent) -> Result<(), Error> {
                (**self).on_agent(ctx, event).await
            }

            async fn on_cdr(&self, ctx: &Context, cdr: Cdr) -> Result<(), Error> {
                (**self).on_cdr(ctx, cdr).await
            }

            async fn on_http(
                &self,
                ctx: &Context,
                request: HttpRequest,
            ) -> Result<HttpReply, Error> {
                (**self).on_http(ctx, request).await
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);
