//! The backend script for the PBX.

use std::fmt;

use serde_json::json;
use zeroize::Zeroizing;

use super::auth::BridgeSecret;
use super::protocol;
use super::url::{self, InvalidUrl};
use crate::definition::Identifier;
use crate::integration::EntryPoint;

/// The most bytes of a script.
const MAX_BYTES: usize = 16 << 10;

/// The pieces of the script's function, in this order: a piece uses the variables of those before it.
const PIECES: [&str; 6] = [
    // JSON in ASCII, tenants, headers.
    include_str!("script/text.js"),
    // One request at a time, pauses after failures, log, losses.
    include_str!("script/lane.js"),
    // Requests by HTTP.
    include_str!("script/request.js"),
    // What waits for the service, within limits.
    include_str!("script/queue.js"),
    // The entry points of events and records.
    include_str!("script/events.js"),
    // Polls, and commands that run once.
    include_str!("script/commands.js"),
];

// Pieces that are asked for, after the others.
const WEBSOCKET: &str = include_str!("script/websocket.js");
const WEB: &str = include_str!("script/web.js");
const WEB_COMMANDS: &str = include_str!("script/web_commands.js");

/// The piece at the end.
const LOAD: &str = include_str!("script/load.js");

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
    has_websocket: bool,
    has_web_commands: bool,
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
            has_websocket: false,
            has_web_commands: false,
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

    /// Lets the script use a websocket to the service if the PBX has them, for events, results and commands. Polls and
    /// web requests stay with HTTP, and everything goes by HTTP while there is no websocket.
    #[must_use]
    pub const fn websocket(mut self) -> Self {
        self.has_websocket = true;
        self
    }

    /// Lets the script take commands in web requests with the bridge's secret, for a PBX that the service can reach
    /// with [`WebCommands`](super::WebCommands). Adds [`EntryPoint::Http`].
    #[must_use]
    pub fn web_commands(mut self) -> Self {
        self.has_web_commands = true;
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
        let url = url::checked(&self.url)?;
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
        script.push_str("var pbxbridge = (function (config, secret) {\n");
        let has_web = self.has(EntryPoint::Http);
        let optional = [
            (self.has_websocket, WEBSOCKET),
            (has_web, WEB),
            (self.has_web_commands, WEB_COMMANDS),
        ];
        let optional =
            optional.into_iter().filter_map(|(is_asked, piece)| is_asked.then_some(piece));
        for piece in PIECES.into_iter().chain(optional).chain([LOAD]) {
            push_piece(&mut script, piece);
        }
        script.push_str("}(");
        push_ascii(&mut script, &config.to_string());
        // A secret has no characters to escape.
        for part in [", '", self.secret.expose(), "'));\n"] {
            script.push_str(part);
        }
        for point in EntryPoint::ALL.iter().filter(|point| self.has(**point)) {
            script.push_str(&match point {
                EntryPoint::Http => {
                    "function onhttp(data, callback) {\n pbxbridge.http(data, callback);\n}\n"
                        .to_owned()
                }
                point => {
                    format!("function {point}(data) {{\n pbxbridge.event('{point}', data);\n}}\n")
                }
            });
        }
        if script.len() > MAX_BYTES {
            return Err(ScriptError::TooLong);
        }
        Ok(BackendScript(script))
    }

    fn has(&self, point: EntryPoint) -> bool {
        let is_implied = self.has_web_commands && point == EntryPoint::Http;
        is_implied || self.entry_points.contains(&point)
    }
}

/// Writes a piece without its comments and half as deep, because the PBX gets no more than it needs.
fn push_piece(script: &mut String, piece: &str) {
    for line in piece.lines() {
        let text = line.trim_start();
        if !text.is_empty() && !text.starts_with("//") {
            let depth = (line.len() - text.len()) / 2;
            script.extend(std::iter::repeat_n(' ', depth).chain(text.chars()).chain(['\n']));
        }
    }
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
    /// The service URL cannot be used.
    #[error("service URL: {0}")]
    Url(#[from] InvalidUrl),
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
