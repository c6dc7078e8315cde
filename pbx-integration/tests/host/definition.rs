//! Definitions, their linter, language items and bundle files (§8.2, §8.3, §9).

use pbx_integration::{Definitions, Identifier, Reader, form_query};
use pbx_integration::definition::{Definition, DefinitionError, FrontEnd, IdentifierError, language_items, render_language};
use pbx_integration::wire::Severity;
use serde_json::json;

fn crm() -> Definition {
    Definition::new("Our CRM System", Identifier::new("ourcrmsys").unwrap()).unwrap()
}

/// What the linter finds, as text.
fn lint(definition: &Definition) -> Vec<String> {
    definition.lint().iter().map(ToString::to_string).collect()
}

// P97
#[test]
fn the_strict_form_is_lower_case_letters_and_digits() {
    let longest = format!("a{}", "1".repeat(63));
    for good in ["a", "ourcrmsys", "crm2", &longest] {
        assert_eq!(Identifier::new(good).unwrap().as_str(), good);
        assert_eq!(Identifier::lenient(good).unwrap().1, None);
    }
    for (bad, text) in [
        ("", "invalid identifier: it is empty"),
        ("2crm", "invalid identifier: it begins with a digit instead of a letter"),
        (
            "Our CRM!",
            "invalid identifier: character 0 is not a lower-case letter a-z or a digit 0-9",
        ),
        (
            "crm-sys",
            "invalid identifier: character 3 is not a lower-case letter a-z or a digit 0-9",
        ),
        ("crmü", "invalid identifier: character 3 is not a lower-case letter a-z or a digit 0-9"),
        (&format!("{longest}1"), "invalid identifier: it has more than 64 characters"),
    ] {
        assert_eq!(Identifier::new(bad).unwrap_err().to_string(), text, "{bad}");
    }
}

// P97
#[test]
fn the_lenient_form_takes_what_does_no_harm_and_warns() {
    for odd in ["Our-CRM", "2crm", "crm_ü", "CRM.v2", &"a".repeat(65)] {
        let (identifier, warning) = Identifier::lenient(odd).unwrap();
        assert_eq!(identifier.as_str(), odd);
        assert!(warning.is_some() && identifier.warning() == warning, "{odd}");
    }
    for (bad, at) in [
        ("Our CRM!", 3),
        ("a\tb", 1),
        ("a\u{a0}b", 1),
        ("\0", 0),
        ("a/b", 1),
        ("a?b", 1),
        ("a#b", 1),
        ("a\"b", 1),
        ("a'b", 1),
        ("a`b", 1),
        ("a<b", 1),
        ("a>b", 1),
    ] {
        let error = Identifier::lenient(bad).unwrap_err();
        assert_eq!(error, IdentifierError::HarmfulCharacter { position: at }, "{bad:?}");
    }
    assert_eq!(Identifier::lenient("").unwrap_err(), IdentifierError::Empty);
}

// P98
#[test]
fn identifiers_are_unique_and_compare_exactly() {
    let mut definitions = Definitions::default();
    definitions.insert(crm()).unwrap();
    let error = definitions.insert(crm()).unwrap_err();
    assert_eq!(error.to_string(), "there is an integration `ourcrmsys` already");
    let (spelt, _) = Identifier::lenient("OurCrmSys").unwrap();
    definitions.insert(Definition::new("Other", spelt).unwrap()).unwrap();
    assert_eq!(definitions.iter().count(), 2);
    assert!(definitions.get("ourcrmsys").is_some() && definitions.get("OURCRMSYS").is_none());
    assert!(definitions.remove("ourcrmsys").is_some());
    definitions.insert(crm()).unwrap();
}

// P99
#[test]
fn a_name_is_not_blank_and_css_may_be_empty() {
    for blank in ["", " \t"] {
        let error = Definition::new(blank, Identifier::new("a").unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "the name of an integration is blank");
    }
    let mut definition = crm();
    definition.tenant = FrontEnd::new("<div></div>", "", "");
    assert!(lint(&definition).is_empty());
    definition.name.clear();
    assert_eq!(lint(&definition), ["name: the name is blank (P99)"]);
}

