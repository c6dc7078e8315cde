//! The recorded session, damaged in every way that one cut or one wrong bit can bring about.

use basix_cti::bert::decode_cti;
use basix_cti::{BaseUrl, Error, Message, Parser, Store, StoreLimits};

use crate::recorded::{FORMS, frames};

/// Reads a message, prints it, and brings the mirror up to date with it.
fn handle(parser: &mut Parser, store: &mut Store, message: &[u8], base: &BaseUrl) -> Result<(), Error> {
    let message = parser.parse(message)?;
    if let Message::InfoEvent(event) = &message {
        // Reading a record again comes to the same result.
        assert_eq!(event.record().element(), *event.element());
    }
    let printed = message.printed(Some(base))?.to_string();
    assert!(printed.starts_with(r#"{"kind":""#), "{printed}");
    store.apply(&message)?.for_each(drop);
    Ok(())
}

/// What a connection has come to before each message of a session.
fn each_message(session: &str, mut try_it: impl FnMut(&Parser, &Store, &[u8])) {
    let base = BaseUrl::new("https://pbx.example");
    let mut parser = Parser::new();
    let mut store = Store::with_limits(StoreLimits::default().with_rows(64));
    for frame in frames(session) {
        try_it(&parser, &store, &frame);
        // Some messages of the session are damaged as they are.
        drop(handle(&mut parser, &mut store, &frame, &base));
    }
}

#[test]
fn a_message_cut_at_any_byte_is_refused_q14() {
    let base = BaseUrl::new("https://pbx.example");
    for session in FORMS {
        each_message(session, |parser, store, frame| {
            // A message with a byte too many is a whole one without it.
            let whole = decode_cti(frame).is_ok();
            let (mut parser, mut store) = (parser.clone(), store.clone());
            let before = format!("{store:?}");
            for len in 0..frame.len() {
                let result = handle(&mut parser, &mut store, &frame[..len], &base);
                if whole {
                    let class = result.unwrap_err().class().as_str();
                    assert_eq!(class, "decode", "the first {len} of {}", frame.len());
                }
            }
            assert!(!whole || format!("{store:?}") == before);
        });
    }
}

#[test]
fn a_message_with_any_wrong_bit_is_read_or_refused() {
    let base = BaseUrl::new("https://pbx.example");
    let (mut read, mut refused) = (0, 0);
    each_message("session-1", |parser, store, frame| {
        let (mut scratch, mut store) = (parser.clone(), store.clone());
        let mut flipped = frame.to_vec();
        for at in flips(frame) {
            flipped[at / 8] ^= 1 << (at % 8);
            match handle(&mut scratch, &mut store, &flipped, &base) {
                Ok(()) => read += 1,
                Err(_) => refused += 1,
            }
            flipped[at / 8] ^= 1 << (at % 8);
        }
    });
    assert!(read > 100_000 && refused > 10_000, "{read} read, {refused} refused");
}

/// The bits that are tried.
fn flips(frame: &[u8]) -> impl Iterator<Item = usize> {
    0..8 * frame.len()
}
