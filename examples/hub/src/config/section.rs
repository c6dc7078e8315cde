//! A table of the configuration, read member by member; every mistake is kept.

use std::cell::RefCell;
use std::fmt;
use std::net::SocketAddr;

use toml::{Table, Value};
use url::Url;
use voip_module::Secret;

/// A mistake in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistake {
    /// The key, such as `source[2].url`.
    pub key: String,
    /// The expectation.
    pub expected: String,
    /// The kind of what was found; never a value.
    pub found: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.key, self.expected, self.found)
    }
}

/// Reads environment variables and files.
pub(super) trait Surroundings {
    fn variable(&self, name: &str) -> Option<String>;
    fn file(&self, path: &str) -> std::io::Result<String>;
}

/// The parts that all sections of a file share.
pub(super) struct Reading<'a> {
    pub(super) surroundings: &'a dyn Surroundings,
    pub(super) mistakes: RefCell<Vec<Mistake>>,
}

pub(super) struct Section<'a> {
    reading: &'a Reading<'a>,
    /// With a dot at its end, or empty.
    prefix: String,
    table: Table,
}

impl<'a> Section<'a> {
    pub(super) const fn root(reading: &'a Reading<'a>, table: Table) -> Self {
        Self { reading, prefix: String::new(), table }
    }

    pub(super) fn note(&self, key: &str, expected: &str, found: &str) {
        let key = format!("{}{key}", self.prefix);
        let (expected, found) = (expected.to_owned(), found.to_owned());
        self.reading.mistakes.borrow_mut().push(Mistake { key, expected, found });
    }

    fn take<T>(
        &mut self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.table.remove(key)?;
        let read = read(&value);
        if read.is_none() {
            self.note(key, expected, kind(&value));
        }
        read
    }

    /// A value that may be missing.
    pub(super) fn optional(&mut self, key: &str, expected: &str) -> Option<String> {
        self.take(key, expected, |value| value.as_str().map(str::to_owned))
            .filter(|text| !text.trim().is_empty() || self.refuse_empty(key, expected))
    }

    /// A value that has to be there.
    pub(super) fn required(&mut self, key: &str, expected: &str) -> String {
        if !self.table.contains_key(key) {
            self.note(key, expected, "nothing");
        }
        self.optional(key, expected).unwrap_or_default()
    }

    fn refuse_empty(&self, key: &str, expected: &str) -> bool {
        self.note(key, expected, "an empty text");
        false
    }

    pub(super) fn url(&mut self, key: &str, schemes: &[&str], is_required: bool) -> Option<Url> {
        let expected = format!("a URL that begins with {}://", schemes.join(":// or "));
        let text = match is_required {
            true => Some(self.required(key, &expected)).filter(|text| !text.is_empty()),
            false => self.optional(key, &expected),
        }?;
        let url = Url::parse(&text).ok().filter(|url| schemes.contains(&url.scheme()));
        let Some(url) = url else {
            self.note(key, &expected, "another text");
            return None;
        };
        if !url.username().is_empty() || url.password().is_some() {
            // A secret in a URL ends in logs and errors.
            self.note(key, &format!("{expected}, without user and password"), "credentials");
            return None;
        }
        Some(url)
    }

    pub(super) fn address(&mut self, key: &str) -> Option<SocketAddr> {
        let expected = "an address with port, such as 127.0.0.1:8080";
        self.take(key, expected, |value| value.as_str()?.parse().ok())
    }

    pub(super) fn number(
        &mut self,
        key: &str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Option<u32> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.take(key, &expected, |value| {
            u32::try_from(value.as_integer()?).ok().filter(|number| range.contains(number))
        })
    }

    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        let texts = self.take(key, "a list of texts", |value| {
            value.as_array()?.iter().map(|one| Some(one.as_str()?.to_owned())).collect()
        });
        texts.unwrap_or_default()
    }

    /// A secret: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub(super) fn secret(&mut self, key: &str) -> Option<Secret> {
        const EXPECTED: &str = "{ env = \"NAME\" } or { file = \"PATH\" }";
        let value = self.table.remove(key)?;
        let place = value.as_table().filter(|table| table.len() == 1);
        let place = place.and_then(|table| table.iter().next());
        let text = match place.map(|(key, value)| (key.as_str(), value.as_str())) {
            Some(("env", Some(name))) => self
                .reading
                .surroundings
                .variable(name)
                .ok_or_else(|| (format!("the environment variable {name}"), "none".to_owned())),
            Some(("file", Some(path))) => self
                .reading
                .surroundings
                .file(path)
                .map_err(|error| (format!("a readable file {path}"), error.kind().to_string())),
            // The value may be the secret itself, so its kind is all that is shown.
            _ => Err((EXPECTED.to_owned(), kind(&value).to_owned())),
        };
        match text {
            Ok(text) if !text.trim().is_empty() => Some(Secret::new(text.trim())),
            Ok(_) => {
                self.note(key, "a secret", "an empty text");
                None
            }
            Err((expected, found)) => {
                self.note(key, &expected, &found);
                None
            }
        }
    }

    pub(super) fn required_secret(&mut self, key: &str) -> Secret {
        if !self.table.contains_key(key) {
            self.note(key, "{ env = \"NAME\" } or { file = \"PATH\" }", "nothing");
        }
        self.secret(key).unwrap_or_default()
    }

    /// A table that may be missing.
    pub(super) fn section(&mut self, key: &str) -> Option<Self> {
        let table = self.take(key, "a table", |value| value.as_table().cloned())?;
        let prefix = format!("{}{key}.", self.prefix);
        Some(Self { reading: self.reading, prefix, table })
    }

    /// The tables of a list that may be missing.
    pub(super) fn sections(&mut self, key: &str) -> Vec<Self> {
        let expected = format!("tables [[{key}]]");
        let tables: Option<Vec<Table>> = self.take(key, &expected, |value| {
            value.as_array()?.iter().map(|one| one.as_table().cloned()).collect()
        });
        let tables = tables.unwrap_or_default().into_iter().enumerate();
        tables
            .map(|(at, table)| {
                let prefix = format!("{}{key}[{at}].", self.prefix);
                Self { reading: self.reading, prefix, table }
            })
            .collect()
    }

    /// A name that stands in paths and ids.
    pub(super) fn name(&mut self, key: &str) -> String {
        const EXPECTED: &str = "1 to 32 of a-z, 0-9 and -";
        let name = self.required(key, EXPECTED);
        let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !name.is_empty() && (name.len() > 32 || !name.bytes().all(is_good)) {
            self.note(key, EXPECTED, "another text");
        }
        name
    }

    /// Notes the keys that nobody has read.
    pub(super) fn finish(self, known: &str) {
        for key in self.table.keys() {
            self.note(key, &format!("one of {known}"), "an unknown key");
        }
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}
