//! `erltf_serde`: events read with serde.
//!
//! Its structs are maps, so records are read as tuples; and as it reads STRING as a list of
//! integers, which no text type takes, lists of bytes are made text in between. Text is borrowed
//! from the decoded term, which its `from_bytes` could not do.

use std::hint::black_box;

use ::erltf::{OwnedTerm, decode};
use ::erltf_serde::from_term;

use super::positional::{EventTuple, summary};
use super::{Contenders, Each, Input, keep};
use crate::corpus::Corpus;

pub(super) fn events<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    all.push(Box::new(Each {
        name: "erltf_serde",
        input: Input::latin1(corpus),
        decode: |frame| {
            let mut term = decode(black_box(frame)).expect("a term");
            lists_to_text(&mut term);
            keep(&from_term::<EventTuple<'_>>(&term));
        },
        summarize: |frame| {
            let mut term = decode(frame).expect("a term");
            lists_to_text(&mut term);
            summary(&from_term::<EventTuple<'_>>(&term).expect("an event").into())
        },
    }));
}

fn lists_to_text(term: &mut OwnedTerm) {
    match term {
        OwnedTerm::Tuple(parts) => parts.iter_mut().for_each(lists_to_text),
        OwnedTerm::List(list) => {
            let byte = |term: &OwnedTerm| match term {
                OwnedTerm::Integer(byte) => u8::try_from(*byte).ok(),
                _ => None,
            };
            if list.iter().all(|term| byte(term).is_some()) {
                let mut bytes = Vec::with_capacity(list.len());
                bytes.extend(list.iter().filter_map(byte));
                if let Ok(text) = String::from_utf8(bytes) {
                    *term = OwnedTerm::String(text);
                }
            }
        }
        _ => {}
    }
}
