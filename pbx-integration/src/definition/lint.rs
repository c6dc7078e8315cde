//! What a definition should have otherwise.

use std::fmt;

use super::{Definition, markup, script};
use crate::finding::Severity;
use crate::rule::Rule;

/// Something that a definition should have otherwise (P93, P97, P99–P101).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LintFinding {
    /// The rule.
    pub rule: Rule,
    /// How bad it is: a violation keeps the integration from working.
    pub severity: Severity,
    /// The part, by its name in a bundle file, such as `tenant.html`.
    pub part: &'static str,
    /// The line in that part, from 1, where it is a matter of one line.
    pub line: Option<usize>,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for LintFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.part)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {} ({})", self.text, self.rule)
    }
}

impl Definition {
    /// Looks for what the vendor advises against or requires: `id` attributes (P93), an identifier in
    /// an unsafe form (P97), a blank name (P99), class names that do not begin with the identifier
    /// (P100), and scripts that do not export `load` and `save` (P101).
    ///
    /// ```
    /// use pbx_integration::{Definition, FrontEnd, Identifier};
    ///
    /// let mut definition = Definition::new("Our CRM System", Identifier::new("ourcrmsys")?)?;
    /// definition.user = FrontEnd::new(
    ///     "<div>\n<input id=\"token\" name=\"token\"></div>",
    ///     ".token { color: red }",
    ///     "export function load(form, data) {}",
    /// );
    /// let findings: Vec<_> = definition.lint().iter().map(ToString::to_string).collect();
    /// assert_eq!(findings, [
    ///     "user.html:2: an `id` attribute; forms find elements by `name` (P93)",
    ///     "user.css:1: the class `token` does not begin with the identifier (P100)",
    ///     "user.js: the script does not export `save` (P101)",
    /// ]);
    /// # Ok::<(), pbx_integration::DefinitionError>(())
    /// ```
    #[must_use]
    pub fn lint(&self) -> Vec<LintFinding> {
        let mut findings = Vec::new();
        let mut add = |rule, severity, part, line, text: String| {
            findings.push(LintFinding { rule: Rule::new(rule), severity, part, line, text });
        };
        if self.name.trim().is_empty() {
            add(99, Severity::Violation, "name", None, "the name is blank".to_owned());
        }
        if let Some(warning) = self.identifier.warning() {
            add(97, Severity::Warning, "identifier", None, warning.to_string());
        }
        for (form, [html, css, js]) in [
            (&self.tenant, ["tenant.html", "tenant.css", "tenant.js"]),
            (&self.user, ["user.html", "user.css", "user.js"]),
        ] {
            for line in markup::id_attributes(&form.html) {
                let text = "an `id` attribute; forms find elements by `name`".to_owned();
                add(93, Severity::Warning, html, Some(line), text);
            }
            for (name, line) in markup::class_names(&form.css) {
                if !name.starts_with(self.identifier.as_str()) {
                    let text = format!("the class `{name}` does not begin with the identifier");
                    add(100, Severity::Warning, css, Some(line), text);
                }
            }
            for export in ["load", "save"] {
                if !form.js.trim().is_empty() && !script::exports(&form.js, export) {
                    let text = format!("the script does not export `{export}`");
                    add(101, Severity::Violation, js, None, text);
                }
            }
        }
        findings
    }
}
