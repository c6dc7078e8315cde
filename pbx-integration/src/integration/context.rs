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
    /// A context for an integration; usually a [`Registry`](super::Registry) makes it.
    #[must_use]
    pub fn new(settings: Settings, calls: Arc<dyn CallControl>, tenant: Option<Domain>) -> Self {
        Self { settings, calls, tenant }
    }

    /// The integration.
    #[must_use]
    pub const fn identifier(&self) -> &Identifier {
        self.settings.identifier()
    }

    /// The integration's settings, such as `ctx.settings().tenant(ctx.tenant())`.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Call control.
    #[must_use]
    pub fn calls(&self) -> &dyn CallControl {
        &*self.calls
    }

    /// The tenant that the payload is of. A web request may have no tenant.
    #[must_use]
    pub const fn tenant(&self) -> Option<&Domain> {
        self.tenant.as_ref()
    }
}
