//! Results as a table, as JSON, as Markdown and as a bar chart.

mod chart;
mod machine;
mod pages;

use std::fmt::Write;

use serde::Serialize;

use crate::measure::Times;

pub use chart::chart;
pub use machine::Machine;
pub use pages::{comparison, readme, replaced};

/// A contender's results.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// The contender.
    pub name: String,
    /// Nanoseconds per frame.
    pub ns_per_frame: f64,
    /// The time as a multiple of that of the skip walk over the same bytes.
    pub x_skip: Option<f64>,
    /// The time of `eetf` as a multiple of this one.
    pub x_eetf: Option<f64>,
    /// Allocations per frame.
    pub allocs_per_frame: Option<f64>,
    /// The most bytes on the heap at one time.
    pub peak_heap: Option<u64>,
    /// The same in frames: how many times the size of the messages held at one time.
    pub peak_x_frame: Option<f64>,
    /// The bytes of a frame, in the mean.
    pub frame_bytes: usize,
    /// The kind of frame: `event`, or `snapshot`, which is two messages.
    pub frame: &'static str,
}

/// The cost per byte in messages of one size.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SizeRow {
    /// The row.
    pub name: String,
    /// The size of a message, for people.
    pub size: &'static str,
    /// Nanoseconds per message for typed records, streamed.
    pub ns_per_frame: f64,
    /// Nanoseconds per byte for them.
    pub ns_per_byte: f64,
    /// Nanoseconds per byte for the skip walk.
    pub skip_ns_per_byte: f64,
    /// The time as a multiple of that of the skip walk.
    pub x_skip: Option<f64>,
    /// Not measured.
    pub x_eetf: Option<f64>,
    /// Not measured.
    pub allocs_per_frame: Option<f64>,
    /// Not measured.
    pub peak_heap: Option<u64>,
    /// The bytes of a message, in the mean.
    pub frame_bytes: usize,
    /// The number of messages.
    pub frames: usize,
}

impl SizeRow {
    /// A row for a number of messages and their size in bytes; the times come with
    /// [`set`](Self::set).
    #[must_use]
    pub fn new(size: &'static str, frames: usize, bytes: usize) -> Self {
        Self {
            name: format!("size_{}", size.replace(' ', "")),
            size,
            ns_per_frame: 0.0,
            ns_per_byte: 0.0,
            skip_ns_per_byte: 0.0,
            x_skip: None,
            x_eetf: None,
            allocs_per_frame: None,
            peak_heap: None,
            frame_bytes: bytes / frames.max(1),
            frames,
        }
    }

    /// Takes the nanoseconds for all messages, and how one is to the other.
    pub fn set(&mut self, typed: f64, skip: f64, x_skip: Option<f64>) {
        let bytes = (self.frame_bytes * self.frames) as f64;
        self.ns_per_frame = typed / self.frames as f64;
        self.ns_per_byte = typed / bytes;
        self.skip_ns_per_byte = skip / bytes;
        self.x_skip = x_skip;
    }
}

/// The costs of an event and a query in a store of one size.
#[derive(Clone, Copy, Debug)]
pub struct StoreRow {
    channels: usize,
    event: f64,
    viewed: f64,
    viewed_x_smallest: f64,
    query: f64,
}

impl StoreRow {
    /// A row, in nanoseconds.
    #[must_use]
    pub const fn new(
        channels: usize,
        event: f64,
        viewed: f64,
        viewed_x_smallest: f64,
        query: f64,
    ) -> Self {
        Self { channels, event, viewed, viewed_x_smallest, query }
    }

    fn cells(&self) -> [String; 5] {
        [
            number(self.channels as f64),
            number(self.event),
            number(self.viewed),
            number(self.viewed_x_smallest),
            number(self.query),
        ]
    }
}

/// Results of the counting child process: name, allocations per frame, peak bytes.
pub type Counted = (String, f64, u64);

/// The rows for these times and counts.
#[must_use]
pub fn rows(times: &Times, counts: &[Counted], frame: &'static str) -> Vec<Row> {
    let row = |name: &'static str| {
        let work = times.work(name)?;
        let count = counts.iter().find(|(counted, ..)| counted == name);
        Some(Row {
            name: name.to_owned(),
            ns_per_frame: times.nanoseconds(name)?,
            x_skip: times.ratio(name, work.base),
            x_eetf: times.ratio(work.eetf, name),
            allocs_per_frame: count.map(|(_, allocations, _)| *allocations),
            peak_heap: count.map(|(.., peak)| *peak),
            peak_x_frame: count.map(|(.., peak)| *peak as f64 / work.held as f64),
            frame_bytes: work.bytes,
            frame,
        })
    };
    times.names().filter_map(row).collect()
}

