//! The messages between script and service: versions, headers, commands.

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::definition::Identifier;
use crate::event::Tenant;

/// The version of the protocol.
pub(super) const VERSION: u32 = 1;

/// The version of the script.
pub(super) const SCRIPT: &str = env!("CARGO_PKG_VERSION");

/// The most bytes of a body.
pub(super) const MAX_BYTES: usize = 4 << 20;

/// Numbers of items that were lost, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Losses {
    /// Group events that were dropped because the queue of the script was full.
    pub group: u64,
    /// Agent events that were dropped because the queue of the script was full.
    pub agent: u64,
    /// Call records that were dropped because the queue of the script was full.
    pub cdr: u64,
    /// Items that the service refused.
    pub refused: u64,
}

impl Losses {
    /// The sum of all kinds.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.group.saturating_add(self.agent).saturating_add(self.cdr).saturating_add(self.refused)
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            group: self.group.saturating_add(other.group),
            agent: self.agent.saturating_add(other.agent),
            cdr: self.cdr.saturating_add(other.cdr),
            refused: self.refused.saturating_add(other.refused),
        }
    }

    pub(super) fn max(self, other: Self) -> Self {
        Self {
            group: self.group.max(other.group),
            agent: self.agent.max(other.agent),
            cdr: self.cdr.max(other.cdr),
            refused: self.refused.max(other.refused),
        }
    }

    /// Reads `g=0,a=0,c=0,r=0`. Unknown and unreadable parts count as zero.
    fn read(text: &str) -> Self {
        let mut losses = Self::default();
        for (name, count) in text.split(',').filter_map(|part| part.split_once('=')) {
            let count = count.parse().unwrap_or_default();
            match name {
                "g" => losses.group = count,
                "a" => losses.agent = count,
                "c" => losses.cdr = count,
                "r" => losses.refused = count,
                _ => {}
            }
        }
        losses
    }
}

/// The headers of a request.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) version: u32,
    pub(super) identifier: Identifier,
    pub(super) boot: String,
    pub(super) script: String,
    /// The delivery id without the number of the try.
    pub(super) delivery: String,
    pub(super) tenant: Option<Tenant>,
    pub(super) losses: Losses,
}

/// A fault in the headers of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadError {
    Version,
    Malformed(&'static str),
}

impl Head {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, HeadError> {
        let text = |name: &'static str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.filter(|value| value.len() <= 1024).ok_or(HeadError::Malformed(name))
        };
        let mut parts = text("x-bridge")?.split(';');
        let version = parts.next().and_then(|version| version.parse::<u32>().ok());
        let version = version.ok_or(HeadError::Malformed("x-bridge"))?;
        // X23
        if version != VERSION {
            return Err(HeadError::Version);
        }
        let mut part = || {
            let part = parts.next().filter(|part| !part.is_empty() && part.len() <= 64);
            part.map(str::to_owned).ok_or(HeadError::Malformed("x-bridge"))
        };
        let (identifier, boot, script) = (part()?, part()?, part()?);
        let identifier =
            Identifier::new(&identifier).map_err(|_| HeadError::Malformed("x-bridge"))?;
        let head = Self {
            version,
            identifier,
            boot,
            script,
            delivery: String::new(),
            tenant: None,
            losses: Losses::default(),
        };
        let optional = |name| text(name).unwrap_or_default();
        head.with(
            text("x-bridge-delivery")?,
            optional("x-bridge-tenant"),
            optional("x-bridge-lost"),
        )
    }

    /// The same for another item.
    pub(super) fn with(self, delivery: &str, tenant: &str, lost: &str) -> Result<Self, HeadError> {
        let delivery = delivery.split(';').next().unwrap_or_default();
        if delivery.is_empty() || delivery.len() > 128 {
            return Err(HeadError::Malformed("x-bridge-delivery"));
        }
        let tenant = percent_decode_str(tenant)
            .decode_utf8()
            .map_err(|_| HeadError::Malformed("x-bridge-tenant"))?;
        Ok(Self {
            delivery: delivery.to_owned(),
            tenant: Tenant::new(&tenant),
            losses: Losses::read(lost),
            ..self
        })
    }
}

/// A command for the script. Its arguments may hold secrets.
#[derive(Serialize)]
pub(super) struct Command<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'static str,
    pub(super) args: &'a Value,
}

/// The result of a command, as the script posts it. Its value may hold secrets.
#[derive(Deserialize)]
pub(super) struct CommandResult {
    pub(super) id: String,
    #[serde(default)]
    pub(super) ok: bool,
    #[serde(default)]
    pub(super) value: Value,
    #[serde(default)]
    pub(super) error: String,
    /// The entries that a `save` wrote before it failed.
    #[serde(default)]
    pub(super) written: usize,
}

/// The body of a poll.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Poll {
    #[serde(default)]
    pub(super) features: String,
}

/// Commands as a message.
pub(super) fn commands<T: AsRef<str>>(taken: &[T]) -> String {
    let taken: Vec<&str> = taken.iter().map(AsRef::as_ref).collect();
    if taken.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{\"commands\":[{}]}}", taken.join(","))
    }
}
