//! Look-up of callers while the telephone rings.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A query of the PBX for the caller's name and the responsible operator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ContactQuery {
    /// The client's number, as the PBX wrote it.
    pub phone: String,
    /// The PBX's id of the call.
    pub call_id: Option<String>,
    /// Our number that was dialled.
    pub diversion: Option<String>,
}

impl ContactQuery {
    /// Creates a query for a number.
    #[must_use]
    pub fn new(phone: impl Into<String>) -> Self {
        Self { phone: phone.into(), call_id: None, diversion: None }
    }
}

/// The answer to a [`ContactQuery`]. Written as JSON with the PBX's names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contact {
    /// The client's name, shown on the operator's telephone.
    #[serde(default, rename = "contact_name", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Login or extension of the operator who should take the call. Without it the PBX uses its own
    /// routing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<String>,
}

impl Contact {
    /// Creates a contact with a name.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), responsible: None }
    }

    /// Sets the operator who should take the call.
    #[must_use]
    pub fn responsible(mut self, operator: impl Into<String>) -> Self {
        self.responsible = Some(operator.into());
        self
    }
}

/// Looks callers up. The PBX holds the call meanwhile, so a slow look-up is cancelled, unless it
/// blocks its thread.
///
/// ```
/// use async_trait::async_trait;
/// use voip_module::Error;
/// use voip_module::gravitel::{Contact, ContactLookup, ContactQuery};
///
/// struct AddressBook;
///
/// #[async_trait]
/// impl ContactLookup for AddressBook {
///     async fn find_contact(&self, query: &ContactQuery) -> Result<Option<Contact>, Error> {
///         let is_known = query.phone == "79990000001";
///         Ok(is_known.then(|| Contact::named("Client One").responsible("admin")))
///     }
/// }
/// ```
#[async_trait]
pub trait ContactLookup: Send + Sync {
    /// Finds the owner of a number; `None` for an unknown caller.
    ///
    /// # Errors
    ///
    /// Any failure. The PBX then gets the answer for an unknown caller.
    async fn find_contact(&self, query: &ContactQuery) -> Result<Option<Contact>, Error>;
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<T: ContactLookup + ?Sized> ContactLookup for $pointer {
            async fn find_contact(&self, query: &ContactQuery) -> Result<Option<Contact>, Error> {
                (**self).find_contact(query).await
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);
