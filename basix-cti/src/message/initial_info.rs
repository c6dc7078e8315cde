//! All records of an element, read one after the other.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::bert::{DecodeErrorKind, Fail, reader};
use crate::element::typed::{RecordValues, TypedElement};
use crate::element::{Element, field};
use crate::error::{Error, ShapeError};
use crate::record::{self, ElementKind, Opened, Record, Schema};

/// All records of an element that exist now (B32).
///
/// The records are checked as they are read, so that a snapshot of many megabytes is gone through
/// once. One wrong record refuses the whole message (B111): until an iterator has come to its end
/// without an error, nothing it gave should be acted upon. `collect::<Result<Vec<_>, _>>()`,
/// [`to_vec`](Self::to_vec) and the [`Store`](crate::Store) see to that; [`check`](Self::check)
/// does so beforehand.
#[derive(Clone, Debug)]
pub struct InitialInfo<'a> {
    kind: ElementKind<'a>,
    schema: Option<&'a Arc<Schema>>,
    cursor: Cursor<'a>,
}

/// Where in the message the next record stands.
#[derive(Clone, Copy, Debug)]
struct Cursor<'a> {
    /// Records that are left.
    left: u32,
    rest: &'a [u8],
    /// Parts of the message after the records; nothing to check at all if `None`.
    after: Option<u32>,
    depth: u32,
    /// Length of the message, for the positions of errors.
    message: usize,
}

impl<'a> InitialInfo<'a> {
    pub(super) const fn empty(kind: ElementKind<'a>, schema: Option<&'a Arc<Schema>>) -> Self {
        let cursor = Cursor { left: 0, rest: &[], after: None, depth: 0, message: 0 };
        Self { kind, schema, cursor }
    }

    pub(super) const fn new(
        kind: ElementKind<'a>,
        schema: &'a Arc<Schema>,
        cursor: (u32, &'a [u8]),
        after: u32,
        depth: u32,
        message: usize,
    ) -> Self {
        let (left, rest) = cursor;
        let cursor = Cursor { left, rest, after: Some(after), depth, message };
        Self { kind, schema: Some(schema), cursor }
    }

    /// The kind of the elements.
    #[must_use]
    pub const fn kind(&self) -> ElementKind<'a> {
        self.kind
    }

    /// The order of the fields; `None` if none was announced, which only an empty list may lack.
    #[must_use]
    pub const fn schema(&self) -> Option<&'a Arc<Schema>> {
        self.schema
    }

    /// How many records the message says it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.cursor.left as usize
    }

    /// Whether there are no records.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.cursor.left == 0
    }

    /// The records with their raw values.
    ///
    /// # Errors
    ///
    /// An item is an error if the message is to be refused; it is the last item.
    #[must_use]
    pub const fn records(&self) -> Records<'a> {
        Records { schema: self.schema, cursor: self.cursor }
    }

    /// The records with their meaning.
    ///
    /// # Errors
    ///
    /// As [`records`](Self::records).
    #[must_use]
    pub const fn elements(&self) -> Elements<'a> {
        Elements { schema: self.schema, cursor: self.cursor }
    }

    /// The records as one type of element, the quickest way to read them; `None` if they are of
    /// another.
    ///
    /// # Errors
    ///
    /// As [`records`](Self::records).
    #[must_use]
    pub fn typed<T: TypedElement<'a>>(&self) -> Option<TypedRecords<'a, T>> {
        let records =
            TypedRecords { schema: self.schema, cursor: self.cursor, element: PhantomData };
        T::KINDS.contains(&self.kind).then_some(records)
    }

    /// The records as one type of element, in a vector; an empty one if they are of another.
    ///
    /// # Errors
    ///
    /// When the message is to be refused.
    pub fn to_vec<T: TypedElement<'a>>(&self) -> Result<Vec<T>, Error> {
        let Some(records) = self.typed::<T>() else {
            return Ok(Vec::new());
        };
        // A declared number reserves no more than about the size of the message.
        let most = 8 * self.cursor.rest.len() / 5 / size_of::<T>().max(1);
        let mut elements = Vec::with_capacity(self.len().min(most));
        let TypedRecords { schema, mut cursor, .. } = records;
        while let Some(opened) = cursor.open(schema) {
            let opened = opened?;
            // Read in place: moving a large value costs as much as reading it.
            elements.push(T::empty(opened.record()));
            if let Some(element) = elements.last_mut() {
                cursor.advance(element.fill(opened))?;
            }
        }
        Ok(elements)
    }

    /// Checks all records.
    ///
    /// # Errors
    ///
    /// When the message is to be refused.
    pub fn check(&self) -> Result<(), Error> {
        self.records().try_for_each(|record| record.map(drop))
    }
}

