//! The machine and the versions of a measurement.

use std::fmt;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine and the versions of a measurement.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Machine {
    /// The processor.
    pub processor: String,
    /// The number of processors that the program may use.
    pub processors: usize,
    /// The compiler.
    pub compiler: String,
    /// The crates and their versions.
    pub crates: Vec<String>,
    /// The day.
    pub date: String,
    /// The command that made the report.
    pub command: String,
}

const CRATES: [&str; 10] = [
    "basix-cti",
    "eetf",
    "erltf",
    "erltf_serde",
    "form_urlencoded",
    "pbx-integration",
    "serde_json",
    "sonic-rs",
    "ucom-events",
    "voip-module",
];

impl Machine {
    /// This machine, today.
    #[must_use]
    pub fn here(command: String) -> Self {
        let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpus.lines().find_map(|line| line.strip_prefix("model name"));
        let processor = model.and_then(|line| line.split_once(':')).map_or("unknown", |(_, it)| it);
        let compiler = Command::new("rustc").arg("--version").output();
        let compiler = compiler.ok().and_then(|output| String::from_utf8(output.stdout).ok());
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        Self {
            processor: processor.trim().to_owned(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            compiler: compiler
                .as_deref()
                .unwrap_or("rustc of an unknown version")
                .trim()
                .to_owned(),
            crates: crates(),
            date: date(seconds / 86_400),
            command,
        }
    }
}

/// The versions of what was measured, from the lock file that the program was built with.
fn crates() -> Vec<String> {
    let lock = include_str!("../../../Cargo.lock");
    let mut found = Vec::new();
    for name in CRATES {
        let head = format!("name = \"{name}\"\nversion = \"");
        let version = lock.split_once(&head).and_then(|(_, rest)| rest.split_once('"'));
        found.extend(version.map(|(version, _)| format!("{name} {version}")));
    }
    found
}

/// The date that is `days` after 1970-01-01, by the civil calendar.
fn date(days: u64) -> String {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, processors, compiler, crates, date, command } = self;
        write!(
            f,
            "{date} · {processor}, {processors} cores · {compiler}, default target and release profile · {} · \
             `{command}`",
            crates.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_become_dates() {
        let dates = [0, 59, 11_016, 19_782, 20_777].map(date);
        let wanted = ["1970-01-01", "1970-03-01", "2000-02-29", "2024-02-29", "2026-11-20"];
        assert_eq!(dates, wanted);
    }
}
