//! Whose settings: of an integration, in a tenant, of a user or of none.

use std::fmt;

use crate::definition::Identifier;
use crate::event::Domain;

/// The DNS name of a tenant, in the form in which names are compared: lower case, without a
/// trailing dot (P37).
///
/// ```
/// use pbx_integration::TenantName;
///
/// assert_eq!(TenantName::new("Tenant1.Example.COM."), TenantName::new("tenant1.example.com"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantName(Box<str>);

impl TenantName {
    /// The name of a tenant, or nothing if it is blank.
    #[must_use]
    pub fn new(address: &str) -> Option<Self> {
        Domain::from(address.trim()).as_tenant()
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Something that names a tenant, such as the `domain` of a payload. Where a payload has none,
/// there is nothing to name it by.
pub trait AsTenant {
    /// The tenant's name, if there is one.
    fn as_tenant(&self) -> Option<TenantName>;
}

impl AsTenant for TenantName {
    fn as_tenant(&self) -> Option<TenantName> {
        Some(self.clone())
    }
}

impl AsTenant for Domain {
    fn as_tenant(&self) -> Option<TenantName> {
        let name = self.comparable_address()?;
        (!name.is_empty()).then(|| TenantName(name.into()))
    }
}

impl AsTenant for str {
    fn as_tenant(&self) -> Option<TenantName> {
        TenantName::new(self)
    }
}

impl AsTenant for String {
    fn as_tenant(&self) -> Option<TenantName> {
        TenantName::new(self)
    }
}

impl<T: AsTenant> AsTenant for Option<T> {
    fn as_tenant(&self) -> Option<TenantName> {
        self.as_ref().and_then(AsTenant::as_tenant)
    }
}

impl<T: AsTenant + ?Sized> AsTenant for &T {
    fn as_tenant(&self) -> Option<TenantName> {
        (**self).as_tenant()
    }
}

/// Whose settings: one integration's, in one tenant, of one user or of the tenant itself (P77). Each
/// has a public and a secret part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct SettingsScope {
    /// The integration.
    pub identifier: Identifier,
    /// The tenant.
    pub tenant: TenantName,
    /// The user, as the PBX names it; `None` for the tenant's own data (P78).
    pub user: Option<String>,
}

impl SettingsScope {
    /// The scope of a tenant's own data.
    #[must_use]
    pub const fn tenant(identifier: Identifier, tenant: TenantName) -> Self {
        Self { identifier, tenant, user: None }
    }

    /// The scope of a user's data. An empty user stands for the tenant (P78).
    #[must_use]
    pub fn user(identifier: Identifier, tenant: TenantName, user: &str) -> Self {
        Self { identifier, tenant, user: (!user.is_empty()).then(|| user.to_owned()) }
    }
}
