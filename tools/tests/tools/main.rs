//! The programs: arguments and files in, lines and exit codes out.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod basix_decode;
mod basix_follow;
mod cdr_report;
mod elma_script;
mod etf_print;
mod examples;
#[path = "../../../basix-cti/tests/protocol/expected.rs"]
mod expected;
mod program;
mod ucom;
mod usage;
mod vodia_script;
mod voip_parse;
