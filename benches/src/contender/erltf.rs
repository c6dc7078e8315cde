//! `erltf`: owned and borrowed terms.

use std::hint::black_box;

use ::erltf::{BigInt, BorrowedTerm, OwnedTerm, decode, decode_borrowed};

use super::{Contenders, Each, Input, Whole, keep};
use crate::corpus::{Corpus, Summary};

pub(super) fn events<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    all.push(Box::new(Each {
        name: "erltf_owned",
        input: Input::latin1(corpus),
        decode: |frame| {
            keep(&decode(black_box(frame)));
        },
        summarize: |frame| {
            let term = decode(frame).expect("a term");
            summary(Node::Owned(&term)).expect("an event")
        },
    }));
    let inputs =
        [("erltf_borrowed", Input::latin1(corpus)), ("erltf_borrowed_utf8", Input::utf8(corpus))];
    for (name, input) in inputs {
        all.push(Box::new(Each {
            name,
            input,
            decode: |frame| {
                keep(&decode_borrowed(black_box(frame)));
            },
            summarize: |frame| {
                let term = decode_borrowed(frame).expect("a term");
                summary(Node::Borrowed(&term)).expect("an event")
            },
        }));
    }
}

pub(super) fn snapshots<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    all.push(Box::new(Whole {
        name: "erltf_borrowed_snapshot",
        messages: &corpus.latin1.snapshot,
        utf8: false,
        holds: false,
        decode: |messages: &'c [Vec<u8>]| {
            for message in messages {
                keep(&decode_borrowed(black_box(message)));
            }
        },
        check: |messages: &'c [Vec<u8>]| {
            let records =
                messages.iter().filter_map(|message| match decode_borrowed(message).ok()? {
                    BorrowedTerm::Tuple(parts) => match parts.get(2)? {
                        BorrowedTerm::List(records) => Some(records.len()),
                        _ => None,
                    },
                    _ => None,
                });
            assert_eq!(records.sum::<usize>(), corpus.uuids.len() + corpus.user_ids.len());
        },
    }));
}

/// A term of either kind.
#[derive(Clone, Copy)]
enum Node<'a> {
    Owned(&'a OwnedTerm),
    Borrowed(&'a BorrowedTerm<'a>),
}

impl<'a> Node<'a> {
    fn get(self, index: usize) -> Option<Self> {
        match self {
            Node::Owned(OwnedTerm::Tuple(parts)) => parts.get(index).map(Node::Owned),
            Node::Borrowed(BorrowedTerm::Tuple(parts)) => parts.get(index).map(Node::Borrowed),
            _ => None,
        }
    }

    fn integer(self) -> Option<i64> {
        match self {
            Node::Owned(OwnedTerm::Integer(integer))
            | Node::Borrowed(BorrowedTerm::Integer(integer)) => Some(*integer),
            Node::Owned(OwnedTerm::BigInt(big)) | Node::Borrowed(BorrowedTerm::BigInt(big)) => {
                big_integer(big)
            }
            _ => None,
        }
    }

    fn text(self) -> Option<String> {
        let bytes: Vec<u8> = match self {
            Node::Owned(OwnedTerm::Atom(atom)) => atom.as_str().into(),
            Node::Borrowed(BorrowedTerm::Atom(atom)) => atom.as_bytes().into(),
            Node::Owned(OwnedTerm::Binary(bytes)) => bytes.clone(),
            Node::Borrowed(BorrowedTerm::Binary(bytes)) => bytes.to_vec(),
            // It reads STRING as a list of integers.
            Node::Owned(OwnedTerm::List(list)) => {
                let byte = |term| u8::try_from(Node::Owned(term).integer()?).ok();
                list.iter().map(byte).collect::<Option<_>>()?
            }
            Node::Borrowed(BorrowedTerm::List(list)) => {
                let byte = |term: &BorrowedTerm<'_>| match term {
                    BorrowedTerm::Integer(integer) => u8::try_from(*integer).ok(),
                    _ => None,
                };
                list.iter().map(byte).collect::<Option<_>>()?
            }
            _ => return None,
        };
        String::from_utf8(bytes).ok().filter(|text| text != "undefined")
    }
}

fn big_integer(big: &BigInt) -> Option<i64> {
    let mut bytes = [0; 8];
    bytes.get_mut(..big.digits.len())?.copy_from_slice(&big.digits);
    i64::try_from(u64::from_le_bytes(bytes)).ok()
}

fn summary(message: Node<'_>) -> Option<Summary> {
    let channel = message.get(2)?;
    let text = |term: Option<Node<'_>>| term?.text();
    let part = |field: usize, part: usize| channel.get(field)?.get(part);
    Some(Summary {
        uuid: text(channel.get(0))?,
        user_id: channel.get(10)?.integer(),
        state: text(part(11, 1)),
        last_event: text(channel.get(18))?,
        offer_timestamp: channel.get(6)?.integer(),
        calling_name: text(channel.get(3)).filter(|name| !name.is_empty()),
        other_direction: text(part(20, 2)),
        call_id: text(channel.get(21)),
        event: text(message.get(3))?,
    })
}
