//! A provider for the platform: the module's script, and the service that answers it.
//!
//! The platform runs TypeScript of its modules only. [`ModuleScript`] is that text, made for an
//! edition of the platform and the buttons of a provider; an administrator pastes it into the
//! module. Each function of the script asks [`ModuleService`], which calls the [`VoipProvider`] and
//! answers. The [`protocol`] between the two is HTTP with JSON and a key. [`push`] is the way of
//! events from a PBX without webhooks.
//!
//! ```
//! use voip_module::module_script::{ModuleScript, ModuleService, ServiceKeys};
//! use voip_module::{Error, VoipProvider};
//!
//! fn script(provider: &impl VoipProvider) -> String {
//!     ModuleScript::builder(provider.buttons()).build().expect("the default names").into_text()
//! }
//!
//! async fn answer(
//!     provider: impl VoipProvider,
//!     key: &str,
//!     request: http::Request<bytes::Bytes>,
//! ) -> Result<http::Response<bytes::Bytes>, Error> {
//!     let service = ModuleService::new(provider, ServiceKeys::new(key)?);
//!     Ok(service.handle(request).await) // in any web framework
//! }
//! ```
//!
//! [`VoipProvider`]: crate::VoipProvider

mod config;
pub mod protocol;
pub mod push;
mod script;
mod service;

pub use config::{ConfigError, ServiceConfig};
pub use script::{Language, ModuleScript, PushCheck, ScriptBuilder, ScriptError, Transport};
pub use service::{ModuleService, ServiceKeys};
