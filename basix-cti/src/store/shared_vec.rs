//! A vector that shares its contents with its clones.

use std::array;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Children of a branch.
const FAN: usize = 16;
const FAN_BITS: u32 = FAN.trailing_zeros();

/// A vector of unlimited length whose elements start as default values. A clone costs one reference
/// count; the first change after that copies the one leaf concerned, and the branches above it. A
/// tree of arrays, which grows at its root.
pub(super) struct SharedVec<T, const LEAF: usize> {
    root: Link<T, LEAF>,
    /// Branches above each leaf.
    height: u32,
}

type Link<T, const LEAF: usize> = Option<Arc<Node<T, LEAF>>>;

#[derive(Clone)]
enum Node<T, const LEAF: usize> {
    Leaf([T; LEAF]),
    Branch([Link<T, LEAF>; FAN]),
}

impl<T: Clone + Default, const LEAF: usize> SharedVec<T, LEAF> {
    pub(super) const fn new() -> Self {
        Self { root: None, height: 0 }
    }

    /// The value at a position, if the vector has been written there or near it.
    #[inline]
    pub(super) fn get(&self, at: usize) -> Option<&T> {
        self.leaf(at / LEAF)?.get(at % LEAF)
    }

    #[inline]
    fn leaf(&self, leaf: usize) -> Option<&[T; LEAF]> {
        let mut shift = self.height * FAN_BITS;
        if leaf >> shift != 0 {
            return None;
        }
        let mut node = self.root.as_ref()?;
        loop {
            match &**node {
                Node::Leaf(values) => return Some(values),
                Node::Branch(children) => {
                    shift -= FAN_BITS;
                    node = children.get((leaf >> shift) % FAN)?.as_ref()?;
                }
            }
        }
    }

    /// The value at any position, for changing it.
    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let leaf = at / LEAF;
        while leaf >> (self.height * FAN_BITS) != 0 {
            if let Some(root) = self.root.take() {
                let mut children = [const { None }; FAN];
                let [first, ..] = &mut children;
                *first = Some(root);
                self.root = Some(Arc::new(Node::Branch(children)));
            }
            self.height += 1;
        }
        let mut link = &mut self.root;
        let mut shift = self.height * FAN_BITS;
        loop {
            let node = link.get_or_insert_with(|| {
                Arc::new(match shift {
                    0 => Node::Leaf(array::from_fn(|_| T::default())),
                    _ => Node::Branch([const { None }; FAN]),
                })
            });
            match Arc::make_mut(node) {
                Node::Leaf(values) => return values.get_mut(at % LEAF),
                Node::Branch(children) => {
                    shift -= FAN_BITS;
                    link = children.get_mut((leaf >> shift) % FAN)?;
                }
            }
        }
    }

    /// The values before a position and a few after it, in order; those that were never written may
    /// be missing.
    pub(super) fn iter(&self, end: usize) -> Iter<'_, T, LEAF> {
        Iter { vec: self, leaves: 0..end.div_ceil(LEAF), values: [].iter() }
    }
}

/// Iterates over a [`SharedVec`], leaf by leaf.
#[derive(Clone, Debug)]
pub(super) struct Iter<'a, T, const LEAF: usize> {
    vec: &'a SharedVec<T, LEAF>,
    leaves: Range<usize>,
    values: std::slice::Iter<'a, T>,
}

impl<'a, T: Clone + Default, const LEAF: usize> Iterator for Iter<'a, T, LEAF> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        loop {
            if let Some(value) = self.values.next() {
                return Some(value);
            }
            let vec = self.vec;
            self.values = self.leaves.find_map(|leaf| vec.leaf(leaf))?.iter();
        }
    }
}

impl<T, const LEAF: usize> Clone for SharedVec<T, LEAF> {
    fn clone(&self) -> Self {
        Self { root: self.root.clone(), height: self.height }
    }
}

impl<T, const LEAF: usize> fmt::Debug for SharedVec<T, LEAF> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedVec").field("height", &self.height).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::SharedVec;

    #[test]
    fn a_position_that_was_never_written_has_nothing_or_the_default() {
        let mut vec = SharedVec::<u32, 4>::new();
        assert_eq!(vec.get(0), None);
        *vec.get_mut(70).unwrap() = 7;
        assert_eq!((vec.get(70), vec.get(71), vec.get(0)), (Some(&7), Some(&0), None));
        assert_eq!(vec.iter(72).copied().collect::<Vec<_>>(), [0, 0, 7, 0]);
    }

    proptest! {
        /// Writes, and now and then a clone that must not change.
        #[test]
        fn clones_keep_what_they_had_and_writes_show_in_one_only(
            writes in prop::collection::vec((0..3_000_usize, any::<u32>(), any::<bool>()), 0..200),
        ) {
            let mut vec = SharedVec::<u32, 4>::new();
            let mut model = vec![0; 3_000];
            let mut kept = Vec::new();
            for (at, value, keep) in writes {
                *vec.get_mut(at).unwrap() = value;
                model[at] = value;
                if keep {
                    kept.push((vec.clone(), model.clone()));
                }
            }
            kept.push((vec, model));
            for (vec, model) in kept {
                for (at, value) in model.into_iter().enumerate() {
                    prop_assert_eq!(vec.get(at).copied().unwrap_or_default(), value);
                }
            }
        }
    }
}
