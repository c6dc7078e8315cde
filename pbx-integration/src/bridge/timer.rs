//! Time for the bridge.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

/// Time for the bridge, from the runtime of your choice.
///
/// A function that sleeps is a timer: `tokio::time::sleep` can be passed by name.
pub trait Timer: Send + Sync + 'static {
    /// Waits.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;

    /// The present. By default the clock of the system, which never goes back.
    fn now(&self) -> Instant {
        Instant::now()
    }
}

impl<F, S> Timer for F
where
    F: Fn(Duration) -> S + Send + Sync + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(self(time))
    }
}
