//! The log, with the feature `tracing`; empty functions without it.
//!
//! Lines have kinds, sizes, counts and reasons, without call data and tokens.

use super::Event;

/// Logs an event.
pub(super) fn event(event: &Event) {
    #[cfg(feature = "tracing")]
    match event {
        Event::Connected => tracing::info!(target: "basix_cti", "connected"),
        Event::Disconnected(end) => {
            tracing::warn!(target: "basix_cti", reason = %end.reason, retry_in = ?end.retry_in, "disconnected");
        }
        Event::Listed { element, records } => {
            tracing::debug!(target: "basix_cti", %element, records, "listed");
        }
        Event::Refused(refused) => {
            tracing::warn!(target: "basix_cti", error = %refused, "message refused");
        }
        Event::Unavailable(element) => {
            tracing::warn!(target: "basix_cti", %element, "element is unavailable")
        }
        Event::Full(element) => tracing::warn!(target: "basix_cti", %element, "store is full"),
        Event::RecordingFailed(kind) => {
            tracing::error!(target: "basix_cti", %kind, "recording failed")
        }
        Event::Stale => tracing::info!(target: "basix_cti", "stale"),
        Event::Resynced => tracing::info!(target: "basix_cti", "resynced"),
        Event::System(payload) => {
            tracing::info!(target: "basix_cti", message = ?payload.as_payload().system_message(), "system message");
        }
        _ => {}
    }
    #[cfg(not(feature = "tracing"))]
    let _ = event;
}

/// Logs that events were dropped.
pub(super) fn lagged(missed: u64) {
    #[cfg(feature = "tracing")]
    tracing::debug!(target: "basix_cti", missed, "events were missed");
    #[cfg(not(feature = "tracing"))]
    let _ = missed;
}

/// Logs a sent command.
pub(super) fn command(verb: &str) {
    #[cfg(feature = "tracing")]
    tracing::debug!(target: "basix_cti", verb, "command");
    #[cfg(not(feature = "tracing"))]
    let _ = verb;
}
