//! Maps in the order of their keys, however deep they are nested, sorted once and bottom-up.
//!
//! Two maps are compared by their keys in order, and keys may be maps. Sorting a map whenever it is
//! compared multiplies the work at each level of nesting; so [`KeyOrder`] walks a term once and
//! sorts every map when it ends, at which time the maps inside its keys are sorted already.

use super::error::{DecodeErrorKind as Kind, Fail};
use super::order::{cmp_values, compare};
use super::reader;
use super::steps;
use super::tag;
use super::term::Value;
use super::walk::{Token, Walk, Walker};
use by_place::{BUCKET, ByPlace, Placed};
use detour::{Detour, FindDetours};
use route::Order;

mod by_place;
mod detour;
mod route;

pub(super) use route::KeyRoute;

/// The sorted pairs of every map of a term that has at least two. Places are bytes from the start
/// of the term.
#[derive(Debug, Default)]
pub(super) struct KeyOrder {
    maps: ByPlace<Sorted>,
    /// The pairs of all maps, those of an outer map before those of the maps inside it.
    pairs: Vec<Pair>,
    detours: ByPlace<Detour>,
}

#[derive(Clone, Copy, Debug)]
struct Sorted {
    place: u32,
    end: u32,
    /// Index of its first pair in `KeyOrder::pairs`.
    first: u32,
}

impl Placed for Sorted {
    fn place(&self) -> u32 {
        self.place
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Pair {
    key: u32,
    value: u32,
}

impl KeyOrder {
    /// Sorts the maps of the term at the front of `wire`.
    ///
    /// # Errors
    ///
    /// If a map has a key twice.
    pub(super) fn new(wire: &[u8]) -> Result<Self, Fail> {
        let (mut maps, mut pairs) = (0, 0);
        for token in Walk::new(wire) {
            if let Some(len) = has_order(&token) {
                maps += 1;
                pairs += len as usize;
            }
        }
        if maps == 0 {
            return Ok(Self::default());
        }
        let mut order = Self { pairs: Vec::with_capacity(pairs), ..Self::default() };
        order.maps.items.reserve_exact(maps);
        order.maps.buckets.reserve_exact(wire.len() / BUCKET + 1);
        order.fill(wire)?;
        Ok(order)
    }

    fn fill(&mut self, wire: &[u8]) -> Result<(), Fail> {
        let mut detours = ByPlace::default();
        let mut walk = Walker::new(wire, FindDetours { wire, found: &mut detours });
        let mut open: Vec<OpenMap> = Vec::new();
        let mut level = 0;
        while let Some(token) = walk.next() {
            match token {
                Token::Value(value) => {
                    let place = place(wire, walk.at());
                    if let Some(map) = open.last_mut().filter(|map| map.level == level) {
                        if let Some(pair) =
                            self.pairs.get_mut((map.first + map.children / 2) as usize)
                        {
                            let part =
                                if map.children % 2 == 0 { &mut pair.key } else { &mut pair.value };
                            *part = place;
                        }
                        map.children += 1;
                    }
                    level += u32::from(value.is_container());
                    if let Some(len) = has_order(&token) {
                        let first = self.pairs.len() as u32;
                        let index = self.maps.items.len() as u32;
                        open.push(OpenMap { index, first, len, level, children: 0 });
                        self.maps.push(Sorted { place, end: 0, first });
                        self.pairs.resize((first + len) as usize, Pair::default());
                    }
                }
                Token::Tail => {}
                Token::End => {
                    if let Some(map) = open.last().filter(|map| map.level == level) {
                        if let Some(sorted) = self.maps.items.get_mut(map.index as usize) {
                            sorted.end = place(wire, walk.rest());
                        }
                        self.sort(wire, map, walk.route.found)?;
                        open.pop();
                    }
                    level -= 1;
                }
            }
        }
        self.detours = detours;
        Ok(())
    }

    /// Sorts the pairs of a map whose keys hold only maps that are sorted.
    fn sort(&mut self, wire: &[u8], map: &OpenMap, detours: &ByPlace<Detour>) -> Result<(), Fail> {
        let (first, end) = (map.first as usize, (map.first + map.len) as usize);
        let Some((outer, inner)) = self.pairs.split_at_mut_checked(end) else {
            return Ok(());
        };
        let pairs = outer.get_mut(first..).unwrap_or_default();
        let sorted = View { maps: &self.maps, pairs: inner, base: end, detours };
        let compare = |a: &Pair, b: &Pair| {
            steps::count(1);
            if let (Some(a), Some(b)) = (leaf(wire, a.key), leaf(wire, b.key)) {
                let (order, then) = cmp_values(&a, &b, true);
                return order.then(then);
            }
            let walker = |pair: &Pair| {
                let route = KeyRoute::with_order(wire, Order::Borrowed(sorted));
                Walker::new(from(wire, pair.key), route)
            };
            compare(walker(a), walker(b), true)
        };
        pairs.sort_unstable_by(compare);
        for two in pairs.windows(2) {
            if let [a, b] = two {
                if compare(a, b).is_eq() {
                    return Err(Fail::at(Kind::DuplicateKey, from(wire, a.key.max(b.key))));
                }
            }
        }
        Ok(())
    }

    fn view(&self) -> View<'_> {
        View { maps: &self.maps, pairs: &self.pairs, base: 0, detours: &self.detours }
    }
}

/// A map that is being read.
struct OpenMap {
    /// In `KeyOrder::maps`.
    index: u32,
    /// In `KeyOrder::pairs`.
    first: u32,
    len: u32,
    /// Containers around its keys and values.
    level: u32,
    children: u32,
}

/// The number of pairs, if the term is a map that has an order.
fn has_order(token: &Token<'_>) -> Option<u32> {
    match token {
        Token::Value(Value::Map(map)) if map.len() > 1 => Some(map.len() as u32),
        _ => None,
    }
}

fn place(wire: &[u8], start: &[u8]) -> u32 {
    (wire.len() - start.len()) as u32
}

fn from(wire: &[u8], place: u32) -> &[u8] {
    wire.get(place as usize..).unwrap_or_default()
}

/// The value at a place, if it is one of the usual keys, which need no walk to be compared.
fn leaf(wire: &[u8], place: u32) -> Option<Value<'_>> {
    let start = from(wire, place);
    match start {
        [tag::SMALL_INTEGER | tag::INTEGER | tag::SMALL_BIG | tag::BINARY, ..] => {}
        [tag, ..] if tag::is_atom(*tag) => {}
        _ => return None,
    }
    reader::head::<false>(start).ok().map(|(head, _)| Value::new(head, start))
}

/// A part of a [`KeyOrder`].
#[derive(Clone, Copy)]
struct View<'k> {
    maps: &'k ByPlace<Sorted>,
    pairs: &'k [Pair],
    /// Pairs left out in front of `pairs`.
    base: usize,
    detours: &'k ByPlace<Detour>,
}

impl View<'_> {
    fn detour(&self, place: u32) -> Option<usize> {
        self.detours.get(place).map(|detour| detour.to as usize)
    }
}

/// Refuses a map that has a key twice. `start` is one term, checked in all other respects.
pub(crate) fn check_keys(start: &[u8]) -> Result<(), Fail> {
    KeyOrder::new(start).map(drop)
}