fn number(value: f64) -> String {
    match value {
        value if value >= 10_000.0 => {
            let digits = format!("{value:.0}");
            let mut grouped = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at) % 3 == 0 {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            grouped
        }
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

fn cells(row: &Row) -> [String; 6] {
    let optional = |value: Option<f64>| value.map(number).unwrap_or_default();
    [
        row.name.clone(),
        number(row.ns_per_frame),
        optional(row.x_skip),
        optional(row.x_eetf),
        optional(row.allocs_per_frame),
        optional(row.peak_x_frame),
    ]
}

/// The names of the rows, explained.
const NOTES: &str = "\
* `…_utf8`: atoms in UTF-8, as Erlang/OTP 26 writes them; `…_shuffled`: another order of fields
* `parse_event`: the message checked, and where its fields start; `parse_5_fields`: and five of them \
read (identity, both numbers, user, state); `parse_all_fields`: and all 22; `parse_all_str`: and every \
text as `&str`
* `generic_term`: any Erlang term, checked; `generic_visit`: and every term visited
* `store_event`: parsed, and applied to a store that has all channels; `store_apply`: applied only; \
`store_event_viewed`: parsed and applied while a view of the store before it is kept; \
`store_find_channel`: a channel and its state by uuid
* `snapshot_stream`: typed records one by one; `store_snapshot`: into an empty store
* `serde_event`, `erltf_serde`, `…_typed`: into derived structs whose text is borrowed. `erltf_serde` \
reads STRING as a list of integers, which is made text in between
* JSON: objects without escapes, with the state tagged from outside, which serde reads quickest
";

const HEADS: [&str; 6] = ["name", "ns/frame", "x_skip", "x_eetf", "allocs/frame", "peak/frame"];

/// The rows as a table for a terminal.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let mut lines = vec![HEADS.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    aligned(&lines)
}

/// The head of the table of stores.
const STORE_HEADS: [&str; 5] =
    ["channels", "event ns", "event, viewed ns", "x the smallest", "query ns/channel"];

/// The costs in stores of different sizes as a table for a terminal.
#[must_use]
pub fn store_table(rows: &[StoreRow]) -> String {
    let mut lines = vec![STORE_HEADS.map(str::to_owned)];
    lines.extend(rows.iter().map(StoreRow::cells));
    aligned(&lines)
}

/// The costs per byte as a table for a terminal.
#[must_use]
pub fn size_table(rows: &[SizeRow]) -> String {
    let mut lines = vec![["message", "typed ns/byte", "skip ns/byte", "x_skip"].map(str::to_owned)];
    lines.extend(rows.iter().map(size_cells));
    aligned(&lines)
}

fn size_cells(row: &SizeRow) -> [String; 4] {
    let precise = |value: f64| format!("{value:.3}");
    [
        row.size.to_owned(),
        precise(row.ns_per_byte),
        precise(row.skip_ns_per_byte),
        row.x_skip.map(number).unwrap_or_default(),
    ]
}

fn aligned<const N: usize>(lines: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut out = String::new();
    for line in lines {
        for (at, (width, cell)) in widths.iter().zip(line).enumerate() {
            let _ = match at {
                0 => write!(out, "{cell:<width$}"),
                _ => write!(out, "  {cell:>width$}"),
            };
        }
        out.push('\n');
    }
    out
}

/// Everything on one page.
#[must_use]
pub fn markdown(
    rows: &[Row],
    (sizes, stores): (&[SizeRow], &[StoreRow]),
    corpus: &str,
    rounds: usize,
    machine: &Machine,
) -> String {
    let mut out = String::from("# Decoders of Erlang terms, side by side\n\n");
    let _ = writeln!(
        out,
        "![Nanoseconds per event](bert.svg)\n\n\
         Inputs from a fixed seed: {corpus}.\n\n\
         Contenders take turns every {} frames in one process; processor time, medians of {rounds} \
         rounds, ratios paired round by round. What is decoded is dropped, and that counts.\n\n\
         * `x_skip`: how many times as long as a structural skip walk over the same bytes: from tag \
         to tag, every length checked, no content looked at. It is no floor: code that knows the usual \
         shape of a record passes over it faster\n\
         * `x_eetf`: how many times as fast as `eetf`\n\
         * `allocs/frame`, `peak/frame`: allocations, and the most bytes on the heap at one time \
         in frames of this size; of the same program, run once more with a counting allocator",
        crate::measure::TURN
    );
    let groups = [("event", "One event"), ("snapshot", "The snapshot, both messages")];
    let _ = writeln!(out, "{NOTES}");
    for (frame, title) in groups {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.frame == frame).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(out, "## {title}\n\n| {} |", HEADS.join(" | "));
        out.push_str("|---|--:|--:|--:|--:|--:|\n");
        for row in rows {
            let [name, rest @ ..] = cells(row);
            let _ = writeln!(out, "| `{name}` | {} |", rest.join(" | "));
        }
        out.push('\n');
    }
    if !sizes.is_empty() {
        out.push_str(
            "## Cost per byte\n\nThe same records, cut into messages of different sizes.\n\n\
             | message | typed ns/byte | skip ns/byte | x_skip |\n|---|--:|--:|--:|\n",
        );
        for row in sizes {
            let _ = writeln!(out, "| {} |", size_cells(row).join(" | "));
        }
        out.push('\n');
    }
    if !stores.is_empty() {
        let _ = writeln!(
            out,
            "## Stores of different sizes\n\n\
             `event`: parsed and applied; `viewed`: the same while a view of the store before it is \
             kept, and how many times as long as with the fewest channels; `query`: \
             `channels().in_queue_of(group)`.\n\n\
             | {} |\n|--:|--:|--:|--:|--:|",
            STORE_HEADS.join(" | ")
        );
        for row in stores {
            let _ = writeln!(out, "| {} |", row.cells().join(" | "));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{machine}");
    out
}
