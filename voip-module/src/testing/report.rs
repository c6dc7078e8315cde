//! What the conformance suite has found.

use std::fmt;

/// A breach of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule that is broken, such as `V39`.
    pub rule: &'static str,
    /// What was tried and what happened. Holds no key.
    pub text: String,
}

impl fmt::Display for Finding {
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
    pub findings: Vec<Finding>,
}

impl Report {
    /// Does nothing if the provider keeps its contract.
    ///
    /// # Panics
    ///
    /// With all findings, if it does not.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.findings.is_empty(), "the provider breaks its contract:\n{self}");
    }

    /// Whether a rule was found to be broken.
    #[must_use]
    pub fn breaks(&self, rule: &str) -> bool {
        self.findings.iter().any(|finding| finding.rule == rule)
    }

    pub(super) fn check(&mut self, rule: &'static str, holds: bool, text: impl FnOnce() -> String) {
        self.checks += 1;
        if !holds {
            self.findings.push(Finding { rule, text: text() });
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        write!(f, "{} checks, {} findings", self.checks, self.findings.len())
    }
}
