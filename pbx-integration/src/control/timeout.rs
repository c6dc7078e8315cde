//! The time that a user has to connect.

use std::time::Duration;

use serde::{Serialize, Serializer};

/// Seconds as set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Timeout(pub(super) f64);

impl Timeout {
    /// Returns whole seconds, rounded up, if the time is above 0 and at most an hour.
    pub(super) fn rounded(self) -> Option<Duration> {
        // False for NaN, which compares as neither.
        (self.0 > 0.0 && self.0 <= 3600.0).then(|| Duration::from_secs(self.0.ceil() as u64))
    }
}

impl Serialize for Timeout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.rounded() {
            Some(time) => serializer.serialize_u64(time.as_secs()),
            None => Err(serde::ser::Error::custom("startCall: the timeout was not checked")),
        }
    }
}
