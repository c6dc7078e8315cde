//! The contract of an integration.

use std::sync::Arc;

use async_trait::async_trait;

use super::context::Context;
use super::reply::Responder;
use super::request::HttpRequest;
use crate::cdr::Cdr;
use crate::error::Error;
use crate::event::{AgentEvent, GroupEvent};

/// What an integration does with what the PBX reports: the four entry points, all optional (P1). Each
/// is given the payload for itself; a [`Registry`](super::Registry) sees to it that an error or a panic
/// of one integration is no other's trouble (P3).
///
/// Whoever wraps an integration forwards every method; `#![deny(clippy::missing_trait_methods)]`
/// helps.
///
/// ```
/// use async_trait::async_trait;
/// use pbx_integration::{
///     Cdr, Context, Error, HttpReply, HttpRequest, Integration, Responder,
/// };
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
///         reply: Responder,
///     ) -> Result<(), Error> {
///         let token = ctx.settings().tenant(&request.domain).secret("token").await?;
///         if !token.is_some_and(|token| request.presents("X-Token", &token)) {
///             return reply.send(HttpReply::text(401, "wrong token"));
///         }
///         reply.send(HttpReply::json(200, "true"))
///     }
/// }
/// ```
#[async_trait]
pub trait Integration: Send + Sync {
    /// A queue or ring group has changed (§4). By default nothing is done.
    ///
    /// # Errors
    ///
    /// Whatever the integration meets.
    #[doc(alias = "ongroup")]
    async fn on_group(&self, ctx: &Context, event: GroupEvent) -> Result<(), Error> {
        let _ = (ctx, event);
        Ok(())
    }

    /// An agent has changed (§5). By default nothing is done.
    ///
    /// # Errors
    ///
    /// Whatever the integration meets.
    #[doc(alias = "onagent")]
    async fn on_agent(&self, ctx: &Context, event: AgentEvent) -> Result<(), Error> {
        let _ = (ctx, event);
        Ok(())
    }

    /// A call has ended (§6). By default nothing is done.
    ///
    /// # Errors
    ///
    /// Whatever the integration meets.
    #[doc(alias = "oncdr")]
    async fn on_cdr(&self, ctx: &Context, cdr: Cdr) -> Result<(), Error> {
        let _ = (ctx, cdr);
        Ok(())
    }

    /// A web request for the integration (§7). It is answered by `reply`, at once or later; if
    /// `reply` is dropped unused, with 500 (P71). By default the answer is 404.
    ///
    /// The PBX does not tell who sent the request: check a secret of your own by
    /// [`HttpRequest::presents`], and do not trust the tenant alone (P76).
    ///
    /// # Errors
    ///
    /// Whatever the integration meets. If it has not answered before, the answer is 500.
    #[doc(alias = "onhttp")]
    async fn on_http(
        &self,
        ctx: &Context,
        request: HttpRequest,
        reply: Responder,
    ) -> Result<(), Error> {
        let _ = (ctx, request);
        reply.send(super::HttpReply::text(404, "not found"))
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
                reply: Responder,
            ) -> Result<(), Error> {
                (**self).on_http(ctx, request, reply).await
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);
