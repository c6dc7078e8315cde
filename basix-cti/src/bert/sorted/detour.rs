//! Bytes that a comparison passes without reading them.

use super::super::reader::{self, Head};
use super::super::tag;
use super::super::walk::{self, Route};
use super::by_place::{ByPlace, Placed};
use super::place;

/// A long run of bytes without meaning: zeros in front of an integer, or LISTs without elements.
/// Comparing a key often must not read them each time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detour {
    place: u32,
    /// Significant bytes of the integer's magnitude, or the place of the term behind the LISTs.
    pub(super) to: u32,
}

/// Detours up to this many bytes are walked each time.
const SHORT: usize = 64;

impl Placed for Detour {
    fn place(&self) -> u32 {
        self.place
    }
}

/// Visits the wire in its order and notes the detours.
pub(super) struct FindDetours<'a, 'f> {
    pub(super) wire: &'a [u8],
    pub(super) found: &'f mut ByPlace<Detour>,
}

impl<'a> Route<'a> for FindDetours<'a, '_> {
    fn strip(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let stripped = walk::strip(rest);
        if rest.len() - stripped.len() > SHORT {
            let to = place(self.wire, stripped);
            self.found.push(Detour { place: place(self.wire, rest), to });
        }
        stripped
    }

    fn head(&mut self, start: &'a [u8]) -> Option<(Head<'a>, &'a [u8])> {
        let (head, rest) = reader::head::<false>(start).ok()?;
        if let (Head::Integer(integer), [tag::LARGE_BIG, ..]) = (&head, start) {
            let used = integer.big_magnitude().map_or(8, <[u8]>::len);
            if start.len() - rest.len() > used + SHORT {
                self.found.push(Detour { place: place(self.wire, start), to: used as u32 });
            }
        }
        Some((head, rest))
    }
}
