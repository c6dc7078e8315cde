//! The call history: a query, and the CSV that answers it (V57).

use std::fmt;
use std::time::Duration;

use super::Timestamp;

/// Which days a history is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Period {
    /// `today`
    Today,
    /// `yesterday`
    Yesterday,
    /// `this_week`
    ThisWeek,
    /// `last_week`
    LastWeek,
    /// `this_month`
    ThisMonth,
    /// `last_month`
    LastMonth,
}

impl Period {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Yesterday => "yesterday",
            Self::ThisWeek => "this_week",
            Self::LastWeek => "last_week",
            Self::ThisMonth => "this_month",
            Self::LastMonth => "last_month",
        }
    }
}

/// Which calls a history lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HistoryFilter {
    /// `all`
    All,
    /// `in`
    Incoming,
    /// `out`
    Outgoing,
    /// `missed`
    Missed,
}

impl HistoryFilter {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Incoming => "in",
            Self::Outgoing => "out",
            Self::Missed => "missed",
        }
    }
}

/// A question for the call history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuery(Vec<(&'static str, String)>);

impl HistoryQuery {
    /// The calls of a period.
    #[must_use]
    pub fn period(period: Period) -> Self {
        Self(vec![("period", period.as_str().into())])
    }

    /// The calls from one moment to another.
    #[must_use]
    pub fn between(start: Timestamp, end: Timestamp) -> Self {
        Self(vec![("start", start.to_string()), ("end", end.to_string())])
    }

    /// Lists some calls only.
    #[must_use]
    pub fn filter(mut self, filter: HistoryFilter) -> Self {
        self.0.push(("type", filter.as_str().into()));
        self
    }

    /// Lists at most so many calls.
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
    /// Which way it went.
    pub kind: HistoryKind,
    /// The client's number.
    pub client: String,
    /// Who took or made it, usually `login@tenant`.
    pub account: String,
    /// The number of ours that it went through.
    pub via: String,
    /// When it began, as the PBX wrote it.
    pub start: String,
    /// How long the client waited.
    pub wait: Duration,
    /// How long they talked.
    pub duration: Duration,
    /// The link to the recording.
    pub record: Option<String>,
}

impl HistoryRow {
    /// When the call began, if that can be read.
    #[must_use]
    pub fn start_time(&self) -> Option<Timestamp> {
        self.start.parse().ok()
    }

    /// The login in `account`.
    #[must_use]
    pub fn login(&self) -> &str {
        self.account.split_once('@').map_or(&*self.account, |(login, _)| login)
    }

    /// Whether `account` is a group, whose login begins with `g_`.
    #[must_use]
    pub fn is_group(&self) -> bool {
        self.account.starts_with("g_")
    }
}

/// A row that could not be read. Holds nothing of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("history row {row}: {reason}")]
#[non_exhaustive]
pub struct RowError {
    /// The row's number, from 1.
    pub row: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// Reads a history row by row; a bad row does not stop the others.
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
    Rows { rest: csv.strip_prefix('\u{feff}').unwrap_or(csv), row: 0 }.map(|(row, cells)| {
        let error = |reason| RowError { row, reason };
        let cells = cells.map_err(error)?;
        let [id, kind, client, account, via, start, wait, duration, record] =
            <[String; 9]>::try_from(cells.into_iter().take(9).collect::<Vec<_>>())
                .map_err(|_| error("expected nine columns"))?;
        let seconds = |text: &str, reason| {
            let digits = text.trim();
            let seconds = if digits.is_empty() { Some(0) } else { digits.parse().ok() };
            seconds.map(Duration::from_secs).ok_or_else(|| error(reason))
        };
        Ok(HistoryRow {
            id,
            kind: HistoryKind::from(&*kind),
            client,
            account,
            via,
            start,
            wait: seconds(&wait, "the seventh column is not a number of seconds")?,
            duration: seconds(&duration, "the eighth column is not a number of seconds")?,
            record: Some(record).filter(|link| !link.is_empty()),
        })
    })
}

/// Rows of CSV as RFC 4180 has it; empty lines are no rows.
struct Rows<'a> {
    rest: &'a str,
    row: usize,
}

impl Iterator for Rows<'_> {
    type Item = (usize, Result<Vec<String>, &'static str>);

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = self.rest.trim_start_matches(['\r', '\n']);
        if self.rest.is_empty() {
            return None;
        }
        self.row += 1;
        let mut cells = Vec::new();
        loop {
            match self.cell() {
                Ok(cell) => cells.push(cell),
                Err(reason) => {
                    // What follows the next line break is a row of its own.
                    let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
                    self.rest = &self.rest[end..];
                    return Some((self.row, Err(reason)));
                }
            }
            match self.rest.strip_prefix(',') {
                Some(rest) => self.rest = rest,
                None => return Some((self.row, Ok(cells))),
            }
        }
    }
}

impl Rows<'_> {
    /// Reads one cell, and leaves the comma or line break behind it.
    fn cell(&mut self) -> Result<String, &'static str> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', '\r', '\n']).unwrap_or(self.rest.len());
            let (cell, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Ok(cell.into());
        };
        let mut cell = String::new();
        let mut rest = quoted;
        loop {
            let end = rest.find('"').ok_or("a quote is not closed")?;
            cell.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('"') {
                Some(after) => {
                    cell.push('"');
                    rest = after;
                }
                None => break,
            }
        }
        if !(rest.is_empty() || rest.starts_with([',', '\r', '\n'])) {
            return Err("text follows a closing quote");
        }
        self.rest = rest;
        Ok(cell)
    }
}
