//! Facts about pushes to a module's webhook URL.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

mod examples;
mod files;
mod law;
mod logs;
mod loopback;
mod queue;
mod repeats;
mod signatures;
mod world;

use voip_module::{
    Delivery, VoipCallDirection, VoipCallDisposition, VoipCallRecord, VoipWebhookEvent,
    VoipWebhookParseResult, VoipWebhookRequest,
};

pub(crate) const CLIENT: &str = "79990000001";

pub(crate) fn event(stage: VoipWebhookEvent, call: &str) -> VoipWebhookRequest {
    VoipWebhookRequest::new(stage, VoipCallDirection::In, CLIENT, "701").call_id(call)
}

pub(crate) fn start(call: &str) -> VoipWebhookRequest {
    event(VoipWebhookEvent::NotifyStart, call)
}

pub(crate) fn end(call: &str) -> VoipWebhookRequest {
    event(VoipWebhookEvent::NotifyEnd, call).disposition(VoipCallDisposition::Answered)
}

pub(crate) fn record(call: &str) -> VoipCallRecord {
    VoipCallRecord::new(VoipCallDirection::In, CLIENT, "701")
        .disposition(VoipCallDisposition::Answered)
        .duration(124)
        .call(serde_json::json!({"id": call, "link": "https://rec.example/a.mp3"}))
        .call_id(call)
}

pub(crate) fn of_event(event: VoipWebhookRequest) -> Delivery {
    Delivery::from(&VoipWebhookParseResult::event(event))
}

pub(crate) fn of_record(record: VoipCallRecord) -> Delivery {
    Delivery::from(&VoipWebhookParseResult::call_record(record))
}
