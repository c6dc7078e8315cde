//! `sonic-rs`: the same events as JSON objects.

use std::hint::black_box;

use ::sonic_rs::from_slice;

use super::json::{Event, summary};
use super::{Contenders, Each, Input, keep};
use crate::corpus::Corpus;

pub(super) fn events<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    all.push(Box::new(Each {
        name: "sonic_rs_typed",
        input: Input::json(corpus),
        decode: |frame| {
            keep(&from_slice::<Event<'_>>(black_box(frame)));
        },
        summarize: |frame| summary(&from_slice(frame).expect("an event")),
    }));
}
