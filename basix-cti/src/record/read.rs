//! Records off the front of a message.

use std::sync::Arc;

use super::Record;
use super::layout::Layout;
use super::schema::Schema;
use super::starts::Starts;
use crate::bert::reader::{self, Head, between};
use crate::bert::{Fail, pass, tag};

/// The head of a term in the place of a record.
enum Opened<'a> {
    /// The number of values, whether the empty list ends them, and the values.
    Record(u32, bool, &'a [u8]),
    /// A term that is not a record.
    Other,
}

/// Takes a record off the front of `start`, and checks it; `None` if another term stands there. At
/// most `depth` containers may be open inside a value.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn take<'a>(
    schema: &'a Arc<Schema>,
    start: &'a [u8],
    depth: u32,
) -> Result<Option<(Record<'a>, &'a [u8])>, Fail> {
    let (count, is_list, values) = match start {
        [tag::SMALL_TUPLE, arity, values @ ..] if *arity > 2 => (u32::from(*arity), false, values),
        _ => match open(start)? {
            Opened::Record(count, is_list, values) => (count, is_list, values),
            Opened::Other => return Ok(None),
        },
    };
    let mut starts = Starts::NONE;
    let layout = Layout::of(schema.kind());
    let mut rest = if schema.is_usual() && count as usize >= layout.usual {
        let rest = (layout.pass)(start, values, depth, &mut starts)?;
        match count as usize - layout.usual {
            0 => rest,
            more => columns(schema, start, rest, (layout.usual, more), depth, &mut starts)?,
        }
    } else {
        columns(schema, start, values, (0, count as usize), depth, &mut starts)?
    };
    if is_list {
        rest = reader::nil(rest)?;
    }
    Ok(Some((Record { schema, wire: between(start, rest), starts }, rest)))
}

/// Passes over values in any order and notes where the fields start. `range` has the position of
/// the first one and their number.
#[inline(never)]
fn columns<'a>(
    schema: &Schema,
    record: &'a [u8],
    mut rest: &'a [u8],
    range: (usize, usize),
    depth: u32,
    starts: &mut Starts,
) -> Result<&'a [u8], Fail> {
    let (first, count) = range;
    let places = schema.places().get(first..).unwrap_or_default();
    let named = count.min(places.len());
    for place in places.iter().take(named) {
        // A place that no layout has is beyond the starts, and is noted nowhere.
        starts.set((*place).into(), record.len() - rest.len());
        rest = pass::value(rest, depth)?;
    }
    for _ in named..count {
        rest = pass::value(rest, depth)?;
    }
    Ok(rest)
}

/// Reads the head of a record: a tuple, or a list in its place. `{bert,nil}` is not one.
#[cold]
fn open(start: &[u8]) -> Result<Opened<'_>, Fail> {
    Ok(match reader::head::<false>(start)? {
        (Head::Tuple(2), values) if reader::bert_constant(2, values).is_some() => Opened::Other,
        (Head::Tuple(arity), values) => Opened::Record(arity, false, values),
        (Head::List(len), values) => Opened::Record(len, true, values),
        (Head::Nil, rest) => Opened::Record(0, false, rest),
        _ => Opened::Other,
    })
}

/// Returns true if a record starts here. The head is read, the values are not.
pub(crate) fn is_record(start: &[u8]) -> Result<bool, Fail> {
    Ok(matches!(open(start)?, Opened::Record(..)))
}
