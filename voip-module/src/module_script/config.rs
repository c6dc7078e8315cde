//! The service's configuration, by environment.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

use super::push::{PushPolicy, PushTarget, Pusher, PusherBuilder};
use super::service::{ModuleService, ServiceKeys};
use crate::provider::VoipProvider;
use crate::router::{Timer, Token};
use crate::secret::Secret;
use crate::transport::HttpTransport;

/// Bytes of the file of a key, at most.
const MAX_FILE_BYTES: usize = 4096;

/// The configuration of a program that runs the service, from environment variables.
///
/// An empty variable counts as unset: a platform fills variables in from settings, and an empty
/// setting gives an empty variable.
///
/// | variable | meaning |
/// |---|---|
/// | `VOIP_BRIDGE_LISTEN` | address and port, `0.0.0.0:3000` by default |
/// | `VOIP_BRIDGE_KEY` or `VOIP_BRIDGE_KEY_FILE` | the service's key; required |
/// | `VOIP_BRIDGE_KEY_PREVIOUS` or `VOIP_BRIDGE_KEY_PREVIOUS_FILE` | the key before it, during a rotation |
/// | `VOIP_BRIDGE_PREFIX` | path before `/voip` |
/// | `VOIP_WEBHOOK_URL` | the module's webhook URL, for pushes; one with `http` allows others |
/// | `VOIP_WEBHOOK_TOKEN` | its token, if the URL has none |
/// | `VOIP_WEBHOOK_HOSTS` | hosts that a new webhook URL may have, separated by commas; by default the host of `VOIP_WEBHOOK_URL`, or else any |
/// | `VOIP_PUSH_PER_MINUTE` | pushes a minute, 50 by default; 0 for no limit |
/// | `VOIP_SPOOL_DIR` | folder in which pushes outlive a crash |
/// | `VOIP_PROVIDER_TOKEN` | token of the PBX's own way in, `/webhook` |
/// | `VOIP_TIME_LIMIT_MS` | time limit of functions in milliseconds, 100 to 50,000 |
/// | `VOIP_LOG` | level of the log, `info` by default |
///
/// ```
/// use voip_module::module_script::ServiceConfig;
///
/// let vars = [("VOIP_BRIDGE_KEY", "short"), ("VOIP_PUSH_PER_MINUTE", "many")];
/// let error = ServiceConfig::from_vars(vars).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "VOIP_BRIDGE_KEY: invalid service key: expected at least 16 characters of visible ASCII\n\
///      VOIP_PUSH_PER_MINUTE: expected a whole number of pushes, 0 for no limit",
/// );
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ServiceConfig {
    /// Address and port to listen at.
    pub listen: SocketAddr,
    /// The keys that open the service.
    pub keys: ServiceKeys,
    /// The path before `/voip`.
    pub prefix: String,
    /// The module's webhook URL with its token.
    pub webhook_url: Option<Url>,
    /// The hosts that a new webhook URL may have; empty for any.
    pub webhook_hosts: Vec<String>,
    /// The pushes a minute; 0 for no limit.
    pub pushes_per_minute: u32,
    /// The folder of the spool.
    pub spool_dir: Option<PathBuf>,
    /// The token of the PBX's own way in.
    pub provider_token: Option<Token>,
    /// The time limit of functions.
    pub time_limit: Option<Duration>,
    /// The level of the log.
    pub log: String,
}

