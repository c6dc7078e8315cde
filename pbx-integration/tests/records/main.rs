//! Payloads: reading, live events, call records, outcomes, and figures over many.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod checks;
mod deliveries;
mod examples;
mod fields;
mod figures;
mod fraction;
mod header;
mod laws;
mod live;
mod neighbours;
mod outcomes;
mod payload;
mod recordings;
mod summary;
mod support;
mod written;
