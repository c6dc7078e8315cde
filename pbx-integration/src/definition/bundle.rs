//! Definitions as files.

use self::wire::WireBundle;
use super::{Definition, DefinitionError, Identifier};
use crate::wire::{Parsed, Reader};

/// The format of the file.
const FORMAT: &str = "pbx-integration/1";

/// Maximum size of a file: 16 MiB.
const MAX_BYTES: usize = 16 << 20;

/// Names that a file must not contain.
const NOT_IN_A_BUNDLE: [&str; 4] = ["settings", "secrets", "public", "private"];

impl Definition {
    /// Reads a bundle file: JSON in this crate's own format, because the vendor has published none.
    /// Unknown fields are kept; settings and secrets are rejected.
    ///
    /// ```
    /// use pbx_integration::definition::Definition;
    ///
    /// let json = r#"{"format": "pbx-integration/1", "name": "Our CRM System", "identifier": "ourcrmsys"}"#;
    /// let definition = Definition::from_bundle(json)?;
    /// assert_eq!(Definition::from_bundle(&definition.to_bundle())?, definition);
    /// # Ok::<(), pbx_integration::definition::DefinitionError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DefinitionError`]. No error shows contents of the file.
    pub fn from_bundle(json: &str) -> Result<Self, DefinitionError> {
        let reader = Reader::strict().with_max_bytes(MAX_BYTES);
        let Parsed { value: bundle, .. } = reader.read::<WireBundle>(json.as_bytes())?;
        if bundle.format.as_deref() != Some(FORMAT) {
            return Err(DefinitionError::Format);
        }
        let parts = [Some(&bundle.extra), bundle.tenant.as_ref().map(|part| &part.extra)];
        let parts = parts.into_iter().chain([bundle.user.as_ref().map(|part| &part.extra)]);
        for part in parts.flatten() {
            if let Some(field) = NOT_IN_A_BUNDLE.into_iter().find(|name| part.get(name).is_some()) {
                return Err(DefinitionError::HoldsSettings { field });
            }
        }
        let (identifier, _) = Identifier::lenient(&bundle.identifier)?;
        let mut definition = Self::new(&bundle.name.unwrap_or_default(), identifier)?;
        definition.version = bundle.version;
        definition.tenant = bundle.tenant.unwrap_or_default();
        definition.user = bundle.user.unwrap_or_default();
        definition.backend = bundle.backend;
        definition.extra = bundle.extra;
        Ok(definition)
    }

    /// Writes a bundle file with a final line break.
    #[must_use]
    pub fn to_bundle(&self) -> String {
        let bundle = WireBundle {
            format: Some(FORMAT.to_owned()),
            name: Some(self.name.clone()),
            identifier: self.identifier.as_str().to_owned(),
            version: self.version.clone(),
            tenant: Some(self.tenant.clone()),
            user: Some(self.user.clone()),
            backend: self.backend.clone(),
            extra: self.extra.clone(),
        };
        // Text and well-formed JSON cannot fail to be written.
        serde_json::to_string_pretty(&bundle).unwrap_or_default() + "\n"
    }
}

/// The file on disk.
#[expect(unreachable_pub, reason = "`record!` makes public types")]
mod wire {
    use crate::definition::FrontEnd;
    use crate::wire::field::{free_text, text};
    use crate::wire::record::record;

    record! {
        /// A bundle file.
        pub struct WireBundle {
            /// Name and version of the format.
            pub format: Option<String> = "format" required(text),
            /// Display name.
            pub name: Option<String> = "name" required(text),
            /// Identifier.
            pub identifier: String = "identifier" fatal(text),
            /// Version.
            pub version: Option<String> = "version" optional(text),
            /// Tenant form.
            pub tenant: Option<FrontEnd> = "tenant" object,
            /// User form.
            pub user: Option<FrontEnd> = "user" object,
            /// Backend code.
            pub backend: String = "backend" or_empty(free_text),
        }
    }
}
