//! The rules of reading (P4 to P34, P149 to P175), live events (P35 to P53), call records (P54 to P70,
//! P112 to P148) and the worked examples (E1 to E6, E8 to E10), as they show in the public interface.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod adapters;
mod checks;
mod coverage;
mod deliveries;
mod examples;
mod fields;
mod header;
mod laws;
mod live;
mod payload;
mod recordings;
mod statistics;
mod summary;
mod support;
mod written;
