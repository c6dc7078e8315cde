//! A call in a user's history.

use crate::cdr::header;
use crate::wire::field::{moment, start};
use crate::wire::json::Json;
use crate::wire::record::record;
use crate::wire::scalar::{self, Read};
use crate::wire::{Parsed, ReadError, Reader, SipHeader, Timestamp};

record! {
    /// A call in the REST history of a user, `/rest/user/{account}/history` (§12).
    pub struct HistoryRecord {
        /// Id of the entry.
        pub id: Option<String> = "id" required(entry_id),
        /// From header.
        pub from: Option<SipHeader> = "from" optional(header),
        /// To header.
        pub to: Option<SipHeader> = "to" optional(header),
        /// Display name of the caller.
        pub from_name: Option<String> = "from-name" optional(scalar::text),
        /// Display name of the called side.
        pub to_name: Option<String> = "to-name" optional(scalar::text),
        /// Number of the caller.
        pub from_number: Option<String> = "from-number" optional(scalar::account_number),
        /// Number of the called side.
        pub to_number: Option<String> = "to-number" optional(scalar::account_number),
        /// Whether the call came to the user.
        pub inbound: Option<bool> = "inbound" optional(scalar::flag),
        /// Whether the other side is outside.
        pub external: Option<bool> = "external" optional(scalar::flag),
        /// The queue, or whether the call came through one; kept by its text.
        pub queue: Option<String> = "queue" optional(queue),
        /// Start.
        pub start: Option<Timestamp> = "start" timed_required(start),
        /// Connected.
        pub connect: Option<Timestamp> = "connect" timed(moment),
        /// End.
        pub end: Option<Timestamp> = "end" timed(moment),
    }
}

/// An id that is text; an integer is read by its digits.
fn entry_id(json: &mut Json<'_>) -> Read<String> {
    scalar::account_number(json)
}

/// The form is not documented: text, a number, or a flag.
fn queue(json: &mut Json<'_>) -> Read<String> {
    match json {
        Json::Boolean(flag) => Ok(Some(flag.to_string())),
        _ => scalar::account_number(json),
    }
}

impl Reader {
    /// Reads a call of a user's REST history (§12).
    ///
    /// # Errors
    ///
    /// No JSON object within the limits, or (strict mode) a bad field.
    pub fn read_history_record(
        &self,
        json: impl AsRef<[u8]>,
    ) -> Result<Parsed<HistoryRecord>, ReadError> {
        self.read(json.as_ref())
    }
}
