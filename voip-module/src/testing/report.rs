//! The report of the conformance suite.

use std::fmt;

/// A violation of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The violated law, such as `token`.
    pub law: &'static str,
    /// The attempt and its outcome. Holds no key.
    pub text: String,
    /// The number of times it was found.
    pub times: usize,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { law, text, times } = self;
        write!(f, "{law}: {text}")?;
        if *times > 1 { write!(f, " ({times} times)") } else { Ok(()) }
    }
}

/// The report of the conformance suite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Report {
    /// The number of checks.
    pub checks: usize,
    /// The violations, in order. Equal ones are counted.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Asserts that there are no findings.
    ///
    /// # Panics
    ///
    /// If there are findings; the message lists them.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.findings.is_empty(), "the provider breaks its contract:\n{self}");
    }

    /// Returns whether a law was violated.
    #[must_use]
    pub fn breaks(&self, law: &str) -> bool {
        self.findings.iter().any(|finding| finding.law == law)
    }

    pub(super) fn check(&mut self, law: &'static str, holds: bool, text: impl FnOnce() -> String) {
        self.checks += 1;
        if holds {
            return;
        }
        let text = text();
        let equal = |finding: &&mut Finding| finding.law == law && finding.text == text;
        match self.findings.iter_mut().find(equal) {
            Some(finding) => finding.times += 1,
            None => self.findings.push(Finding { law, text, times: 1 }),
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
