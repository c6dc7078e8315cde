//! Texts of events as they are kept: cut, so that memory does not grow with what is sent.

use std::borrow::Cow;
use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128 as _, SipHasher13};

/// Longest number that is kept, in bytes.
pub(super) const MAX_NUMBER: usize = 64;
/// Longest name that is kept, in bytes.
pub(super) const MAX_NAME: usize = 128;
/// Longest id that is kept as sent, in bytes.
const MAX_ID: usize = 128;
/// Bytes of a longer id that are kept in front of its hash.
const ID_HEAD: usize = 64;

/// The text, or as much of it as fits.
pub(super) fn cut(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

// D42.
/// An id in memory and records: a long one becomes its head and a keyed hash.
pub(super) fn cut_id<'t>(text: &'t str, key: &[u8; 16]) -> Cow<'t, str> {
    if text.len() <= MAX_ID {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}~{:032x}", cut(text, ID_HEAD), keyed_hash(text.as_bytes(), key)))
}

/// SipHash of 128 bits.
pub(super) fn keyed_hash(bytes: &[u8], key: &[u8; 16]) -> u128 {
    let mut hasher = SipHasher13::new_with_key(key);
    hasher.write(bytes);
    hasher.finish128().as_u128()
}
