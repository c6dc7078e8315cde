//! The backend script for the PBX.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;
use serde_json::json;
use zeroize::Zeroizing;

use super::auth::BridgeSecret;
use super::protocol;
use crate::definition::Identifier;
use crate::integration::EntryPoint;

/// The most bytes of a script.
const MAX_BYTES: usize = 16 << 10;

const TEMPLATE: &str = include_str!("backend.js");

/// The backend script that connects a PBX to a [`BridgeService`](super::BridgeService): ECMAScript 5 in ASCII,
/// to paste into the integration on the PBX.
///
/// The script holds the secret of the bridge, because the PBX has no other place for it. Everyone with access to
/// the integration's code can read it.
///
/// ```
/// use pbx_integration::Identifier;
/// use pbx_integration::bridge::{BackendScript, BridgeSecret};
///
/// let id = Identifier::new("ourcrmsys")?;
/// let secret = BridgeSecret::new("sJ3kq0P-ww7Zt1b_9dRmXv5eLhYc2aGu")?;
/// let script = BackendScript::builder(&id, "https://crm.example.com/vodia", &secret).build()?;
/// assert!(script.as_str().starts_with("// pbx-integration"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct BackendScript(Zeroizing<String>);

/// The parts of a [`BackendScript`].
#[derive(Clone, Debug)]
pub struct BackendScriptBuilder {
    identifier: Identifier,
    url: String,
    secret: BridgeSecret,
    label: String,
    entry_points: Vec<EntryPoint>,
    items: u32,
    characters: u32,
}

impl BackendScript {
    /// A script that posts group events, agent events and call records to a service.
    ///
    /// The URL is `https`, or `http` to this machine.
    #[must_use]
    pub fn builder(
        identifier: &Identifier,
        service_url: &str,
        secret: &BridgeSecret,
    ) -> BackendScriptBuilder {
        BackendScriptBuilder {
            identifier: identifier.clone(),
            url: service_url.to_owned(),
            secret: secret.clone(),
            label: identifier.as_str().to_owned(),
            entry_points: vec![EntryPoint::Group, EntryPoint::Agent, EntryPoint::Cdr],
            items: 200,
            characters: 1 << 20,
        }
    }

    /// The text, with the secret in it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl BackendScriptBuilder {
    /// Sets the name in the script's log lines; by default the identifier.
    #[must_use]
    pub fn label(mut self, label: &str) -> Self {
        label.clone_into(&mut self.label);
        self
    }

    /// Sets the entry points of the script. By default all but [`EntryPoint::Http`].
    #[must_use]
    pub fn entry_points(mut self, entry_points: impl IntoIterator<Item = EntryPoint>) -> Self {
        self.entry_points = entry_points.into_iter().collect();
        self
    }

    /// Sets the most items, and the most characters of all items, that wait while the service is down.
    /// By default 200 and 1,048,576.
    #[must_use]
    pub const fn queue(mut self, items: u32, characters: u32) -> Self {
        (self.items, self.characters) = (items, characters);
        self
    }

    /// Writes the script. The same parts give the same text.
    ///
    /// # Errors
    ///
    /// [`ScriptError`].
    pub fn build(self) -> Result<BackendScript, ScriptError> {
        // X6
        if self.identifier.warning().is_some() {
            return Err(ScriptError::Identifier);
        }
        let url = checked_url(&self.url)?;
        if self.entry_points.is_empty() {
            return Err(ScriptError::NoEntryPoint);
        }
        if self.items == 0 || self.characters < 1024 {
            return Err(ScriptError::Queue);
        }
        let config = json!({
            "url": url, "id": self.identifier, "label": self.label, "items": self.items,
            "chars": self.characters, "protocol": protocol::VERSION, "version": protocol::SCRIPT,
        });
        let mut script = Zeroizing::new(String::with_capacity(MAX_BYTES));
        script.push_str(&format!(
            "// pbx-integration {}, protocol {}, integration {}\n",
            protocol::SCRIPT,
            protocol::VERSION,
            self.identifier
        ));
        let mut is_left_out = false;
        for line in TEMPLATE.lines() {
            match line.trim_start().strip_prefix("//#") {
                Some("end") => is_left_out = false,
                Some(condition) => {
                    let asked = |point: &EntryPoint| condition == format!("if {point}");
                    is_left_out = !self.entry_points.iter().any(asked);
                }
                None if is_left_out => {}
                None => push_line(&mut script, line, &config.to_string(), &self.secret),
            }
        }
        if script.len() > MAX_BYTES {
            return Err(ScriptError::TooLong);
        }
        Ok(BackendScript(script))
    }
}

fn push_line(script: &mut String, line: &str, config: &str, secret: &BridgeSecret) {
    match line.split_once("/*config*/, /*secret*/") {
        // A secret has no characters to escape.
        Some((before, after)) => {
            script.push_str(before);
            push_ascii(script, config);
            for part in [", '", secret.expose(), "'", after] {
                script.push_str(part);
            }
        }
        None => script.push_str(line),
    }
    script.push('\n');
}

/// Writes JSON in ASCII that is also safe inside HTML and other quotes.
fn push_ascii(script: &mut String, json: &str) {
    for character in json.chars() {
        if character.is_ascii() && !matches!(character, '<' | '>' | '&' | '\'' | '\u{7f}') {
            script.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            script.push_str(&format!("\\u{unit:04x}"));
        }
    }
}

/// The URL without a slash at its end.
fn checked_url(text: &str) -> Result<&str, ScriptError> {
    let uri: Uri = text.parse().map_err(|_| ScriptError::Url)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(ScriptError::Url);
    };
    if authority.as_str().contains('@') || text.contains(['?', '#']) {
        return Err(ScriptError::UrlParts);
    }
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let is_loopback = host == "localhost"
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || host.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback());
    if scheme == "https" || scheme == "http" && is_loopback {
        Ok(text.trim_end_matches('/'))
    } else {
        Err(ScriptError::NotHttps)
    }
}

/// Shows the size only: the text holds the secret.
impl fmt::Debug for BackendScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendScript").field("bytes", &self.0.len()).finish_non_exhaustive()
    }
}

/// An option with which no script can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// The identifier is not in the form that the vendor calls safe.
    #[error("identifier: expected lower-case letters and digits, a letter first")]
    Identifier,
    /// The service URL is no absolute URL.
    #[error("service URL: expected a URL such as https://crm.example.com/vodia")]
    Url,
    /// The service URL has a user, a query or a fragment.
    #[error("service URL: expected a URL without user, query and fragment")]
    UrlParts,
    /// The service URL would send the secret over the network in clear text.
    #[error("service URL: expected https, or http to this machine")]
    NotHttps,
    /// The script would have no entry point.
    #[error("entry points: expected at least one, found none")]
    NoEntryPoint,
    /// The queue of the script is too small.
    #[error("queue: expected at least 1 item and 1,024 characters")]
    Queue,
    /// The script is too long.
    #[error("label and service URL: expected a script of at most {MAX_BYTES} bytes, found more")]
    TooLong,
}
