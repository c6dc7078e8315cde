//! The hub's clock.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    reading: Mutex<Reading>,
}

struct Reading {
    time: Micros,
    /// The moment at which it was taken.
    at: Instant,
    /// Events that have arrived and are not on the page yet.
    arrivals: usize,
}

/// The arrival of an event; while it lives the clock takes no step over.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) at: Micros,
    clock: Clock,
}

impl Clock {
    /// A clock that follows another, such as `SystemTime::now`.
    pub fn new(machine: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        let reading = Reading { time: micros(machine()), at: Instant::now(), arrivals: 0 };
        Self(Arc::new(Inner { machine: Box::new(machine), reading: Mutex::new(reading) }))
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.0.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Microseconds since 1970.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.reading().now()
    }

    /// Notes that an event has arrived.
    pub(crate) fn arrive(&self) -> Arrival {
        let mut reading = self.reading();
        reading.arrivals += 1;
        Arrival { at: reading.now(), clock: self.clone() }
    }

    /// Takes the machine's time over, if no call goes on and no event is being taken in.
    pub(crate) fn follow(&self, is_idle: impl FnOnce() -> bool) {
        let mut reading = self.reading();
        if reading.arrivals == 0 && is_idle() {
            (reading.time, reading.at) = (micros((self.0.machine)()), Instant::now());
        }
    }
}

impl Reading {
    fn now(&self) -> Micros {
        let passed = Micros::try_from(self.at.elapsed().as_micros()).unwrap_or(Micros::MAX);
        self.time.saturating_add(passed)
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.clock.reading().arrivals -= 1;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, UNIX_EPOCH};

    use super::Clock;

    #[test]
    fn a_step_is_taken_over_only_while_there_is_neither_a_call_nor_an_event() {
        let machine = Arc::new(AtomicU64::new(10_000));
        let seconds = machine.clone();
        let clock =
            Clock::new(move || UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::Relaxed)));
        machine.store(5_000, Ordering::Relaxed);
        let arrival = clock.arrive();
        clock.follow(|| true);
        assert!(clock.now() >= arrival.at && arrival.at >= 10_000_000_000);
        drop(arrival);
        clock.follow(|| false);
        assert!(clock.now() >= 10_000_000_000);
        clock.follow(|| true);
        assert!(clock.now() < 10_000_000_000);
    }
}
