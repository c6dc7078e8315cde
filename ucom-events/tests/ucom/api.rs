//! The API as requests and replies, §3.

use http::{HeaderMap, Method, StatusCode};
use ucom_events::api::{
    AccessToken, AddSubscription, ApiHost, ApiRequest, ClientDirectory, ClientId,
    DeleteSubscription, EventOwner, ExtensionPages, GetClient, GetExtension, GetLimits, GetUser,
    Grant, ListExtensions, ListSubscriptions, RateLimit, RequestToken, Secret, UpdateSubscription,
    authorize_url,
};
use ucom_events::{
    Action, AgentId, DeliveryMethod, Directory, ExtensionId, ExtensionType, Listed, SubscriptionId,
    SubscriptionSpec, SubscriptionType, SubscriptionUrl, Wanted, plan,
};

const EXTENSION: ExtensionId = ExtensionId::new(33_335);
const CLIENT: ClientId = ClientId::new(801);
const HOOK: &str = "https://crm.example.com/ext-event/secret-of-the-row";

fn host() -> ApiHost {
    ApiHost::new("pbx.example.com").unwrap()
}

fn hangup() -> SubscriptionSpec {
    SubscriptionSpec::new(
        SubscriptionType::Hangup,
        DeliveryMethod::Post,
        SubscriptionUrl::new(HOOK),
    )
}

/// A request as one line: method, path and query, body.
fn line(question: &impl ApiRequest) -> String {
    let token = AccessToken::new("t0ken").unwrap();
    let request = question.request(&host(), Some(&token)).unwrap();
    assert_eq!(request.headers()["authorization"], "Bearer t0ken");
    assert!(request.headers()["authorization"].is_sensitive());
    let uri = request.uri().to_string();
    let path = uri.strip_prefix("https://pbx.example.com/api/ver1.0/").unwrap();
    format!("{} {path} {}", request.method(), std::str::from_utf8(request.body()).unwrap())
        .trim_end()
        .to_owned()
}

#[test]
fn each_resource_has_its_method_path_and_body() {
    let body = format!(r#"{{"url":"{HOOK}","event_type":"hangup","method":"POST"}}"#);
    let id = SubscriptionId::new(150);
    let agent = || EventOwner::agent(CLIENT, &AgentId::new("136"));
    assert_eq!(line(&GetUser::new()), "GET user/");
    assert_eq!(line(&GetClient::new(CLIENT)), "GET client/801/client/");
    assert_eq!(line(&ListExtensions::new(CLIENT)), "GET client/801/extension/");
    assert_eq!(
        line(
            &ListExtensions::new(CLIENT)
                .with_type(ExtensionType::from("IVR"))
                .with_name("453*106")
                .with_page(2)
        ),
        "GET client/801/extension/?type=ivr&name=453*106&page=2"
    );
    assert_eq!(line(&GetExtension::new(CLIENT, EXTENSION)), "GET client/801/extension/33335");
    assert_eq!(line(&ListSubscriptions::new(EXTENSION)), "GET extension/33335/event/");
    assert_eq!(
        line(&AddSubscription::new(EXTENSION, hangup())),
        format!("POST extension/33335/event/ {body}")
    );
    assert_eq!(
        line(&UpdateSubscription::new(EXTENSION, id, hangup())),
        format!("PUT extension/33335/event/150 {body}")
    );
    assert_eq!(line(&DeleteSubscription::new(EXTENSION, id)), "DELETE extension/33335/event/150");
    assert_eq!(line(&ListSubscriptions::of(agent())), "GET client/801/agent/136/event/");
    assert_eq!(
        line(&DeleteSubscription::new(agent(), id)),
        "DELETE client/801/agent/136/event/150"
    );
    assert_eq!(
        line(&ListSubscriptions::of(EventOwner::phones(CLIENT))),
        "GET client/801/phone_events/"
    );
    assert_eq!(
        line(&ListSubscriptions::of(EventOwner::at("/agent/136/event/"))),
        "GET agent/136/event/"
    );
    assert_eq!(line(&GetLimits::new()), "GET limit/");
}

#[test]
fn a_body_is_json_and_a_token_request_is_a_form() {
    let added = AddSubscription::new(EXTENSION, hangup()).request(&host(), None).unwrap();
    assert_eq!(added.headers()["content-type"], "application/json");
    assert!(!added.headers().contains_key("authorization"));
    let secret = || Secret::new("s&cret");
    let of = |grant| {
        let request = RequestToken::new("app", secret(), grant).request(&host(), None).unwrap();
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri(), "https://pbx.example.com/oauth/token");
        assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
        String::from_utf8(request.into_body()).unwrap()
    };
    assert_eq!(
        of(Grant::ClientCredentials),
        "grant_type=client_credentials&client_id=app&client_secret=s%26cret"
    );
    assert_eq!(
        of(Grant::AuthorizationCode { code: secret(), redirect_uri: "https://a/b".to_owned() }),
        "grant_type=authorization_code&client_id=app&client_secret=s%26cret&code=s%26cret&redirect_uri=https%3A%2F%2Fa%2Fb"
    );
    assert_eq!(
        of(Grant::Password { username: "u".to_owned(), password: secret() }),
        "grant_type=password&client_id=app&client_secret=s%26cret&username=u&password=s%26cret"
    );
    assert_eq!(
        authorize_url(&host(), "app", "https://a/b", "x"),
        "https://pbx.example.com/oauth/authorize?response_type=code&client_id=app&redirect_uri=https%3A%2F%2Fa%2Fb&scope=all&state=x"
    );
}

