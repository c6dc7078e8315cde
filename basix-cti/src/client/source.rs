//! Sources of endpoints.

use std::error::Error;

use async_trait::async_trait;

use crate::endpoint::Endpoint;

/// Returns the endpoint for each attempt to connect, since the token may have changed.
///
/// An [`Endpoint`] is a source that always returns itself.
///
/// ```
/// use std::error::Error;
/// use basix_cti::Endpoint;
/// use basix_cti::client::{EndpointSource, async_trait};
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
// B100
#[async_trait]
pub trait EndpointSource: Send + Sync + 'static {
    /// Returns the endpoint to connect to now.
    ///
    /// # Errors
    ///
    /// If no endpoint is available. The client retries as after any other failure. The error
    /// becomes the source of
    /// [`ConnectError::NoEndpoint`](crate::session::ConnectError::NoEndpoint), so it must not
    /// contain secrets.
    async fn endpoint(&self) -> Result<Endpoint, Box<dyn Error + Send + Sync>>;
}

#[async_trait]
impl EndpointSource for Endpoint {
    async fn endpoint(&self) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(self.clone())
    }
}
