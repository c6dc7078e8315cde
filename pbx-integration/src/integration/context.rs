//! The context of a payload: settings, call control, tenant.

use std::sync::Arc;

use crate::control::CallControl;
use crate::definition::Identifier;
use crate::event::Domain;
use crate::settings::Settings;

/// The context of a payload: the integration's settings, call control, and the tenant.
/// Clones are cheap, for work that continues after the handler returned.
#[derive(Clone, Debug)]
pub struct Context {
    settings: Settings,
    calls: Arc<dyn CallControl>,
    tenant: Option<Domain>,
}

impl Context {
    /// Creates a context for an integration; usually a [`Registry`](super::Registry) does.
    #[must_use]
    pub fn new(settings: Settings, calls: Arc<dyn CallControl>, tenant: Option<Domain>) -> Self {
        Self { settings, calls, tenant }
    }

    /// Returns the identifier of the integration.
    #[must_use]
    pub const fn identifier(&self) -> &Identifier {
        self.settings.identifier()
    }

    /// Returns the integration's settings, such as `ctx.settings().tenant(ctx.tenant())`.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns call control.
    #[must_use]
    pub fn calls(&self) -> &dyn CallControl {
        &*self.calls
    }

    /// Returns the tenant of the payload. A web request may have none.
    #[must_use]
    pub const fn tenant(&self) -> Option<&Domain> {
        self.tenant.as_ref()
    }
}
