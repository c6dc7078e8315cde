//! Counts the work of this module in tests, so that they can check how it grows with the input.
//!
//! Every loop whose length depends on the input counts here. Outside tests nothing is counted.

/// Counts `steps` steps of work.
#[inline(always)]
pub(crate) fn count(steps: usize) {
    #[cfg(test)]
    STEPS.set(STEPS.get() + steps as u64);
    #[cfg(not(test))]
    let _ = steps;
}

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// The steps that `work` takes on this thread.
#[cfg(test)]
pub(crate) fn measure(work: impl FnOnce()) -> u64 {
    let before = STEPS.get();
    work();
    STEPS.get() - before
}
