//! Lists and maps whose length is known only when they end, for serde.

use super::super::{steps, tag};
use super::{EncodeError, Encoder};

/// More terms than a container can have: it lacks this many until it is closed.
pub(super) const UNCOUNTED: u64 = 1 << 62;

/// A list or map that was opened without a length.
pub(crate) struct Mark {
    /// The place of its tag.
    at: usize,
    /// Containers around it.
    outer: usize,
}

impl Encoder {
    /// Opens a list whose elements are counted when it is closed.
    pub(crate) fn open_list(&mut self) -> Mark {
        self.open_uncounted(tag::LIST)
    }

    /// Closes a list. A list of bytes becomes a STRING, as Erlang writes it.
    pub(crate) fn close_list(&mut self, mark: Mark) {
        let at = mark.at;
        let len = self.close_uncounted(mark);
        let elements = self.out.get(at + 5..).unwrap_or_default();
        let short = u16::try_from(len).ok().filter(|len| elements.len() == 2 * usize::from(*len));
        // Two bytes an element, and the tag of a small integer at every second place: all are bytes.
        steps::count(2 * short.map_or(0, usize::from));
        let all_bytes = || elements.iter().step_by(2).all(|tag| *tag == tag::SMALL_INTEGER);
        match short {
            _ if len == 0 => {
                self.out.truncate(at);
                self.out.push(tag::NIL);
            }
            Some(len) if all_bytes() => {
                let bytes: Vec<u8> = elements.iter().skip(1).step_by(2).copied().collect();
                self.out.truncate(at);
                self.out.push(tag::STRING);
                self.out.extend_from_slice(&len.to_be_bytes());
                self.out.extend_from_slice(&bytes);
            }
            _ => {
                self.patch(at + 1, len);
                self.out.push(tag::NIL);
            }
        }
        self.end();
    }

    /// Opens a map whose pairs are counted when it is closed.
    pub(crate) fn open_map(&mut self) -> Mark {
        self.open_uncounted(tag::MAP)
    }

    /// Closes a map.
    pub(crate) fn close_map(&mut self, mark: Mark) {
        let at = mark.at;
        let terms = self.close_uncounted(mark);
        if terms % 2 != 0 {
            self.fail(EncodeError::Incomplete);
        }
        self.patch(at + 1, terms / 2);
        self.end();
    }

    fn open_uncounted(&mut self, tag: u8) -> Mark {
        self.begin();
        let mark = Mark { at: self.out.len(), outer: self.outer.len() };
        self.out.extend_from_slice(&[tag, 0, 0, 0, 0]);
        self.enter(UNCOUNTED);
        mark
    }

    /// Closes a container and returns the number of terms in it.
    fn close_uncounted(&mut self, mark: Mark) -> u64 {
        while self.outer.len() > mark.outer + 1 {
            self.fail(EncodeError::Incomplete);
            self.open = self.outer.pop().unwrap_or(0);
        }
        let terms = UNCOUNTED.saturating_sub(self.open);
        self.open = self.outer.pop().unwrap_or(0);
        terms
    }
}
