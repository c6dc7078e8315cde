//! Lists that may or may not be paged.

// D50.

use std::collections::HashSet;

use crate::api::request::PER_PAGE;

/// Maximum number of pages.
const MAX_PAGES: u32 = 1_000;

/// The state of reading a list page by page.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    page: u32,
    seen: HashSet<String>,
    last_len: Option<usize>,
}

impl Pages {
    pub(crate) fn new() -> Self {
        Self { page: 1, seen: HashSet::new(), last_len: None }
    }

    /// Returns the page to request; the first is 1.
    pub(crate) const fn page(&self) -> u32 {
        self.page
    }

    /// Returns whether an item was on an earlier page.
    pub(crate) fn is_known(&self, id: &str) -> bool {
        self.seen.contains(id)
    }

    /// Handles the ids of a page of `len` items; returns whether another page may have more.
    pub(crate) fn handle(&mut self, ids: impl IntoIterator<Item = String>, len: usize) -> bool {
        let before = self.seen.len();
        self.seen.extend(ids);
        // A server that ignores `page` repeats itself.
        let is_new = self.seen.len() > before;
        let is_shorter = self.last_len.is_some_and(|last| len < last);
        self.last_len = Some(len);
        self.page += 1;
        is_new && !is_shorter && self.page <= MAX_PAGES
    }

    /// Returns whether a first page is full, so that there may be more.
    pub(crate) const fn is_full(len: usize) -> bool {
        len >= PER_PAGE
    }
}
