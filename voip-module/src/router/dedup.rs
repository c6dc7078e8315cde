//! Deliveries that came before.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::bounded::Bounded;
use super::sink::SinkError;

/// Remembers which deliveries came before (§13, §14). The provider gives each its
/// [`delivery_id`](crate::VoipWebhookParseResult::delivery_id).
#[async_trait]
pub trait DedupStore: Send + Sync {
    /// Notes a delivery; true if it was not noted before. Both happen at once, so that of two equal
    /// deliveries at the same time one is new.
    ///
    /// # Errors
    ///
    /// If the store cannot be asked. The router then takes the delivery for new.
    async fn insert(&self, now: Duration, delivery_id: &str) -> Result<bool, SinkError>;

    /// Forgets a delivery that could not be handed on, so that its repetition is not lost.
    ///
    /// # Errors
    ///
    /// If the store cannot be asked.
    async fn remove(&self, delivery_id: &str) -> Result<(), SinkError>;
}

#[async_trait]
impl<T: DedupStore + ?Sized> DedupStore for Arc<T> {
    async fn insert(&self, now: Duration, delivery_id: &str) -> Result<bool, SinkError> {
        (**self).insert(now, delivery_id).await
    }

    async fn remove(&self, delivery_id: &str) -> Result<(), SinkError> {
        (**self).remove(delivery_id).await
    }
}

/// A [`DedupStore`] in memory, which keeps a bounded number of deliveries for a bounded time.
#[derive(Debug)]
pub struct MemoryDedup(Mutex<Bounded<()>>);

impl MemoryDedup {
    /// Keeps at most `capacity` deliveries, each for at most `keep`.
    #[must_use]
    pub fn new(capacity: usize, keep: Duration) -> Self {
        Self(Mutex::new(Bounded::new(capacity, keep)))
    }

    /// How many deliveries are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether no delivery is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// 10,000 deliveries for 30 minutes.
impl Default for MemoryDedup {
    fn default() -> Self {
        Self::new(10_000, Duration::from_secs(30 * 60))
    }
}

#[async_trait]
impl DedupStore for MemoryDedup {
    async fn insert(&self, now: Duration, delivery_id: &str) -> Result<bool, SinkError> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.get(now, delivery_id).is_some() {
            return Ok(false);
        }
        seen.insert(now, delivery_id, ());
        Ok(true)
    }

    async fn remove(&self, delivery_id: &str) -> Result<(), SinkError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(delivery_id);
        Ok(())
    }
}
