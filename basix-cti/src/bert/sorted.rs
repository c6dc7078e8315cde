//! Maps in the order of their keys, however deep they are nested, sorted once and bottom-up.
//!
//! Two maps are compared by their keys in order, and keys may be maps. Sorting a map whenever it is
//! compared multiplies the work at each level of nesting; so [`KeyOrder`] walks a term once and
//! sorts every map when it ends, at which time the maps inside its keys are sorted already.

use super::error::{DecodeErrorKind as Kind, Fail};
use super::number::Integer;
use super::order::{cmp_values, compare};
use super::reader::{self, Head};
use super::steps;
use super::tag;
use super::term::Value;
use super::walk::{self, Route, Token, Walk, Walker};

/// The sorted pairs of every map of a term that has at least two. Places are bytes from the start
/// of the term.
#[derive(Debug, Default)]
pub(super) struct KeyOrder {
    maps: ByPlace<Sorted>,
    /// The pairs of all maps, those of an outer map before those of the maps inside it.
    pairs: Vec<Pair>,
    detours: ByPlace<Detour>,
}

/// Items in the order of their places, each found in constant time: a binary search for every map
/// that is compared would make sorting maps of maps more than linear.
#[derive(Debug)]
struct ByPlace<T> {
    items: Vec<T>,
    /// For each [`BUCKET`] bytes of the term the first item that begins there or later.
    buckets: Vec<u32>,
}

const BUCKET: usize = 16;

trait Placed: Copy {
    fn place(&self) -> u32;
}

impl<T> Default for ByPlace<T> {
    fn default() -> Self {
        Self { items: Vec::new(), buckets: Vec::new() }
    }
}

impl<T: Placed> ByPlace<T> {
    /// Adds an item behind all others.
    fn push(&mut self, item: T) {
        let bucket = item.place() as usize / BUCKET;
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, self.items.len() as u32);
        }
        self.items.push(item);
    }

    /// The item at this place. An item has at least five bytes, so a bucket has few.
    fn get(&self, place: u32) -> Option<T> {
        let first = *self.buckets.get(place as usize / BUCKET)? as usize;
        let items = self.items.get(first..)?;
        let item = items.iter().find(|item| {
            steps::count(1);
            item.place() >= place
        })?;
        (item.place() == place).then_some(*item)
    }
}

impl Placed for Sorted {
    fn place(&self) -> u32 {
        self.place
    }
}

impl Placed for Detour {
    fn place(&self) -> u32 {
        self.place
    }
}

#[derive(Clone, Copy, Debug)]
struct Sorted {
    place: u32,
    end: u32,
    /// Where its pairs begin in `KeyOrder::pairs`.
    first: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Pair {
    key: u32,
    value: u32,
}

/// Bytes that mean nothing and are many: zeros in front of an integer, or LISTs without elements.
/// A key that is compared often must not be charged for them each time.
#[derive(Clone, Copy, Debug)]
struct Detour {
    place: u32,
    /// Bytes of the integer's magnitude that count, or the place of the term behind the LISTs.
    to: u32,
}

/// Detours up to this many bytes are walked each time.
const SHORT: usize = 64;

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
                let route =
                    KeyRoute { wire, order: Order::Borrowed(sorted), ..KeyRoute::new(wire) };
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

/// Visits the wire in its order and notes the detours.
struct FindDetours<'a, 'f> {
    wire: &'a [u8],
    found: &'f mut ByPlace<Detour>,
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

enum Order<'k> {
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
pub(super) struct KeyRoute<'a, 'k> {
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
    /// If it has an order, once its first key has been asked for.
    sorted: Option<Sorted>,
}

impl<'a> KeyRoute<'a, '_> {
    /// The term that `wire` begins with is the one that is visited.
    pub(super) const fn new(wire: &'a [u8]) -> Self {
        Self { wire, order: Order::Later, open: Vec::new(), key_level: None }
    }

    /// Whether the last value stands inside a key of a map.
    pub(super) const fn in_key(&self) -> bool {
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

/// Refuses a map that has a key twice. `start` is one term, checked in all other respects.
pub(crate) fn check_keys(start: &[u8]) -> Result<(), Fail> {
    KeyOrder::new(start).map(drop)
}
