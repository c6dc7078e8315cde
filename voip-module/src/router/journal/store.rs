//! Fingerprints of deliveries, shared by several instances.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::router::SinkError;

/// The answer to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store has these three answers")]
pub enum Claim {
    /// Not delivered before, and claimed now.
    Claimed,
    /// Another instance is delivering it.
    InFlight,
    /// Delivered before.
    Delivered,
}

/// A store of fingerprints outside the process, for several instances of a router behind one
/// address.
///
/// Each instance judges legs and records by the pushes that it has received; the store only ensures
/// that a push repeated to another instance is not delivered twice. Route the pushes of a call to
/// one instance if the load balancer can. All instances share an
/// [`IdentityKey`](super::IdentityKey).
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use std::time::Duration;
///
/// use async_trait::async_trait;
/// use voip_module::router::SinkError;
/// use voip_module::router::journal::{Claim, FingerprintStore};
///
/// /// As a table in a database would be; `true` is delivered. Leases are left out.
/// struct Table(Mutex<HashMap<u128, bool>>);
///
/// #[async_trait]
/// impl FingerprintStore for Table {
///     async fn claim(&self, fingerprint: u128, _: Duration) -> Result<Claim, SinkError> {
///         let mut table = self.0.lock().map_err(|error| error.to_string())?;
///         Ok(match table.get(&fingerprint) {
///             None => {
///                 table.insert(fingerprint, false);
///                 Claim::Claimed
///             }
///             Some(false) => Claim::InFlight,
///             Some(true) => Claim::Delivered,
///         })
///     }
///
///     async fn confirm(&self, fingerprint: u128, _: Duration) -> Result<(), SinkError> {
///         let mut table = self.0.lock().map_err(|error| error.to_string())?;
///         table.insert(fingerprint, true);
///         Ok(())
///     }
///
///     async fn release(&self, fingerprint: u128) -> Result<(), SinkError> {
///         let mut table = self.0.lock().map_err(|error| error.to_string())?;
///         table.remove(&fingerprint);
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait FingerprintStore: Send + Sync {
    /// Claims a fingerprint atomically. The claim expires after `lease`, so that the delivery of a
    /// crashed instance is not lost.
    ///
    /// # Errors
    ///
    /// If the store is unavailable. The router then delivers.
    async fn claim(&self, fingerprint: u128, lease: Duration) -> Result<Claim, SinkError>;

    /// Marks a claimed fingerprint as delivered, for at least `keep`.
    ///
    /// # Errors
    ///
    /// If the store is unavailable.
    async fn confirm(&self, fingerprint: u128, keep: Duration) -> Result<(), SinkError>;

    /// Releases a claim: the delivery failed.
    ///
    /// # Errors
    ///
    /// If the store is unavailable. The claim then expires.
    async fn release(&self, fingerprint: u128) -> Result<(), SinkError>;
}

#[async_trait]
impl<T: FingerprintStore + ?Sized> FingerprintStore for Arc<T> {
    async fn claim(&self, fingerprint: u128, lease: Duration) -> Result<Claim, SinkError> {
        (**self).claim(fingerprint, lease).await
    }

    async fn confirm(&self, fingerprint: u128, keep: Duration) -> Result<(), SinkError> {
        (**self).confirm(fingerprint, keep).await
    }

    async fn release(&self, fingerprint: u128) -> Result<(), SinkError> {
        (**self).release(fingerprint).await
    }
}
