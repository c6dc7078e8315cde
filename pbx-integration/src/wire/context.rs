//! The place of a reader in its payload, and the issues found so far.

use std::fmt;

use crate::wire::code::Code;
use crate::wire::issue::{Fault, Found, Issue};
use crate::wire::split::nesting;
use crate::wire::value::Options;

/// Maximum number of issues kept: invalid input must not fill the memory with reports.
const MAX_ISSUES: usize = 10_000;

/// Maximum number of entries of lists and unknown fields: two bytes of text, `{}`, take hundreds in
/// memory.
pub(crate) const MAX_ENTRIES: usize = 100_000;

pub(crate) const MISSING: Fault =
    Fault { code: Code::Missing, expected: "a required field", found: Found::Nothing };

/// The consequence of an invalid value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// A warning in both modes.
    Warning,
    /// An error in strict mode; in lenient mode the value is dropped with a warning.
    Drop,
    /// An error in both modes.
    Fatal,
}

/// The state of reading one payload: options, limits and issues.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) options: Options,
    pub(crate) max_depth: usize,
    pub(crate) issues: Vec<(Severity, Issue)>,
    /// Issues beyond the limit.
    pub(crate) issues_left_out: usize,
    /// True if half a surrogate pair was replaced.
    pub(crate) is_repaired: bool,
    pub(crate) is_too_deep: bool,
    pub(crate) entries: usize,
    pub(crate) fractions: crate::report::Fractions,
}

impl Context {
    pub(crate) fn new(options: Options, max_depth: usize) -> Self {
        Self {
            options,
            max_depth,
            issues: Vec::new(),
            issues_left_out: 0,
            is_repaired: false,
            is_too_deep: false,
            entries: 0,
            fractions: crate::report::Fractions::default(),
        }
    }

    pub(crate) const fn has_too_many_entries(&self) -> bool {
        self.entries > MAX_ENTRIES
    }

    /// Counts one more entry; returns false beyond the limit.
    pub(crate) fn count(&mut self) -> bool {
        self.entries += 1;
        !self.has_too_many_entries()
    }

    /// Reports a value that is nested too deeply, given the levels around it.
    // P11
    pub(crate) fn check_depth(&mut self, levels: usize, json: &str) {
        let is_container = json.starts_with(['{', '[']);
        self.is_too_deep |= is_container && levels + nesting(json) > self.max_depth;
    }

    #[cold]
    pub(crate) fn note(&mut self, place: &Place<'_>, severity: Severity, fault: Fault) {
        if self.issues.len() >= MAX_ISSUES && severity != Severity::Fatal {
            self.issues_left_out += 1;
        } else {
            self.issues.push((severity, Issue::new(place.to_string(), fault)));
        }
    }
}

/// A place in a payload: a chain of steps up to the payload itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'p> {
    Payload,
    Field(&'p Self, &'static str),
    Item(&'p Self, usize),
}

impl Place<'_> {
    pub(crate) const fn depth(&self) -> usize {
        match self {
            Self::Payload => 1,
            Self::Field(parent, _) | Self::Item(parent, _) => 1 + parent.depth(),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payload => Ok(()),
            Self::Field(Self::Payload, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, at) => write!(f, "{parent}[{at}]"),
        }
    }
}
