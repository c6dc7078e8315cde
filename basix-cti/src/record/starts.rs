//! The starts of the fields of a record.

/// The starts of the fields of a record, in bytes from its own start, by their places in the layout
/// of the element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Starts([u16; Self::LEN]);

/// The start of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The record does not have the field.
    Absent,
    At(usize),
    /// Beyond what a [`Starts`] can hold: the record has to be walked.
    Far,
}

impl Starts {
    /// The most fields that a layout has.
    pub(crate) const LEN: usize = 24;
    /// The place of a column that no layout has.
    pub(crate) const OTHER: u8 = u8::MAX;
    const FAR: u16 = u16::MAX;

    /// A record starts with its own tag, so that no field starts at 0.
    pub(crate) const NONE: Self = Self([0; Self::LEN]);

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn set(&mut self, place: usize, start: usize) {
        if let Some(slot) = self.0.get_mut(place) {
            *slot = start.min(usize::from(Self::FAR)) as u16;
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn get(&self, place: usize) -> Start {
        match self.0.get(place).copied() {
            None | Some(0) => Start::Absent,
            Some(Self::FAR) => Start::Far,
            Some(start) => Start::At(start.into()),
        }
    }
}
