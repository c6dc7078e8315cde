//! The rules of PROTOCOL.md, as they show in the public interface.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod call_laws;
mod scenario;
