//! How much a request may bring.

use crate::error::ParseError;

/// How much a webhook request may bring (V42, V123).
///
/// ```
/// use voip_module::router::Limits;
///
/// let limits = Limits::default();
/// assert_eq!((limits.body, limits.fields, limits.value, limits.link), (65_536, 256, 2_048, 8_192));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes in a body. Default 64 KiB.
    pub body: usize,
    /// Pairs in a form. Default 256.
    pub fields: usize,
    /// Bytes in a decoded value. Default 2 KiB.
    pub value: usize,
    /// Bytes in the decoded value of `link`. Default 8 KiB.
    pub link: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 64 << 10, fields: 256, value: 2 << 10, link: 8 << 10 }
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

    /// Sets the bytes in a decoded value.
    #[must_use]
    pub const fn with_value(mut self, bytes: usize) -> Self {
        self.value = bytes;
        self
    }

    /// Sets the bytes in the decoded value of `link`.
    #[must_use]
    pub const fn with_link(mut self, bytes: usize) -> Self {
        self.link = bytes;
        self
    }

    /// Checks one decoded field.
    pub(crate) const fn check_value(&self, is_link: bool, bytes: usize) -> Result<(), ParseError> {
        let limit = if is_link { self.link } else { self.value };
        if bytes > limit { Err(ParseError::FieldTooLarge { limit }) } else { Ok(()) }
    }

    /// Checks a count of fields.
    pub(crate) const fn check_count(&self, fields: usize) -> Result<(), ParseError> {
        if fields > self.fields {
            Err(ParseError::TooManyFields { limit: self.fields })
        } else {
            Ok(())
        }
    }

    /// Checks the pairs of a form as they stand, whether or not a decoder would keep them.
    pub(crate) fn check_form(&self, raw: &[u8]) -> Result<(), ParseError> {
        // Too short to break a limit, which is the usual case.
        if raw.len() < self.fields.saturating_mul(2) && raw.len() <= self.value.min(self.link) {
            return Ok(());
        }
        let mut count = 0;
        for pair in raw.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            count += 1;
            self.check_count(count)?;
            if pair.len() > self.value.min(self.link) {
                let split = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
                let (key, value) = pair.split_at(split);
                let value = value.get(1..).unwrap_or_default();
                self.check_value(
                    crate::form::unescaped(key) == b"link",
                    crate::form::unescaped(value).len(),
                )?;
            }
        }
        Ok(())
    }
}
