//! The code of a form.

use crate::wire::Extra;

/// The code of one form: the tenant's or the user's. Each text may be empty.
///
/// The script is a module with two exports: `load(form, data)` fills the form from the public data
/// (see [`form_data`](crate::settings::ScopedSettings::form_data)), and `save(form)` returns what is to be stored
/// (see [`SaveResult`](crate::settings::SaveResult)). Forms find their elements by `name`, not by `id`. Bootstrap
/// and jQuery are there for tenant forms only; user forms use the PBX's own elements, such as
/// `pbx-setting-wrapper` and `pbx-input`, and bring their own button.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrontEnd {
    /// A fragment of HTML.
    pub html: String,
    /// Styles; often empty.
    pub css: String,
    /// The script, with its exports `load` and `save`.
    pub js: String,
    /// Fields of a bundle file that this version does not know.
    pub extra: Extra,
}

impl FrontEnd {
    /// The code of a form.
    #[must_use]
    pub fn new(html: &str, css: &str, js: &str) -> Self {
        let [html, css, js] = [html, css, js].map(str::to_owned);
        Self { html, css, js, extra: Extra::default() }
    }

    /// Whether there is no form.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.html.is_empty() && self.css.is_empty() && self.js.is_empty()
    }
}
