//! Where endpoints come from.

use std::error::Error;

use async_trait::async_trait;

use crate::endpoint::Endpoint;

/// Gives the endpoint for each attempt to connect, since the token may have changed (B100).
///
/// An [`Endpoint`] is a source that always gives itself.
///
/// ```
/// use std::error::Error;
/// use basix_cti::{Endpoint, EndpointSource, async_trait};
///
/// #[derive(Debug)]
/// struct FromEnvironment;
///
/// #[async_trait]
/// impl EndpointSource for FromEnvironment {
///     async fn endpoint(&self) -> Result<Endpoint, Box<dyn Error + Send + Sync>> {
///         Ok(Endpoint::new("pbx.example.net", "my-domain", std::env::var("PBX_TOKEN")?))
///     }
/// }
/// ```
#[async_trait]
pub trait EndpointSource: Send + Sync + 'static {
    /// The endpoint to connect to now.
    ///
    /// # Errors
    ///
    /// When there is none. The next attempt is made as after any other failure. The error is kept
    /// as the source of [`ConnectError::NoEndpoint`](crate::ConnectError::NoEndpoint), so it should
    /// not show secrets.
    async fn endpoint(&self) -> Result<Endpoint, Box<dyn Error + Send + Sync>>;
}

#[async_trait]
impl EndpointSource for Endpoint {
    async fn endpoint(&self) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(self.clone())
    }
}
