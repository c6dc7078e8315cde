//! Equality, order and hash of terms: Erlang's, whichever way the terms are written.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::container::Map;
use super::error::{DecodeErrorKind as Kind, Fail};
use super::term::{Term, Value};
use super::walk::{Token, Walk};

/// How deep maps may stand inside the keys of a map. Sorting keys recurses that deep.
const KEY_DEPTH: u32 = 16;

impl Ord for Term<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b) = (self.walk(), other.walk());
        // Comparisons put off while the insides of a map are compared.
        let mut later: Vec<Later<'_>> = Vec::new();
        loop {
            let order = match (a.next(), b.next()) {
                (None, None) => match later.pop() {
                    None => return Ordering::Equal,
                    Some(Later::Rest(walks)) => {
                        (a, b) = *walks;
                        continue;
                    }
                    Some(Later::Terms(x, y)) => {
                        (a, b) = (x.walk(), y.walk());
                        continue;
                    }
                },
                (Some(Token::Value(Value::Map(x))), Some(Token::Value(Value::Map(y))))
                    if x.len() == y.len() && x.len() > 1 =>
                {
                    a.leave();
                    b.leave();
                    later.push(Later::Rest(Box::new((a, b))));
                    (a, b) = (Walk::nothing(), Walk::nothing());
                    let (x, y) = (sorted(x), sorted(y));
                    later.extend(x.iter().zip(&y).rev().map(|(x, y)| Later::Terms(x.1, y.1)));
                    later.extend(x.iter().zip(&y).rev().map(|(x, y)| Later::Terms(x.0, y.0)));
                    continue;
                }
                (Some(a), Some(b)) => cmp_tokens(&a, &b),
                (None, Some(_)) => Ordering::Less,
                (Some(_), None) => Ordering::Greater,
            };
            if order.is_ne() {
                return order;
            }
        }
    }
}

enum Later<'a> {
    Rest(Box<(Walk<'a>, Walk<'a>)>),
    Terms(Term<'a>, Term<'a>),
}

fn sorted(map: Map<'_>) -> Vec<(Term<'_>, Term<'_>)> {
    let mut pairs: Vec<_> = map.iter().collect();
    pairs.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    pairs
}

/// Compares what two walks have come to; everything before was equal.
fn cmp_tokens(a: &Token<'_>, b: &Token<'_>) -> Ordering {
    match (a, b) {
        (Token::Value(a), Token::Value(b)) => cmp_values(a, b),
        // One list has ended or comes to its tail. What is left of a proper list is a list or the
        // empty list; an improper tail is neither, so its rank decides. The tail itself shows in
        // the next step, hence the order of ranks is settled here only against a list.
        (Token::End, Token::Value(_)) => Ordering::Less,
        (Token::Value(_), Token::End) => Ordering::Greater,
        (Token::Tail, Token::Tail) | (Token::End, Token::End) => Ordering::Equal,
        // All that may be a tail, except bit strings, comes before the empty list; a total order
        // is what matters here.
        (Token::Tail, _) => Ordering::Less,
        (_, Token::Tail) => Ordering::Greater,
    }
}

