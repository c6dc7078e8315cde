//! A call that a button acts on.

use crate::error::Error;

/// A ringing or answered call, named by its two numbers as the buttons of the call page do. The
/// router adds the ids from its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveCall<'a> {
    /// The number that calls.
    pub src_phone: &'a str,
    /// The number that is called.
    pub dst_phone: &'a str,
    /// The ids of the live calls between the two numbers: talking before ringing, newest first.
    pub ids: &'a [String],
}

impl<'a> LiveCall<'a> {
    /// Creates a call.
    #[must_use]
    pub const fn new(src_phone: &'a str, dst_phone: &'a str, ids: &'a [String]) -> Self {
        Self { src_phone, dst_phone, ids }
    }

    /// Returns the first id.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if no live call between the two numbers is known.
    pub fn id(&self) -> Result<&'a str, Error> {
        let reason = "no live call between the two numbers is known";
        let first = self.ids.first().ok_or(Error::InvalidArgument { name: "call", reason })?;
        Ok(first)
    }
}
