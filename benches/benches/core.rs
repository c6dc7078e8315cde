//! Instructions instead of time, so that a regression shows on a noisy machine. Needs valgrind and
//! gungraun-runner: `cargo bench -p benches --features instructions --bench core`.

#![expect(missing_docs, reason = "gungraun's macros")]

use std::hint::black_box;

use basix_cti::bert::decode_cti;
use basix_cti::{Message, Parser};
use benches::corpus::{Corpus, Session};
use benches::skip_walk::{skip_walk, straight_walk};
use gungraun::{library_benchmark, library_benchmark_group, main};

/// Channels enough to meet every state; each has two events.
const RECORDS: usize = 1_000;

/// A parser that knows the order of fields, and the messages; made outside the count.
fn latin1() -> (Parser, Session) {
    ready(Corpus::sized(RECORDS).latin1)
}

fn utf8() -> (Parser, Session) {
    ready(Corpus::sized(RECORDS).utf8)
}

fn shuffled() -> (Parser, Session) {
    ready(Corpus::sized(RECORDS).shuffled)
}

fn ready(session: Session) -> (Parser, Session) {
    let mut parser = Parser::new();
    for spec in &session.field_specs {
        parser.parse(spec).expect("the field_spec can be read");
    }
    (parser, session)
}

#[library_benchmark]
#[bench::latin1(latin1())]
#[bench::utf8(utf8())]
#[bench::shuffled(shuffled())]
fn parse_event((mut parser, session): (Parser, Session)) -> (Parser, Session) {
    for frame in session.events.iter() {
        black_box(&parser.parse(black_box(frame)));
    }
    (parser, session)
}

#[library_benchmark]
#[bench::latin1(latin1())]
fn generic_term((parser, session): (Parser, Session)) -> (Parser, Session) {
    for frame in session.events.iter() {
        black_box(&decode_cti(black_box(frame)));
    }
    (parser, session)
}

#[library_benchmark]
#[bench::latin1(latin1())]
fn skip((parser, session): (Parser, Session)) -> (Parser, Session) {
    for frame in session.events.iter() {
        black_box(skip_walk(black_box(frame)));
    }
    (parser, session)
}

#[library_benchmark]
#[bench::latin1(latin1())]
fn straight((parser, session): (Parser, Session)) -> (Parser, Session) {
    for frame in session.events.iter() {
        black_box(straight_walk(black_box(frame)));
    }
    (parser, session)
}

#[library_benchmark]
#[bench::latin1(latin1())]
fn snapshot_stream((mut parser, session): (Parser, Session)) -> (Parser, Session) {
    for message in &session.snapshot {
        if let Ok(Message::InitialInfo(info)) = parser.parse(black_box(message)) {
            for element in info.elements() {
                black_box(&element);
            }
        }
    }
    (parser, session)
}

library_benchmark_group!(
    name = core,
    benchmarks = [parse_event, generic_term, skip, straight, snapshot_stream]
);
main!(library_benchmark_groups = core);
