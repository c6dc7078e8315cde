//! Directions of legs.

use crate::wire::open_enum::open_enum;

open_enum! {
    /// The direction of a leg as the PBX sees it. On an extension leg, `Inbound` is from the
    /// extension into the PBX.
    pub enum Direction {
        /// Into the PBX.
        Inbound = "I" | "in" | "inbound" | "incoming",
        /// Out of the PBX.
        Outbound = "O" | "out" | "outbound" | "outgoing",
    }
}
