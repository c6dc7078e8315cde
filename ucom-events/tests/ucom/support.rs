//! Shared functions of tests.

use ucom_events::event::ExtensionEvent;
use ucom_events::{Event, parse_body};

/// The event of an extension in a body.
#[track_caller]
pub(crate) fn extension_event(body: impl AsRef<[u8]>) -> ExtensionEvent {
    match parse_body(body).unwrap() {
        Event::Extension(event) => event,
        other => panic!("not an extension event: {other:?}"),
    }
}

/// Auto traits that users rely on.
#[test]
fn types_are_send_sync_and_debug() {
    fn check<T: Send + Sync + std::fmt::Debug>() {}
    check::<Event>();
    check::<ucom_events::classify::Classified<'_>>();
    check::<ucom_events::Tracker>();
    check::<ucom_events::plan::Plan>();
    check::<ucom_events::plan::PlanRun>();
    check::<ucom_events::track::Snapshot>();
    check::<ucom_events::Connect>();
    check::<ucom_events::ParseError>();
    check::<ucom_events::api::ApiError>();
    check::<ucom_events::TokenTable<String>>();
}
