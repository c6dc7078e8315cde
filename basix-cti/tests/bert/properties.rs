//! Laws that hold for any term and any bytes.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use basix_cti::bert::{
    AtomForm, Encoder, FloatForm, Term, Token, Value, decode, decode_cti, encode, from_slice,
};
use proptest::prelude::*;
use serde::de::IgnoredAny;

use crate::tree::{Tree, any_tree, cases, identifier};

fn any_encoder() -> impl Strategy<Value = Encoder> {
    (any::<bool>(), any::<bool>()).prop_map(|(old_atoms, old_floats)| {
        Encoder::new()
            .with_atoms(if old_atoms { AtomForm::Latin1 } else { AtomForm::Utf8 })
            .with_floats(if old_floats { FloatForm::Text } else { FloatForm::Ieee })
    })
}

/// Terms so small that equal ones are frequent.
fn small_tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        (0i64..3).prop_map(Tree::int),
        (0i32..3).prop_map(|value| Tree::Float(value.into())),
        Just(Tree::Atom("a".into())),
        Just(Tree::Binary(vec![64])),
        Just(Tree::Bits(vec![64], 2)),
        Just(Tree::List(Vec::new())),
        identifier(),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        let some = prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            some.clone().prop_map(Tree::List),
            some.clone().prop_map(Tree::Tuple),
            some.prop_map(Tree::Closure),
            (inner.clone(), 0i64..2)
                .prop_map(|(head, tail)| Tree::Improper(vec![head], Box::new(Tree::int(tail)))),
            (inner.clone(), Just(Tree::Bits(vec![64], 2)))
                .prop_map(|(head, tail)| Tree::Improper(vec![head], Box::new(tail))),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| { Tree::Map(vec![(Tree::int(1), a), (Tree::Float(1.0), b)]) }),
            (inner.clone(), inner).prop_map(|(key, value)| {
                let pairs = vec![(Tree::int(1), value.clone()), (Tree::Float(0.5), value.clone())];
                Tree::Map(vec![
                    (key.clone(), value),
                    (Tree::Tuple(vec![Tree::Map(pairs), key]), Tree::int(0)),
                ])
            }),
        ]
    })
}

