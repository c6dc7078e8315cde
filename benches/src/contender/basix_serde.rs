//! `basix-cti`: events read with serde.

use std::hint::black_box;

use basix_cti::bert::from_slice;

use super::positional::{Event, summary};
use super::{Contenders, Each, Input, keep};
use crate::corpus::Corpus;

pub(super) fn events<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    let inputs =
        [("serde_event", Input::latin1(corpus)), ("serde_event_utf8", Input::utf8(corpus))];
    for (name, input) in inputs {
        all.push(Box::new(Each {
            name,
            input,
            decode: |frame| {
                keep(&from_slice::<Event<'_>>(black_box(frame)));
            },
            summarize: |frame| summary(&from_slice(frame).expect("an event")),
        }));
    }
}
