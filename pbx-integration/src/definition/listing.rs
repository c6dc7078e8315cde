//! The lists of integrations in the REST interface (P103).

use serde_json::value::RawValue;
use url::form_urlencoded::Serializer;

use self::wire::WireList;
use super::Identifier;
use crate::wire::error::Found;
use crate::wire::record::record;
use crate::wire::scalar;
use crate::wire::{Parsed, ReadError, Reader};

record! {
    /// An integration in a list of the REST interface (P103): of the system, of a tenant or of a user.
    /// Booleans may come as text (P9).
    pub struct ListedIntegration {
        /// Identifier.
        pub identifier: Option<String> = "identifier" required(scalar::text),
        /// Display name.
        pub name: Option<String> = "name" optional(scalar::text),
        /// Version.
        pub version: Option<String> = "version" optional(scalar::text),
        /// Whether it is configured, in the list of the system. The vendor does not publish this
        /// field's name; where it has another, it is in `extra`.
        pub configured: Option<bool> = "configured" optional(scalar::flag),
        /// Whether it is configured, in the list of a tenant.
        pub edit: Option<bool> = "edit" optional(scalar::flag),
        /// Whether it is configured, in the list of a user.
        pub settings: Option<bool> = "settings" optional(scalar::flag),
    }
}

impl ListedIntegration {
    /// Whether it is configured, whichever list it is from.
    #[must_use]
    pub fn is_configured(&self) -> Option<bool> {
        self.configured.or(self.edit).or(self.settings)
    }
}

/// A list, as the field of an object, which is what a [`Reader`] reads.
#[expect(unreachable_pub, reason = "`record!` makes public types")]
mod wire {
    use super::ListedIntegration;
    use crate::wire::record::record;

    record! {
        /// A list.
        pub struct WireList {
            /// The integrations.
            pub integrations: Vec<ListedIntegration> = "integrations" list,
        }
    }
}

impl Reader {
    /// Reads a list of integrations of the REST interface (P103).
    ///
    /// ```
    /// use pbx_integration::Reader;
    ///
    /// let json = r#"[{"identifier": "ourcrmsys", "name": "Our CRM System", "edit": "true"}]"#;
    /// let list = Reader::strict().read_integration_list(json)?.value;
    /// assert_eq!(list[0].is_configured(), Some(true));
    /// # Ok::<(), pbx_integration::ReadError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// No JSON within the limits, or (strict mode) a bad field.
    pub fn read_integration_list(
        &self,
        json: &str,
    ) -> Result<Parsed<Vec<ListedIntegration>>, ReadError> {
        serde_json::from_str::<&RawValue>(json)
            .map_err(|_| ReadError::of_payload("JSON", Found::Malformed))?;
        let object = format!("{{\"integrations\":{json}}}");
        let Parsed { value, warnings, warnings_left_out } =
            self.read::<WireList>(object.as_bytes())?;
        Ok(Parsed { value: value.integrations, warnings, warnings_left_out })
    }
}

/// The query with which the list of a tenant gives the HTML of one integration's form (P103).
///
/// ```
/// use pbx_integration::{Identifier, form_query};
///
/// let query = form_query(&Identifier::new("ourcrmsys")?, "1.2");
/// assert_eq!(query, "type=html&identifier=ourcrmsys&version=1.2");
/// # Ok::<(), pbx_integration::IdentifierError>(())
/// ```
#[must_use]
pub fn form_query(identifier: &Identifier, version: &str) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("type", "html").append_pair("identifier", identifier.as_str());
    query.append_pair("version", version).finish()
}
