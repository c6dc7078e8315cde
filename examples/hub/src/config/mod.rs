//! The configuration: a TOML file, with secrets from the environment or from files.

mod section;
mod source;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use url::Url;
use voip_module::Secret;

pub use self::section::Mistake;
use self::section::{Reading, Section, Surroundings};
use crate::Clock;

pub use self::source::{Basix, Gravitel, SourceConfig, SourceKind, Ucom, Vodia};

/// The configuration of a hub.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Name of this hub in the events that it sends.
    pub name: String,
    /// Address of page, API and webhooks.
    pub listen: SocketAddr,
    /// The token of page and API; `None` only on loopback.
    pub token: Option<Secret>,
    /// The database; `None` for a temporary one.
    pub database: Option<PathBuf>,
    /// The most pages of the database, 4 KiB each; `None` without a limit.
    pub database_pages: Option<u32>,
    /// Hours for which raw requests are kept, to be replayed after a restart.
    pub inbox_hours: u32,
    /// The most changes that wait for receivers; requests are refused beyond.
    pub outbox_rows: u32,
    /// The clock.
    pub clock: Clock,
    /// The PBXs.
    pub sources: Vec<SourceConfig>,
    /// True if pretend PBXs make calls.
    pub is_demo: bool,
    /// Receivers of changes as webhooks.
    pub webhooks: Vec<Webhook>,
    /// A NATS server that gets changes.
    pub nats: Option<Nats>,
}

/// A receiver of changes as webhooks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Webhook {
    /// Name of this target.
    pub name: String,
    /// The receiver.
    pub url: Url,
    /// The key of the signatures: base64, with or without `whsec_`.
    pub secret: Secret,
}

/// A NATS server that gets changes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Nats {
    /// The server.
    pub url: Url,
    /// The subject of the stream.
    pub subject: String,
    /// The token for the server.
    pub token: Option<Secret>,
}

/// Mistakes of a configuration, all of them.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub struct ConfigError {
    /// The mistakes, in the order of reading.
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.mistakes.iter().enumerate() {
            write!(f, "{}{mistake}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

struct Machine;

impl Surroundings for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn file(&self, path: &str) -> std::io::Result<String> {
        std::fs::read_to_string(path)
    }
}

impl Config {
    /// A hub without sources, on a free port of loopback, with a temporary database.
    #[must_use]
    pub fn new() -> Self {
        Self {
            name: "hub".into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: None,
            database: None,
            database_pages: None,
            inbox_hours: 24,
            outbox_rows: 1_000_000,
            clock: Clock::default(),
            sources: Vec::new(),
            is_demo: false,
            webhooks: Vec::new(),
            nats: None,
        }
    }

    /// A hub with pretend PBXs for all kinds of sources.
    #[must_use]
    pub fn demo() -> Self {
        Self { is_demo: true, ..Self::new() }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Every mistake in it.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError {
            mistakes: vec![Mistake {
                key: path.display().to_string(),
                expected: "a readable file".into(),
                found: error.kind().to_string(),
            }],
        })?;
        Self::parse(&text)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// Every mistake in it.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            // The error's own text quotes the line, which may hold a secret.
            let found = error.message().lines().next().unwrap_or_default().to_owned();
            let mistake = Mistake { key: format!("line {line}"), expected: "TOML".into(), found };
            ConfigError { mistakes: vec![mistake] }
        })?;
        let reading = Reading { surroundings: &Machine, mistakes: RefCell::default() };
        let config = Self::from_section(Section::root(&reading, table));
        match reading.mistakes.into_inner() {
            mistakes if mistakes.is_empty() => Ok(config),
            mistakes => Err(ConfigError { mistakes }),
        }
    }

    fn from_section(mut root: Section<'_>) -> Self {
        let mut config = Self::new();
        config.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
        if let Some(name) = root.optional("name", "a text") {
            config.name = name;
        }
        config.listen = root.address("listen").unwrap_or(config.listen);
        config.token = root.secret("token");
        let database = root.required("database", "the path of the database's file");
        config.database = Some(database.into());
        config.database_pages = root.number("database_pages", 1_000..=u32::MAX);
        config.inbox_hours = root.number("inbox_hours", 1..=8_760).unwrap_or(config.inbox_hours);
        config.outbox_rows =
            root.number("outbox_rows", 1..=100_000_000).unwrap_or(config.outbox_rows);
        let mut names = BTreeSet::new();
        let sections = root.sections("source");
        if sections.is_empty() {
            root.note("source", "at least one [[source]]", "none");
        }
        config.sources =
            sections.into_iter().map(|section| SourceConfig::read(section, &mut names)).collect();
        for mut section in root.sections("webhook") {
            let name = section.name("name");
            if !names.insert(format!("webhook {name}")) {
                section.note("name", "a name of its own", "one that is taken");
            }
            let url = section.url("url", &schemes("http", "https"), true);
            let secret = section.required_secret("secret");
            section.finish("name, url, secret");
            config.webhooks.extend(url.map(|url| Webhook { name, url, secret }));
        }
        if let Some(mut section) = root.section("nats") {
            let url = section.url("url", &schemes("nats", "tls"), true);
            let subject = section.required("subject", "a subject, such as calls");
            let token = section.secret("token");
            section.finish("url, subject, token");
            if cfg!(not(feature = "nats")) {
                root.note("nats", "a hub built with --features nats", "one without it");
            }
            config.nats = url.map(|url| Nats { url, subject, token });
        }
        // The page shows every call, and can make some.
        if config.token.is_none() && !config.listen.ip().is_loopback() {
            root.note("token", "a token, as `listen` is not on loopback", "nothing");
        }
        root.finish(
            "name, listen, token, database, database_pages, inbox_hours, outbox_rows, source, webhook, nats",
        );
        config
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

/// The schemes of URLs that this build can reach.
fn schemes(plain: &'static str, tls: &'static str) -> Vec<&'static str> {
    if cfg!(feature = "tls") || plain == "nats" { vec![plain, tls] } else { vec![plain] }
}

#[cfg(test)]
mod tests;
