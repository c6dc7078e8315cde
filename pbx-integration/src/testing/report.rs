//! The report of a conformance suite.

use std::fmt;

/// A violation of the contract: the attempt and its result. Contains no secret and no number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach(String);

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The report of a conformance suite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Report {
    /// The number of checks made.
    pub checks: usize,
    /// The violations, in order.
    pub breaches: Vec<Breach>,
}

impl Report {
    /// Asserts that the contract is kept.
    ///
    /// # Panics
    ///
    /// If there are violations; the message lists them.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.breaches.is_empty(), "the contract is broken:\n{self}");
    }

    pub(super) fn check(&mut self, holds: bool, text: impl FnOnce() -> String) {
        self.checks += 1;
        if !holds {
            self.breaches.push(Breach(text()));
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for breach in &self.breaches {
            writeln!(f, "{breach}")?;
        }
        write!(f, "{} checks, {} breaches", self.checks, self.breaches.len())
    }
}
