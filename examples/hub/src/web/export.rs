//! The log as a CSV file.

use axum::body::Bytes;
use tokio::sync::mpsc;

use crate::timeline::Call;

/// Bytes of an export that are sent together.
const CHUNK: usize = 32 << 10;

/// Calls on their way into a CSV file.
pub(super) struct Export {
    lines: csv::Writer<Vec<u8>>,
    chunks: mpsc::Sender<Bytes>,
}

impl Export {
    const COLUMNS: [&str; 15] = [
        "source",
        "id",
        "direction",
        "state",
        "customer",
        "customer_name",
        "called_number",
        "queue",
        "answered_by",
        "placed_by",
        "started_at",
        "wait_s",
        "talk_s",
        "outcome",
        "recording",
    ];

    pub(super) fn new(chunks: mpsc::Sender<Bytes>) -> Self {
        let mut lines = csv::Writer::from_writer(Vec::new());
        let _ = lines.write_record(Self::COLUMNS); // into memory
        Self { lines, chunks }
    }

    /// Adds a call, or ends the file; returns whether somebody still reads it.
    pub(super) fn take(&mut self, call: Option<Call>) -> bool {
        let is_end = call.is_none();
        if let Some(call) = call {
            let seconds = |time: Option<i64>| time.map(|time| (time / 1_000_000).to_string());
            let started = jiff::Timestamp::from_microsecond(call.started_at_us);
            let text = |text: Option<String>| text.unwrap_or_default();
            let record = [
                call.source,
                call.id,
                call.direction.as_str().into(),
                call.state.as_str().into(),
                call.customer,
                text(call.customer_name),
                call.called_number,
                text(call.queue),
                text(call.answered_by),
                text(call.placed_by),
                started.map_or_else(|_| String::new(), |started| started.to_string()),
                text(seconds(call.wait_us)),
                text(seconds(call.talk_us)),
                text(call.outcome.map(|outcome| outcome.as_str().into())),
                text(call.recording),
            ];
            let _ = self.lines.write_record(record.map(without_formula));
        }
        let _ = self.lines.flush();
        if !is_end && self.lines.get_ref().len() < CHUNK {
            return true;
        }
        let next = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        let lines = std::mem::replace(&mut self.lines, next);
        let chunk = lines.into_inner().unwrap_or_default();
        self.chunks.blocking_send(chunk.into()).is_ok()
    }
}

/// A cell that no spreadsheet takes for a formula; callers choose their names.
fn without_formula(cell: String) -> String {
    let is_number = cell.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit());
    match cell.chars().next() {
        Some('=' | '@' | '\t' | '\r') => format!("'{cell}"),
        Some('+' | '-') if !is_number => format!("'{cell}"),
        _ => cell,
    }
}