impl<'a> Cursor<'a> {
    /// The next record, opened; the end of the message is checked after the last one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn open(&mut self, schema: Option<&'a Arc<Schema>>) -> Option<Result<RecordValues<'a>, Error>> {
        let (Some(_), Some(schema)) = (self.left.checked_sub(1), schema) else {
            return self.end().map(Err);
        };
        match record::open(self.rest) {
            Ok(Opened::Record(count, is_list, values)) => Some(Ok(RecordValues {
                schema,
                start: self.rest,
                values,
                count,
                is_list,
                depth: self.depth,
            })),
            Ok(Opened::Other) => Some(Err(self.wrong_record())),
            Err(fail) => Some(Err(self.fail(fail))),
        }
    }

    /// Goes on after a record that was opened and read.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn advance(&mut self, read: Result<&'a [u8], Fail>) -> Result<(), Error> {
        match read {
            Ok(rest) => {
                self.left -= 1;
                self.rest = rest;
                Ok(())
            }
            Err(fail) => Err(self.fail(fail)),
        }
    }

    /// The next record as a value, read in place.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next<T>(
        &mut self,
        schema: Option<&'a Arc<Schema>>,
        empty: impl FnOnce(Record<'a>) -> T,
        fill: impl FnOnce(&mut T, RecordValues<'a>) -> Result<&'a [u8], Fail>,
    ) -> Option<Result<T, Error>> {
        let opened = match self.open(schema)? {
            Ok(opened) => opened,
            Err(error) => return Some(Err(error)),
        };
        let mut item = Some(Ok(empty(opened.record())));
        if let Some(Ok(element)) = &mut item {
            let read = fill(element, opened);
            if let Err(error) = self.advance(read) {
                item = Some(Err(error));
            }
        }
        item
    }

    /// A refusal is the last item.
    fn stop(&mut self) {
        self.left = 0;
        self.after = None;
    }

    #[cold]
    fn fail(&mut self, fail: Fail) -> Error {
        self.stop();
        fail.in_message(self.message).into()
    }

    /// A record of the wrong type, unless the bytes from there on are wrong, which is graver.
    #[cold]
    fn wrong_record(&mut self) -> Error {
        let offset = self.message - self.rest.len();
        let mut rest = self.rest;
        for _ in 0..self.left {
            match field::other(rest, self.depth + 1) {
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

    /// Checks what follows the last record, once.
    #[cold]
    fn end(&mut self) -> Option<Error> {
        let after = self.after.take()?;
        let check = || {
            let mut rest = reader::nil(self.rest)?;
            for _ in 0..after {
                rest = field::other(rest, self.depth + 2)?;
            }
            match rest {
                [] => Ok(()),
                _ => Err(Fail::at(DecodeErrorKind::Trailing, rest)),
            }
        };
        check().err().map(|fail| self.fail(fail))
    }
}

/// Iterates over records with their raw values; see [`InitialInfo::records`].
#[derive(Clone, Debug)]
pub struct Records<'a> {
    schema: Option<&'a Arc<Schema>>,
    cursor: Cursor<'a>,
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let opened = match self.cursor.open(self.schema)? {
            Ok(opened) => opened,
            Err(error) => return Some(Err(error)),
        };
        let read = Record::pass(opened);
        let (record, read) = match read {
            Ok((record, rest)) => (record, Ok(rest)),
            Err(fail) => (opened.record(), Err(fail)),
        };
        Some(self.cursor.advance(read).map(|()| record))
    }
}

/// Iterates over records with their meaning; see [`InitialInfo::elements`].
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    schema: Option<&'a Arc<Schema>>,
    cursor: Cursor<'a>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Element<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.cursor.next(self.schema, Element::empty, Element::fill)
    }
}

/// Iterates over records of one type; see [`InitialInfo::typed`].
#[derive(Clone, Debug)]
pub struct TypedRecords<'a, T> {
    schema: Option<&'a Arc<Schema>>,
    cursor: Cursor<'a>,
    element: PhantomData<T>,
}

impl<'a, T: TypedElement<'a>> Iterator for TypedRecords<'a, T> {
    type Item = Result<T, Error>;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<Self::Item> {
        self.cursor.next(self.schema, T::empty, T::fill)
    }
}
