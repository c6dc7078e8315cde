//! Erlang's equality and order of terms, and a hash that agrees with them, for any wire form.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::sorted::KeyRoute;
use super::steps;
use super::term::{Term, Value};
use super::walk::{Token, Walker};

impl<'a> Term<'a> {
    fn in_key_order(self) -> Walker<'a, KeyRoute<'a, 'static>> {
        match self.wire() {
            Some(wire) => Walker::new(wire, KeyRoute::new(wire)),
            None => {
                let byte = self.as_i64().and_then(|byte| byte.try_into().ok()).unwrap_or(0);
                Walker::of_byte(byte, KeyRoute::new(&[]))
            }
        }
    }
}

/// Compares two terms. `exact` is how Erlang compares keys of maps: every integer comes before every
/// float. Otherwise numbers are compared by value, and the exact order decides between terms that
/// are equal by value.
pub(super) fn compare<'a, 'b>(
    mut a: Walker<'a, KeyRoute<'a, '_>>,
    mut b: Walker<'b, KeyRoute<'b, '_>>,
    exact: bool,
) -> Ordering {
    let mut tie = Ordering::Equal;
    loop {
        let order = match (a.next(), b.next()) {
            (Some(Token::Value(x)), Some(Token::Value(y))) => {
                let (order, then) = cmp_values(&x, &y, exact || a.route.in_key());
                tie = tie.then(then);
                order
            }
            // The rest of a proper list is a list, at least the empty one, which comes before other
            // lists.
            (Some(Token::End), Some(Token::Value(_))) => Ordering::Less,
            (Some(Token::Value(_)), Some(Token::End)) => Ordering::Greater,
            (Some(Token::End), Some(Token::End)) | (Some(Token::Tail), Some(Token::Tail)) => {
                Ordering::Equal
            }
            (Some(Token::Tail), Some(_)) => cmp_tail_and_list(a.next()),
            (Some(_), Some(Token::Tail)) => cmp_tail_and_list(b.next()).reverse(),
            (None, None) => return tie,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Compares an improper list's tail with the rest of another list.
fn cmp_tail_and_list(tail: Option<Token<'_>>) -> Ordering {
    match tail {
        Some(Token::Value(Value::Binary(_) | Value::Bits(_))) => Ordering::Greater,
        _ => Ordering::Less,
    }
}

/// The order of two values without their contents, and the order that breaks ties.
pub(super) fn cmp_values(a: &Value<'_>, b: &Value<'_>, exact: bool) -> (Ordering, Ordering) {
    let order = match (a, b) {
        (Value::Float(a), Value::Float(b)) if exact => a.total_cmp(b),
        (Value::Float(a), Value::Float(b)) => {
            return (a.partial_cmp(b).unwrap_or(Ordering::Equal), a.total_cmp(b));
        }
        (Value::Integer(_), Value::Float(_)) if exact => Ordering::Less,
        (Value::Float(_), Value::Integer(_)) if exact => Ordering::Greater,
        (Value::Integer(a), Value::Float(b)) => return (a.cmp_float(*b), Ordering::Less),
        (Value::Float(a), Value::Integer(b)) => {
            return (b.cmp_float(*a).reverse(), Ordering::Greater);
        }
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Atom(a), Value::Atom(b)) => a.cmp(b),
        (Value::Reference(a), Value::Reference(b)) => {
            (a.node, a.creation).cmp(&(b.node, b.creation)).then_with(|| a.cmp_words(b))
        }
        (Value::Fun(a), Value::Fun(b)) => {
            let order = (a.module, a.index, a.old_uniq, a.free_variables()).cmp(&(
                b.module,
                b.index,
                b.old_uniq,
                b.free_variables(),
            ));
            // For Erlang these differ only if something above does.
            let rest = (a.code_checksum, a.arity, a.old_index)
                .cmp(&(b.code_checksum, b.arity, b.old_index))
                .then_with(|| a.pid.cmp_by_number(&b.pid));
            return (order, rest);
        }
        (Value::Export(a), Value::Export(b)) => {
            (a.module, a.function, a.arity).cmp(&(b.module, b.function, b.arity))
        }
        (Value::Port(a), Value::Port(b)) => {
            (a.node, a.creation, a.id).cmp(&(b.node, b.creation, b.id))
        }
        (Value::Pid(a), Value::Pid(b)) => a.cmp_by_number(b),
        (Value::Tuple(a), Value::Tuple(b)) => a.arity().cmp(&b.arity()),
        (Value::Map(a), Value::Map(b)) => a.len().cmp(&b.len()),
        (Value::List(a), Value::List(b)) => b.is_empty().cmp(&a.is_empty()),
        (Value::Binary(a), Value::Binary(b)) => {
            steps::count(a.len().min(b.len()));
            a.cmp(b)
        }
        (Value::Bits(a), Value::Bits(b)) => {
            steps::count(a.wire_bytes().len().min(b.wire_bytes().len()));
            a.bytes().cmp(b.bytes()).then_with(|| a.len().cmp(&b.len()))
        }
        (Value::Bits(a), Value::Binary(b)) => {
            steps::count(a.wire_bytes().len().min(b.len()));
            a.bytes().cmp(b.iter().copied()).then(Ordering::Less)
        }
        (Value::Binary(a), Value::Bits(b)) => {
            steps::count(a.len().min(b.wire_bytes().len()));
            a.iter().copied().cmp(b.bytes()).then(Ordering::Greater)
        }
        _ => rank(a).cmp(&rank(b)),
    };
    (order, Ordering::Equal)
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

impl Ord for Term<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self.in_key_order(), other.in_key_order(), false)
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
            || compare(self.in_key_order(), other.in_key_order(), true).is_eq()
    }
}

impl Eq for Term<'_> {}

impl Hash for Term<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Maps are hashed in the order of their keys and not by adding up hashes of pairs: sums of
        // a hash without a secret can be made to collide.
        let mut walk = self.in_key_order();
        while let Some(token) = walk.next() {
            match token {
                Token::Value(value) => {
                    state.write_u8(rank(&value));
                    hash_value(&value, state);
                }
                Token::Tail => state.write_u8(0xfe),
                Token::End => state.write_u8(0xff),
            }
        }
    }
}

/// Hashes a value without its contents.
fn hash_value<H: Hasher>(value: &Value<'_>, state: &mut H) {
    match value {
        Value::Integer(integer) => {
            steps::count(integer.big_magnitude().map_or(1, <[u8]>::len));
            integer.hash(state);
        }
        Value::Float(float) => state.write_u64(float.to_bits()),
        Value::Atom(name) => name.hash(state),
        Value::Binary(bytes) => {
            steps::count(bytes.len());
            bytes.hash(state);
        }
        Value::Bits(bits) => {
            steps::count(bits.wire_bytes().len());
            state.write_u64(bits.len());
            bits.bytes().for_each(|byte| state.write_u8(byte));
        }
        Value::Tuple(tuple) => state.write_usize(tuple.arity()),
        Value::Map(map) => state.write_usize(map.len()),
        Value::Pid(pid) => pid.hash(state),
        Value::Port(port) => port.hash(state),
        Value::Reference(reference) => reference.hash(state),
        Value::Export(export) => export.hash(state),
        Value::Fun(fun) => fun.hash(state),
        Value::List(_) => {}
    }
}
