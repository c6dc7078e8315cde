//! The PBX to test against: that it speaks the protocol, and goes wrong only when it should.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod client;

mod traffic;
