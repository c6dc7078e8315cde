//! Requests, replies, and the steps after them.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use ucom_events::api::{
    ApiHost, ApiReply, ApiRequest, Attempt, ClientId, Credentials, DeliveryMethod, Grant,
    HourlyBudget, NextStep, Page, RateLimit, Responsible, Secret, Subscription, SubscriptionId,
    SubscriptionSpec, SubscriptionType, User, authorize_url,
};
use ucom_events::event::{AgentId, CallId, ExtensionId};
use ucom_events::plan::{Owner, SubscriptionUrl};

use crate::pbx::reply;

const CLIENT: ClientId = ClientId::new(801);

fn spec() -> SubscriptionSpec {
    SubscriptionSpec::new(
        SubscriptionType::Hangup,
        DeliveryMethod::Post,
        SubscriptionUrl::new("https://crm.example.com/ext-event/secret"),
    )
}

#[test]
fn every_request_has_its_method_and_path() {
    let phone = Owner::Extension(ExtensionId::new(33_335));
    let local = Owner::LocalAgent(AgentId::new("136"));
    let remote = Owner::RemoteAgent(AgentId::new("../x y"));
    let id = SubscriptionId::new(150);
    for (request, expected) in [
        (ApiRequest::user(), "GET user/"),
        (ApiRequest::client(CLIENT), "GET client/801/client/"),
        (ApiRequest::extensions(CLIENT, 2), "GET client/801/extension/?per_page=100&page=2"),
        (ApiRequest::public_numbers(CLIENT, 1), "GET client/801/did/?per_page=100&page=1"),
        (ApiRequest::agents(CLIENT, true, 1), "GET client/801/agent/local/?per_page=100&page=1"),
        (ApiRequest::agents(CLIENT, false, 1), "GET client/801/agent/remote/?per_page=100&page=1"),
        (
            ApiRequest::subscriptions(CLIENT, &phone, 1),
            "GET extension/33335/event/?per_page=100&page=1",
        ),
        (ApiRequest::add(CLIENT, &local, &spec()), "POST client/801/agent/local/136/event/"),
        (ApiRequest::add(CLIENT, &Owner::Phones, &spec()), "POST client/801/phone_events/"),
        (ApiRequest::update(CLIENT, &phone, id, &spec()), "PUT extension/33335/event/150"),
        (
            ApiRequest::delete(CLIENT, &remote, id),
            "DELETE client/801/agent/remote/..%2Fx%20y/event/150",
        ),
        (
            ApiRequest::call_history(CLIENT, &CallId::new("a/b")),
            "GET client/801/call_history/a%2Fb",
        ),
        (ApiRequest::current_calls(CLIENT), "GET client/801/current_calls/"),
    ] {
        let path = request.path.strip_prefix("api/ver1.0/").unwrap();
        assert_eq!(format!("{} {path}", request.method), expected);
    }
}

