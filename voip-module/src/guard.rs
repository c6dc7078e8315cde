//! Futures that may panic or take too long.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The text of a panic, if it has one.
pub(crate) struct Panicked(pub(crate) String);

impl From<Box<dyn Any + Send>> for Panicked {
    fn from(payload: Box<dyn Any + Send>) -> Self {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        Self(text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default())
    }
}

/// Runs a function to its end or to its panic.
pub(crate) fn catch_now<T>(function: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(function)).map_err(Panicked::from)
}

/// Runs a future to its end or to its panic.
pub(crate) async fn catch<T>(mut future: Boxed<'_, T>) -> Result<T, Panicked> {
    poll_fn(move |context| match catch_now(|| future.as_mut().poll(context)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
}

/// Runs a future until another completes; returns `None` if the other was first.
pub(crate) async fn until<T>(
    mut future: Boxed<'_, T>,
    mut end: Pin<&mut (dyn Future<Output = ()> + Send + '_)>,
) -> Option<T> {
    poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => end.as_mut().poll(context).map(|()| None),
    })
    .await
}
