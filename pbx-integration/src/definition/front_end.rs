//! Code of forms.

use crate::wire::field::free_text;
use crate::wire::record::record;

record! {
    /// The code of one form: the tenant's or the user's. Each text may be empty.
    ///
    /// The script is a module with two exports: `load(form, data)` fills the form from the public data (see
    /// [`form_data`](crate::settings::ScopedSettings::form_data)), and `save(form)` returns the data to store
    /// (see [`SaveResult`](crate::settings::SaveResult)). Forms find their elements by `name`, not by `id`.
    /// Bootstrap and jQuery are available in tenant forms only; user forms use the PBX's own elements, such
    /// as `pbx-setting-wrapper` and `pbx-input`, and bring their own button.
    pub struct FrontEnd {
        /// A fragment of HTML.
        pub html: String = "html" or_empty(free_text),
        /// Styles; often empty.
        pub css: String = "css" or_empty(free_text),
        /// The script, with its exports `load` and `save`.
        pub js: String = "js" or_empty(free_text),
    }
}

impl FrontEnd {
    /// Creates the code of a form.
    #[must_use]
    pub fn new(html: &str, css: &str, js: &str) -> Self {
        let [html, css, js] = [html, css, js].map(str::to_owned);
        Self { html, css, js, ..Self::default() }
    }

    /// Returns whether all texts are empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.html.is_empty() && self.css.is_empty() && self.js.is_empty()
    }
}
