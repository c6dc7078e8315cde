//! The last lines of the service's log, for administrators who cannot see a container's output.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::log;
use crate::module_script::protocol::Function;

const LINES: usize = 200;

/// A line of the log: no numbers, no URL, no body, no key.
// W119
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    pub(super) time: String,
    /// Empty for a request without the key.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) function: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<String>,
    pub(super) code: &'static str,
    pub(super) milliseconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
}

/// The last fault of a function.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Fault {
    time: String,
    code: &'static str,
}

/// The last lines, and the last fault of each function.
#[derive(Default)]
pub(super) struct Log {
    lines: VecDeque<Line>,
    faults: BTreeMap<Function, Fault>,
    pub(super) wrong_keys: u64,
    /// Time of the last line about a wrong key.
    wrong_key_at: Option<Duration>,
}

impl Log {
    pub(super) fn write(&mut self, function: Function, line: Line) {
        if line.code != "ok" {
            let fault = Fault { time: line.time.clone(), code: line.code };
            self.faults.insert(function, fault);
        }
        self.push(line);
    }

    /// Counts a wrong key. Anyone may cause these, so there is one line a minute.
    // W106
    pub(super) fn wrong_key(&mut self, now: Duration, time: String) {
        self.wrong_keys += 1;
        let minute = Duration::from_secs(60);
        if self.wrong_key_at.is_none_or(|at| now.saturating_sub(at) >= minute) {
            self.wrong_key_at = Some(now);
            let (request_id, detail) = (None, None);
            let code = "unauthorized";
            self.push(Line { time, function: "", request_id, code, milliseconds: 0, detail });
        }
    }

    fn push(&mut self, line: Line) {
        let Line { function, request_id, code, milliseconds, detail, .. } = &line;
        log::ask(function, request_id.as_deref(), code, *milliseconds, detail.as_deref());
        self.lines.truncate(LINES - 1);
        self.lines.push_front(line);
    }

    /// The newest lines, newest first.
    pub(super) fn lines(&self, limit: usize) -> impl Iterator<Item = &Line> {
        self.lines.iter().take(limit)
    }

    pub(super) const fn faults(&self) -> &BTreeMap<Function, Fault> {
        &self.faults
    }
}

/// A moment as text, to the millisecond.
pub(super) fn timestamp(time: SystemTime) -> String {
    let time = jiff::Timestamp::try_from(time).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{time:.3}")
}
