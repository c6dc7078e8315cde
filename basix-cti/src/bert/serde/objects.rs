//! Selects the maps that JSON shows as objects: those whose keys are distinct texts.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::container::List;
use super::super::reader::{self, Head};
use super::super::steps;
use super::super::term::{Term, Value};
use super::super::text::Text;
use super::super::walk::{self, Token, Walker, WireOrder};

/// The maps inside the outermost map that is being shown.
///
/// A map must be classified before its first pair is shown. All maps inside one are classified
/// together, in one walk, so that nesting does not repeat the work.
#[derive(Default)]
pub(super) struct Objects {
    /// For each map in the order of the wire: bytes from its start to the end, and the verdict.
    judged: RefCell<Vec<(usize, bool)>>,
    /// Maps are asked for in the same order.
    next: Cell<usize>,
}

impl Objects {
    /// Returns true if the map at the front of `start`, which has pairs, is an object.
    pub(super) fn contains(&self, start: &[u8]) -> bool {
        let mut judged = self.judged.borrow_mut();
        let mut next = self.next.get();
        while judged.get(next).is_some_and(|(left, _)| *left > start.len()) {
            steps::count(1);
            next += 1;
        }
        if judged.get(next).is_none_or(|(left, _)| *left != start.len()) {
            *judged = judge(start);
            next = 0;
        }
        self.next.set(next);
        judged.get(next).is_some_and(|(_, object)| *object)
    }
}

/// A map that is being classified.
struct OpenMap {
    /// In the list of verdicts.
    index: usize,
    /// Containers around its keys and values.
    level: u32,
    children: usize,
    /// Index of the first hash of its keys.
    hashes: usize,
}

fn judge(start: &[u8]) -> Vec<(usize, bool)> {
    let mut judged = Vec::new();
    let mut hashes: Vec<u64> = Vec::new();
    let mut open: Vec<OpenMap> = Vec::new();
    let mut level = 0;
    let mut walk = Walker::new(start, WireOrder);
    while let Some(token) = walk.next() {
        match token {
            Token::Value(value) => {
                if let Some(map) = open.last_mut().filter(|map| map.level == level) {
                    if map.children % 2 == 0 {
                        match key_text(walk.at()) {
                            Some((text, _)) => hashes.push(hash(&text)),
                            None => refuse(&mut judged, map.index),
                        }
                    }
                    map.children += 1;
                }
                level += u32::from(value.is_container());
                if matches!(value, Value::Map(map) if !map.is_empty()) {
                    let (index, hashes) = (judged.len(), hashes.len());
                    open.push(OpenMap { index, level, children: 0, hashes });
                    judged.push((walk.at().len(), true));
                }
            }
            Token::Tail => {}
            Token::End => {
                if let Some(map) = open.last().filter(|map| map.level == level) {
                    let keys = hashes.get_mut(map.hashes..).unwrap_or_default();
                    keys.sort_unstable();
                    steps::count(keys.len());
                    // Texts with the same hash are taken for equal: an array loses nothing.
                    if keys.windows(2).any(|two| matches!(two, [a, b] if a == b)) {
                        refuse(&mut judged, map.index);
                    }
                    hashes.truncate(map.hashes);
                    open.pop();
                }
                level -= 1;
            }
        }
    }
    judged
}

fn refuse(judged: &mut [(usize, bool)], index: usize) {
    if let Some((_, object)) = judged.get_mut(index) {
        *object = false;
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The text of a key at the front of `start`, and what follows it. Here every atom is a text, and so
/// is each list that Erlang would write as a STRING.
pub(super) fn key_text(start: &[u8]) -> Option<(Cow<'_, str>, &[u8])> {
    let start = walk::strip(start);
    let (head, after) = reader::head::<false>(start).ok()?;
    match head {
        Head::Atom(text) | Head::Binary(_, text) => Some((text.to_str(), after)),
        Head::String(bytes) if !bytes.is_empty() => {
            Some((Text::from_wire(reader::between(start, after)).to_str(), after))
        }
        Head::List(_) => {
            let text = match String::from_utf8(List::from_wire(start).to_bytes()?) {
                Ok(text) => text,
                Err(latin1) => latin1.into_bytes().into_iter().map(char::from).collect(),
            };
            Some((Cow::Owned(text), Term::take(start)?.1))
        }
        _ => None,
    }
}
