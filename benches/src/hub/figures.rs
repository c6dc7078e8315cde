//! Figures of the database, this process and the machine.

use std::path::Path;

use rusqlite::Connection;
use rustix::time::{ClockId, clock_gettime};

/// Sizes of a database in bytes, and its numbers of rows.
pub(super) struct Sizes {
    pub(super) log: u64,
    pub(super) inbox: u64,
    pub(super) calls: u64,
    pub(super) requests: u64,
}

impl Sizes {
    pub(super) fn read(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        let number = |select: &str| connection.query_row(select, [], |row| row.get(0));
        let pages = "SELECT sum(pgsize) FROM dbstat WHERE name";
        Ok(Self {
            log: number(&format!("{pages} LIKE '%call%'"))?,
            inbox: number(&format!("{pages} LIKE '%inbox%'"))?,
            calls: number("SELECT count(*) FROM call")?,
            requests: number("SELECT count(*) FROM inbox")?,
        })
    }
}

/// Processor time of the machine, in clock ticks, and the part of it that other programs had.
pub(super) struct Others {
    all: f64,
    busy: f64,
}

impl Others {
    pub(super) fn read() -> Self {
        let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        // `cpu user nice system idle iowait irq softirq steal`
        let fields = stat.split_whitespace().skip(1).take(8);
        let ticks: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
        let (all, idle) = (ticks.iter().sum(), ticks.iter().skip(3).take(2).sum::<f64>());
        let own = seconds(ClockId::ProcessCPUTime) * ticks_per_second();
        Self { all, busy: all - idle - own }
    }

    pub(super) fn share_since(&self, before: &Self) -> f64 {
        (self.busy - before.busy) / (self.all - before.all)
    }
}

fn seconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

/// Seconds of processor time of this process without the threads of the PBXs and this one.
pub(super) fn hub_time() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let stats =
        threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("stat")).ok());
    // `12 (pbx) S …`: user and system time are the 14th and 15th field.
    let pbx = stats.filter(|stat| stat.contains("(pbx)")).map(|stat| {
        let fields = stat.split(' ').skip(13).take(2);
        fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / ticks_per_second()
    });
    seconds(ClockId::ProcessCPUTime) - seconds(ClockId::ThreadCPUTime) - pbx.sum::<f64>()
}

/// The most memory that this process has held, in bytes.
pub(super) fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1_024
}
