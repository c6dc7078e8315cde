//! All records of an element, read one after the other.

use std::sync::Arc;

use super::parser::ElementName;
use crate::bert::{DecodeErrorKind, Fail, Text, pass, reader};
use crate::error::{Error, ShapeError};
use crate::record::{ElementKind, Record, Schema, read};

/// All records of an element that exist now.
///
/// The records are checked as they are read, so that a snapshot of many megabytes is read once. One
/// invalid record makes the whole message invalid: use no record before the iterator has ended
/// without an error. `collect::<Result<Vec<_>, _>>()` and the [`Store`](crate::Store) wait for
/// that; [`check`](Self::check) checks beforehand.
#[derive(Clone, Debug)]
pub struct InitialInfo<'a> {
    element: ElementName<'a>,
    records: Records<'a>,
}

impl<'a> InitialInfo<'a> {
    pub(super) const fn empty(element: ElementName<'a>, schema: Option<&'a Arc<Schema>>) -> Self {
        let records = Records { schema, left: 0, rest: &[], after: None, depth: 0, message: 0 };
        Self { element, records }
    }

    pub(super) const fn new(
        element: ElementName<'a>,
        schema: &'a Arc<Schema>,
        records: (u32, &'a [u8]),
        after: u32,
        depth: u32,
        message: usize,
    ) -> Self {
        let (left, rest) = records;
        let schema = Some(schema);
        Self {
            element,
            records: Records { schema, left, rest, after: Some(after), depth, message },
        }
    }

    /// The element that the records describe.
    #[must_use]
    pub const fn kind(&self) -> ElementKind {
        self.element.kind
    }

    /// The wire name of the element.
    #[must_use]
    pub const fn element_name(&self) -> Text<'a> {
        self.element.name
    }

    /// The order of the fields; `None` if none was announced, which only an empty list may lack.
    #[must_use]
    pub const fn schema(&self) -> Option<&'a Arc<Schema>> {
        self.records.schema
    }

    /// The number of records that the message declares.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.records.left as usize
    }

    /// Returns true if there are no records.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records.left == 0
    }

    /// The records, checked one by one.
    ///
    /// # Errors
    ///
    /// An item is an error if the message is refused; it is the last item.
    #[must_use]
    pub fn records(&self) -> Records<'a> {
        self.records.clone()
    }

    /// Checks all records.
    ///
    /// # Errors
    ///
    /// If a record is invalid.
    pub fn check(&self) -> Result<(), Error> {
        self.records().try_for_each(|record| record.map(drop))
    }
}

/// Iterates over the records of an [`InitialInfo`]; see [`InitialInfo::records`].
///
/// A record is a view of about 70 bytes, and takes one byte of the message at least.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    schema: Option<&'a Arc<Schema>>,
    /// Remaining records.
    left: u32,
    rest: &'a [u8],
    /// Parts of the message after the records; nothing to check at all if `None`.
    after: Option<u32>,
    depth: u32,
    /// Length of the message, for the positions of errors.
    message: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Error>;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<Self::Item> {
        let (Some(left), Some(schema)) = (self.left.checked_sub(1), self.schema) else {
            return self.end().map(Err);
        };
        match read::take(schema, self.rest, self.depth) {
            Ok(Some((record, rest))) => {
                self.left = left;
                self.rest = rest;
                Some(Ok(record))
            }
            Ok(None) => Some(Err(self.wrong_record())),
            Err(fail) => Some(Err(self.fail(fail))),
        }
    }
}

impl Records<'_> {
    /// A refusal is the last item.
    #[cold]
    fn fail(&mut self, fail: Fail) -> Error {
        self.left = 0;
        self.after = None;
        fail.in_message(self.message).into()
    }

    /// The error for a record of the wrong type, unless the bytes from there on are invalid, which
    /// takes precedence.
    #[cold]
    fn wrong_record(&mut self) -> Error {
        let offset = self.message - self.rest.len();
        let mut rest = self.rest;
        for _ in 0..self.left {
            match pass::value(rest, self.depth + 1) {
                Ok(after) => rest = after,
                Err(fail) => return self.fail(fail),
            }
        }
        self.rest = rest;
        self.left = 0;
        match self.end() {
            Some(error) => error,
            None => Error::Shape { part: ShapeError::Record, offset },
        }
    }

    /// Checks the bytes after the last record, once.
    #[cold]
    fn end(&mut self) -> Option<Error> {
        let after = self.after.take()?;
        let check = || {
            let mut rest = reader::nil(self.rest)?;
            for _ in 0..after {
                rest = pass::value(rest, self.depth + 2)?;
            }
            match rest {
                [] => Ok(()),
                _ => Err(Fail::at(DecodeErrorKind::Trailing, rest)),
            }
        };
        check().err().map(|fail| self.fail(fail))
    }
}
