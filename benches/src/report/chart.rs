//! A bar chart as SVG, readable on light and on dark pages.

use std::fmt::Write;

use super::{Machine, Row};

/// A row of the chart: the row of the report, what people call it, and whose it is.
const BARS: [(&str, &str, Whose); 17] = [
    ("skip_walk", "structural skip walk", Whose::Walks),
    ("straight_walk", "walk that knows the order", Whose::Walks),
    ("generic_term", "basix-cti, generic term", Whose::Ours),
    ("parse_event", "basix-cti, checked", Whose::Ours),
    ("parse_event_shuffled", "basix-cti, other field order", Whose::Ours),
    ("parse_5_fields", "basix-cti, and 5 fields read", Whose::Ours),
    ("parse_all_fields", "basix-cti, and all 22 read", Whose::Ours),
    ("parse_all_str", "basix-cti, and all text as &str", Whose::Ours),
    ("serde_event", "basix-cti, serde", Whose::Ours),
    ("store_event", "basix-cti, applied to the store", Whose::Ours),
    ("erltf_borrowed", "erltf, borrowed term", Whose::Rivals),
    ("erltf_owned", "erltf, owned term", Whose::Rivals),
    ("eetf", "eetf, owned term", Whose::Rivals),
    ("erltf_serde", "erltf_serde, typed", Whose::Rivals),
    ("sonic_rs_typed", "sonic-rs, typed, as JSON", Whose::Rivals),
    ("serde_json_typed", "serde_json, typed, as JSON", Whose::Rivals),
    ("memcpy", "memcpy", Whose::Walks),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Walks,
    Ours,
    Rivals,
}

impl Whose {
    const fn class(self) -> &'static str {
        match self {
            Self::Walks => "walks",
            Self::Ours => "ours",
            Self::Rivals => "rivals",
        }
    }
}

const WIDTH: f64 = 860.0;
const LEFT: f64 = 250.0;
const RIGHT: f64 = 110.0;
const TOP: f64 = 70.0;
const STEP: f64 = 26.0;

/// Nanoseconds per event as horizontal bars, shortest first, on a linear scale.
#[must_use]
pub fn chart(rows: &[Row], machine: &Machine) -> String {
    let mut bars: Vec<(&Row, &str, Whose)> = BARS
        .iter()
        .filter_map(|(name, label, whose)| {
            Some((rows.iter().find(|row| row.name == *name)?, *label, *whose))
        })
        .collect();
    bars.sort_by(|one, other| one.0.ns_per_frame.total_cmp(&other.0.ns_per_frame));
    let most = bars.iter().map(|(row, ..)| row.ns_per_frame).fold(1.0, f64::max);
    let scale = (WIDTH - LEFT - RIGHT) / most;
    let bottom = TOP + STEP * bars.len() as f64;
    let height = bottom + 58.0;

    let mut out = String::new();
    let _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-labelledby="title">
<title id="title">Nanoseconds to decode one event of a channel</title>
<style>
text {{ font: 13px system-ui, sans-serif; fill: #24292f; }}
.head {{ font-size: 16px; font-weight: 600; }}
.note {{ font-size: 11px; fill: #57606a; }}
.line {{ stroke: #d0d7de; }}
.walks {{ fill: #8c959f; }}
.ours {{ fill: #1f7a5c; }}
.rivals {{ fill: #b4690e; }}
@media (prefers-color-scheme: dark) {{
  text {{ fill: #e6edf3; }}
  .note {{ fill: #9198a1; }}
  .line {{ stroke: #3d444d; }}
  .walks {{ fill: #7d8590; }}
  .ours {{ fill: #3fb68b; }}
  .rivals {{ fill: #d9933c; }}
}}
</style>
<text class="head" x="16" y="26">Nanoseconds to decode one event of {} bytes in the mean, and times the skip walk</text>"#,
        rows.iter().find(|row| row.name == "skip_walk").map_or(0, |row| row.frame_bytes),
    );
    let legend = [("ours", "basix-cti"), ("rivals", "others"), ("walks", "walks over the bytes")];
    for (at, (class, label)) in legend.into_iter().enumerate() {
        let x = 16.0 + 110.0 * at as f64;
        let _ = writeln!(
            out,
            r#"<rect class="{class}" x="{x}" y="39" width="12" height="12" rx="2"/><text x="{}" y="50">{label}</text>"#,
            x + 18.0
        );
    }
    for tick in ticks(most) {
        let x = LEFT + tick * scale;
        let _ = writeln!(
            out,
            r#"<line class="line" x1="{x:.1}" y1="{}" x2="{x:.1}" y2="{bottom}"/><text class="note" x="{x:.1}" y="{}" text-anchor="middle">{tick}</text>"#,
            TOP - 6.0,
            bottom + 14.0
        );
    }
    for (at, (row, label, whose)) in bars.into_iter().enumerate() {
        let y = TOP + STEP * at as f64;
        let width = (row.ns_per_frame * scale).max(1.0);
        let ratio = row.x_skip.map(|ratio| format!(" · {ratio:.1}×")).unwrap_or_default();
        let _ = writeln!(
            out,
            r#"<text x="{}" y="{}" text-anchor="end">{}</text><rect class="{}" x="{LEFT}" y="{y}" width="{width:.1}" height="18" rx="2"/><text x="{:.1}" y="{}">{:.0}{ratio}</text>"#,
            LEFT - 8.0,
            y + 14.0,
            escape(label),
            whose.class(),
            LEFT + width + 6.0,
            y + 14.0,
            row.ns_per_frame,
        );
    }
    let machine = machine.to_string().replace('`', "");
    let (first, second) = match machine.match_indices(" · ").nth(2) {
        Some((at, separator)) => (machine.get(..at), machine.get(at + separator.len()..)),
        None => (Some(machine.as_str()), None),
    };
    for (line, text) in [first, second].into_iter().flatten().enumerate() {
        let y = height - 22.0 + 14.0 * line as f64;
        let _ = writeln!(out, r#"<text class="note" x="16" y="{y}">{}</text>"#, escape(text));
    }
    out.push_str("</svg>\n");
    out
}

/// Round numbers for the scale.
fn ticks(most: f64) -> impl Iterator<Item = f64> {
    let step = [50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0]
        .into_iter()
        .find(|step| most / step <= 8.0)
        .unwrap_or(10_000.0);
    (0..).map(move |at| f64::from(at) * step).take_while(move |tick| *tick <= most)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
