//! Walks over the bytes of a message, whatever they mean: the cost of stepping from tag to tag.
//!
//! A decoder of this format cannot know where a term ends without looking at the tag and the
//! length of every term before it. These walks do that and nothing else: they check every length
//! against the bytes that are left, keep no stack (a container only adds to the number of terms
//! that are to come) and look at no content.
//!
//! [`skip_walk`] takes term after term and does not know what comes; [`straight_walk`] has a step
//! of its own for each field of a channel in the usual order, so that a processor learns what comes
//! there. The second is the least that is known here.

/// The terms of a message, STRINGs counted with their bytes; `None` if it is not well-formed.
///
/// In a list the empty list at its end is not counted, since it is not an element.
#[must_use]
pub fn skip_walk(message: &[u8]) -> Option<u64> {
    let (131, mut rest) = (*message.first()?, message.get(1..)?) else { return None };
    let mut terms = 0;
    // Terms that are to come, with the empty lists at the ends of lists.
    let mut open: u64 = 1;
    while open > 0 {
        open -= 1;
        terms += 1;
        let (tag, after) = rest.split_first()?;
        rest = match *tag {
            // SMALL_INTEGER
            97 => after.get(1..)?,
            // INTEGER
            98 => after.get(4..)?,
            // ATOM, ATOM_UTF8
            100 | 118 => {
                let (length, name) = after.split_first_chunk()?;
                name.get(usize::from(u16::from_be_bytes(*length))..)?
            }
            // SMALL_ATOM, SMALL_ATOM_UTF8
            115 | 119 => {
                let (length, name) = after.split_first()?;
                name.get(usize::from(*length)..)?
            }
            // BINARY
            109 => {
                let (length, bytes) = after.split_first_chunk()?;
                bytes.get(u32::from_be_bytes(*length) as usize..)?
            }
            // STRING
            107 => {
                let (length, bytes) = after.split_first_chunk()?;
                let length = u16::from_be_bytes(*length);
                terms += u64::from(length);
                bytes.get(usize::from(length)..)?
            }
            // SMALL_BIG
            110 => {
                let (length, bytes) = after.split_first()?;
                bytes.get(1 + usize::from(*length)..)?
            }
            // SMALL_TUPLE
            104 => {
                let (arity, elements) = after.split_first()?;
                open += u64::from(*arity);
                elements
            }
            // LARGE_TUPLE
            105 => {
                let (arity, elements) = after.split_first_chunk()?;
                open += u64::from(u32::from_be_bytes(*arity));
                elements
            }
            // LIST
            108 => {
                let (length, elements) = after.split_first_chunk()?;
                open += u64::from(u32::from_be_bytes(*length)) + 1;
                terms -= 1;
                elements
            }
            // NIL
            106 => after,
            // NEW_FLOAT
            70 => after.get(8..)?,
            // FLOAT
            99 => after.get(31..)?,
            // LARGE_BIG
            111 => {
                let (length, bytes) = after.split_first_chunk()?;
                bytes.get(1 + u32::from_be_bytes(*length) as usize..)?
            }
            _ => return None,
        };
    }
    rest.is_empty().then_some(terms)
}

/// Steps over an event of a channel whose fields come in the usual order; returns the number of bytes after
/// it.
/// `None` if it is another message.
#[must_use]
pub fn straight_walk(message: &[u8]) -> Option<usize> {
    let rest = message.strip_prefix(b"\x83h\x04d\0\x0ainfo_eventk\0\x07channelh\x16")?;
    macro_rules! steps {
        ($rest:ident: $($step:ident)+) => {{
            $(let $rest = $step($rest)?;)+
            $rest
        }};
    }
    let rest = steps!(rest:
        text text text text text text integer integer integer text integer flat integer flat text
        text text integer text text flat text
        text
    );
    Some(rest.len())
}

#[inline(always)]
fn text(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        [109, a, b, c, d, bytes @ ..] => bytes.get(u32::from_be_bytes([*a, *b, *c, *d]) as usize..),
        [100 | 107, a, b, bytes @ ..] => bytes.get(usize::from(u16::from_be_bytes([*a, *b]))..),
        [106, rest @ ..] => Some(rest),
        _ => None,
    }
}

#[inline(always)]
fn integer(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        [110, length, _, bytes @ ..] => bytes.get(usize::from(*length)..),
        [98, bytes @ ..] => bytes.get(4..),
        [97, _, rest @ ..] => Some(rest),
        _ => text(rest),
    }
}

#[inline(always)]
fn flat(mut rest: &[u8]) -> Option<&[u8]> {
    let mut open = 1;
    while open > 0 {
        open -= 1;
        rest = match rest {
            [104, arity, elements @ ..] => {
                open += u32::from(*arity);
                elements
            }
            rest => integer(rest)?,
        };
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use basix_cti::bert::{Token, decode_cti};

    use super::{skip_walk, straight_walk};
    use crate::corpus::Corpus;

    #[test]
    fn the_walk_visits_every_term() {
        let corpus = Corpus::new();
        for session in [&corpus.latin1, &corpus.utf8, &corpus.shuffled] {
            for frame in session.events.iter().chain(session.snapshot.iter().map(Vec::as_slice)) {
                let term = decode_cti(frame).expect("the corpus can be read");
                let terms = term.walk().filter(|token| matches!(token, Token::Value(_))).count();
                assert_eq!(skip_walk(frame), Some(terms as u64));
            }
        }
    }

    #[test]
    fn the_straight_walk_ends_where_every_event_ends() {
        let corpus = Corpus::new();
        for frame in corpus.latin1.events.iter() {
            assert_eq!(straight_walk(frame), Some(0));
        }
    }

    #[test]
    fn a_frame_cut_short_is_refused() {
        let corpus = Corpus::new();
        let frame = corpus.latin1.events.get(0);
        for end in 0..frame.len() {
            assert_eq!(frame.get(..end).and_then(skip_walk), None);
        }
    }
}