// P93
#[test]
fn id_attributes_are_warned_about_and_nothing_else_is() {
    let mut definition = crm();
    definition.tenant.html = r#"<div id="a"
        data-id="x" grid=y title="id=z"><p>id=text</p><!-- <i id=c> -->
        <input ID = 'b' name="id"><br/ id>
        <script>var a = "<b id=d>"</script><style>i[id=e] {}</style>
        < id=f><a href=a>b id=g</a></div id=h>"#
        .to_owned();
    let findings = definition.lint();
    assert!(findings.iter().all(|finding| finding.severity == Severity::Warning));
    let lines: Vec<_> = findings.iter().map(|finding| finding.line.unwrap()).collect();
    assert_eq!(lines, [1, 3, 3]);
    assert_eq!(
        lint(&definition)[0],
        "tenant.html:1: an `id` attribute; forms find elements by `name` (P93)"
    );
}

// P100
#[test]
fn class_names_that_do_not_begin_with_the_identifier_are_warned_about() {
    let mut definition = crm();
    definition.user.css = r#"/* .comment {} */
.ourcrmsys-token, div.ourcrmsys > .token:hover { width: .5em; background: url(a.png); }
@media (max-width: 12.5em) { .narrow { content: ".text"; } }
@import "x.css"; @layer base.theme { .ourcrmsys { margin: 0 } }
a[href$=".pdf"] .ourcrmsys { margin: 0 .1em }
.late"#
        .to_owned();
    assert_eq!(
        lint(&definition),
        [
            "user.css:2: the class `token` does not begin with the identifier (P100)",
            "user.css:3: the class `narrow` does not begin with the identifier (P100)",
        ]
    );
}

// P101
#[test]
fn a_script_exports_load_and_save() {
    let mut definition = crm();
    for good in [
        "export const load = (form, data) => {}; export const save = form => ({});",
        "export function load(form, data) {}\nexport async function save(form) {}",
        "const load = 1, s = 2;\nexport { load, s as save };",
        "export {load}; export {save}",
        "export /* both */ const load = 'export'; export\nfunction save() {}",
        r#"const q = s => s.replace(/["'`]/g, ""); export const load = q; export const save = q"#,
        r"const r = [/\/'/, /[/']/]; const x = 4 / 2; export { r as load, x as save }; // '",
        "",
        " \n",
    ] {
        definition.tenant.js = good.to_owned();
        assert!(lint(&definition).is_empty(), "{good}");
    }
    for (bad, missing) in [
        ("function load() {}", &["load", "save"][..]),
        ("// export const load = 1\nexport const save = 1;", &["load"]),
        (
            "let t = 'export const load'; export const save = 1; /* export function load() {} */",
            &["load"],
        ),
        ("export { load as other, save };", &["load"]),
        ("export const loader = 1, x = 2; export function saved() {}", &["load", "save"]),
        ("const load = `export { load }`; export { save }", &["load"]),
        ("const r = /'/; const t = 'export const load'; export { r as save }", &["load"]),
        ("let s = 'a' / 'export const load' / `b`; export { s as save }", &["load"]),
        ("let a = 8 / 'export const load' / 2; export { a as save }", &["load"]),
    ] {
        definition.tenant.js = bad.to_owned();
        let expected: Vec<_> = missing
            .iter()
            .map(|name| format!("tenant.js: the script does not export `{name}` (P101)"))
            .collect();
        assert_eq!(lint(&definition), expected, "{bad}");
        let findings = definition.lint();
        assert!(findings.iter().all(|finding| finding.severity == Severity::Violation));
    }
}

// P94, P95
#[test]
fn language_items_are_what_has_the_form() {
    for (text, items) in [
        ("[[dom_actionurl#user]]", &[(Some("dom_actionurl"), "user")][..]),
        ("a [[save]] b [[x.y-z#K_1]]", &[(None, "save"), (Some("x.y-z"), "K_1")]),
        ("plain text, [one] bracket", &[]),
        ("[[]] [[#a]] [[a#]] [[a b]] [[a#b#c]] [[ü]] [[a\n]]", &[]),
        ("[[a[[b]]", &[(None, "b")]),
        ("[[[a]]]", &[(None, "a")]),
        ("[[a]b]] [[c]]", &[(None, "c")]),
        ("[[a]][[b]]", &[(None, "a"), (None, "b")]),
        ("]][[a", &[]),
    ] {
        let found: Vec<_> = language_items(text).map(|item| (item.file, item.key)).collect();
        assert_eq!(found, items, "{text}");
    }
}

// P96
#[test]
fn known_items_are_replaced_and_escaped_and_unknown_ones_stay() {
    let text = "<p>[[file#known]] [[unknown]] [[unknown]] [[no item]]</p>";
    let rendered = render_language(text, |item| {
        (item.file == Some("file")).then(|| format!("<{}> & \"it's\" [[save]]", item.key))
    });
    assert_eq!(
        rendered.text,
        "<p>&lt;known&gt; &amp; &quot;it&#39;s&quot; [[save]] [[unknown]] [[unknown]] [[no item]]</p>"
    );
    assert_eq!(rendered.unknown, ["[[unknown]]"]);
}

