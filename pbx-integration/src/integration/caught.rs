//! A future whose panics are caught.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A future of an integration: `None` if it panics, also while it is dropped.
// P3
pub(super) struct Caught<T>(Option<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T> Caught<T> {
    pub(super) fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(future)))
    }

    /// Drops the future; returns false if dropping panics.
    fn end(&mut self) -> bool {
        let future = self.0.take();
        catch_unwind(AssertUnwindSafe(|| drop(future))).map_err(discard).is_ok()
    }
}

impl<T> Future for Caught<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let Some(future) = &mut self.0 else { return Poll::Ready(None) };
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        let output = match polled.map_err(discard) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Some(output),
            Err(()) => None,
        };
        let is_clean = self.end();
        Poll::Ready(output.filter(|_| is_clean))
    }
}

impl<T> Drop for Caught<T> {
    fn drop(&mut self) {
        self.end();
    }
}

/// Drops a panic payload; leaks the payload of a second panic, because dropping it may panic again.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
}
