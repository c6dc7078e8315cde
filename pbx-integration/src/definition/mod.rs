//! Definitions of integrations: identifier, forms, backend code.

mod bundle;
mod form;
mod front_end;
mod identifier;
mod language;
#[cfg(feature = "script-check")]
mod script;

pub use self::form::{Form, FormError, FormField};
pub use self::front_end::FrontEnd;
pub use self::identifier::{Identifier, IdentifierError};
pub use self::language::{LanguageItem, Rendered, language_items, render_language};
#[cfg(feature = "script-check")]
#[cfg_attr(docsrs, doc(cfg(feature = "script-check")))]
pub use self::script::{ScriptFinding, ScriptFindingKind, check_script};
use crate::wire::{Extra, Issue};

/// An integration as entered into the PBX.
///
/// ```
/// use pbx_integration::Identifier;
/// use pbx_integration::definition::{Definition, FrontEnd};
///
/// let mut definition = Definition::new("Our CRM System", Identifier::new("ourcrmsys")?)?;
/// definition.tenant = FrontEnd::new(
///     r#"<div><input name="token" type="password"></div>"#,
///     "",
///     "export function load(form, data) {} export function save(form) { return [{}, {}] }",
/// );
/// assert!(definition.user.is_empty());
/// # Ok::<(), pbx_integration::definition::DefinitionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Definition {
    /// Display name, such as `Our CRM System`; not blank.
    pub name: String,
    /// The unique id.
    pub identifier: Identifier,
    /// The author's version.
    pub version: Option<String>,
    /// The form of the tenant.
    pub tenant: FrontEnd,
    /// The form of a user.
    pub user: FrontEnd,
    /// The code for the PBX: ECMAScript 5 with the entry points.
    pub backend: String,
    /// Fields of a bundle file that this version does not know.
    pub extra: Extra,
}

impl Definition {
    /// Creates an integration without code.
    ///
    /// # Errors
    ///
    /// [`DefinitionError::BlankName`].
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

/// An invalid definition. Contains no part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// The name is blank.
    #[error("the name of an integration is blank")]
    BlankName,
    /// The identifier has the wrong form.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// The file is not a readable bundle.
    #[error("bundle file: {0}")]
    Read(#[from] Issue),
    /// The file is not in the format `pbx-integration/1`.
    #[error("bundle file: `format` is not pbx-integration/1")]
    Format,
    /// The file contains settings or secrets.
    #[error("bundle file: it holds `{field}`; settings and secrets have no place in it")]
    HoldsSettings {
        /// The field.
        field: &'static str,
    },
}

/// An integration with this identifier exists already.
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
