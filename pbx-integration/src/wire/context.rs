//! Where a reader is, and what it has found wrong so far.

use crate::wire::error::{Bad, Found, Harm, Issue};
use crate::wire::reader::Reader;
use crate::wire::scalar::DurationUnit;
use crate::wire::timestamp::FractionMode;

#[derive(Clone, Copy, Debug)]
enum Step {
    Field(&'static str),
    Item(usize),
}

/// Where a reader is, and what it has found wrong so far.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) fraction: FractionMode,
    /// The unit of durations whose names do not tell it (P29).
    pub(crate) unit: DurationUnit,
    /// Whether each value's text is looked at before it is read.
    pub(crate) is_careful: bool,
    path: Vec<Step>,
    pub(crate) issues: Vec<Issue>,
    /// Issues that were not kept.
    pub(crate) left_out: usize,
    /// How many objects of lists were kept.
    pub(crate) objects: usize,
    /// Whether there were more.
    pub(crate) is_overfull: bool,
}

/// How many issues are kept: bad input does not fill the memory with what is said of it.
const KEPT: usize = 10_000;

/// How many objects of lists are kept: two bytes of text, `{}`, take hundreds of bytes as a value.
pub(crate) const OBJECTS: usize = 100_000;

impl Context {
    pub(crate) fn new(reader: &Reader, unit: DurationUnit, is_careful: bool) -> Self {
        Self {
            fraction: reader.fraction(),
            unit,
            is_careful,
            path: Vec::new(),
            issues: Vec::new(),
            left_out: 0,
            objects: 0,
            is_overfull: false,
        }
    }

    /// Does the work with the path of a field.
    pub(crate) fn in_field<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.at(Step::Field(name), work)
    }

    /// Does the work with the path of a list's item.
    pub(crate) fn in_item<T>(&mut self, at: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        self.at(Step::Item(at), work)
    }

    fn at<T>(&mut self, step: Step, work: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let result = work(self);
        self.path.pop();
        result
    }

    /// Notes a bad value at this place.
    #[cold]
    pub(crate) fn note(&mut self, harm: Harm, bad: Bad) {
        if self.issues.len() >= KEPT && harm != Harm::IsFatal {
            self.left_out += 1;
            return;
        }
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Item(at) => path.push_str(&format!("[{at}]")),
                Step::Field(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
            }
        }
        self.issues.push(Issue { harm, path: path.into(), bad });
    }

    /// Notes a bad value in a field of the object at this place.
    #[cold]
    pub(crate) fn note_field(&mut self, name: &'static str, harm: Harm, bad: Bad) {
        self.in_field(name, |context| context.note(harm, bad));
    }

    /// Notes that a required field is missing.
    #[cold]
    pub(crate) fn note_missing(&mut self, name: &'static str, harm: Harm) {
        self.note_field(name, harm, Bad::new(13, "a required field", Found::Nothing));
    }
}

/// What was noted about each field of one object, so that it is forgotten when the field comes again
/// (P160).
#[derive(Debug, Default)]
pub(crate) struct Noted {
    /// Field, first issue, issue after the last.
    ranges: Vec<(u32, usize, usize)>,
}

impl Noted {
    /// The field was read while there were so many issues before.
    pub(crate) fn read(&mut self, field: u32, before: usize, context: &Context) {
        if context.issues.len() > before {
            self.ranges.push((field, before, context.issues.len()));
        }
    }

    /// The field comes again.
    #[cold]
    pub(crate) fn forget(&mut self, field: u32, context: &mut Context) {
        let Some(at) = self.ranges.iter().position(|(noted, ..)| *noted == field) else { return };
        let (_, start, end) = self.ranges.remove(at);
        context.issues.drain(start..end);
        for (_, later_start, later_end) in &mut self.ranges {
            if *later_start >= end {
                *later_start -= end - start;
                *later_end -= end - start;
            }
        }
    }
}
