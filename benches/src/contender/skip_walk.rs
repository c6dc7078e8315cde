//! Walks over the bytes, and `memcpy`.

use std::hint::black_box;

use basix_cti::bert::{Token, decode_cti};

use super::{Contenders, Each, Input, Whole};
use crate::corpus::{Corpus, Summary};
use crate::skip_walk::{skip_walk, straight_walk};

pub(super) fn events<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    all.push(walk("skip_walk", Input::latin1(corpus)));
    all.push(walk("skip_walk_utf8", Input::utf8(corpus)));
    all.push(walk("skip_walk_shuffled", Input::shuffled(corpus)));
    all.push(Box::new(Each {
        name: "straight_walk",
        input: Input::latin1(corpus),
        decode: |frame: &'c [u8]| {
            black_box(straight_walk(black_box(frame)));
        },
        summarize: same(Input::latin1(corpus)),
    }));
    let input = Input::latin1(corpus);
    let mut buffer = vec![0; 1 << 16];
    all.push(Box::new(Each {
        name: "memcpy",
        input,
        decode: move |frame| copy(&mut buffer, frame),
        summarize: same(input),
    }));
}

pub(super) fn snapshots<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    for (name, utf8) in [("skip_walk_snapshot", false), ("skip_walk_snapshot_utf8", true)] {
        let session = if utf8 { &corpus.utf8 } else { &corpus.latin1 };
        all.push(Box::new(Whole {
            name,
            messages: &session.snapshot,
            utf8,
            holds: false,
            decode: |messages: &'c [Vec<u8>]| {
                for message in messages {
                    black_box(skip_walk(black_box(message)));
                }
            },
            check: |messages: &'c [Vec<u8>]| {
                messages.iter().for_each(|message| check_count(message))
            },
        }));
    }
    let most = corpus.latin1.snapshot.iter().map(Vec::len).max().unwrap_or(0);
    let mut buffer = vec![0; most];
    all.push(Box::new(Whole {
        name: "memcpy_snapshot",
        messages: &corpus.latin1.snapshot,
        utf8: false,
        holds: false,
        decode: move |messages: &'c [Vec<u8>]| {
            messages.iter().for_each(|message| copy(&mut buffer, message));
        },
        check: |_: &'c [Vec<u8>]| {},
    }));
}

fn walk<'c>(name: &'static str, input: Input<'c>) -> Box<dyn crate::measure::Contender + 'c> {
    let mut summarize = same(input);
    Box::new(Each {
        name,
        input,
        decode: |frame| {
            black_box(skip_walk(black_box(frame)));
        },
        summarize: move |frame| {
            check_count(frame);
            summarize(frame)
        },
    })
}

/// It has no result of its own to compare.
fn same<'c>(input: Input<'c>) -> impl FnMut(&'c [u8]) -> Summary {
    let mut summaries = input.summaries.iter();
    move |_| summaries.next().cloned().unwrap_or_default()
}

/// The skip walk must visit what the library's walk visits.
fn check_count(message: &[u8]) {
    let term = decode_cti(message).expect("the corpus can be read");
    let terms = term.walk().filter(|token| matches!(token, Token::Value(_))).count();
    assert_eq!(skip_walk(message), Some(terms as u64), "the skip walk visits every term");
}

fn copy(buffer: &mut [u8], message: &[u8]) {
    if let Some(room) = buffer.get_mut(..message.len()) {
        room.copy_from_slice(message);
    }
    black_box(buffer);
}
