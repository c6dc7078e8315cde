//! The call history: a query, and the CSV that answers it.

use std::fmt;
use std::time::Duration;

use csv::{ReaderBuilder, StringRecord};
use jiff::Timestamp;

use crate::model::word::{closed_words, words};

words! {
    /// The days of a history.
    pub enum Period {
        /// Today.
        Today = "today",
        /// Yesterday.
        Yesterday = "yesterday",
        /// This week.
        ThisWeek = "this_week",
        /// Last week.
        LastWeek = "last_week",
        /// This month.
        ThisMonth = "this_month",
        /// Last month.
        LastMonth = "last_month",
    }
}

closed_words!(Period, "period");

words! {
    /// The calls of a history.
    pub enum HistoryFilter {
        /// All calls.
        All = "all",
        /// Incoming calls.
        Incoming = "in",
        /// Outgoing calls.
        Outgoing = "out",
        /// Missed calls.
        Missed = "missed",
    }
}

closed_words!(HistoryFilter, "history filter");

/// A query of the call history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuery(Vec<(&'static str, String)>);

impl HistoryQuery {
    /// Queries the calls of a period.
    #[must_use]
    pub fn period(period: Period) -> Self {
        Self(vec![("period", period.as_str().into())])
    }

    /// Queries the calls between two times.
    #[must_use]
    pub fn between(start: Timestamp, end: Timestamp) -> Self {
        Self(vec![("start", protocol_time(start)), ("end", protocol_time(end))])
    }

    /// Selects calls by kind.
    #[must_use]
    pub fn filter(mut self, filter: HistoryFilter) -> Self {
        self.0.push(("type", filter.as_str().into()));
        self
    }

    /// Limits the number of calls.
    #[must_use]
    pub fn limit(mut self, calls: u32) -> Self {
        self.0.push(("limit", calls.to_string()));
        self
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, &**value))
    }
}

/// The kind of a call in a history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HistoryKind {
    /// `in`
    Incoming,
    /// `out`
    Outgoing,
    /// `missed`
    Missed,
    /// A word that this version does not know. Compare through [`as_str`](Self::as_str).
    Unknown(Box<str>),
}

impl HistoryKind {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Incoming => "in",
            Self::Outgoing => "out",
            Self::Missed => "missed",
            Self::Unknown(word) => word,
        }
    }
}

impl From<&str> for HistoryKind {
    fn from(word: &str) -> Self {
        match word {
            "in" => Self::Incoming,
            "out" => Self::Outgoing,
            "missed" => Self::Missed,
            other => Self::Unknown(other.into()),
        }
    }
}

impl fmt::Display for HistoryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A call in a history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryRow {
    /// The call.
    pub id: String,
    /// Incoming, outgoing or missed.
    pub kind: HistoryKind,
    /// The client's number.
    pub client: String,
    /// The operator, usually `login@tenant`.
    pub account: String,
    /// Our number that the call went through.
    pub via: String,
    /// The start, as the PBX wrote it.
    pub start: String,
    /// The client's waiting time.
    pub wait: Duration,
    /// The talk time.
    pub duration: Duration,
    /// The link to the recording.
    pub record: Option<String>,
}

impl HistoryRow {
    /// Returns the start of the call, if `start` is valid.
    #[must_use]
    pub fn start_time(&self) -> Option<Timestamp> {
        self.start.parse().ok()
    }

    /// Returns the login in `account`.
    #[must_use]
    pub fn login(&self) -> &str {
        self.account.split_once('@').map_or(&*self.account, |(login, _)| login)
    }

    /// Returns whether `account` is a group, whose login begins with `g_`.
    #[must_use]
    pub fn is_group(&self) -> bool {
        self.account.starts_with("g_")
    }
}

/// The error of an invalid row. Holds no text of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("history row {row}: {reason}")]
#[non_exhaustive]
pub struct RowError {
    /// The row's number, from 1.
    pub row: usize,
    /// The reason.
    pub reason: &'static str,
}

/// Reads a history row by row; an invalid row does not stop the others.
///
/// ```
/// use voip_module::gravitel::parse_history;
///
/// let csv = "5f0c,out,+79990000002,admin@pbx.example,+74990000000,2024-01-05T13:15:00+03:00,0,11,\r\n";
/// let rows = parse_history(csv).collect::<Result<Vec<_>, _>>()?;
/// assert_eq!((rows[0].login(), rows[0].duration.as_secs(), &rows[0].record), ("admin", 11, &None));
/// # Ok::<(), voip_module::gravitel::RowError>(())
/// ```
pub fn parse_history(csv: &str) -> impl Iterator<Item = Result<HistoryRow, RowError>> {
    let text = csv.strip_prefix('\u{feff}').unwrap_or(csv).as_bytes();
    let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    reader.into_records().zip(1..).map(|(cells, row)| {
        let error = |reason| RowError { row, reason };
        let cells = cells.map_err(|_| error("it is not CSV"))?;
        read_row(&cells).map_err(error)
    })
}

fn read_row(cells: &StringRecord) -> Result<HistoryRow, &'static str> {
    if cells.len() < 9 {
        return Err("expected nine columns");
    }
    let cell = |at| cells.get(at).unwrap_or_default();
    let seconds = |at, reason| {
        let digits = cell(at).trim();
        let seconds = if digits.is_empty() { Some(0) } else { digits.parse().ok() };
        seconds.map(Duration::from_secs).ok_or(reason)
    };
    Ok(HistoryRow {
        id: cell(0).into(),
        kind: HistoryKind::from(cell(1)),
        client: cell(2).into(),
        account: cell(3).into(),
        via: cell(4).into(),
        start: cell(5).into(),
        wait: seconds(6, "the seventh column is not a number of seconds")?,
        duration: seconds(7, "the eighth column is not a number of seconds")?,
        record: Some(cell(8)).filter(|link| !link.is_empty()).map(str::to_owned),
    })
}

/// A moment as `YYYYMMDDThhmmssZ`.
fn protocol_time(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}