fn cmp_values(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::Integer(a), Value::Float(b)) => a.cmp_float(*b).then(Ordering::Less),
        (Value::Float(a), Value::Integer(b)) => b.cmp_float(*a).reverse().then(Ordering::Greater),
        (Value::Atom(a), Value::Atom(b)) => a.cmp(b),
        (Value::Reference(a), Value::Reference(b)) => (a.words().collect::<Vec<_>>().iter().rev())
            .cmp(b.words().collect::<Vec<_>>().iter().rev())
            .then_with(|| a.node.cmp(&b.node))
            .then_with(|| a.creation.cmp(&b.creation)),
        (Value::Fun(a), Value::Fun(b)) => (a.module.cmp(&b.module))
            .then_with(|| a.index.cmp(&b.index))
            .then_with(|| a.old_uniq.cmp(&b.old_uniq))
            .then_with(|| a.code_checksum.cmp(b.code_checksum))
            .then_with(|| (a.arity, a.old_index).cmp(&(b.arity, b.old_index)))
            .then_with(|| a.free_variables().cmp(&b.free_variables()))
            .then_with(|| (a.pid.id, a.pid.serial).cmp(&(b.pid.id, b.pid.serial)))
            .then_with(|| (a.pid.node, a.pid.creation).cmp(&(b.pid.node, b.pid.creation))),
        (Value::Export(a), Value::Export(b)) => {
            (a.module, a.function, a.arity).cmp(&(b.module, b.function, b.arity))
        }
        (Value::Port(a), Value::Port(b)) => {
            (a.id, a.node, a.creation).cmp(&(b.id, b.node, b.creation))
        }
        (Value::Pid(a), Value::Pid(b)) => {
            (a.id, a.serial, a.node, a.creation).cmp(&(b.id, b.serial, b.node, b.creation))
        }
        (Value::Tuple(a), Value::Tuple(b)) => a.arity().cmp(&b.arity()),
        (Value::Map(a), Value::Map(b)) => a.len().cmp(&b.len()),
        (Value::List(a), Value::List(b)) => b.is_empty().cmp(&a.is_empty()),
        (Value::Binary(a), Value::Binary(b)) => a.cmp(b),
        (Value::Bits(a), Value::Bits(b)) => {
            a.bytes().cmp(b.bytes()).then_with(|| a.len().cmp(&b.len()))
        }
        (Value::Bits(a), Value::Binary(b)) => a.bytes().cmp(b.iter().copied()).then(Ordering::Less),
        (Value::Binary(a), Value::Bits(b)) => {
            a.iter().copied().cmp(b.bytes()).then(Ordering::Greater)
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

const fn rank(value: &Value<'_>) -> u8 {
    match value {
        Value::Integer(_) | Value::Float(_) => 0,
        Value::Atom(_) => 1,
        Value::Reference(_) => 2,
        Value::Fun(_) => 3,
        Value::Export(_) => 4,
        Value::Port(_) => 5,
        Value::Pid(_) => 6,
        Value::Tuple(_) => 7,
        Value::Map(_) => 8,
        Value::List(_) => 9,
        Value::Binary(_) | Value::Bits(_) => 10,
    }
}

impl PartialOrd for Term<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Term<'_> {
    fn eq(&self, other: &Self) -> bool {
        // Most terms that are equal are also written alike.
        matches!((self.wire(), other.wire()), (Some(a), Some(b)) if a == b)
            || self.cmp(other).is_eq()
    }
}

impl Eq for Term<'_> {}

impl Hash for Term<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut walk = self.walk();
        while let Some(token) = walk.next() {
            let Token::Value(value) = token else {
                state.write_u8(0xff);
                continue;
            };
            state.write_u8(rank(&value));
            match value {
                Value::Integer(integer) => integer.hash(state),
                Value::Float(float) => state.write_u64(float.to_bits()),
                Value::Atom(name) => name.hash(state),
                Value::Binary(bytes) => state.write(bytes),
                Value::Bits(bits) => state.write_u64(bits.len()),
                Value::Tuple(tuple) => state.write_usize(tuple.arity()),
                // Pairs come in any order, so only their number counts.
                Value::Map(map) => {
                    state.write_usize(map.len());
                    walk.leave();
                }
                Value::Reference(reference) => reference.words().for_each(|w| state.write_u32(w)),
                Value::Pid(pid) => state.write_u32(pid.id),
                Value::Port(port) => state.write_u64(port.id),
                Value::Fun(fun) => state.write_u32(fun.index),
                Value::Export(export) => state.write_u8(export.arity),
                Value::List(_) => {}
            }
        }
    }
}

/// Refuses a map that has a key twice. `start` is one term, checked in all other respects.
pub(crate) fn check_keys(start: &[u8]) -> Result<(), Fail> {
    for token in Walk::new(start) {
        let Token::Value(Value::Map(map)) = token else {
            continue;
        };
        if map.len() < 2 {
            continue;
        }
        let pairs = map.rest();
        let mut offsets = Vec::with_capacity(map.len());
        let mut rest = pairs;
        while let (true, Some((key, after))) = (offsets.len() < map.len(), Term::take(rest)) {
            if map_depth(key) > KEY_DEPTH {
                return Err(Fail::at(Kind::TooDeep, rest));
            }
            offsets.push((pairs.len() - rest.len()) as u32);
            rest = Term::take(after).map_or(&[], |(_, rest)| rest);
        }
        let from = |offset: u32| pairs.get(offset as usize..).unwrap_or_default();
        let key = |offset: &u32| Term::take(from(*offset)).map(|(key, _)| key);
        offsets.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        for pair in offsets.windows(2) {
            if let [a, b] = pair {
                if key(a) == key(b) {
                    return Err(Fail::at(Kind::DuplicateKey, from(*a.max(b))));
                }
            }
        }
    }
    Ok(())
}

fn map_depth(term: Term<'_>) -> u32 {
    let (mut open, mut depth, mut deepest) = (Vec::new(), 0, 0);
    for token in term.walk() {
        match token {
            Token::Value(value) if value.is_container() => {
                let map = u32::from(matches!(value, Value::Map(_)));
                depth += map;
                deepest = deepest.max(depth);
                open.push(map);
            }
            Token::End => depth -= open.pop().unwrap_or(0),
            _ => {}
        }
    }
    deepest
}
