//! The short record of a tenant's list.

use crate::cdr::header;
use crate::wire::field::{ids, moment, start};
use crate::wire::record::record;
use crate::wire::{Parsed, ReadError, Reader, SipHeader, Timestamp, scalar};

record! {
    /// A call in the REST list of a tenant, `/rest/domain/{tenant}/cdrs` (§12).
    pub struct ShortRecord {
        /// Id of the record.
        pub id: Option<u64> = "id" required(scalar::id),
        /// Call-ID.
        pub call_id: String = "call_id" id_required,
        /// From header.
        pub from: Option<SipHeader> = "from" optional(header),
        /// To header.
        pub to: Option<SipHeader> = "to" optional(header),
        /// Start.
        pub start: Option<Timestamp> = "start" timed_required(start),
        /// Connected; by a queue or IVR too (P114).
        pub connect: Option<Timestamp> = "connect" timed(moment),
        /// End.
        pub end: Option<Timestamp> = "end" timed(moment),
        /// Rating, entered by the caller.
        pub rating: Option<String> = "rating" optional(scalar::rating),
        /// Whether a packet trace is there.
        pub pcap: Option<bool> = "pcap" optional(scalar::flag),
        /// Account ids of the extensions involved.
        pub extensions: Vec<u64> = "extensions" custom(ids),
        /// Ids of the trunks involved.
        pub trunks: Vec<u64> = "trunks" custom(ids),
    }
}

impl Reader {
    /// Reads a record of a tenant's REST list (§12).
    ///
    /// # Errors
    ///
    /// No JSON object within the limits, no `call_id`, or (strict mode) a bad field.
    pub fn read_short_record(
        &self,
        json: impl AsRef<[u8]>,
    ) -> Result<Parsed<ShortRecord>, ReadError> {
        self.read(json.as_ref())
    }
}
