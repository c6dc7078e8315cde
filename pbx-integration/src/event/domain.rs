//! The tenant of a payload, and its comparable name.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

use crate::wire::Code;
use crate::wire::context::Severity;
use crate::wire::field::{id, text};
use crate::wire::object::Object;
use crate::wire::record::{Plain, record};
use crate::wire::value::{Json, Value};

record! {
    /// The tenant as an object.
    pub struct DomainObject {
        /// DNS name of the tenant.
        pub address: Option<String> = "address" required(text),
        /// Display name.
        pub name: Option<String> = "name" optional(text),
        /// Tenant id.
        pub id: Option<u64> = "id" optional(id),
    }
}

/// The tenant of a payload: an address or an object, written back in the form in which it was read.
///
/// ```
/// use pbx_integration::event::Domain;
///
/// let domain = Domain::from("Tenant1.example.com.");
/// assert!(domain.is_at("tenant1.example.com"));
/// assert_eq!(domain.id(), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Domain {
    /// An address, as in call records.
    Address(String),
    /// An object, as in live events.
    Object(DomainObject),
}

impl Domain {
    /// Returns the DNS name of the tenant, missing only if a lenient reader dropped it.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Address(address) => Some(address),
            Self::Object(domain) => domain.address.as_deref(),
        }
    }

    /// Returns the display name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Address(_) => None,
            Self::Object(domain) => domain.name.as_deref(),
        }
    }

    /// Returns the tenant id.
    #[must_use]
    pub const fn id(&self) -> Option<u64> {
        match self {
            Self::Address(_) => None,
            Self::Object(domain) => domain.id,
        }
    }

    /// Returns whether the tenant has this address, compared without case and trailing dot.
    #[must_use]
    pub fn is_at(&self, address: &str) -> bool {
        self.address().is_some_and(|own| comparable(own) == comparable(address))
    }

    /// Returns the address in comparable form.
    pub(crate) fn comparable_address(&self) -> Option<Cow<'_, str>> {
        self.address().map(comparable)
    }
}

/// Converts a DNS name to lower case without a trailing dot.
// P37
pub(crate) fn comparable(address: &str) -> Cow<'_, str> {
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

/// Spellings of one address have one hash.
impl Hash for Domain {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.comparable_address(), self.name(), self.id()).hash(state);
        if let Self::Object(domain) = self {
            domain.extra.hash(state);
        }
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

impl Object<'_, '_> {
    /// Reads a tenant in either form.
    // P36
    pub(crate) fn domain(&mut self, name: &'static str) -> Option<Domain> {
        if self.holds_object(name) {
            self.object(name).map(Domain::Object)
        } else {
            self.optional(name, domain)
        }
    }

    /// Reads a required tenant in either form.
    pub(crate) fn required_domain(&mut self, name: &'static str) -> Option<Domain> {
        if self.peek(name).is_none_or(|value| value.is_nothing()) {
            self.take(name);
            self.note_missing(name, Severity::Drop);
            return None;
        }
        self.domain(name)
    }

    /// Reads the tenant of a live event, whose object has an id.
    pub(crate) fn live_domain(&mut self, name: &'static str) -> Option<Domain> {
        self.require_member(name, "id");
        self.required_domain(name)
    }
}

fn domain(value: Value<'_>) -> crate::wire::value::Read<Domain> {
    if value.is_nothing() {
        return Ok(None);
    }
    match value.json {
        Json::Text(address) => Ok(Some(Domain::Address(address.into_owned()))),
        _ => Err(value.fault(Code::WrongType, "an address or an object")),
    }
}

/// The DNS name of a tenant in comparable form: lower case, no trailing dot.
///
/// ```
/// use pbx_integration::event::Tenant;
///
/// assert_eq!(Tenant::new("Tenant1.Example.COM."), Tenant::new("tenant1.example.com"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(Box<str>);

impl Tenant {
    /// Creates the name of a tenant; `None` if it is blank.
    #[must_use]
    pub fn new(address: &str) -> Option<Self> {
        let name = comparable(address.trim());
        (!name.is_empty()).then(|| Self(name.into()))
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A reference to a tenant: a name, or the `domain` of a payload, which may be missing.
pub trait AsTenant {
    /// Returns the tenant; `None` if the payload has none.
    fn as_tenant(&self) -> Option<Tenant>;
}

impl AsTenant for Tenant {
    fn as_tenant(&self) -> Option<Tenant> {
        Some(self.clone())
    }
}

impl AsTenant for Domain {
    fn as_tenant(&self) -> Option<Tenant> {
        Tenant::new(self.address()?)
    }
}

impl AsTenant for str {
    fn as_tenant(&self) -> Option<Tenant> {
        Tenant::new(self)
    }
}

impl AsTenant for String {
    fn as_tenant(&self) -> Option<Tenant> {
        Tenant::new(self)
    }
}

impl<T: AsTenant> AsTenant for Option<T> {
    fn as_tenant(&self) -> Option<Tenant> {
        self.as_ref().and_then(AsTenant::as_tenant)
    }
}

impl<T: AsTenant + ?Sized> AsTenant for &T {
    fn as_tenant(&self) -> Option<Tenant> {
        (**self).as_tenant()
    }
}
