//! Facts about the platform's protocol, the router and the providers.

#![expect(
    clippy::unwrap_used,
    clippy::unit_arg,
    reason = "tests may, also outside of test functions"
)]

mod commands;
mod contact;
mod deliveries;
mod http_client;
mod interleaving;
mod journal;
mod law;
mod log_lines;
#[path = "../module_script_push/logs.rs"]
mod logs;
mod model;
mod provider;
mod pushes;
mod router;
mod script;
mod suite;

use std::future::Future;

/// Runs a future that needs no runtime.
#[track_caller]
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("the future waits for something"),
    }
}
