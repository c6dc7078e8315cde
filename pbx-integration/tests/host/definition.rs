//! Definitions, language items and bundle files.

use pbx_integration::Identifier;
use pbx_integration::definition::{
    Definition, DefinitionError, IdentifierError, language_items, render_language,
};
use serde_json::json;

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

// P99
#[test]
fn a_name_is_not_blank_and_css_may_be_empty() {
    for blank in ["", " \t"] {
        let error = Definition::new(blank, Identifier::new("a").unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "the name of an integration is blank");
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
    let warning = small.identifier.warning().unwrap().to_string();
    assert!(warning.starts_with("invalid identifier: character 0 is not"), "{warning}");
}

// P102
#[test]
fn a_file_that_is_not_a_bundle_is_refused_with_a_reason() {
    let read = |json: &str| Definition::from_bundle(json).map(drop).unwrap_err();
    let head = r#""format":"pbx-integration/1","name":"A","identifier":"a""#;
    for (json, text) in [
        ("[]".to_owned(), "bundle file: expected a JSON object, found a list"),
        ("{".to_owned(), "bundle file: expected JSON, found a syntax error in line 1, column 1"),
        (
            r#"{"format":"pbx-integration/2","name":"A","identifier":"a"}"#.to_owned(),
            "bundle file: `format` is not pbx-integration/1",
        ),
        (
            r#"{"name":"A","identifier":"a"}"#.to_owned(),
            "bundle file: format: expected a required field, found no value",
        ),
        (
            format!(r#"{{{head},"tenant":"text"}}"#),
            "bundle file: tenant: expected an object, found a text",
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

/// The findings of the script check, as text.
fn script(text: &str) -> Vec<String> {
    pbx_integration::definition::check_script(text).iter().map(ToString::to_string).collect()
}

// P205
#[test]
fn a_backend_script_is_es5_and_spells_its_entry_points() {
    assert_eq!(script("function oncdr(cdr) { for (var i in cdr) { i += 'x'; } }"), [""; 0]);
    assert_eq!(script("var onhttp = function (data, callback) { callback(200); };"), [""; 0]);
    assert_eq!(script("onagent = function (data) {};"), [""; 0]);
    let none = "expected a function ongroup, onagent, oncdr or onhttp, found none";
    assert_eq!(script(""), [none]);
    assert_eq!(
        script("function oncdr(cdr) {\n  return {;\n}"),
        ["line 2, column 11: expected ECMAScript, found a syntax error"]
    );
    for (name, point) in [
        ("ongroop", "ongroup"),
        ("onagnet", "onagent"),
        ("oncdrs", "oncdr"),
        ("onhtp", "onhttp"),
        ("onCdr", "oncdr"),
    ] {
        let text = format!("function {name}(data) {{}}");
        assert_eq!(script(&text), [format!("expected `{point}`, found `{name}`"), none.to_owned()]);
    }
    assert_eq!(script("function oncall() {} function group() {}"), [none], "two edits away");
    for (body, what) in [
        ("let a = 1;", "`let` or `const`"),
        ("const a = 1;", "`let` or `const`"),
        ("var a = b => b;", "an arrow function"),
        ("var a = `b`;", "a template string"),
        ("class A {}", "a class"),
        ("for (var a of b) {}", "`for … of`"),
        ("var {a} = b;", "a destructuring pattern"),
        ("f(...a);", "`...`"),
        ("for (let a in b) {}", "`let` or `const`"),
        ("function f(a = 1) {}", "a default value"),
        ("function f(...a) {}", "a rest parameter"),
        ("async function f() {}", "`async`"),
        ("function* f() {}", "a generator"),
        ("var a = b ** 2;", "`**`"),
        ("var a = b ?? 2;", "`??`"),
        ("var a = b?.c;", "`?.`"),
        ("var a = {b};", "a short, computed or method property"),
        ("a ||= 1;", "a newer assignment operator"),
        ("try {} catch {}", "`catch` without a parameter"),
        ("var a = /b/u;", "a newer flag of a regular expression"),
    ] {
        let found = script(&format!("function oncdr() {{\n{body}\n}}"));
        assert!(
            found.iter().any(|line| line.contains(&format!("found {what}"))),
            "{body}: {found:?}"
        );
    }
    assert!(!script("function oncdr() { var k = 'S3CRET }").join("").contains("S3CRET"));
}
