//! Forms made from a list of fields.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::json;

use super::front_end::FrontEnd;
use super::identifier::Identifier;
use super::language::escape_html;

/// A form for the settings of a tenant or a user, made from a list of fields.
///
/// Passwords and other secrets are empty when the form is loaded, and saved only if the user has entered something.
///
/// ```
/// use pbx_integration::Identifier;
/// use pbx_integration::definition::{Definition, Form, FormField};
///
/// let id = Identifier::new("ourcrmsys")?;
/// let form = Form::tenant(&id)
///     .field(FormField::address("url", "Address of the CRM"))
///     .field(FormField::choice("region", "Region", [("eu", "Europe"), ("us", "America")]))
///     .field(FormField::password("token", "Token"));
/// assert_eq!(form.secret_names().collect::<Vec<_>>(), ["token"]);
///
/// let mut definition = Definition::new("Our CRM System", id)?;
/// definition.tenant = form.front_end()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    identifier: Identifier,
    is_user: bool,
    fields: Vec<FormField>,
}

/// A field of a [`Form`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    name: String,
    label: String,
    kind: Kind,
    is_secret: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// An `input` of a type.
    Input(&'static str),
    /// Values with their labels.
    Choice(Vec<(String, String)>),
}

impl Form {
    /// A form of a tenant, for the accordion of the PBX, which has Bootstrap.
    #[must_use]
    pub fn tenant(identifier: &Identifier) -> Self {
        Self { identifier: identifier.clone(), is_user: false, fields: Vec::new() }
    }

    /// A form of a user, from the PBX's own elements.
    #[must_use]
    pub fn user(identifier: &Identifier) -> Self {
        Self { is_user: true, ..Self::tenant(identifier) }
    }

    /// The form of the vendor's sample for tenants: a token and a password.
    #[must_use]
    pub fn tenant_sample(identifier: &Identifier) -> Self {
        Self::tenant(identifier)
            .field(FormField::text("token", "Token"))
            .field(FormField::password("password", "Password"))
    }

    /// The form of the vendor's sample for users: a name, an address and a password.
    #[must_use]
    pub fn user_sample(identifier: &Identifier) -> Self {
        Self::user(identifier)
            .field(FormField::text("username", "User name"))
            .field(FormField::address("url", "Address"))
            .field(FormField::password("password", "Password"))
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: FormField) -> Self {
        self.fields.push(field);
        self
    }

    /// The names of its public settings.
    pub fn public_names(&self) -> impl Iterator<Item = &str> {
        self.names(false)
    }

    /// The names of its secret settings.
    pub fn secret_names(&self) -> impl Iterator<Item = &str> {
        self.names(true)
    }

    fn names(&self, is_secret: bool) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter().filter(move |field| field.is_secret == is_secret);
        fields.map(|field| &*field.name)
    }

    /// The code of the form.
    ///
    /// # Errors
    ///
    /// [`FormError`].
    // X45
    pub fn front_end(&self) -> Result<FrontEnd, FormError> {
        self.check()?;
        let fields = self.fields.iter().map(|field| {
            let is_number = field.kind == Kind::Input("number");
            json!({"name": field.name, "secret": field.is_secret, "number": is_number})
        });
        let fields = json!(fields.collect::<Vec<_>>()).to_string().replace('<', "\\u003c");
        let js = include_str!("form.js").replace("/*fields*/", &fields);
        let class = self.identifier.as_str();
        let css = format!(".{class}-field {{\n  display: block;\n  margin-bottom: 1em;\n}}\n");
        Ok(FrontEnd::new(&self.html(), &css, &js))
    }

    fn check(&self) -> Result<(), FormError> {
        if self.identifier.warning().is_some() {
            return Err(FormError::Identifier);
        }
        let mut names = BTreeSet::new();
        for field in &self.fields {
            let name = &field.name;
            if name.is_empty() || name == "__proto__" || name.chars().any(char::is_control) {
                return Err(FormError::Name);
            }
            if !names.insert(name) {
                return Err(FormError::Repeated { name: name.clone() });
            }
        }
        if names.is_empty() { Err(FormError::Empty) } else { Ok(()) }
    }

    fn html(&self) -> String {
        let class = &self.identifier;
        let mut html = format!("<div class=\"{class}-form\">\n");
        for field in &self.fields {
            let label = escaped(&field.label);
            let control = self.control(field);
            let _ = if self.is_user {
                writeln!(
                    html,
                    "  <pbx-setting-wrapper class=\"{class}-field\">\n    \
                     <pbx-label>{label}</pbx-label>\n    {control}\n  </pbx-setting-wrapper>"
                )
            } else {
                writeln!(
                    html,
                    "  <div class=\"form-group {class}-field\">\n    \
                     <label>{label}\n      {control}\n    </label>\n  </div>"
                )
            };
        }
        if self.is_user {
            html.push_str(
                "  <pbx-button-wrapper>\n    <pbx-button class=\"save\" type=\"submit\">[[save]]",
            );
            html.push_str("</pbx-button>\n  </pbx-button-wrapper>\n");
        }
        html + "</div>\n"
    }

    fn control(&self, field: &FormField) -> String {
        let name = escaped(&field.name);
        match &field.kind {
            Kind::Input(kind) if self.is_user => {
                format!("<pbx-input name=\"{name}\" type=\"{kind}\"></pbx-input>")
            }
            Kind::Input(kind) => {
                let complete =
                    if *kind == "password" { " autocomplete=\"new-password\"" } else { "" };
                format!("<input class=\"form-control\" name=\"{name}\" type=\"{kind}\"{complete}>")
            }
            Kind::Choice(choices) => {
                let class = if self.is_user {
                    format!("{}-choice", self.identifier)
                } else {
                    "form-control".to_owned()
                };
                let mut select = format!("<select class=\"{class}\" name=\"{name}\">");
                for (value, label) in choices {
                    let (value, label) = (escaped(value), escaped(label));
                    let _ = write!(select, "<option value=\"{value}\">{label}</option>");
                }
                select + "</select>"
            }
        }
    }
}

impl FormField {
    fn new(name: &str, label: &str, kind: Kind) -> Self {
        let is_secret = kind == Kind::Input("password");
        Self { name: name.to_owned(), label: label.to_owned(), kind, is_secret }
    }

    /// A text.
    #[must_use]
    pub fn text(name: &str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("text"))
    }

    /// The address of a web page or service.
    #[must_use]
    pub fn address(name: &str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("url"))
    }

    /// A number.
    #[must_use]
    pub fn number(name: &str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("number"))
    }

    /// A password or token: a secret setting.
    #[must_use]
    pub fn password(name: &str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("password"))
    }

    /// One of several values, each with a label.
    #[must_use]
    pub fn choice<'a>(
        name: &str,
        label: &str,
        choices: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let choices =
            choices.into_iter().map(|(value, label)| (value.to_owned(), label.to_owned()));
        Self::new(name, label, Kind::Choice(choices.collect()))
    }

    /// Makes it a secret setting: empty when the form is loaded, and saved only if entered.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    escape_html(text, &mut escaped);
    escaped
}

/// A form that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// The identifier is not in the form that the vendor calls safe.
    #[error("identifier: expected lower-case letters and digits, a letter first")]
    Identifier,
    /// The form has no field.
    #[error("form: expected at least one field, found none")]
    Empty,
    /// The name of a field is empty, `__proto__`, or has a control character.
    #[error("field: expected a name without control characters")]
    Name,
    /// Two fields have one name.
    #[error("field `{name}`: another field has this name")]
    Repeated {
        /// The name.
        name: String,
    },
}