#[test]
fn no_text_in_a_path_leaves_its_place() {
    for agent in ["..", "../../extension/1/event", "1?x", "1#x", "1/2", "а"] {
        let line = line(&ListSubscriptions::of(EventOwner::agent(CLIENT, &AgentId::new(agent))));
        let path = line.strip_prefix("GET client/801/agent/").unwrap();
        assert_eq!(path.matches('/').count(), 2, "{line}");
        assert!(path.ends_with("/event/") && !path.contains(['?', '#']), "{line}");
        assert!(!path.starts_with("../"), "{line}");
    }
}

#[test]
fn secrets_are_not_in_what_debug_shows() {
    let secret = "secret-of-the-row";
    let password = Grant::Password { username: "u".to_owned(), password: Secret::new(secret) };
    let shown = [
        format!("{:?}", AddSubscription::new(EXTENSION, hangup())),
        format!("{:?}", AddSubscription::new(EXTENSION, hangup()).body()),
        format!("{:?}", RequestToken::new("app", Secret::new(secret), password)),
        format!("{:?}", AccessToken::new(secret)),
        format!(
            "{:?}",
            RequestToken::new("app", Secret::new("x"), Grant::ClientCredentials).read(
                format!(r#"{{"access_token":"{secret}","refresh_token":"{secret}"}}"#).as_bytes()
            )
        ),
    ];
    for text in shown {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn a_token_reply_tells_how_long_it_is_good() {
    let question = RequestToken::new("app", Secret::new("x"), Grant::ClientCredentials);
    let reply = question
        .read(
            br#"{"access_token": "a", "token_type": "Bearer", "expires_in": 3600, "scope": "all"}"#,
        )
        .unwrap();
    assert_eq!(reply.expires_in.unwrap().as_secs(), 3600);
    assert_eq!((reply.scope.as_deref(), reply.refresh_token), (Some("all"), None));
    assert_eq!(reply.access_token, AccessToken::new("a").unwrap());
    assert!(question.read(br#"{"access_token": "a\nb"}"#).is_err());
}

#[test]
fn a_client_is_read_as_pages_write_it_r5() {
    let question = GetClient::new(CLIENT);
    for body in [
        r#"{"prefix": "0003", "extension_len": "3", "id": 801}"#,
        r#"{"prefix": "0003", "extension_len": 3}"#,
        r#"[{"prefix": "0003", "extension_len": 3}]"#,
    ] {
        let client = question.read(body.as_bytes()).unwrap();
        assert_eq!((&*client.prefix, client.extension_len), ("0003", 3), "{body}");
    }
    let error =
        question.parse(StatusCode::OK, &HeaderMap::new(), br#"{"prefix": "453"}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "reading the client's prefix: 200 with a body that is not a client with prefix and extension_len"
    );
}

#[test]
fn extensions_are_read_with_what_is_unknown_and_page_by_page_r4() {
    let page = |body: &str| ListExtensions::new(CLIENT).read(body.as_bytes()).unwrap();
    let first = page(
        r#"[{"id": 1, "name": "453*106", "type": "phone", "label": null, "new": [1]},
            {"id": 2, "name": "453*099", "type": "IVR"}, {"name": "453*107"}]"#,
    );
    assert_eq!((first.extensions.len(), first.unreadable), (2, 1));
    assert_eq!(first.extensions[0].other["new"][0], 1);
    assert_eq!(first.extensions[0].short_name(), "106");
    assert_eq!(first.extensions[1].extension_type, ExtensionType::Ivr);
    let directory = ClientDirectory::new(&first.extensions);
    assert_eq!(directory.extension_type("099"), Some(ExtensionType::Ivr));
    assert!(directory.contains("453*106") && !directory.contains("107"));

    let mut pages = ExtensionPages::new(CLIENT);
    let mut asked = Vec::new();
    while let Some(question) = pages.next_request() {
        asked.push(question.path());
        // A PBX that gives the same page again and again does not make it endless (R19).
        pages.handle_page(first.clone());
    }
    assert_eq!(asked.len(), 2);
    assert!(asked[0].ends_with("?page=1") && asked[1].ends_with("?page=2"));
    assert_eq!(pages.into_extensions().len(), 2);
}

#[test]
fn subscriptions_of_others_may_lack_anything() {
    let list = ListSubscriptions::new(EXTENSION)
        .read(
            br#"[{"id": 150, "url": "https://a/b", "event_type": "dial-in", "method": "GET"},
                {"id": "151", "event_type": "sms"}, {"url": "https://a/b"}, 7]"#,
        )
        .unwrap();
    assert_eq!((list.subscriptions.len(), list.unreadable), (2, 2));
    assert_eq!(list.subscriptions[0].spec.method, DeliveryMethod::Get);
    assert_eq!(list.subscriptions[1].id, SubscriptionId::new(151));
    assert_eq!(list.subscriptions[1].spec.event_type.as_str(), "sms");
}

#[test]
fn limits_are_kept_as_they_are() {
    let limits = GetLimits::new().read(br#"{"extension_event": "16", "agent_event": 8}"#).unwrap();
    assert_eq!(limits.number("extension_event"), Some(16));
    assert_eq!(limits.number("agent_event"), Some(8));
    assert_eq!(limits.number("other"), None);
    assert_eq!(limits.as_json()["agent_event"], 8);
}

#[test]
fn a_refusal_tells_codes_and_who_acts_and_no_words_of_the_reply() {
    let mut headers = HeaderMap::new();
    headers.insert("x-ratelimit-remaining", "3".parse().unwrap());
    let error = ListSubscriptions::new(EXTENSION)
        .parse(
            StatusCode::FORBIDDEN,
            &headers,
            br#"{"status": "app_access_type_deny", "message": "+79215550142 may not"}"#,
        )
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "listing subscriptions: refused with 403 app_access_type_deny; up to the user, then the PBX administrator"
    );
    assert!(!format!("{error:?}").contains("79215550142"));
    let head = error.head().unwrap();
    assert_eq!(head.message(), Some("+79215550142 may not"));
    assert_eq!(head.rate.remaining, Some(3));
    assert_eq!(head.rate, RateLimit::read(&headers),);
}

#[test]
fn a_plans_steps_are_requests_and_none_removes_all_r12() {
    let urls = ucom_events::EventUrls::new("https://crm.example.com/").unwrap();
    let mut wanted = Wanted::new();
    wanted.insert(EXTENSION, hangup());
    let mut listed = Listed::new();
    let old = |id, kind: SubscriptionType| {
        let url = SubscriptionUrl::new("https://crm.example.com/old");
        let spec = SubscriptionSpec::new(kind, DeliveryMethod::Post, url);
        ucom_events::Subscription::new(SubscriptionId::new(id), spec)
    };
    listed.insert(EXTENSION, [old(1, SubscriptionType::Hangup), old(2, SubscriptionType::Answer)]);
    let other = ExtensionId::new(9);
    wanted.insert(other, hangup());
    listed.insert(other, []);
    let plan = plan(&wanted, &listed, 16, &ucom_events::Ownership::new(&urls));
    let lines: Vec<_> = plan.steps().map(|step| line(&step.request())).collect();
    assert!(lines[0].starts_with("POST extension/9/event/ {"));
    assert_eq!(lines[1], "DELETE extension/33335/event/2");
    assert!(lines[2].starts_with("PUT extension/33335/event/1 {"));
    for step in plan.steps() {
        if matches!(step.action, Action::Delete { .. }) {
            assert!(!step.request().path().ends_with('/'));
        }
    }
}

#[test]
fn a_host_is_https_and_bare() {
    for host in ["pbx.example.com", "https://pbx.example.com", "pbx.example.com:8443"] {
        assert!(ApiHost::new(host).is_ok(), "{host}");
    }
    for host in [
        "http://pbx.example.com",
        "https://user:pw@pbx.example.com",
        "pbx.example.com/path",
        "pbx.example.com?x",
        "ftp://pbx.example.com",
        "",
        "a b",
    ] {
        assert!(ApiHost::new(host).is_err(), "{host}");
    }
    assert!(ApiHost::allowing_http("http://127.0.0.1:8080").is_ok());
}

#[test]
fn a_refused_addition_may_mean_that_no_place_is_free_r14() {
    let rows = [
        (409, "", true),
        (400, "too_many", true),
        (403, "", true),
        (403, "access_denied", false),
        (401, "", false),
        (404, "", false),
        (429, "rate_limit_exceeded", false),
        (500, "", false),
    ];
    for (code, status, may_lack_place) in rows {
        let body = format!(r#"{{"status": "{status}"}}"#);
        let code = StatusCode::from_u16(code).unwrap();
        let question = AddSubscription::new(EXTENSION, hangup());
        let error = question.parse(code, &HeaderMap::new(), body.as_bytes()).unwrap_err();
        assert_eq!(AddSubscription::may_lack_place(&error), may_lack_place, "{code} {status}");
    }
}
