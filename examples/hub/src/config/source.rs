//! The PBXs in the configuration.

use std::collections::BTreeSet;

use pbx_integration::bridge::BridgeSecret;
use pbx_integration::event::Tenant;
use url::Url;
use voip_module::Secret;

use super::schemes;
use super::section::Section;

/// A PBX in the configuration.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SourceConfig {
    /// Its name in paths, in the API and on the page.
    pub name: String,
    /// Its kind, and what that kind needs.
    pub kind: SourceKind,
}

/// The kind of a PBX, with its settings.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SourceKind {
    /// Basix, over its websocket.
    Basix(Basix),
    /// Gravitel, by its pushes.
    Gravitel(Gravitel),
    /// UCOM, by its events.
    Ucom(Ucom),
    /// Vodia, by the posts of its script.
    Vodia(Vodia),
}

/// Settings of a Basix PBX.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Basix {
    /// The server: `wss://HOST` or `ws://HOST`.
    pub server: String,
    /// The domain.
    pub domain: String,
    /// Its API token.
    pub token: Secret,
}

/// Settings of a Gravitel PBX.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Gravitel {
    /// The key that pushes carry, in the URL and as `crm_token`.
    pub token: Secret,
    /// The address and key of commands; calls cannot be started without.
    pub commands: Option<(Url, Secret)>,
}

/// Settings of a UCOM PBX.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ucom {
    /// The token at the end of the event URLs.
    pub token: Secret,
    /// The client's prefix of extensions.
    pub prefix: String,
    /// Extensions with phones.
    pub extensions: Vec<String>,
    /// Public numbers.
    pub numbers: Vec<String>,
    /// Seconds after the last event of an unanswered call at which it counts as over.
    pub quiet_seconds: u32,
}

/// Settings of a Vodia PBX.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Vodia {
    /// The secret of the backend script.
    pub token: Secret,
    /// The tenant.
    pub tenant: String,
    /// The password of the CDR URL, if records come by it, too. The user is the source's name.
    pub cdr_password: Option<Secret>,
}

impl SourceKind {
    /// The word of the kind.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Basix(_) => "basix",
            Self::Gravitel(_) => "gravitel",
            Self::Ucom(_) => "ucom",
            Self::Vodia(_) => "vodia",
        }
    }
}

impl SourceConfig {
    /// A source.
    #[must_use]
    pub fn new(name: &str, kind: SourceKind) -> Self {
        Self { name: name.into(), kind }
    }

    pub(super) fn read(mut section: Section<'_>, names: &mut BTreeSet<String>) -> Self {
        let name = section.name("name");
        if !name.is_empty() && !names.insert(name.clone()) {
            section.note("name", "a name of its own", "one that is taken");
        }
        let word = section.required("kind", "basix, gravitel, ucom or vodia");
        let (kind, known) = match &*word {
            "basix" => (SourceKind::Basix(Basix::read(&mut section)), "server, domain, token"),
            "gravitel" => {
                (SourceKind::Gravitel(Gravitel::read(&mut section)), "token, endpoint, api_key")
            }
            "ucom" => (SourceKind::Ucom(Ucom::read(&mut section)), Ucom::KEYS),
            "vodia" => {
                (SourceKind::Vodia(Vodia::read(&mut section)), "token, tenant, cdr_password")
            }
            other => {
                if !other.is_empty() {
                    section.note("kind", "basix, gravitel, ucom or vodia", "another text");
                }
                let (token, tenant) = (Secret::default(), String::new());
                // Without a kind it is unknown which keys belong there.
                let kind = SourceKind::Vodia(Vodia { token, tenant, cdr_password: None });
                return Self { name, kind };
            }
        };
        section.finish(&format!("name, kind, {known}"));
        Self { name, kind }
    }
}

impl Basix {
    /// Settings with a server such as `wss://pbx.example.net`.
    #[must_use]
    pub fn new(server: &str, domain: &str, token: &str) -> Self {
        Self { server: server.into(), domain: domain.into(), token: token.into() }
    }

    fn read(section: &mut Section<'_>) -> Self {
        let server = section.url("server", &schemes("ws", "wss"), true);
        let server = server.map(|url| url.as_str().trim_end_matches('/').to_owned());
        Self {
            server: server.unwrap_or_default(),
            domain: section.required("domain", "the domain at the PBX"),
            token: section.required_secret("token"),
        }
    }
}

impl Gravitel {
    /// Settings without commands.
    #[must_use]
    pub fn new(token: &str) -> Self {
        Self { token: token.into(), commands: None }
    }

    /// Sets the address and key of commands.
    #[must_use]
    pub fn commands(mut self, endpoint: Url, api_key: &str) -> Self {
        self.commands = Some((endpoint, api_key.into()));
        self
    }

    fn read(section: &mut Section<'_>) -> Self {
        let token = section.required_secret("token");
        let endpoint = section.url("endpoint", &schemes("http", "https"), false);
        let commands = match endpoint {
            Some(endpoint) => Some((endpoint, section.required_secret("api_key"))),
            // Read all the same, as a mistake in it is one.
            None => section.secret("api_key").and(None),
        };
        Self { token, commands }
    }
}

impl Ucom {
    /// Settings with a client's prefix and its extensions.
    #[must_use]
    pub fn new(token: &str, prefix: &str, extensions: &[&str]) -> Self {
        let extensions = extensions.iter().map(|&extension| extension.to_owned()).collect();
        let quiet_seconds = Self::QUIET_SECONDS;
        let (token, prefix, numbers) = (token.into(), prefix.into(), Vec::new());
        Self { token, prefix, extensions, numbers, quiet_seconds }
    }

    const QUIET_SECONDS: u32 = 60;
    const KEYS: &str = "token, prefix, extensions, numbers, quiet_seconds";

    fn read(section: &mut Section<'_>) -> Self {
        let token = section.required_secret("token");
        if !token.is_empty() && token.expose().parse::<ucom_events::EventToken>().is_err() {
            section.note("token", "32 hexadecimal digits in lower case", "another text");
        }
        Self {
            token,
            prefix: section.required("prefix", "the client's prefix, such as 453"),
            extensions: section.texts("extensions"),
            numbers: section.texts("numbers"),
            quiet_seconds: section
                .number("quiet_seconds", 1..=3_600)
                .unwrap_or(Self::QUIET_SECONDS),
        }
    }
}

impl Vodia {
    /// The identifier of the hub's integration at the PBX.
    pub const IDENTIFIER: &'static str = "hub";

    /// Settings of a tenant, without a CDR URL.
    #[must_use]
    pub fn new(token: &str, tenant: &str) -> Self {
        Self { token: token.into(), tenant: tenant.into(), cdr_password: None }
    }

    /// Sets the password of the CDR URL.
    #[must_use]
    pub fn cdr_password(mut self, password: &str) -> Self {
        self.cdr_password = Some(password.into());
        self
    }

    fn read(section: &mut Section<'_>) -> Self {
        let token = section.required_secret("token");
        if !token.is_empty() && BridgeSecret::new(token.expose()).is_err() {
            section.note("token", "32 to 128 letters, digits, _ and -", "another text");
        }
        let tenant =
            section.required("tenant", "the tenant's address, such as tenant1.example.com");
        if !tenant.is_empty() && Tenant::new(&tenant).is_none() {
            section.note("tenant", "a DNS name", "another text");
        }
        let cdr_password = section.secret("cdr_password");
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if cdr_password.as_ref().is_some_and(|word| !word.expose().bytes().all(is_fit)) {
            section.note("cdr_password", "letters, digits, _ and -", "another text");
        }
        Self { token, tenant, cdr_password }
    }
}
