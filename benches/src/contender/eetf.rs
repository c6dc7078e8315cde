//! `eetf`: owned terms from a reader.

use std::hint::black_box;

use ::eetf::Term;

use super::{Contenders, Each, Input, Whole, keep};
use crate::corpus::{Corpus, Summary};

pub(super) fn events<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    for (name, input) in [("eetf", Input::latin1(corpus)), ("eetf_utf8", Input::utf8(corpus))] {
        all.push(Box::new(Each {
            name,
            input,
            decode: |frame| {
                keep(&Term::decode(black_box(frame)));
            },
            summarize: |frame| summary(frame).expect("an event"),
        }));
    }
}

pub(super) fn snapshots<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    all.push(Box::new(Whole {
        name: "eetf_snapshot",
        messages: &corpus.latin1.snapshot,
        utf8: false,
        holds: false,
        decode: |messages: &'c [Vec<u8>]| {
            for message in messages {
                keep(&Term::decode(black_box(message.as_slice())));
            }
        },
        check: |messages: &'c [Vec<u8>]| {
            let records = messages.iter().filter_map(|message| {
                let message = Term::decode(message.as_slice()).ok()?;
                match tuple(&message)?.get(2)? {
                    Term::List(records) => Some(records.elements.len()),
                    _ => None,
                }
            });
            assert_eq!(records.sum::<usize>(), corpus.uuids.len() + corpus.user_ids.len());
        },
    }));
}

fn summary(frame: &[u8]) -> Option<Summary> {
    let message = Term::decode(frame).ok()?;
    let message = tuple(&message)?;
    let channel = tuple(message.get(2)?)?;
    let part = |field: usize, part: usize| tuple(channel.get(field)?)?.get(part);
    Some(Summary {
        uuid: text(channel.first())?,
        user_id: integer(channel.get(10)),
        state: text(part(11, 1)),
        last_event: text(channel.get(18))?,
        offer_timestamp: integer(channel.get(6)),
        calling_name: text(channel.get(3)).filter(|name| !name.is_empty()),
        other_direction: text(part(20, 2)),
        call_id: text(channel.get(21)),
        event: text(message.get(3))?,
    })
}

fn tuple(term: &Term) -> Option<&[Term]> {
    match term {
        Term::Tuple(tuple) => Some(&tuple.elements),
        _ => None,
    }
}

fn integer(term: Option<&Term>) -> Option<i64> {
    match term? {
        Term::FixInteger(integer) => Some(integer.value.into()),
        Term::BigInteger(integer) => integer.value.to_string().parse().ok(),
        _ => None,
    }
}

fn text(term: Option<&Term>) -> Option<String> {
    match term? {
        Term::Atom(atom) if atom.name == "undefined" => None,
        Term::Atom(atom) => Some(atom.name.clone()),
        Term::Binary(binary) => String::from_utf8(binary.bytes.clone()).ok(),
        Term::ByteList(list) => String::from_utf8(list.bytes.clone()).ok(),
        _ => None,
    }
}
