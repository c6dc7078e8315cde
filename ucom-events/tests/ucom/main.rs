//! The rules of the vendor's pages (R…, V…), the decisions on where they disagree (C…, D…), the truth
//! table (T…) and the worked examples (E…), as they show in the public interface.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod api;
mod bad_input;
mod classify;
mod connect;
mod event_url;
mod examples;
mod extension;
mod laws;
mod plan;
mod retry;
mod spelling;
mod support;
mod track;
mod track_laws;
