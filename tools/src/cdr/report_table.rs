//! Figures as readable tables.

use std::fmt::{self, Write as _};
use std::time::Duration;

use pbx_integration::report::{Figures, QueueFigures, Ratio};

/// Figures as tables.
#[derive(Debug)]
pub struct Tables<'a> {
    figures: &'a Figures,
    target: Duration,
}

impl<'a> Tables<'a> {
    /// Figures in which a call should be answered within the target.
    #[must_use]
    pub const fn new(figures: &'a Figures, target: Duration) -> Self {
        Self { figures, target }
    }
}

const QUEUE_HEADS: &[&str] = &[
    "queue",
    "offered",
    "answered",
    "abandoned",
    "transferred",
    "other",
    "level",
    "answer",
    "p90",
    "longest",
    "gave-up",
    "handling",
    "occupancy",
];

const AGENT_HEADS: &[&str] =
    &["agent", "answered", "missed", "made", "talking", "ringing", "idle", "from", "to"];

const TALK_HEADS: &[&str] = &["queue", "agent", "answered", "talking"];

fn queue_cells(queue: &QueueFigures) -> Vec<String> {
    let count = |count: u64, rate: Option<Ratio>| match rate {
        Some(rate) => format!("{count} ({rate})"),
        None => count.to_string(),
    };
    vec![
        queue.offered().to_string(),
        queue.answered().to_string(),
        count(queue.abandoned(), queue.abandon_rate()),
        count(queue.transferred(), queue.transfer_rate()),
        queue.other().to_string(),
        or_dash(queue.service_level()),
        or_dash(queue.average_speed_of_answer().map(clock)),
        or_dash(queue.wait_percentile(90).map(clock)),
        or_dash(queue.longest_wait().map(clock)),
        or_dash(queue.average_abandoned_wait().map(clock)),
        or_dash(queue.average_handling_time().map(clock)),
        or_dash(queue.occupancy()),
    ]
}

impl fmt::Display for Tables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { calls, queues, agents, queue_agents, .. } = self.figures;
        writeln!(f, "{calls} calls\n")?;
        writeln!(f, "Queues (level: answered within {} s)", self.target.as_secs_f64())?;
        let rows = queues
            .iter()
            .map(|(id, queue)| [vec![name(&id.account, &id.tenant)], queue_cells(queue)].concat());
        f.write_str(&table(1, QUEUE_HEADS, rows.collect()))?;
        writeln!(f, "\nAgents (from, to: seconds since 1970)")?;
        let rows = agents.iter().map(|(id, agent)| {
            vec![
                name(&id.extension, &id.tenant),
                agent.answered.to_string(),
                agent.missed.to_string(),
                agent.made.to_string(),
                clock(agent.talking),
                clock(agent.ringing),
                clock(agent.idle),
                or_dash(agent.first),
                or_dash(agent.last),
            ]
        });
        f.write_str(&table(1, AGENT_HEADS, rows.collect()))?;
        writeln!(f, "\nQueues and agents")?;
        let rows = queue_agents.iter().map(|((queue, agent), figures)| {
            vec![
                name(&queue.account, &queue.tenant),
                name(&agent.extension, &agent.tenant),
                figures.answered.to_string(),
                clock(figures.talk),
            ]
        });
        f.write_str(&table(2, TALK_HEADS, rows.collect()))?;
        writeln!(f)
    }
}

fn name(number: &str, tenant: &str) -> String {
    format!("{}@{}", printable(number), printable(tenant))
}

fn or_dash(value: Option<impl fmt::Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Removes control characters and cell separators from a record's text.
fn printable(text: &str) -> String {
    let is_bad = |letter: char| letter.is_control() || letter.is_whitespace();
    text.chars().map(|letter| if is_bad(letter) { '?' } else { letter }).collect()
}

/// Hours, minutes, seconds and thousandths.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{hours}:{minutes:02}:{seconds:02}.{:03}", time.subsec_millis())
}

/// Columns as wide as their widest cell; the first `names` are flush left.
fn table(names: usize, heads: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return "  none\n".to_owned();
    }
    let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (at, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            // Writing to a text does not fail.
            let _ = if at < names {
                write!(line, "  {cell:<width$}")
            } else {
                write!(line, "  {cell:>width$}")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
