//! Owners of settings: an integration in a tenant, with or without a user.

use crate::definition::Identifier;
use crate::event::Tenant;

/// The owner of settings: one integration in one tenant, for one user or for the tenant itself.
/// Each has a public and a secret part.
// P77
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct SettingsScope {
    /// The integration.
    pub identifier: Identifier,
    /// The tenant.
    pub tenant: Tenant,
    /// The user, as the PBX names it; `None` for the tenant's own data.
    pub user: Option<String>,
}

impl SettingsScope {
    /// Creates the scope of a tenant's own data.
    #[must_use]
    pub const fn tenant(identifier: Identifier, tenant: Tenant) -> Self {
        Self { identifier, tenant, user: None }
    }

    /// Creates the scope of a user's data. An empty user means the tenant.
    // P78
    #[must_use]
    pub fn user(identifier: Identifier, tenant: Tenant, user: &str) -> Self {
        Self { identifier, tenant, user: (!user.is_empty()).then(|| user.to_owned()) }
    }
}
