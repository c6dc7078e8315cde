//! The options of a script.

use super::{Language, ModuleScript, text};
use crate::model::PlatformVersion;
use crate::provider::Buttons;

/// The way from the script to the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// `fetch` to an address that is a setting of the module.
    #[default]
    Url,
    /// A portable service of the same module, by its unique name. The platform has its address.
    PortableService {
        /// The unique name.
        name: String,
    },
}

/// The proof of origin of the service's own pushes to the webhook URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PushCheck {
    /// The token in the webhook URL, which the platform checks: a push reaches the platform without
    /// another request.
    #[default]
    Token,
    /// A signature, which the service checks: it has to be reachable from the script.
    Service,
    /// None: the script takes no pushes, and such bodies are webhooks like any other.
    Off,
}

/// The reason for a missing script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// A name cannot stand in a script.
    #[error(
        "{what}: expected a letter or `_`, then at most 63 letters, digits and `_`, no reserved word; \
         found {found}"
    )]
    Name {
        /// The option.
        what: &'static str,
        /// The name, quoted and cut to 64 characters.
        found: String,
    },
    /// The two settings have one name.
    #[error("settings: expected two names, found one")]
    SameName,
    /// The time limit is outside its range.
    #[error("time limit: expected 1 to 50 seconds, found {0}")]
    TimeLimit(u8),
}

/// Builds a [`ModuleScript`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ScriptBuilder {
    pub(super) buttons: Buttons,
    pub(super) edition: PlatformVersion,
    pub(super) transport: Transport,
    pub(super) language: Language,
    pub(super) push_check: PushCheck,
    pub(super) service_url: String,
    pub(super) service_key: String,
    pub(super) prefix: String,
    pub(super) allows_http: bool,
    pub(super) passes_headers: bool,
    pub(super) remembers_url: bool,
    pub(super) time_limit: Option<u8>,
}

impl ScriptBuilder {
    pub(super) fn new(buttons: Buttons) -> Self {
        Self {
            buttons,
            edition: PlatformVersion::default(),
            transport: Transport::default(),
            language: Language::default(),
            push_check: PushCheck::default(),
            service_url: "serviceUrl".into(),
            service_key: "serviceKey".into(),
            prefix: "voipBridge".into(),
            allows_http: false,
            passes_headers: false,
            remembers_url: false,
            time_limit: None,
        }
    }

    /// Sets the buttons.
    pub const fn buttons(mut self, buttons: Buttons) -> Self {
        self.buttons = buttons;
        self
    }

    /// Sets the edition of the platform. The newest one by default.
    pub const fn edition(mut self, edition: PlatformVersion) -> Self {
        self.edition = edition;
        self
    }

    /// Sets the way to the service. [`Transport::Url`] by default.
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Sets the language. English by default.
    pub const fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// Sets the check of pushes. [`PushCheck::Token`] by default.
    pub const fn push_check(mut self, check: PushCheck) -> Self {
        self.push_check = check;
        self
    }

    /// Sets the names of the module's settings: the service's address and its key. `serviceUrl` and
    /// `serviceKey` by default; the address is not used with a portable service.
    pub fn settings(mut self, url: impl Into<String>, key: impl Into<String>) -> Self {
        self.service_url = url.into();
        self.service_key = key.into();
        self
    }

    /// Sets the start of the names of the script's own functions, `voipBridge` by default.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Takes `http://` in the service's address, for a service in the same cluster.
    pub const fn allow_http(mut self) -> Self {
        self.allows_http = true;
        self
    }

    /// Passes the headers of the provider's response to webhooks, with the undocumented `set` of the
    /// platform's `HttpResponse`.
    pub const fn response_headers(mut self) -> Self {
        self.passes_headers = true;
        self
    }

    /// Keeps the webhook URL in the module's storage and sends it with each connection test, so that a
    /// service that forgot it learns it again. The storage then holds the token.
    pub const fn remember_webhook_url(mut self) -> Self {
        self.remembers_url = true;
        self
    }

    /// Sets how many seconds the script waits for the service, for platforms whose scripts have
    /// `setTimeout`. Without it the script waits until the platform stops it.
    pub const fn time_limit(mut self, seconds: u8) -> Self {
        self.time_limit = Some(seconds);
        self
    }

    /// Builds the script.
    ///
    /// # Errors
    ///
    /// [`ScriptError`] if a name cannot stand in a script, or the time limit is not 1 to 50 s.
    pub fn build(self) -> Result<ModuleScript, ScriptError> {
        check_name("setting of the address", &self.service_url)?;
        check_name("setting of the key", &self.service_key)?;
        check_name("prefix", &self.prefix)?;
        if let Transport::PortableService { name } = &self.transport {
            check_name("unique name of the service", name)?;
        }
        if self.service_url == self.service_key {
            return Err(ScriptError::SameName);
        }
        match self.time_limit {
            Some(seconds) if !(1..=50).contains(&seconds) => Err(ScriptError::TimeLimit(seconds)),
            _ => Ok(text::write(&self)),
        }
    }
}

/// Checks a name before it is written into the script.
// W36
fn check_name(what: &'static str, name: &str) -> Result<(), ScriptError> {
    let is_start = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = name.as_bytes().first().is_some_and(is_start) && name.bytes().all(is_part);
    if is_name && name.len() <= 64 && !RESERVED.contains(&name) {
        return Ok(());
    }
    Err(ScriptError::Name { what, found: crate::log::quoted(name) })
}

const RESERVED: &[&str] = &[
    "abstract",
    "any",
    "arguments",
    "as",
    "async",
    "await",
    "boolean",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "constructor",
    "continue",
    "debugger",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "from",
    "function",
    "get",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "module",
    "namespace",
    "never",
    "new",
    "null",
    "number",
    "object",
    "of",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "set",
    "static",
    "string",
    "super",
    "switch",
    "symbol",
    "this",
    "throw",
    "true",
    "try",
    "type",
    "typeof",
    "undefined",
    "unknown",
    "var",
    "void",
    "while",
    "with",
    "yield",
    // Members that every object has.
    "__proto__",
    "hasOwnProperty",
    "isPrototypeOf",
    "prototype",
    "toString",
    "valueOf",
];
