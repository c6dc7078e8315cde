//! What several tests need.

use ucom_events::{Event, ExtensionEvent, ExtensionType, Timestamp, parse_body};

/// The event of an extension in a body.
#[track_caller]
pub(crate) fn extension_event(body: impl AsRef<[u8]>) -> ExtensionEvent {
    match parse_body(body).unwrap() {
        Event::Extension(event) => event,
        other => panic!("not an extension event: {other:?}"),
    }
}

/// Short names with their types.
pub(crate) fn directory() -> std::collections::BTreeMap<String, ExtensionType> {
    [
        ("099", ExtensionType::Ivr),
        ("300", ExtensionType::Queue),
        ("301", ExtensionType::Queue),
        ("106", ExtensionType::Phone),
        ("107", ExtensionType::Phone),
    ]
    .map(|(name, kind)| (name.to_owned(), kind))
    .into()
}

pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

/// Auto traits that users rely on.
#[test]
fn types_are_send_sync_and_debug() {
    fn check<T: Send + Sync + std::fmt::Debug>() {}
    check::<Event>();
    check::<ucom_events::Scope<'_>>();
    check::<ucom_events::Tracker>();
    check::<ucom_events::Plan>();
    check::<ucom_events::Connect>();
    check::<ucom_events::ParseError>();
    check::<ucom_events::api::ApiError>();
    check::<ucom_events::TokenTable<String>>();
}
