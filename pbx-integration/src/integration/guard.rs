//! Futures that may panic, and several of them at once.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A future that can be sent to another thread.
pub(super) type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A future panicked.
#[derive(Debug)]
pub(super) struct Panicked;

/// Polls a future; if it panics, it is dropped.
pub(super) fn poll_caught<T>(
    future: &mut Option<Boxed<T>>,
    context: &mut Context<'_>,
) -> Poll<Result<T, Panicked>> {
    let Some(running) = future.as_mut() else { return Poll::Pending };
    let polled = catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(context)));
    let ended = match polled {
        Ok(Poll::Pending) => return Poll::Pending,
        Ok(Poll::Ready(output)) => Ok(output),
        Err(payload) => Err(discarded(payload)),
    };
    // What it held may panic, too, when it is dropped.
    let dropped = drop_caught(future.take());
    Poll::Ready(ended.and_then(|output| dropped.map(|()| output)))
}

/// Drops something that may panic at that.
pub(super) fn drop_caught<T>(value: T) -> Result<(), Panicked> {
    catch_unwind(AssertUnwindSafe(|| drop(value))).map_err(discarded)
}

/// Gets rid of what a panic has thrown, which may panic in its turn; what that throws is kept for ever
/// rather than dropped.
fn discarded(payload: Box<dyn Any + Send>) -> Panicked {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
    Panicked
}

/// Runs futures at the same time, and gives what they gave, in their order. One that waits keeps none
/// of the others from going on.
pub(super) async fn all<T>(futures: Vec<Boxed<T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(Some).collect();
    let mut outputs: Vec<_> = running.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, output) in running.iter_mut().zip(&mut outputs) {
            let Some(polled) = future.as_mut().map(|future| future.as_mut().poll(context)) else {
                continue;
            };
            if let Poll::Ready(ended) = polled {
                *output = Some(ended);
                *future = None;
            }
        }
        if running.iter().any(Option::is_some) { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    outputs.into_iter().flatten().collect()
}