fn hash(term: Term<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    term.hash(&mut hasher);
    hasher.finish()
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn what_is_written_is_read(tree in any_tree(), encoder in any_encoder()) {
        let message = tree.encode(encoder.clone());
        let term = decode(&message).unwrap();
        prop_assert!(tree.is(term), "{term}");

        let again = encoder.clone().term(term).finish().unwrap();
        prop_assert_eq!(decode(&again).unwrap(), term);
        prop_assert_eq!(encoder.clone().term(decode(&again).unwrap()).finish().unwrap(), again);
    }

    #[test]
    fn equal_terms_are_equal_however_written_and_have_one_hash(
        tree in any_tree(),
        encoder in any_encoder(),
    ) {
        let (a, b) = (tree.encode(encoder), tree.encode(Encoder::new()));
        let (a, b) = (decode(&a).unwrap(), decode(&b).unwrap());
        prop_assert_eq!(a, b);
        prop_assert_eq!(a.cmp(&b), Ordering::Equal);
        prop_assert_eq!(hash(a), hash(b));
        prop_assert_eq!(a.to_string(), b.to_string());
        // A list of bytes becomes a STRING here.
        let c = encode(a);
        prop_assert_eq!(hash(decode(&c).unwrap()), hash(a));
    }

    #[test]
    fn the_order_of_terms_is_total_and_agrees_with_equality(
        a in small_tree(),
        b in small_tree(),
        c in small_tree(),
    ) {
        let messages = [&a, &b, &c].map(|tree| tree.encode(Encoder::new()));
        let [a, b, c] = messages.each_ref().map(|message| decode(message).unwrap());
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a == b, a.cmp(&b).is_eq());
        prop_assert!(a != b || hash(a) == hash(b));
        let mut sorted = [a, b, c];
        sorted.sort();
        prop_assert!(sorted[0] <= sorted[1] && sorted[1] <= sorted[2] && sorted[0] <= sorted[2]);
        prop_assert!(!(a <= b && b <= c) || a <= c);
    }

    /// Reversing the pairs of every map changes nothing that is compared or hashed.
    #[test]
    fn the_order_of_pairs_makes_no_difference(tree in any_tree()) {
        let messages = [tree.encode(Encoder::new()), reversed(&tree).encode(Encoder::new())];
        let [a, b] = messages.each_ref().map(|message| decode(message).unwrap());
        prop_assert_eq!(a, b);
        prop_assert_eq!(hash(a), hash(b));
        prop_assert_eq!(a.cmp(&b), Ordering::Equal);
    }

    #[test]
    fn a_message_that_ends_early_is_refused_at_every_byte(tree in any_tree()) {
        let message = tree.encode(Encoder::new());
        for len in 0..message.len() {
            prop_assert!(decode(&message[..len]).is_err());
            prop_assert!(decode_cti(&message[..len]).is_err());
            prop_assert!(from_slice::<IgnoredAny>(&message[..len]).is_err());
            prop_assert!(from_slice::<serde_json::Value>(&message[..len]).is_err());
        }
    }

    // B10
    #[test]
    fn bytes_that_follow_the_term_are_refused(tree in any_tree(), byte in any::<u8>()) {
        let mut message = tree.encode(Encoder::new());
        message.push(byte);
        prop_assert!(decode(&message).is_err());
        prop_assert!(decode_cti(&message).is_err());
        prop_assert!(from_slice::<IgnoredAny>(&message).is_err());
    }

    #[test]
    fn a_walk_visits_every_term_and_ends_what_it_begins(tree in any_tree()) {
        let message = tree.encode(Encoder::new());
        let (mut open, mut terms) = (0, 0);
        for token in decode(&message).unwrap().walk() {
            match token {
                Token::Value(value) => {
                    terms += 1;
                    let container = matches!(
                        value,
                        Value::List(_) | Value::Tuple(_) | Value::Map(_) | Value::Fun(_)
                    );
                    open += u32::from(container);
                }
                Token::End => open -= 1,
                Token::Tail => prop_assert!(open > 0),
            }
        }
        prop_assert_eq!((open, terms), (0, count(&tree)));
    }

    #[test]
    fn damaged_bytes_are_an_error_or_another_term_that_can_be_used(
        tree in any_tree(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut message = tree.encode(Encoder::new());
        for (at, byte) in damage {
            let at = at.index(message.len());
            message[at] = byte;
        }
        prop_assert!(decode_cti(&message).is_err() || decode(&message).is_ok());
        let read = from_slice::<IgnoredAny>(&message);
        if let Ok(term) = decode(&message) {
            prop_assert!(read.is_ok());
            let again = encode(term);
            prop_assert_eq!(decode(&again).unwrap(), term);
            let _ = (term.to_string(), hash(term), serde_json::to_string(&term).unwrap());
        }
    }
}

#[test]
fn bits_that_do_not_count_make_no_difference() {
    let bits = |byte| Encoder::new().bits(&[7, byte], 2).finish().unwrap();
    let (zeros, ones) = (bits(0b0100_0000), bits(0b0111_1111));
    let (zeros, ones) = (decode(&zeros).unwrap(), decode(&ones).unwrap());
    assert_eq!((zeros, hash(zeros)), (ones, hash(ones)));
    assert_eq!(encode(ones), encode(zeros));
}

/// The same term with the pairs of every map the other way round.
fn reversed(tree: &Tree) -> Tree {
    let all = |trees: &[Tree]| trees.iter().map(reversed).collect();
    match tree {
        Tree::Map(pairs) => {
            Tree::Map(pairs.iter().rev().map(|(k, v)| (reversed(k), reversed(v))).collect())
        }
        Tree::List(trees) => Tree::List(all(trees)),
        Tree::Tuple(trees) => Tree::Tuple(all(trees)),
        Tree::Closure(trees) => Tree::Closure(all(trees)),
        Tree::Improper(trees, tail) => Tree::Improper(all(trees), Box::new(reversed(tail))),
        other => other.clone(),
    }
}

fn count(tree: &Tree) -> usize {
    1 + match tree {
        Tree::List(trees) | Tree::Tuple(trees) | Tree::Closure(trees) => {
            trees.iter().map(count).sum()
        }
        Tree::Improper(trees, tail) => trees.iter().map(count).sum::<usize>() + count(tail),
        Tree::Map(pairs) => pairs.iter().map(|(key, value)| count(key) + count(value)).sum(),
        _ => 0,
    }
}