// D56.
#[test]
fn requests_replies_and_secrets_print_no_token() {
    let owner = Owner::Extension(ExtensionId::new(1));
    let request = ApiRequest::add(CLIENT, &owner, &spec());
    assert_eq!(format!("{request:?}"), "POST api/ver1.0/extension/1/event/ (…)");
    assert_eq!(format!("{:?}", request.body), "Some(Json(…))");
    let password = Grant::Password { username: "anna".into(), password: Secret::new("pw") };
    let credentials = Credentials::new("app", Some(Secret::new("secret")), password);
    assert!(!format!("{credentials:?}").contains("pw"));
    let token = reply(200, r#"{"access_token": "token-1", "expires_in": 3600}"#);
    assert_eq!(format!("{token:?}"), "ApiReply(200, 47 bytes)");
    let token = token.access_token().unwrap();
    assert_eq!(
        (token.token.expose(), token.expires_in),
        ("token-1", Some(Duration::from_secs(3600)))
    );
    assert!(!format!("{token:?}").contains("token-1"));
    let host = ApiHost::new("pbx.example.com").unwrap();
    let http = request.to_http(&host, Some(&Secret::new("token-1"))).unwrap();
    assert!(!format!("{:?}", http.headers()).contains("token-1"));
    assert_eq!(http.headers()["authorization"], "Bearer token-1");
    let body: serde_json::Value = serde_json::from_slice(http.body()).unwrap();
    let url = "https://crm.example.com/ext-event/secret";
    assert_eq!(body, serde_json::json!({"url": url, "event_type": "hangup", "method": "POST"}));
    assert!(request.to_http(&host, Some(&Secret::new("bad\ntoken"))).is_err());
}

#[test]
fn each_grant_asks_for_a_token_in_its_own_way() {
    let form = |grant| {
        let credentials = Credentials::new("app", Some(Secret::new("s&s")), grant);
        let host = ApiHost::new("https://pbx.example.com").unwrap();
        let http = ApiRequest::access_token(&credentials).to_http(&host, None).unwrap();
        assert_eq!(http.uri(), "https://pbx.example.com/oauth/token");
        String::from_utf8(http.into_body()).unwrap()
    };
    let start = "client_id=app&client_secret=s%26s";
    assert_eq!(form(Grant::ClientCredentials), format!("grant_type=client_credentials&{start}"));
    let code = Grant::AuthorizationCode {
        code: Secret::new("c"),
        redirect_uri: "https://crm.example.com/back".to_owned(),
    };
    assert_eq!(
        form(code),
        format!(
            "grant_type=authorization_code&{start}&code=c&redirect_uri=https%3A%2F%2Fcrm.example.com%2Fback"
        )
    );
    let host = ApiHost::new("pbx.example.com").unwrap();
    assert_eq!(
        authorize_url(&host, "app", "https://a.example/", "st"),
        "https://pbx.example.com/oauth/authorize?response_type=code&client_id=app\
         &redirect_uri=https%3A%2F%2Fa.example%2F&scope=all&state=st"
    );
    for host in ["http://pbx.example.com", "pbx.example.com/x", "https://u@pbx.example.com", ""] {
        let error = ApiHost::new(host).unwrap_err().to_string();
        assert_eq!(error, "expected a host name, or an https URL without user, path and query");
    }
}

/// Code, body, responsible party, message.
const REFUSALS: &[(u16, &str, Responsible, &str)] = &[
    (400, "", Responsible::User, "x: refused with 400; up to the user"),
    (
        403,
        r#"{"status": "user_blocked", "message": "Anna +79215550142"}"#,
        Responsible::UserThenAdministrator,
        "x: refused with 403 user_blocked; up to the user, then the PBX administrator",
    ),
    (
        403,
        r#"{"status": "+79215550142"}"#,
        Responsible::User,
        "x: refused with 403; up to the user",
    ),
    (404, "<html>", Responsible::Integration, "x: refused with 404; up to the integration"),
    (302, "", Responsible::Administrator, "x: refused with 302; up to the PBX administrator"),
    (500, "", Responsible::Administrator, "x: refused with 500; up to the PBX administrator"),
];

#[test]
fn a_refusal_says_who_can_act_and_repeats_no_words_of_the_pbx() {
    for (status, body, responsible, message) in REFUSALS {
        let reply = reply(*status, body);
        assert_eq!(reply.responsible(), *responsible, "{status}");
        let error = reply.json::<User>("x", "a user").unwrap_err();
        assert_eq!(error.to_string(), *message);
    }
    let unreadable = reply(200, "<html>").json::<User>("x", "a user with client_id").unwrap_err();
    assert_eq!(
        unreadable.to_string(),
        "x: 200 with a body that is not a user with client_id; tell the PBX administrator"
    );
}

#[test]
fn an_odd_item_costs_no_list() {
    let body = r#"[{"id": "7", "url": 5, "event_type": null}, {"id": "x"}, 9]"#;
    let page = Page::<Subscription>::from_json(body.as_bytes()).unwrap();
    assert_eq!((page.items.len(), page.unreadable), (1, 2));
    assert_eq!(page.items[0].id, SubscriptionId::new(7));
}

// R15–R20.
#[test]
fn no_action_takes_more_than_three_requests() {
    let wait = |seconds: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("X-RateLimit-Reset", seconds.parse().unwrap());
        ApiReply::new(StatusCode::TOO_MANY_REQUESTS, &headers, Vec::new())
    };
    let get = ApiRequest::user();
    let mut attempt = Attempt::automatic();
    assert_eq!(attempt.next_step(&get, &wait("7")), NextStep::RepeatAfter(Duration::from_secs(7)));
    assert_eq!(attempt.next_step(&get, &reply(401, "")), NextStep::RenewToken);
    for (status, step) in [
        (200, NextStep::Done),
        (204, NextStep::Done),
        (401, NextStep::NeedsAction { responsible: Responsible::User, not_before: None }),
        (404, NextStep::NeedsAction { responsible: Responsible::Integration, not_before: None }),
        (302, NextStep::NotifyAdministrator),
        (503, NextStep::NotifyAdministrator),
    ] {
        let next = attempt.next_step(&get, &reply(status, ""));
        assert_eq!(next, step, "{status}");
        assert!(!next.repeats());
    }
    let late = NextStep::NeedsAction {
        responsible: Responsible::User,
        not_before: Some(Duration::from_secs(3600)),
    };
    assert_eq!(attempt.next_step(&get, &wait("999999")), late);
    assert_eq!(Attempt::by_user().next_step(&get, &wait("x")), late, "a user repeats for himself");
    let owner = Owner::Extension(ExtensionId::new(1));
    let delete = ApiRequest::delete(CLIENT, &owner, SubscriptionId::new(1));
    assert_eq!(attempt.next_step(&delete, &reply(404, "")), NextStep::Done); // D49
}

#[test]
fn the_hourly_budget_counts_and_obeys_the_reply() {
    let at = Duration::from_secs;
    let mut budget = HourlyBudget::new(2);
    assert_eq!((budget.take(at(0)), budget.take(at(10))), (Ok(()), Ok(())));
    assert_eq!(budget.take(at(20)), Err(at(3_580)));
    assert_eq!(budget.take(at(3_600)), Ok(()));
    let mut headers = HeaderMap::new();
    headers.insert("X-RateLimit-Remaining", "0".parse().unwrap());
    headers.insert("X-RateLimit-Reset", "60".parse().unwrap());
    budget.observe(at(4_000), &RateLimit::read(&headers));
    assert_eq!(budget.take(at(4_010)), Err(at(50)));
    assert_eq!(budget.take(at(4_060)), Ok(()));
    assert_eq!(HourlyBudget::new(0).take(at(0)), Err(at(3_600)));
}