impl ServiceConfig {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every mistake.
    pub fn from_env() -> Result<Self, ConfigError> {
        // A value that is not Unicode is a mistake of its variable, and nothing to panic about.
        let vars = std::env::vars_os();
        Self::from_vars(vars.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        }))
    }

    /// Creates the service of a provider, with everything that the variables say about it.
    #[must_use]
    pub fn service<P: VoipProvider>(
        &self,
        provider: P,
        timer: impl Timer + 'static,
    ) -> ModuleService<P> {
        let limit = self.time_limit.unwrap_or(Duration::from_secs(10));
        let service = ModuleService::new(provider, self.keys.clone())
            .prefix(&self.prefix)
            .webhook_hosts(self.webhook_hosts.clone())
            .timer(timer)
            .time_limits(limit, limit / 2);
        if self.allows_http() { service.allow_http() } else { service }
    }

    /// Starts to build the pushes, with their rate. The spool's folder is left to the program.
    #[must_use]
    pub fn pusher<T: HttpTransport>(
        &self,
        transport: T,
        timer: impl Timer + 'static,
    ) -> PusherBuilder<T> {
        let policy = PushPolicy { per_minute: self.pushes_per_minute, ..PushPolicy::default() };
        let pusher = Pusher::builder(transport, timer).policy(policy);
        if self.allows_http() { pusher.with_http() } else { pusher }
    }

    /// A configured `http` URL is the consent to such URLs.
    fn allows_http(&self) -> bool {
        self.webhook_url.as_ref().is_some_and(|url| url.scheme() == "http")
    }

    /// Reads variables. Others than those of the table are ignored.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every mistake; values are not shown.
    // W127–W137
    pub fn from_vars<N, V>(vars: impl IntoIterator<Item = (N, V)>) -> Result<Self, ConfigError>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let vars = vars.into_iter().map(|(name, value)| (name.into(), value.into()));
        let mut vars = Vars { values: vars.collect(), mistakes: Vec::new() };
        let keys = vars.keys();
        let webhook_url = vars.webhook_url();
        let hosts = vars.read("VOIP_WEBHOOK_HOSTS", "host names separated by commas", |hosts| {
            let hosts = hosts.split(',').map(|host| url::Host::parse(host.trim()));
            hosts.map(|host| Some(host.ok()?.to_string())).collect::<Option<Vec<_>>>()
        });
        let listen =
            vars.read("VOIP_BRIDGE_LISTEN", "an address and a port, such as 0.0.0.0:3000", |it| {
                it.parse().ok()
            });
        let prefix = vars.read(
            "VOIP_BRIDGE_PREFIX",
            "a path of letters, digits, `/`, `-`, `.` and `_`",
            |prefix| {
                let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._".contains(&byte);
                prefix.bytes().all(is_part).then(|| prefix.to_owned())
            },
        );
        let pushes = "a whole number of pushes, 0 for no limit";
        let pushes_per_minute = vars.read("VOIP_PUSH_PER_MINUTE", pushes, |it| it.parse().ok());
        let spool_dir = vars.read("VOIP_SPOOL_DIR", "a path", |path| Some(PathBuf::from(path)));
        let provider_token = vars.read("VOIP_PROVIDER_TOKEN", "a token", |it| Token::new(it).ok());
        let time_limit = vars.read("VOIP_TIME_LIMIT_MS", "100 to 50000 milliseconds", |it| {
            let limit = it.parse().ok().filter(|limit| (100..=50_000).contains(limit));
            limit.map(Duration::from_millis)
        });
        let levels = ["off", "error", "warn", "info", "debug", "trace"];
        let log = vars.read("VOIP_LOG", "off, error, warn, info, debug or trace", |it| {
            levels.contains(&it).then(|| it.to_owned())
        });
        let (Some(keys), []) = (keys, &*vars.mistakes) else {
            return Err(ConfigError { mistakes: vars.mistakes });
        };
        let own_host = || webhook_url.as_ref()?.host_str().map(str::to_owned);
        let webhook_hosts = hosts.unwrap_or_else(|| own_host().into_iter().collect());
        Ok(Self {
            listen: listen.unwrap_or_else(|| ([0, 0, 0, 0], 3000).into()),
            keys,
            prefix: prefix.unwrap_or_default(),
            webhook_url,
            webhook_hosts,
            pushes_per_minute: pushes_per_minute.unwrap_or(50),
            spool_dir,
            provider_token,
            time_limit,
            log: log.unwrap_or_else(|| "info".into()),
        })
    }
}

