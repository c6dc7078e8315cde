//! Call records as tables per queue and per agent, for people.

use std::fmt::{self, Write as _};
use std::time::Duration;

use pbx_integration::{
    Cdr, Deliveries, Delivery, QueueFigures, QueueOptions, QueueStatistics, Ratio, Timesheet,
};

/// Records as tables.
#[derive(Debug)]
pub struct Tables {
    target: Duration,
    deliveries: Deliveries,
    queues: QueueStatistics,
    agents: Timesheet,
    calls: u64,
    repeats: u64,
    refused: u64,
}

impl Tables {
    /// Nothing counted yet; a call should be answered within the target.
    #[must_use]
    pub fn new(target: Duration) -> Self {
        Self {
            target,
            deliveries: Deliveries::new(1 << 20),
            queues: QueueStatistics::new(QueueOptions::default().with_target(target)),
            agents: Timesheet::of_all_time(),
            calls: 0,
            repeats: 0,
            refused: 0,
        }
    }

    /// Counts a record, each call once however often it was delivered.
    pub fn add(&mut self, cdr: &Cdr) {
        if self.deliveries.handle_cdr(cdr) == Delivery::New {
            self.calls += 1;
            self.queues.add(cdr);
            self.agents.add(cdr);
        } else {
            self.repeats += 1;
        }
    }

    /// Counts a record that could not be read.
    pub const fn add_refused(&mut self) {
        self.refused += 1;
    }
}

const QUEUE_HEADS: &[&str] = &[
    "queue",
    "offered",
    "answered",
    "abandoned",
    "transferred",
    "level",
    "answer",
    "p90",
    "handling",
    "occupancy",
];

const AGENT_HEADS: &[&str] =
    &["agent", "answered", "missed", "talking", "ringing", "idle", "from", "to"];

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
        or_dash(queue.service_level()),
        or_dash(queue.average_speed_of_answer().map(clock)),
        or_dash(queue.wait_percentile(90).map(clock)),
        or_dash(queue.average_handling_time().map(clock)),
        or_dash(queue.occupancy()),
    ]
}

impl fmt::Display for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, repeats, refused, .. } = self;
        writeln!(f, "{calls} calls, {repeats} repeated records, {refused} records refused\n")?;
        writeln!(f, "Queues (level: answered within {} s)", self.target.as_secs_f64())?;
        let queues = self.queues.iter().map(|(id, queue)| {
            let name = format!("{}@{}", printable(&id.account), printable(&id.tenant));
            [vec![name], queue_cells(queue)].concat()
        });
        f.write_str(&table(QUEUE_HEADS, queues.collect()))?;
        writeln!(f, "\nAgents (times in hours, from and to in seconds since 1970)")?;
        let agents = self.agents.iter().map(|(id, agent)| {
            vec![
                format!("{}@{}", printable(&id.extension), printable(&id.tenant)),
                agent.answered.to_string(),
                agent.missed.to_string(),
                clock(agent.talking),
                clock(agent.ringing),
                clock(agent.idle),
                or_dash(agent.first),
                or_dash(agent.last),
            ]
        });
        f.write_str(&table(AGENT_HEADS, agents.collect()))
    }
}

fn or_dash(value: Option<impl fmt::Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Text from a record must not steer the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}

/// Hours, minutes, seconds and thousandths.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{hours}:{minutes:02}:{seconds:02}.{:03}", time.subsec_millis())
}

/// Columns as wide as their widest cell; the first one is flush left.
fn table(heads: &[&str], rows: Vec<Vec<String>>) -> String {
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
            let _ = if at == 0 {
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
