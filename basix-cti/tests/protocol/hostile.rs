//! The recorded session, damaged in every way that one cut or one wrong bit can bring about.

use basix_cti::bert::decode_cti;
use basix_cti::element::BaseUrl;
use basix_cti::store::StoreLimits;
use basix_cti::{Error, Message, Parser, Store};

use crate::recorded::{FORMS, frames};

/// Reads a message, prints it, and brings the mirror up to date with it.
fn handle(
    parser: &mut Parser,
    store: &mut Store,
    message: &[u8],
    base: &BaseUrl,
) -> Result<(), Error> {
    let message = parser.parse(message)?;
    if let Message::InfoEvent(event) = &message {
        // Reading a record again comes to the same result.
        assert_eq!(event.record().element(), event.element());
    }
    let printed = message.printed(Some(base))?.to_string();
    assert!(printed.starts_with(r#"{"kind":""#), "{printed}");
    store.apply(&message)?.for_each(drop);
    Ok(())
}

/// Calls `try_it` with the state of a connection before each message of a session.
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

// Q14
#[test]
fn a_message_cut_at_any_byte_is_refused() {
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

/// The distance of the bits that are flipped. Printing takes its time without optimization: then
/// only every 61st bit is tried, in each message from another one on, so that all come to pass in
/// the many messages that are alike. `tests/allocation.rs` reads all of them in any case.
const STRIDE: usize = if cfg!(debug_assertions) { 61 } else { 1 };

#[test]
fn a_message_with_a_wrong_bit_is_read_or_refused_and_the_mirror_goes_on() {
    let base = BaseUrl::new("https://pbx.example");
    let (mut read, mut refused, mut start) = (0, 0, 0);
    each_message("session-1", |parser, store, frame| {
        let (mut parser, mut store) = (parser.clone(), store.clone());
        let mut flipped = frame.to_vec();
        for at in (start % STRIDE..8 * frame.len()).step_by(STRIDE) {
            flipped[at / 8] ^= 1 << (at % 8);
            match handle(&mut parser, &mut store, &flipped, &base) {
                Ok(()) => read += 1,
                Err(_) => refused += 1,
            }
            flipped[at / 8] ^= 1 << (at % 8);
        }
        start += 1;
    });
    assert!(read > 5_000 && refused > 1_000, "{read} read, {refused} refused");
}