impl fmt::Debug for ServiceConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceConfig")
            .field("listen", &self.listen)
            .field("prefix", &self.prefix)
            .field("has_webhook_url", &self.webhook_url.is_some())
            .field("webhook_hosts", &self.webhook_hosts)
            .field("pushes_per_minute", &self.pushes_per_minute)
            .field("spool_dir", &self.spool_dir)
            .field("has_provider_token", &self.provider_token.is_some())
            .field("time_limit", &self.time_limit)
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}

/// The mistakes of a configuration, a line each: the variable and what was expected. No value is shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", mistakes.join("\n"))]
pub struct ConfigError {
    mistakes: Vec<String>,
}

impl ConfigError {
    /// Returns the mistakes.
    #[must_use]
    pub fn mistakes(&self) -> &[String] {
        &self.mistakes
    }
}

/// Variables, and the mistakes found so far.
struct Vars {
    values: HashMap<String, String>,
    mistakes: Vec<String>,
}

impl Vars {
    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn mistake(&mut self, name: &str, text: impl fmt::Display) {
        self.mistakes.push(format!("{name}: {text}"));
    }

    /// Reads a variable; one that `parse` does not take is a mistake.
    fn read<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(self.get(name)?.trim());
        if value.is_none() {
            self.mistake(name, format_args!("expected {expected}"));
        }
        value
    }

    /// Reads a secret, from its variable or from the file that `{name}_FILE` names; `Err` if that is
    /// a mistake.
    // W129, W130
    fn secret(&mut self, name: &str) -> Result<Option<Secret>, ()> {
        let file = format!("{name}_FILE");
        let (value, path) = (self.get(name).map(Secret::from), self.get(&file).map(PathBuf::from));
        let Some(path) = path else { return Ok(value) };
        if value.is_some() {
            self.mistake(name, format_args!("expected one of {name} and {file}, found both"));
            return Err(());
        }
        match read_file(path) {
            Ok(text) => Ok(Some(text.trim_end_matches(['\r', '\n']).into())),
            Err(error) => {
                self.mistake(&file, format_args!("the file cannot be read: {}", error.kind()));
                Err(())
            }
        }
    }

    fn keys(&mut self) -> Option<ServiceKeys> {
        let (name, previous_name) = ("VOIP_BRIDGE_KEY", "VOIP_BRIDGE_KEY_PREVIOUS");
        let (key, previous) = (self.secret(name), self.secret(previous_name));
        if matches!(key, Ok(None)) {
            self.mistake(name, "expected the service's key, found nothing");
        }
        let mut check = |name, key: Secret| {
            ServiceKeys::new(key).map_err(|error| self.mistake(name, error)).ok()
        };
        let keys = key.ok().flatten().and_then(|key| check(name, key));
        let Some(previous) = previous.ok().flatten() else { return keys };
        // Checked even if the current key is wrong, so that all mistakes are reported.
        check(previous_name, previous.clone())?;
        keys?.previous(previous).ok()
    }

    /// Reads the webhook URL, and adds the token unless the URL has one.
    // W132
    fn webhook_url(&mut self) -> Option<Url> {
        let token = self.get("VOIP_WEBHOOK_TOKEN").map(Secret::from);
        let expected = "an absolute https or http URL without user name and password";
        let url = self.read("VOIP_WEBHOOK_URL", expected, |url| {
            let url: Url = url.parse().ok()?;
            PushTarget::check(url.clone(), true).is_ok().then_some(url)
        });
        let (Some(token), Some(mut url)) = (token, url.clone()) else { return url };
        if !url.query_pairs().any(|(name, _)| name == "token") {
            url.query_pairs_mut().append_pair("token", token.expose());
        }
        Some(url)
    }
}

/// Reads a short text file; one that never ends, such as a device, is an error.
fn read_file(path: PathBuf) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_FILE_BYTES));
    File::open(path)?.take(MAX_FILE_BYTES as u64).read_to_string(&mut text)?;
    if text.len() < MAX_FILE_BYTES { Ok(text) } else { Err(io::ErrorKind::FileTooLarge.into()) }
}
