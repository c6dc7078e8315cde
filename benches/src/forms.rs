//! Readers of forms, beside one that only collects the same pairs into owned strings.

use std::fmt::Write as _;
use std::hint::black_box;
use std::ops::Range;

use url::form_urlencoded;

use crate::allocation;
use crate::measure::{Contender, Times, Watch, Work, race, touch};

/// Forms of one kind, and how our crate reads them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forms<'a> {
    /// The row of our reader, and the row of the one that collects pairs.
    pub(crate) rows: [&'static str; 2],
    pub(crate) forms: &'a [String],
    /// Reads a form and drops what it made.
    pub(crate) read: fn(&str),
    /// Panics unless what is read of a form agrees with its pairs.
    pub(crate) check: fn(&str, &[(String, String)]),
}

struct Reader<'a> {
    name: &'static str,
    read: fn(&str),
    all: Forms<'a>,
}

/// Names and values of a form, on their own.
pub(crate) fn pairs(form: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(form.as_bytes()).into_owned().collect()
}

/// A form with these names and values.
pub(crate) fn form(fields: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Contender for Reader<'_> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn work(&self) -> Work {
        let Forms { forms, rows: [_, floor], .. } = self.all;
        let bytes = forms.iter().map(String::len).sum::<usize>();
        Work::new(forms.len(), bytes / forms.len().max(1), floor, floor)
    }

    fn check(&mut self) {
        self.all.forms.iter().for_each(|form| (self.all.check)(form, &pairs(form)));
    }

    fn turn(&mut self, frames: Range<usize>, watch: &mut Watch) {
        let forms = self.all.forms.get(frames).unwrap_or_default();
        touch(forms.iter().map(String::as_bytes));
        watch.run(|| forms.iter().for_each(|form| (self.read)(black_box(form))));
    }
}

/// Measures, and returns a table as Markdown.
#[must_use]
pub(crate) fn compare(kinds: &[Forms<'_>], rounds: usize) -> String {
    let mut contenders: Vec<Box<dyn Contender + '_>> = Vec::new();
    for all in kinds {
        let [ours, floor] = all.rows;
        let floor_read: fn(&str) = |form| drop(black_box(pairs(form)));
        for (name, read) in [(ours, all.read), (floor, floor_read)] {
            contenders.push(Box::new(Reader { name, read, all: *all }));
        }
    }
    contenders.iter_mut().for_each(|one| one.check());
    let allocations: Vec<f64> = contenders.iter_mut().map(|one| allocations(&mut **one)).collect();
    let times = race(&mut contenders, rounds, |_| {});
    table(&times, &allocations)
}

/// Allocations per form.
fn allocations(one: &mut (dyn Contender + '_)) -> f64 {
    let frames = one.work().frames;
    allocation::reset();
    one.turn(0..frames, &mut Watch::allocations());
    allocation::count().allocations as f64 / frames as f64
}

fn table(times: &Times, allocations: &[f64]) -> String {
    let mut text = "| name | bytes/form | ns/form | x_form | allocs/form |\n\
                    |---|--:|--:|--:|--:|\n"
        .to_owned();
    for (name, allocations) in times.names().zip(allocations) {
        let work = times.work(name).expect("a row");
        let nanoseconds = times.nanoseconds(name).unwrap_or_default();
        let ratio = times.ratio(name, work.base).unwrap_or_default();
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "| `{name}` | {} | {nanoseconds:.0} | {ratio:.2} | {allocations:.1} |",
            work.bytes
        );
    }
    text
}
