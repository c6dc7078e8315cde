//! Kept texts of events, cut so that input cannot grow memory.

use std::borrow::Cow;
use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128 as _, SipHasher13};

/// Maximum length of a number, in bytes.
pub(super) const MAX_NUMBER: usize = 64;
/// Maximum length of a name, in bytes.
pub(super) const MAX_NAME: usize = 128;
/// Maximum length of an id that is kept as sent, in bytes.
const MAX_ID: usize = 128;
/// Length of the head that a longer id keeps before its hash, in bytes.
const ID_HEAD: usize = 64;

/// Cuts a text to a maximum length.
pub(super) fn cut(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

// D42.
/// Shortens a long id to its head and a keyed hash.
pub(super) fn cut_id<'t>(text: &'t str, key: &[u8; 16]) -> Cow<'t, str> {
    if text.len() <= MAX_ID {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}~{:032x}", cut(text, ID_HEAD), keyed_hash(text.as_bytes(), key)))
}

/// Returns a SipHash of 128 bits.
pub(super) fn keyed_hash(bytes: &[u8], key: &[u8; 16]) -> u128 {
    let mut hasher = SipHasher13::new_with_key(key);
    hasher.write(bytes);
    hasher.finish128().as_u128()
}
