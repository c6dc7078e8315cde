//! From authorisation and assignments to a plan: R1, R2, R3, R4, R5, R11, R21.

use std::collections::BTreeMap;

use ucom_events::api::ApiRequest;
use ucom_events::{
    Assignment, Connect, ConnectOptions, Connected, EventToken, EventUrls, ExtensionId,
};

fn urls() -> EventUrls {
    EventUrls::new("https://crm.example.com/pbx").unwrap()
}

/// What the API answers, by path.
fn answer(path: &str, hooks: &BTreeMap<u64, String>) -> String {
    let path = path.strip_prefix("api/ver1.0/").unwrap();
    match path {
        "user/" => r#"{"client_id": "801", "extension_id": null, "login": "secret-login"}"#.to_owned(),
        "client/801/client/" => r#"{"prefix": "0003", "extension_len": 3}"#.to_owned(),
        "client/801/extension/?page=1" => r#"[
            {"id": 1, "name": "0003*106", "type": "phone"}, {"id": 2, "name": "0003*107", "type": "phone"},
            {"id": 3, "name": "0003*300", "type": "queue"}, {"id": 4, "name": "0003*099", "type": "IVR"},
            {"id": 5, "name": "0003*108", "type": "phone"}, {"id": 6, "name": "0003*109", "type": "fax"}]"#
            .to_owned(),
        "client/801/extension/?page=2" => "[]".to_owned(),
        path => {
            let id = path.strip_prefix("extension/").and_then(|rest| rest.strip_suffix("/event/"));
            hooks.get(&id.unwrap().parse().unwrap()).cloned().unwrap_or_else(|| "[]".to_owned())
        }
    }
}

fn connect(
    options: ConnectOptions,
    assignments: &[(&str, &str)],
    rows: BTreeMap<ExtensionId, EventToken>,
    hooks: &BTreeMap<u64, String>,
) -> (Connected, Vec<String>) {
    let assignments = assignments.iter().map(|(user, extension)| Assignment::new(user, extension));
    let mut connect = Connect::new(options, assignments.collect(), rows);
    let mut asked = Vec::new();
    while let Some(question) = connect.next_request() {
        assert_eq!(question.method(), http::Method::GET); // changes nothing
        asked.push(question.path());
        assert!(asked.len() < 50, "endless");
        let body = answer(&question.path(), hooks);
        connect.handle_reply(question.read(body.as_bytes()).unwrap());
    }
    let mut random = 0;
    let connected = connect.finish(|| {
        random += 1;
        [random; 16]
    });
    (connected.unwrap(), asked)
}

#[test]
fn users_and_services_are_subscribed_by_short_or_full_number() {
    let assignments =
        [("anna", "106"), ("boris", "0003*107"), ("gleb", "999"), ("vera", "453*106")];
    let (connected, asked) =
        connect(ConnectOptions::new(urls()), &assignments, BTreeMap::new(), &BTreeMap::new());
    assert_eq!(connected.plan.steps().count(), 4 + 4 + 1 + 1);
    assert_eq!(connected.rows.len(), 4);
    let without: Vec<_> = connected.users_without_extension().map(Assignment::user).collect();
    assert_eq!(without, ["gleb", "vera"]);
    // Nothing is asked twice, and nothing of extensions that do not matter (R21).
    assert_eq!(asked.len(), 4 + 4);
    let text = connected.to_string();
    assert!(
        text.starts_with("client 801, prefix 0003, short numbers of 3 digits, 6 extensions\n"),
        "{text}"
    );
    assert!(text.contains("user anna: 0003*106 (phone)\n"), "{text}");
    assert!(text.contains("user gleb: ! the PBX has no extension 999\n"), "{text}");
    assert!(text.contains("  add: dial-in by POST to https://crm.example.com/…\n"), "{text}");
    assert!(!text.contains("0101") && !format!("{connected:?}").contains("secret-login"), "{text}");
}

#[test]
fn a_changed_assignment_moves_the_subscriptions_r11() {
    let token = EventToken::from_random([0xaa; 16]);
    let rows: BTreeMap<_, _> =
        [(ExtensionId::new(1), token.clone()), (ExtensionId::new(99), token.clone())].into();
    let hook = format!(
        r#"[{{"id": 7, "event_type": "hangup", "method": "POST", "url": "https://crm.example.com/pbx/ext-event/{}"}},
            {{"id": 8, "event_type": "hangup", "method": "POST", "url": "https://other.example.com/x"}}]"#,
        token.expose()
    );
    let hooks = [(1, hook)].into();
    let options = || ConnectOptions::new(urls()).with_services(false).with_answer(false);
    let (moved, asked) = connect(options(), &[("anna", "107")], rows.clone(), &hooks);
    let steps: Vec<_> = moved.plan.steps().map(ToString::to_string).collect();
    assert_eq!(steps[0], "extension 1: delete our 7: hangup");
    assert_eq!(steps.len(), 1 + 3);
    assert_eq!(moved.rows.keys().map(|id| id.get()).collect::<Vec<_>>(), [2]);
    // An extension that is gone is not asked for.
    assert!(!asked.iter().any(|path| path.contains("/99/")));
    // Who stays keeps the token, so that what is right stays.
    let (stays, _) = connect(options(), &[("anna", "106")], rows, &hooks);
    assert_eq!(stays.rows[&ExtensionId::new(1)], token);
    assert_eq!(stays.plan.extensions()[0].right, 1);
}

#[test]
fn there_is_no_plan_before_all_is_known() {
    let connect = Connect::new(ConnectOptions::new(urls()), Vec::new(), BTreeMap::new());
    assert!(connect.finish(|| [0; 16]).is_none());
}
