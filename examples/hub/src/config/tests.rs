use super::Config;

fn mistakes(text: &str) -> Vec<String> {
    let error = Config::parse(text).unwrap_err();
    error.mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn every_mistake_is_named_with_its_key_and_what_is_expected() {
    let text = r#"
        listen = "0.0.0.0:8080"
        inbox_hours = 0
        colour = "red"

        [[source]]
        name = "Head Office"
        kind = "basix"
        server = "http://pbx.example.net"
        token = "plain text"

        [[source]]
        name = "cloud"
        kind = "gravitel"
        token = { env = "HUB_TEST_NO_SUCH_VARIABLE" }
        endpoint = "http://user:key@pbx.example/api"

        [[source]]
        name = "cloud"
        kind = "asterisk"
    "#;
    let found = mistakes(text);
    let expected = [
        "inbox_hours: expected a whole number from 1 to 8760, found a whole number",
        "database: expected the path of the database's file, found nothing",
        "source[0].name: expected 1 to 32 of a-z, 0-9 and -, found another text",
        "source[0].token: expected { env = \"NAME\" } or { file = \"PATH\" }, found a text",
        "source[0].domain: expected the domain at the PBX, found nothing",
        "source[1].token: expected the environment variable HUB_TEST_NO_SUCH_VARIABLE, found none",
        "source[2].name: expected a name of its own, found one that is taken",
        "source[2].kind: expected basix, gravitel, ucom or vodia, found another text",
        "token: expected a token, as `listen` is not on loopback, found nothing",
    ];
    for line in expected {
        assert!(found.iter().any(|found| found == line), "{line}\n{}", found.join("\n"));
    }
    for start in [
        "source[0].server: expected a URL",
        "source[1].endpoint: expected a URL",
        "colour: expected one of",
    ] {
        assert!(
            found.iter().any(|found| found.starts_with(start)),
            "{start}\n{}",
            found.join("\n")
        );
    }
    assert_eq!(found.len(), expected.len() + 3, "{}", found.join("\n"));
    assert!(!found.join("\n").contains("plain text"), "a secret is shown");
}

#[test]
fn a_mistake_of_syntax_is_named_with_its_line_and_without_its_text() {
    let found = mistakes("listen = \"127.0.0.1:1\"\ntoken = s3cret\n");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("line 2: expected TOML, found "), "{}", found[0]);
    assert!(!found[0].contains("s3cret"), "{}", found[0]);
}

#[test]
fn a_secret_is_read_from_a_file_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let text = format!(
        "database = \"hub.sqlite3\"\ntoken = {{ file = {path:?} }}\n[[source]]\nname = \"tenant\"\n\
         kind = \"vodia\"\ntenant = \"t.example\"\ntoken = {{ file = {path:?} }}\n\
         cdr_password = {{ file = {path:?} }}\n"
    );
    let secret = "sJ3kq0P-ww7Zt1b_9dRmXv5eLhYc2aGu";
    std::fs::write(&path, format!("{secret}\n")).unwrap();
    let config = Config::parse(&text).unwrap();
    assert_eq!(config.token.as_ref().unwrap().expose(), secret);
    assert!(!format!("{config:?}").contains(secret));
    std::fs::write(&path, "s3cret+").unwrap();
    assert_eq!(
        mistakes(&text),
        [
            "source[0].token: expected 32 to 128 letters, digits, _ and -, found another text",
            "source[0].cdr_password: expected letters, digits, _ and -, found another text",
        ]
    );
}

#[test]
fn the_example_has_no_mistakes_but_the_secrets_that_are_not_here() {
    let text = include_str!("../../hub.example.toml");
    let found = mistakes(text);
    let is_expected = |line: &&String| {
        let needs_tls = cfg!(not(feature = "tls")) && line.contains("expected a URL");
        line.contains("environment variable") || line.contains("readable file") || needs_tls
    };
    assert!(found.iter().all(|line| is_expected(&line)), "{}", found.join("\n"));
}
