//! The tenant.

use std::borrow::Cow;

use serde::de::MapAccess;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::context::Context;
use crate::wire::error::Harm;
use crate::wire::field::Plain;
use crate::wire::json::Json;
use crate::wire::record::{object_in, record};
use crate::wire::scalar;

record! {
    /// The tenant as an object (§3.1).
    pub struct DomainObject {
        /// DNS name of the tenant.
        pub address: Option<String> = "address" required(scalar::text),
        /// Display name.
        pub name: Option<String> = "name" optional(scalar::text),
        /// Tenant id.
        pub id: Option<u64> = "id" required(scalar::id),
    }
}

/// A tenant, from its address alone or from an object; written back in the form in which it was read
/// (P35, P36).
///
/// ```
/// use pbx_integration::Domain;
///
/// let domain = Domain::from("Tenant1.example.com.");
/// assert!(domain.is_at("tenant1.example.com")); // P37
/// assert_eq!(domain.id(), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Domain {
    /// The address alone, as call records have it.
    Address(String),
    /// An object, as live events have it.
    Object(DomainObject),
}

impl Domain {
    /// The DNS name of the tenant. It is missing only where a lenient reader dropped it.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Address(address) => Some(address),
            Self::Object(domain) => domain.address.as_deref(),
        }
    }

    /// The display name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Address(_) => None,
            Self::Object(domain) => domain.name.as_deref(),
        }
    }

    /// The tenant id.
    #[must_use]
    pub const fn id(&self) -> Option<u64> {
        match self {
            Self::Address(_) => None,
            Self::Object(domain) => domain.id,
        }
    }

    /// Whether the tenant has this address, without regard to case and to a dot at the end (P37).
    #[must_use]
    pub fn is_at(&self, address: &str) -> bool {
        self.address().is_some_and(|own| comparable(own) == comparable(address))
    }

    /// The address in the form in which addresses compare (P37).
    #[must_use]
    pub fn comparable_address(&self) -> Option<Cow<'_, str>> {
        self.address().map(comparable)
    }
}

/// A DNS name in lower case, without a dot at its end.
fn comparable(address: &str) -> Cow<'_, str> {
    let address = address.strip_suffix('.').unwrap_or(address);
    if address.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(address.to_ascii_lowercase())
    } else {
        Cow::Borrowed(address)
    }
}

impl From<&str> for Domain {
    fn from(address: &str) -> Self {
        Self::Address(address.to_owned())
    }
}

impl Plain for Domain {}

impl Serialize for Domain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Address(address) => address.serialize(serializer),
            Self::Object(domain) => domain.serialize(serializer),
        }
    }
}

/// A tenant in either form (P36).
pub(crate) fn domain<'de, M: MapAccess<'de>>(
    map: &mut M,
    context: &mut Context,
    (name, is_required): (&'static str, bool),
) -> Result<Option<Domain>, M::Error> {
    let raw = map.next_value::<&'de RawValue>()?.get();
    Ok(match Json::of(raw) {
        Json::Text(address) if !address.is_empty() => Some(Domain::Address(address.into_owned())),
        Json::Object => object_in(name, raw, context)?.map(Domain::Object),
        Json::Null | Json::Text(_) => {
            if is_required {
                context.note_missing(name, Harm::IsDropped);
            }
            None
        }
        json => {
            context.note_field(name, Harm::IsDropped, json.bad(12, "an address or an object"));
            None
        }
    })
}
