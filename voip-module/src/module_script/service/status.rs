//! Pages for administrators: the last lines of the log, and the service's state.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;

use super::log::{Fault, Line};
use super::{ModuleService, answer};
use crate::module_script::protocol::{Function, PROTOCOL};
use crate::module_script::push::{PushHandle, PushStatus};
use crate::provider::VoipProvider;

const MAX_LINES: usize = 200;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    version: &'static str,
    protocols: [u64; 1],
    /// The buttons that the provider declares.
    buttons: Vec<&'static str>,
    uptime_seconds: u64,
    is_stopping: bool,
    running: usize,
    wrong_keys: u64,
    last_faults: BTreeMap<&'static str, &'a Fault>,
    #[serde(skip_serializing_if = "Option::is_none")]
    push: Option<PushStatus>,
}

impl<P: VoipProvider> ModuleService<P> {
    // W122
    pub(super) fn show_log(&self, query: Option<&str>) -> http::Response<Bytes> {
        let limit = query.and_then(|query| query.strip_prefix("limit=")?.parse().ok());
        let log = self.log();
        let lines: Vec<&Line> = log.lines(limit.unwrap_or(MAX_LINES).clamp(1, MAX_LINES)).collect();
        show(&lines)
    }

    // W123
    pub(super) fn show_status(&self) -> http::Response<Bytes> {
        let buttons = self.router.provider().buttons();
        let is_declared =
            |function: &&Function| function.button().is_some_and(|button| buttons.contains(button));
        let log = self.log();
        let faults = log.faults().iter();
        show(&Status {
            version: env!("CARGO_PKG_VERSION"),
            protocols: [PROTOCOL],
            buttons: Function::ALL.iter().filter(is_declared).map(|it| it.vendor_name()).collect(),
            uptime_seconds: self.clock.now().saturating_sub(self.started).as_secs(),
            is_stopping: self.stopping.get().is_some(),
            running: self.calls.running() + self.webhooks.running(),
            wrong_keys: log.wrong_keys,
            last_faults: faults.map(|(function, fault)| (function.as_str(), fault)).collect(),
            push: self.push.as_ref().map(PushHandle::status),
        })
    }
}

fn show(value: &impl Serialize) -> http::Response<Bytes> {
    let body = serde_json::to_vec(value).unwrap_or_default();
    answer::json((StatusCode::OK, body.into()), "")
}
