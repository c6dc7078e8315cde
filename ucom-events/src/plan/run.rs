//! Carrying out a plan, one call after the other.

use std::collections::BTreeSet;

use crate::extension::ExtensionId;
use crate::plan::Plan;
use crate::plan::step::Step;

/// Goes through a plan's steps: each exactly once, and after a failing one no more on that extension
/// (R15). What failed is reported (R20); planning anew brings the rest.
///
/// ```
/// # use ucom_events::{Plan, PlanRun};
/// # let plan = Plan::default();
/// let mut run = PlanRun::new(plan);
/// while let Some(step) = run.next_step() {
///     let ok = true; // send the step's request
///     if !ok {
///         run.fail();
///     }
/// }
/// assert!(run.failed().is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct PlanRun {
    steps: std::vec::IntoIter<Step>,
    current: Option<ExtensionId>,
    stopped: BTreeSet<ExtensionId>,
    done: usize,
    skipped: Vec<Step>,
}

impl PlanRun {
    /// Begins with the first step.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let steps: Vec<_> =
            plan.extensions.into_iter().flat_map(|extension| extension.steps).collect();
        Self {
            steps: steps.into_iter(),
            current: None,
            stopped: BTreeSet::new(),
            done: 0,
            skipped: Vec::new(),
        }
    }

    /// The next step to carry out. Unless [`fail`](Self::fail) was called the one before is done.
    pub fn next_step(&mut self) -> Option<Step> {
        self.done += usize::from(self.current.take().is_some());
        for step in self.steps.by_ref() {
            if self.stopped.contains(&step.extension) {
                self.skipped.push(step);
            } else {
                self.current = Some(step.extension);
                return Some(step);
            }
        }
        None
    }

    /// Tells that the last step has failed.
    pub fn fail(&mut self) {
        if let Some(extension) = self.current.take() {
            self.stopped.insert(extension);
        }
    }

    /// How many steps are done.
    #[must_use]
    pub const fn done(&self) -> usize {
        self.done
    }

    /// The extensions on which a step has failed.
    #[must_use]
    pub const fn failed(&self) -> &BTreeSet<ExtensionId> {
        &self.stopped
    }

    /// The steps that were left out because one before them on the same extension has failed.
    #[must_use]
    pub fn skipped(&self) -> &[Step] {
        &self.skipped
    }
}
