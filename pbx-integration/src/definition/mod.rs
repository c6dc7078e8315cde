//! What an integration consists of (§9): its identifier, its forms, its backend code.

mod bundle;
mod front_end;
mod identifier;
mod language;
mod lint;
mod listing;
mod markup;
mod script;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

pub use self::front_end::FrontEnd;
pub use self::identifier::{Identifier, IdentifierError};
pub use self::language::{LanguageItem, Rendered, language_items, render_language};
pub use self::lint::LintFinding;
pub use self::listing::{ListedIntegration, form_query};
use crate::wire::{Extra, ReadError};

/// An integration as it is entered into the PBX (§9).
///
/// ```
/// use pbx_integration::{Definition, FrontEnd, Identifier};
///
/// let mut definition = Definition::new("Our CRM System", Identifier::new("ourcrmsys")?)?;
/// definition.tenant = FrontEnd::new(
///     r#"<div><input name="token" type="password"></div>"#,
///     "",
///     "export function load(form, data) {} export function save(form) { return [{}, {}] }",
/// );
/// assert!(definition.lint().is_empty());
/// # Ok::<(), pbx_integration::DefinitionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Definition {
    /// Display name, such as `Our CRM System`; not blank (P99).
    pub name: String,
    /// The unique id.
    pub identifier: Identifier,
    /// A version of the author's own.
    pub version: Option<String>,
    /// The form of the tenant.
    pub tenant: FrontEnd,
    /// The form of a user.
    pub user: FrontEnd,
    /// The code that runs in the PBX: ECMAScript 5, with the entry points.
    pub backend: String,
    /// Fields of a bundle file that this version does not know.
    pub extra: Extra,
}

impl Definition {
    /// An integration without code.
    ///
    /// # Errors
    ///
    /// [`DefinitionError::BlankName`] (P99).
    pub fn new(name: &str, identifier: Identifier) -> Result<Self, DefinitionError> {
        if name.trim().is_empty() {
            return Err(DefinitionError::BlankName);
        }
        Ok(Self {
            name: name.to_owned(),
            identifier,
            version: None,
            tenant: FrontEnd::default(),
            user: FrontEnd::default(),
            backend: String::new(),
            extra: Extra::default(),
        })
    }
}

/// Why there is no definition. Shows no part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// The name is blank (P99).
    #[error("the name of an integration is blank")]
    BlankName,
    /// The identifier has the wrong form (P97).
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// The file is not a bundle that can be read.
    #[error("bundle file: {0}")]
    Read(#[from] ReadError),
    /// The file is not in the format `pbx-integration/1` (P102).
    #[error("bundle file: `format` is not pbx-integration/1")]
    Format,
    /// The file holds settings or secrets (P102).
    #[error("bundle file: it holds `{field}`; settings and secrets have no place in it")]
    HoldsSettings {
        /// The field.
        field: &'static str,
    },
}

/// There is an integration with this identifier already (P98).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is an integration `{identifier}` already")]
#[non_exhaustive]
pub struct DuplicateIdentifier {
    /// The identifier.
    pub identifier: Identifier,
}

impl DuplicateIdentifier {
    pub(crate) const fn new(identifier: Identifier) -> Self {
        Self { identifier }
    }
}

/// The integrations of a system, with identifiers that are unique (P98).
///
/// ```
/// use pbx_integration::{Definition, Definitions, Identifier};
///
/// let definition = Definition::new("Our CRM System", Identifier::new("ourcrmsys")?)?;
/// let mut definitions = Definitions::default();
/// definitions.insert(definition.clone())?;
/// assert!(definitions.insert(definition).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definitions(BTreeMap<Identifier, Definition>);

impl Definitions {
    /// Adds an integration.
    ///
    /// # Errors
    ///
    /// [`DuplicateIdentifier`] if there is one with the same identifier.
    pub fn insert(&mut self, definition: Definition) -> Result<(), DuplicateIdentifier> {
        match self.0.entry(definition.identifier.clone()) {
            Entry::Occupied(entry) => Err(DuplicateIdentifier::new(entry.key().clone())),
            Entry::Vacant(entry) => {
                entry.insert(definition);
                Ok(())
            }
        }
    }

    /// Removes an integration.
    pub fn remove(&mut self, identifier: &str) -> Option<Definition> {
        self.0.remove(identifier)
    }

    /// An integration.
    #[must_use]
    pub fn get(&self, identifier: &str) -> Option<&Definition> {
        self.0.get(identifier)
    }

    /// All integrations, sorted by identifier.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Definition> {
        self.0.values()
    }
}