// P102
#[test]
fn a_bundle_is_read_and_written_with_what_is_not_known() {
    let json = json!({
        "format": "pbx-integration/1", "name": "Our CRM System", "identifier": "ourcrmsys",
        "version": "1.2", "tenant": {"html": "<div></div>", "css": "", "js": "", "more": [1.50]},
        "user": {"html": "", "css": ".a{}", "js": ""}, "backend": "function oncdr(cdr) {}",
        "author": {"name": "somebody"},
    });
    let definition = Definition::from_bundle(&json.to_string()).unwrap();
    assert_eq!(definition.version.as_deref(), Some("1.2"));
    assert_eq!(definition.tenant.html, "<div></div>");
    assert_eq!(definition.user.css, ".a{}");
    assert_eq!(definition.backend, "function oncdr(cdr) {}");
    let written = definition.to_bundle();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), json);
    assert_eq!(Definition::from_bundle(&written).unwrap(), definition);

    let small = r#"{"format":"pbx-integration/1","name":"A","identifier":"Odd-One"}"#;
    let small = Definition::from_bundle(small).unwrap();
    assert!(small.tenant.is_empty() && small.user.is_empty() && small.backend.is_empty());
    assert_eq!(
        lint(&small),
        [
            "identifier: invalid identifier: character 0 is not a lower-case letter a-z or a digit 0-9 (P97)"
        ]
    );
}

// P102
#[test]
fn what_is_no_bundle_is_refused_with_a_reason() {
    let read = |json: &str| Definition::from_bundle(json).map(drop).unwrap_err();
    let head = r#""format":"pbx-integration/1","name":"A","identifier":"a""#;
    for (json, text) in [
        ("[]".to_owned(), "bundle file: a JSON object is expected, found a list (P11)"),
        ("{".to_owned(), "bundle file: JSON is expected, found something else (P11)"),
        (
            r#"{"format":"pbx-integration/2","name":"A","identifier":"a"}"#.to_owned(),
            "bundle file: `format` is not pbx-integration/1",
        ),
        (
            r#"{"name":"A","identifier":"a"}"#.to_owned(),
            "bundle file: format: a required field is expected, found nothing (P13)",
        ),
        (
            format!(r#"{{{head},"tenant":"text"}}"#),
            "bundle file: tenant: an object is expected, found a text (P12)",
        ),
        (
            format!(r#"{{{head},"secrets":{{"password":"p1"}}}}"#),
            "bundle file: it holds `secrets`; settings and secrets have no place in it",
        ),
        (
            format!(r#"{{{head},"user":{{"settings":[]}}}}"#),
            "bundle file: it holds `settings`; settings and secrets have no place in it",
        ),
        (
            r#"{"format":"pbx-integration/1","name":" ","identifier":"a"}"#.to_owned(),
            "the name of an integration is blank",
        ),
        (
            r#"{"format":"pbx-integration/1","name":"A","identifier":"a/b"}"#.to_owned(),
            "invalid identifier: character 1 is a control character, white space, a quote, an angle \
             bracket, '/', '?' or '#'",
        ),
    ] {
        assert_eq!(read(&json).to_string(), text, "{json}");
    }
    assert!(matches!(read("{}"), DefinitionError::Read(_)));
}

// P103
#[test]
fn the_lists_of_the_rest_interface_tell_what_is_configured() {
    let json = r#"[
        {"identifier":"a","name":"A","version":"1","edit":true},
        {"identifier":"b","name":"B","edit":"false","more":1},
        {"identifier":"c","settings":"true"},
        {"identifier":"d","configured":false},
        {"identifier":"e"}]"#;
    let list = Reader::strict().read_integration_list(json).unwrap().value;
    let configured: Vec<_> = list.iter().map(|listed| listed.is_configured()).collect();
    assert_eq!(configured, [Some(true), Some(false), Some(true), Some(false), None]);
    assert_eq!(list[1].extra.get("more"), Some("1"));
    let error = Reader::strict().read_integration_list(r#"[{"edit":7,"identifier":"a"}]"#);
    assert_eq!(
        error.unwrap_err().to_string(),
        "integrations[0].edit: true or false is expected, found a number (P9)"
    );
    assert!(Reader::lenient().read_integration_list("[]}, {").is_err());
    let query = form_query(&Identifier::lenient("a&b").unwrap().0, "1 2");
    assert_eq!(query, "type=html&identifier=a%26b&version=1+2");
}
