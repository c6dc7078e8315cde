//! Bounds of decoding.

/// Bounds on the contents of one message.
///
/// The defaults suit messages of a PBX. Lengths and counts are checked before anything is
/// allocated.
///
/// ```
/// use basix_cti::bert::{DecodeErrorKind, Decoder, Limits};
///
/// let limits = Limits::default().with_depth(2);
/// let error = Decoder::new().with_limits(limits).decode(b"\x83h\x01h\x01h\x01j").unwrap_err();
/// assert_eq!(error.kind(), DecodeErrorKind::TooDeep);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Containers inside one another; 256 by default. An empty container does not count.
    ///
    /// Decoding takes no stack at any depth. Levels beyond 256 take memory: up to 16 bytes for each
    /// byte of a message of nothing but nested maps.
    pub depth: u32,
    /// Bytes of a message; 64 MiB by default, at most 4 GiB.
    pub message_bytes: u32,
    /// Terms in a message, containers and their elements alike; 67,108,864 by default, which a
    /// message within the default size cannot exceed.
    pub terms: u32,
    /// Bytes of an inflated term; 0, the default, refuses compressed terms. Only `bert::inflate`
    /// (feature `inflate`) reads it.
    pub inflated_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 256, message_bytes: 64 << 20, terms: 64 << 20, inflated_bytes: 0 }
    }
}

impl Limits {
    /// Sets the depth.
    #[must_use]
    pub const fn with_depth(self, depth: u32) -> Self {
        Self { depth, ..self }
    }

    /// Sets the size of a message.
    #[must_use]
    pub const fn with_message_bytes(self, message_bytes: u32) -> Self {
        Self { message_bytes, ..self }
    }

    /// Sets the number of terms.
    #[must_use]
    pub const fn with_terms(self, terms: u32) -> Self {
        Self { terms, ..self }
    }

    /// Sets the size of an inflated term; 0 refuses compressed terms.
    #[must_use]
    pub const fn with_inflated_bytes(self, inflated_bytes: u32) -> Self {
        Self { inflated_bytes, ..self }
    }
}
