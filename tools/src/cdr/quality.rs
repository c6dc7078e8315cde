//! The quality of an input in one line.

use std::collections::BTreeMap;
use std::fmt;

use pbx_integration::report::{Delivery, Figures, FractionChoice, FractionEvidence};
use pbx_integration::wire::FractionMode;

/// Counts of the records of an input, by their quality.
#[derive(Debug, Default)]
pub struct Quality {
    /// Records found, refused ones too.
    pub records: u64,
    /// Records refused.
    pub refused: u64,
    /// Records read, by format.
    pub formats: BTreeMap<&'static str, u64>,
    repeated: u64,
    updated: u64,
    stale: u64,
}

impl Quality {
    /// Counts a record by its kind of delivery.
    pub const fn count(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Duplicate => self.repeated += 1,
            Delivery::Updated => self.updated += 1,
            Delivery::Stale => self.stale += 1,
            _ => {}
        }
    }

    /// The line. A choice of `None` means that the user gave the mode.
    #[must_use]
    pub fn line(
        &self,
        mode: FractionMode,
        choice: Option<FractionChoice>,
        figures: &Figures,
    ) -> String {
        let mode = match mode {
            FractionMode::UnpaddedMillis => "unpadded",
            _ => "decimal",
        };
        let evidence = match choice.map(|choice| choice.evidence) {
            None => "given",
            Some(FractionEvidence::Detected) => "detected",
            Some(FractionEvidence::Contradictory) => "contradictory",
            Some(_) => "assumed",
        };
        let Self { records, refused, repeated, updated, stale, formats } = self;
        format!(
            "quality records={records} refused={refused} repeated={repeated} updated={updated} \
             stale={stale} fraction={mode}:{evidence} formats={} warnings={} findings={} unknown_types={}",
            list(formats.iter()),
            list(figures.warnings.iter()),
            list(figures.findings.iter()),
            unknown_types(&figures.unknown_types),
        )
    }
}

/// Names with counts, sorted by name.
fn list<N: fmt::Display>(counts: impl Iterator<Item = (N, impl fmt::Display)>) -> String {
    let mut entries: Vec<_> = counts.map(|(name, count)| format!("{name}:{count}")).collect();
    entries.sort_unstable();
    if entries.is_empty() { "-".to_owned() } else { entries.join(",") }
}

/// Names that records chose: cut, in safe characters, and not too many.
fn unknown_types(counts: &BTreeMap<String, u64>) -> String {
    const NAMES: usize = 20;
    const CHARACTERS: usize = 32;
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '?' };
    let mut names: BTreeMap<String, u64> = BTreeMap::new();
    for (name, count) in counts {
        *names.entry(name.chars().take(CHARACTERS).map(safe).collect()).or_default() += count;
    }
    let more: u64 = names.values().skip(NAMES).sum();
    let shown = list(names.iter().take(NAMES));
    if more > 0 { format!("{shown},more:{more}") } else { shown }
}
