//! Integrations and their environment: settings, definitions, call control, web requests, the
//! registry.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

mod click_to_dial;
mod control;
mod definition;
mod file_store;
mod http;
mod laws;
mod registry;
mod secrets;
mod settings;
mod wait;

use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde_json::Value;

pub(crate) use self::wait::wait;

/// Runs a future that needs no other thread.
#[track_caller]
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits for something"),
    }
}

/// A file of test data.
pub(crate) fn vector(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The lines of a file of test data.
pub(crate) fn vectors(name: &str) -> Vec<Value> {
    vector(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
