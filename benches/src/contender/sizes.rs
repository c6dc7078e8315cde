//! `basix-cti` and the skip walk on messages of different sizes.

use std::hint::black_box;
use std::ops::Range;

use basix_cti::{Channel, Message, Parser};

use super::basix::parser_of;
use super::{Contenders, keep};
use crate::corpus::{Cut, Sizes};
use crate::measure::{Contender, Watch, Work};
use crate::skip_walk::skip_walk;

/// For every size the typed records, streamed, and the skip walk.
#[must_use]
pub fn sizes(sizes: &Sizes) -> Contenders<'_> {
    let mut all = Contenders::new();
    for cut in &sizes.cuts {
        all.push(Box::new(Pass { name: cut.skip, cut, parser: None }));
        let parser = Some(parser_of(&sizes.field_specs));
        all.push(Box::new(Pass { name: cut.typed, cut, parser }));
    }
    all
}

/// One pass over all messages of one size.
struct Pass<'c> {
    name: &'static str,
    cut: &'c Cut,
    /// None for the skip walk.
    parser: Option<Parser>,
}

impl Contender for Pass<'_> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn work(&self) -> Work {
        Work::new(1, self.cut.messages.bytes(), self.cut.skip, "eetf")
    }

    fn check(&mut self) {
        let mut records = 0;
        for message in self.cut.messages.iter() {
            match &mut self.parser {
                Some(parser) => records += stream(parser, message),
                None => assert!(skip_walk(message).is_some()),
            }
        }
        let wanted = if self.parser.is_some() { self.cut.records } else { 0 };
        assert_eq!(records, wanted, "{}", self.name);
    }

    fn turn(&mut self, _: Range<usize>, watch: &mut Watch) {
        let messages = &self.cut.messages;
        match &mut self.parser {
            Some(parser) => watch.run(|| {
                for message in messages.iter() {
                    black_box(stream(parser, message));
                }
            }),
            None => watch.run(|| {
                for message in messages.iter() {
                    black_box(skip_walk(black_box(message)));
                }
            }),
        }
    }
}

#[inline]
fn stream(parser: &mut Parser, message: &[u8]) -> usize {
    let Ok(Message::InitialInfo(info)) = parser.parse(black_box(message)) else {
        panic!("no snapshot");
    };
    info.typed::<Channel<'_>>().map(|channel| keep(&channel)).count()
}
