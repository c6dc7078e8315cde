//! The route of a walk that visits maps in the order of their keys.

use super::super::number::Integer;
use super::super::reader::{self, Head};
use super::super::tag;
use super::super::walk::{self, Route};
use super::{KeyOrder, Sorted, View, place};

pub(super) enum Order<'k> {
    /// Made when the first map needs it, so that terms without maps pay nothing.
    Later,
    Own(KeyOrder),
    Borrowed(View<'k>),
}

impl Order<'_> {
    fn view(&self) -> Option<View<'_>> {
        match self {
            Order::Later => None,
            Order::Own(order) => Some(order.view()),
            Order::Borrowed(view) => Some(*view),
        }
    }
}

/// Visits the keys of a map in their order, then the values in the order of the keys.
pub(in crate::bert) struct KeyRoute<'a, 'k> {
    wire: &'a [u8],
    order: Order<'k>,
    open: Vec<Entered>,
    /// The level of the outermost map of which a key is being visited.
    key_level: Option<usize>,
}

/// A map that is being visited.
struct Entered {
    place: u32,
    pairs: u32,
    /// Its order, if it has one, once its first key has been asked for.
    sorted: Option<Sorted>,
}

impl<'a, 'k> KeyRoute<'a, 'k> {
    pub(super) const fn with_order(wire: &'a [u8], order: Order<'k>) -> Self {
        Self { wire, order, open: Vec::new(), key_level: None }
    }

    /// The term that `wire` begins with is the one that is visited.
    pub(in crate::bert) const fn new(wire: &'a [u8]) -> Self {
        Self::with_order(wire, Order::Later)
    }

    /// Returns true if the last value stands inside a key of a map.
    pub(in crate::bert) const fn in_key(&self) -> bool {
        self.key_level.is_some()
    }
}

impl<'a> Route<'a> for KeyRoute<'a, '_> {
    fn strip(&mut self, rest: &'a [u8]) -> &'a [u8] {
        if let [tag::LIST, 0, 0, 0, 0, ..] = rest {
            let view = self.order.view();
            if let Some(to) = view.and_then(|view| view.detour(place(self.wire, rest))) {
                return self.wire.get(to..).unwrap_or_default();
            }
        }
        walk::strip(rest)
    }

    fn head(&mut self, start: &'a [u8]) -> Option<(Head<'a>, &'a [u8])> {
        if let [tag::LARGE_BIG, a, b, c, d, sign, magnitude @ ..] = start {
            let len = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            let view = self.order.view();
            if let Some(used) = view.and_then(|view| view.detour(place(self.wire, start))) {
                let integer = Integer::from_sign_magnitude(*sign != 0, magnitude.get(..used)?);
                return Some((Head::Integer(integer), magnitude.get(len..)?));
            }
        }
        reader::head::<false>(start).ok()
    }

    fn enter(&mut self, start: &'a [u8], pairs: u32) -> bool {
        self.open.push(Entered { place: place(self.wire, start), pairs, sorted: None });
        true
    }

    fn child(&mut self, level: usize, left: u64) -> Option<&'a [u8]> {
        let map = self.open.last_mut()?;
        let visited = (2 * u64::from(map.pairs)).saturating_sub(left) as usize;
        let is_key = visited < map.pairs as usize;
        match self.key_level {
            None if is_key => self.key_level = Some(level),
            Some(key_level) if key_level == level && !is_key => self.key_level = None,
            _ => {}
        }
        if map.pairs < 2 {
            return None;
        }
        if let Order::Later = self.order {
            // A term has been checked, so it has no key twice.
            self.order = Order::Own(KeyOrder::new(self.wire).unwrap_or_default());
        }
        let view = self.order.view()?;
        if visited == 0 {
            map.sorted = view.maps.get(map.place);
        }
        let first = (map.sorted?.first as usize).checked_sub(view.base)?;
        let at = if is_key { visited } else { visited - map.pairs as usize };
        let pair = view.pairs.get(first + at)?;
        self.wire.get(if is_key { pair.key } else { pair.value } as usize..)
    }

    fn leave(&mut self) -> Option<&'a [u8]> {
        let end = self.open.pop()?.sorted?.end;
        self.wire.get(end as usize..)
    }
}
