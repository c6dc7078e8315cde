//! The road to a PBX: a generated backend script, and the service that it reports to.
//!
//! The PBX runs ECMAScript only. [`BackendScript`] writes the script to paste into the integration; it posts events,
//! records and web requests to a [`BridgeService`], which is a function from a request to a response for any web
//! framework. Commands go back in its answers: [`BridgeCalls`] starts and ends calls, and [`BridgeSettings`] reads and
//! writes the settings that the forms of the PBX use.
//!
//! Two more roads are off by default. A script [with a websocket](BackendScriptBuilder::websocket) sends events by it, and
//! gets commands ([`BridgeService::socket`]). One [with web commands](BackendScriptBuilder::web_commands) takes them in web requests
//! to the PBX ([`Bridge::web_commands`]). A command runs once, whichever road brings it. The page [`wire`] has the protocol.
//!
//! [`CdrReceiver`] takes call records from a PBX without a script.
//!
//! Events arrive at least once and in order while the script stays loaded. Events that wait when the PBX restarts, or
//! that overflow the script's queue, are lost; [`BridgeStatus::losses`] counts the latter. Let records come by
//! `webcdr`, too, if none may be lost: both deliveries make one call.
//!
//! ```
//! use std::sync::Arc;
//! use pbx_integration::bridge::{Bridge, BridgeSecret, Timer};
//! use pbx_integration::settings::MemorySettings;
//! use pbx_integration::{Coverage, Identifier, Integration, Registry};
//!
//! # struct OurCrm;
//! # impl Integration for OurCrm {}
//! # async fn example(
//! #     sleep: impl Timer, request: http::Request<bytes::Bytes>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! let id = Identifier::new("ourcrmsys")?;
//! let secret = BridgeSecret::new("sJ3kq0P-ww7Zt1b_9dRmXv5eLhYc2aGu")?;
//! let bridge = Bridge::new([secret], sleep); // such as tokio::time::sleep
//!
//! let registry = Registry::new(Arc::new(MemorySettings::new()), Arc::new(bridge.call_control(&id)));
//! registry.register(id, Coverage::everywhere(), OurCrm)?;
//!
//! let service = bridge.service(registry);
//! let response = service.handle(request).await;
//! # Ok(())
//! # }
//! ```

mod answer;
mod auth;
mod cdr_receiver;
mod commands;
mod control;
mod deliveries;
mod line;
mod protocol;
mod script;
mod service;
mod settings;
mod socket;
mod status;
mod timer;
mod url;
mod web_commands;
#[doc = include_str!("wire.md")]
pub mod wire {}

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use self::auth::{BridgeSecret, InvalidSecret};
pub use self::cdr_receiver::{CdrReceiver, InvalidCredentials};
pub use self::control::BridgeCalls;
use self::line::Line;
pub use self::protocol::Losses;
pub use self::script::{BackendScript, BackendScriptBuilder, ScriptError};
pub use self::service::BridgeService;
pub use self::settings::{BridgeSettings, SettingNames};
pub use self::socket::BridgeSocket;
pub use self::status::{BridgeStatus, Features};
pub use self::timer::Timer;
pub use self::url::InvalidUrl;
pub use self::web_commands::WebCommands;
use crate::definition::Identifier;
use crate::integration::Registry;

/// The bridge between this program and the scripts in PBXs. Clones share its state.
///
/// Each PBX has an identifier and a secret of its own: two scripts with one identifier take commands from each other.
#[derive(Clone)]
pub struct Bridge(Arc<Inner>);

struct Inner {
    secrets: Vec<BridgeSecret>,
    timer: Arc<dyn Timer>,
    command_timeout: Duration,
    lines: Mutex<BTreeMap<Identifier, Arc<Line>>>,
}

impl Bridge {
    /// A bridge that accepts scripts with one of these secrets, such as
    /// `Bridge::new([secret], tokio::time::sleep)`.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = BridgeSecret>, timer: impl Timer) -> Self {
        Self::with_command_timeout(secrets, timer, Duration::from_secs(10))
    }

    /// A bridge with another time to wait for the script to fetch a command, and as long again for its result.
    /// Default: 10 s.
    #[must_use]
    pub fn with_command_timeout(
        secrets: impl IntoIterator<Item = BridgeSecret>,
        timer: impl Timer,
        command_timeout: Duration,
    ) -> Self {
        let secrets = secrets.into_iter().collect();
        Self(Arc::new(Inner {
            secrets,
            timer: Arc::new(timer),
            command_timeout,
            lines: Mutex::default(),
        }))
    }

    /// Call control through the script of an integration.
    #[must_use]
    pub fn call_control(&self, identifier: &Identifier) -> BridgeCalls {
        BridgeCalls::new(self.line(identifier), self.0.command_timeout)
    }

    /// The road of commands through web requests to the script of an integration, for a PBX that this program can reach.
    ///
    /// The URL is the full one at which the PBX hands web requests to the integration: `https`, or `http` to this
    /// machine. The secret is that of the script.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`].
    pub fn web_commands(
        &self,
        identifier: &Identifier,
        url: &str,
        secret: &BridgeSecret,
    ) -> Result<WebCommands, InvalidUrl> {
        WebCommands::new(self.line(identifier), url, secret)
    }

    /// The settings of an integration in the store of the PBX, which its forms write to.
    #[must_use]
    pub fn settings(&self, names: SettingNames) -> BridgeSettings {
        BridgeSettings::new(self.clone(), names)
    }

    /// The state of the script of an integration.
    #[must_use]
    pub fn status(&self, identifier: &Identifier) -> BridgeStatus {
        self.line(identifier).status()
    }

    /// Waits for the next request of the script of an integration, and gives its state then.
    pub async fn next_status(&self, identifier: &Identifier) -> BridgeStatus {
        let line = self.line(identifier);
        line.status_changed.listen().await;
        line.status()
    }

    /// The service that the scripts report to, for the integrations of a registry.
    #[must_use]
    pub fn service(&self, registry: impl Into<Arc<Registry>>) -> BridgeService {
        BridgeService::new(self.clone(), registry.into())
    }

    fn secrets(&self) -> &[BridgeSecret] {
        &self.0.secrets
    }

    fn timer(&self) -> &dyn Timer {
        &*self.0.timer
    }

    fn command_timeout(&self) -> Duration {
        self.0.command_timeout
    }

    fn line(&self, identifier: &Identifier) -> Arc<Line> {
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.entry(identifier.clone());
        line.or_insert_with(|| Arc::new(Line::new(self.0.timer.clone()))).clone()
    }
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge")
            .field("secrets", &self.0.secrets.len())
            .field("command_timeout", &self.0.command_timeout)
            .finish_non_exhaustive()
    }
}
