//! Limits of a request.

use crate::error::ParseError;

/// Limits of a webhook request.
///
/// ```
/// use voip_module::carrier::Limits;
///
/// let limits = Limits::default();
/// assert_eq!((limits.body, limits.fields), (65_536, 256));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes in a body. Default 64 KiB.
    pub body: usize,
    /// Pairs in a form. Default 256.
    pub fields: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 64 << 10, fields: 256 }
    }
}

impl Limits {
    /// Sets the bytes in a body.
    #[must_use]
    pub const fn with_body(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }

    /// Sets the pairs in a form.
    #[must_use]
    pub const fn with_fields(mut self, pairs: usize) -> Self {
        self.fields = pairs;
        self
    }

    /// Checks the raw pairs of a form, even those that a decoder drops.
    pub(crate) fn check_form(&self, raw: &[u8]) -> Result<(), ParseError> {
        let pairs = raw.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        if pairs.take(self.fields.saturating_add(1)).count() > self.fields {
            return Err(ParseError::TooManyFields { limit: self.fields });
        }
        Ok(())
    }
}
