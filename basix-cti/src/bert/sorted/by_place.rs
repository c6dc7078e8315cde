//! Items found by their place in a term.

use super::super::steps;

/// Items in the order of their places, each found in constant time: a binary search for every map
/// that is compared would make sorting maps of maps more than linear.
#[derive(Debug)]
pub(super) struct ByPlace<T> {
    pub(super) items: Vec<T>,
    /// For each [`BUCKET`] bytes of the term the first item that begins there or later.
    pub(super) buckets: Vec<u32>,
}

pub(super) const BUCKET: usize = 16;

pub(super) trait Placed: Copy {
    fn place(&self) -> u32;
}

impl<T> Default for ByPlace<T> {
    fn default() -> Self {
        Self { items: Vec::new(), buckets: Vec::new() }
    }
}

impl<T: Placed> ByPlace<T> {
    /// Adds an item behind all others.
    pub(super) fn push(&mut self, item: T) {
        let bucket = item.place() as usize / BUCKET;
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, self.items.len() as u32);
        }
        self.items.push(item);
    }

    /// The item at this place. An item has at least five bytes, so a bucket has few.
    pub(super) fn get(&self, place: u32) -> Option<T> {
        let first = *self.buckets.get(place as usize / BUCKET)? as usize;
        let items = self.items.get(first..)?;
        let item = items.iter().find(|item| {
            steps::count(1);
            item.place() >= place
        })?;
        (item.place() == place).then_some(*item)
    }
}
