//! What the conformance suite has found.

use std::fmt;

/// A breach of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Breach {
    /// The rule that is broken, such as `P77`.
    pub rule: &'static str,
    /// What was tried and what happened. Holds no key.
    pub text: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.text)
    }
}

/// What the suite has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Report {
    /// How many checks were made.
    pub checks: usize,
    /// The breaches, in the order in which they were found.
    pub breaches: Vec<Breach>,
}

impl Report {
    /// Does nothing if the contract is kept.
    ///
    /// # Panics
    ///
    /// With all breaches, if it does not.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.breaches.is_empty(), "the contract is broken:\n{self}");
    }

    /// Whether a rule was found to be broken.
    #[must_use]
    pub fn breaks(&self, rule: &str) -> bool {
        self.breaches.iter().any(|breach| breach.rule == rule)
    }

    pub(super) fn check(&mut self, rule: &'static str, holds: bool, text: impl FnOnce() -> String) {
        self.checks += 1;
        if !holds {
            self.breaches.push(Breach { rule, text: text() });
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
