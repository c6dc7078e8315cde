//! Inflates terms that Erlang wrote compressed (feature `inflate`).

use std::borrow::Cow;

use flate2::{Decompress, FlushDecompress, Status};

use super::error::{DecodeError, DecodeErrorKind as Kind};
use super::limits::Limits;
use super::steps;
use super::tag;

/// Inflates a message, or returns it unchanged if it is not compressed.
///
/// Memory grows with the data that comes out, doubling up to the declared size, and never beyond
/// [`Limits::inflated_bytes`]. The declared size alone reserves nothing.
///
/// ```
/// use basix_cti::bert::{Limits, decode, inflate};
///
/// let message = b"\x83P\0\0\0\x02x\x9cKd\x05\0\0\xc9\0g";
/// let plain = inflate(message, &Limits::default().with_inflated_bytes(1 << 20))?;
/// assert_eq!(decode(&plain)?.as_i64(), Some(5));
/// # Ok::<(), basix_cti::bert::DecodeError>(())
/// ```
///
/// # Errors
///
/// If the compressed data is damaged, differs from the declared size, exceeds the limit, or is
/// followed by other bytes.
pub fn inflate<'a>(message: &'a [u8], limits: &Limits) -> Result<Cow<'a, [u8]>, DecodeError> {
    let [tag::VERSION, tag::COMPRESSED, body @ ..] = message else {
        return Ok(Cow::Borrowed(message));
    };
    if limits.inflated_bytes == 0 {
        return Err(DecodeError::new(Kind::Compressed, 1));
    }
    if message.len() > limits.message_bytes as usize {
        return Err(DecodeError::new(Kind::TooLarge, 0));
    }
    let Some((declared, data)) = body.split_first_chunk() else {
        return Err(DecodeError::new(Kind::Truncated, 2));
    };
    let declared = u32::from_be_bytes(*declared);
    if declared > limits.inflated_bytes {
        return Err(DecodeError::new(Kind::InflatedTooLarge, 2));
    }
    // One byte more than declared, to notice data that holds more.
    let most = (declared as usize).saturating_add(1);
    let mut plain = vec![tag::VERSION];
    let mut inflater = Decompress::new(true);
    loop {
        let read = inflater.total_in() as usize;
        let failed = DecodeError::new(Kind::Inflate, 6 + read);
        let rest = data.get(read..).unwrap_or_default();
        let before = plain.len();
        let room = plain.capacity();
        plain.reserve_exact(before.max(512).min(most.saturating_add(1) - before));
        if plain.capacity() > room {
            steps::count(before);
        }
        let status = inflater.decompress_vec(rest, &mut plain, FlushDecompress::None);
        steps::count(plain.len() - before);
        let made = plain.len() - 1;
        match status {
            _ if made >= most => return Err(failed),
            Ok(Status::StreamEnd) if made + 1 == most => break,
            // No progress although there was room: the data ends too early.
            Ok(Status::Ok | Status::BufError) if plain.len() > before => {}
            _ => return Err(failed),
        }
    }
    let read = inflater.total_in() as usize;
    if read < data.len() {
        return Err(DecodeError::new(Kind::Trailing, 6 + read));
    }
    Ok(Cow::Owned(plain))
}
