//! The hub's clock.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::timeline::Micros;

/// The hub's clock: the machine's time, without its steps. Clones share it.
///
/// A step of the machine's clock would change the order and the durations of the calls that go on.
/// So this one runs by a monotonic clock, and takes a step over when no call goes on.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    machine: Box<dyn Fn() -> SystemTime + Send + Sync>,
    /// A reading, and when it was taken.
    reading: Mutex<(Micros, Instant)>,
}

impl Clock {
    /// A clock that follows another, such as `SystemTime::now`.
    pub fn new(machine: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        let reading = Mutex::new((micros(machine()), Instant::now()));
        Self(Arc::new(Inner { machine: Box::new(machine), reading }))
    }

    /// Microseconds since 1970.
    #[must_use]
    pub fn now(&self) -> Micros {
        let (reading, at) = *self.0.reading.lock().unwrap_or_else(PoisonError::into_inner);
        reading.saturating_add(Micros::try_from(at.elapsed().as_micros()).unwrap_or(Micros::MAX))
    }

    /// Takes the machine's time over.
    pub(crate) fn follow(&self) {
        let reading = (micros((self.0.machine)()), Instant::now());
        *self.0.reading.lock().unwrap_or_else(PoisonError::into_inner) = reading;
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

fn micros(time: SystemTime) -> Micros {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX)
}
