//! The tenants and extensions that an integration is registered for.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{AsTenant, Tenant};

/// The tenants, or sets of extensions in them, that an integration is registered for.
///
/// ```
/// use pbx_integration::Coverage;
///
/// let coverage = Coverage::none()
///     .tenant("tenant1.example.com")
///     .extensions("tenant2.example.com", ["41", "42", "300"]);
/// assert!(coverage.includes("Tenant1.Example.com", ["999"]));
/// assert!(coverage.includes("tenant2.example.com", ["7", "41"]));
/// assert!(!coverage.includes("tenant2.example.com", ["041"])); // numbers are text
/// ```
///
/// A payload concerns the extensions and groups with numbers in these fields:
///
/// | payload | fields |
/// |---|---|
/// | `ongroup` | `ringing[].number`, `missed[].number`, `agent.number`, `group.number`, near side |
/// | `onagent` | `agent.number`, `group` or `group.number`, near side |
/// | `oncdr` | `extensionlegs[].extension`, `states[].extension`, `states[].account`, `trunklegs[].extension`, `recordings[].extension`, `recordings[].account` |
/// | `onhttp` | none: a web request goes to its `identifier`, if the tenant is covered |
///
/// The near side of a live event is the `callee` of an inbound call, and the `caller` of one that
/// is known not to be inbound. The far side does not count: an outside number is never an
/// extension. Fields with account ids (`missed` of a state, `user`) do not count either, because
/// their numbers are not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    is_everywhere: bool,
    tenants: BTreeMap<Tenant, Extensions>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Extensions {
    All,
    Some(BTreeSet<String>),
}

impl Coverage {
    /// Covers all tenants with all extensions, and payloads without a tenant.
    #[must_use]
    pub const fn everywhere() -> Self {
        Self { is_everywhere: true, tenants: BTreeMap::new() }
    }

    /// Creates an empty coverage.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a tenant with all its extensions.
    #[must_use]
    pub fn tenant(mut self, tenant: impl AsTenant) -> Self {
        if let Some(tenant) = tenant.as_tenant() {
            self.tenants.insert(tenant, Extensions::All);
        }
        self
    }

    /// Adds extensions of a tenant, by their numbers; a group counts by its number, too.
    #[must_use]
    pub fn extensions<I>(mut self, tenant: impl AsTenant, numbers: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        if let Some(tenant) = tenant.as_tenant() {
            let extensions =
                self.tenants.entry(tenant).or_insert_with(|| Extensions::Some(BTreeSet::new()));
            if let Extensions::Some(extensions) = extensions {
                extensions.extend(numbers.into_iter().map(Into::into));
            }
        }
        self
    }

    /// Returns whether a payload of a tenant that concerns these extensions is covered.
    #[must_use]
    pub fn includes<I>(&self, tenant: impl AsTenant, numbers: I) -> bool
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        if self.is_everywhere {
            return true;
        }
        match tenant.as_tenant().and_then(|tenant| self.tenants.get(&tenant)) {
            None => false,
            Some(Extensions::All) => true,
            Some(Extensions::Some(own)) => {
                numbers.into_iter().any(|number| own.contains(number.as_ref()))
            }
        }
    }

    /// Returns whether a web request is covered: its tenant is covered, for any extensions, or it
    /// has none.
    pub(super) fn includes_request(&self, tenant: impl AsTenant) -> bool {
        let tenant = tenant.as_tenant();
        self.is_everywhere || tenant.is_none_or(|tenant| self.tenants.contains_key(&tenant))
    }
}
