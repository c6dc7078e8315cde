//! Secrets of the bridge.

use std::collections::BTreeSet;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

use crate::event::{AsTenant, Tenant};
use crate::settings::Secret;

const MIN_LENGTH: usize = 32;
const MAX_LENGTH: usize = 128;

/// The secret that a backend script presents to the service. `Debug` does not show it.
///
/// To rotate it, give the [`Bridge`](super::Bridge) the new one besides the old one, install a script with the
/// new one, and remove the old one.
#[derive(Clone, Debug)]
pub struct BridgeSecret {
    secret: Secret,
    /// The tenants it may speak for; `None` for all.
    tenants: Option<BTreeSet<Tenant>>,
}

impl BridgeSecret {
    /// A secret of 32 to 128 ASCII letters, digits, `_` and `-`, valid for all tenants.
    ///
    /// # Errors
    ///
    /// [`InvalidSecret`] if it has another length or other characters.
    // X7
    pub fn new(secret: impl Into<Secret>) -> Result<Self, InvalidSecret> {
        let secret = secret.into();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let is_valid = (MIN_LENGTH..=MAX_LENGTH).contains(&secret.expose().len())
            && secret.expose().bytes().all(fits);
        if is_valid { Ok(Self { secret, tenants: None }) } else { Err(InvalidSecret) }
    }

    /// Restricts the secret to some tenants: events, web requests and commands of others are refused.
    #[must_use]
    pub fn for_tenants<T: AsTenant>(mut self, tenants: impl IntoIterator<Item = T>) -> Self {
        self.tenants = Some(tenants.into_iter().filter_map(|tenant| tenant.as_tenant()).collect());
        self
    }

    pub(super) fn expose(&self) -> &str {
        self.secret.expose()
    }

    /// Returns whether payloads of this tenant, or of none, may come with the secret.
    pub(super) fn speaks_for(&self, tenant: Option<&Tenant>) -> bool {
        match &self.tenants {
            None => true,
            Some(tenants) => tenant.is_some_and(|tenant| tenants.contains(tenant)),
        }
    }

    /// Returns whether a command for this tenant may be given to who presents the secret.
    pub(super) fn takes_commands_for(&self, tenant: Option<&Tenant>) -> bool {
        tenant.is_none() || self.speaks_for(tenant)
    }

    fn padded(text: &[u8]) -> Option<Zeroizing<[u8; MAX_LENGTH]>> {
        let mut padded = Zeroizing::new([0; MAX_LENGTH]);
        padded.get_mut(..text.len())?.copy_from_slice(text);
        Some(padded)
    }

    // X39: of equal length, so that not even the length shows. A secret has no NUL, so padding is unambiguous.
    fn matches(&self, presented: &[u8; MAX_LENGTH]) -> Choice {
        match Self::padded(self.secret.expose().as_bytes()) {
            Some(own) => own.ct_eq(presented),
            None => Choice::from(0),
        }
    }
}

/// The secret that a request presents, if it is one of these. All are compared, whichever matches.
pub(super) fn authenticate<'a>(
    secrets: &'a [BridgeSecret],
    headers: &HeaderMap,
) -> Option<&'a BridgeSecret> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let token = value.as_bytes().strip_prefix(b"Bearer ")?;
    let presented = BridgeSecret::padded(token)?;
    let mut found = None;
    for secret in secrets {
        if bool::from(secret.matches(&presented)) {
            found = Some(secret);
        }
    }
    found
}

/// A text that is no secret of the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("secret of the bridge: expected {MIN_LENGTH} to {MAX_LENGTH} letters, digits, '_' and '-'")]
#[non_exhaustive]
pub struct InvalidSecret;
