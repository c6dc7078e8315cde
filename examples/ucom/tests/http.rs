//! Connecting and listening against a pretend PBX over real HTTP.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::sync::Arc;

use axum::http::Method;
use serde_json::json;
use ucom_events::api::{ApiError, ApiHost, Attempt, Credentials, Grant, Secret};
use ucom_events::connect::{Assignment, ConnectError, Connected, WantedAgents};
use ucom_events::event::AgentStatus;
use ucom_events::executor::Executor;
use ucom_events::plan::{Row, Rows, RunReport};
use ucom_events::{Connect, ConnectOptions, EventToken, EventUrls};
use ucom_examples::pretend_pbx::{Fault, PretendPbx, SECRET};

const BASE: &str = "https://crm.example.com/";

/// An integration of one account.
struct Account {
    executor: Executor,
    rows: Rows,
    users: Vec<Assignment>,
    options: ConnectOptions,
    /// First byte of tokens, so that accounts never share one.
    mark: u8,
    tokens: u8,
}

impl Account {
    async fn new(pbx: &PretendPbx, mark: u8, extensions: &[&str]) -> Self {
        let address = pbx.serve().await.unwrap();
        let host = ApiHost::allowing_http(&format!("http://{address}")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let credentials =
            Credentials::new("crm", Some(Secret::new(SECRET)), Grant::ClientCredentials);
        let executor = Executor::new(host, credentials, provider).unwrap().with_budget(100_000);
        let rows = Rows::new(EventUrls::new(BASE).unwrap());
        let mut account = Self {
            executor,
            rows,
            users: Vec::new(),
            options: ConnectOptions::default(),
            mark,
            tokens: 0,
        };
        account.assign(extensions);
        account
    }

    fn assign(&mut self, extensions: &[&str]) {
        self.users = extensions.iter().map(|name| Assignment::new(name, name)).collect();
    }

    async fn connect(&mut self) -> Result<Connected, ConnectError> {
        let mut connect = Connect::new(self.options.clone(), self.users.clone(), self.rows.clone());
        self.executor.drive(&mut connect, &Attempt::by_user()).await;
        let (mark, tokens) = (self.mark, &mut self.tokens);
        connect.finish(|| {
            *tokens += 1;
            let mut token = [*tokens; 16];
            token[0] = mark;
            token
        })
    }

    /// Connects and executes the plan; returns the dry run, the number of steps, and the report.
    async fn sync(&mut self) -> (String, usize, RunReport) {
        let connected = self.connect().await.unwrap();
        let (dry_run, steps) = (connected.to_string(), connected.plan.steps().count());
        self.rows = connected.plan.rows().clone();
        let mut run = connected.run();
        self.executor.drive(&mut run, &Attempt::by_user()).await;
        let report = run.finish();
        self.rows = report.rows.clone();
        (dry_run, steps, report)
    }
}

fn pbx() -> PretendPbx {
    PretendPbx::new(&[
        (33_330, "099", "ivr", ""),
        (33_334, "300", "queue", "Sales"),
        (33_335, "106", "phone", "Anna"),
        (33_336, "107", "phone", "Boris"),
    ])
}

/// Every subscription, in order of its list.
fn all(pbx: &PretendPbx) -> Vec<String> {
    let contents = pbx.contents();
    let lists = contents.subscriptions.iter();
    lists
        .flat_map(|(list, items)| {
            items.iter().map(move |item| {
                format!("{list} {} {}", item["event_type"].as_str().unwrap(), item["url"])
            })
        })
        .collect()
}

// U19.
#[tokio::test]
async fn two_accounts_with_one_base_leave_each_other_alone() {
    let pbx = pbx();
    let mut first = Account::new(&pbx, 0xaa, &["106", "107"]).await;
    let mut second = Account::new(&pbx, 0xbb, &["106"]).await;
    assert_eq!(first.sync().await.1, 10);
    let before = all(&pbx);
    let (dry_run, steps, _) = second.sync().await;
    assert_eq!(steps, 6);
    assert!(dry_run.contains("453*106 Anna: 4 of 16 places used by others"), "{dry_run}");
    let after = all(&pbx);
    assert!(before.iter().all(|item| after.contains(item)));
    for account in [&mut first, &mut second] {
        assert_eq!(account.sync().await.1, 0);
    }
    assert_eq!(all(&pbx), after);
}

#[tokio::test]
async fn only_an_unknown_token_of_our_shape_is_reported_and_it_takes_a_place() {
    let pbx = pbx();
    pbx.contents().places = 5;
    pbx.subscribe(33_335, "hangup", "https://crm.example.com/other-app/hook");
    let stray = format!("{BASE}ext-event/{}", "5f".repeat(16));
    pbx.subscribe(33_335, "hangup", &stray);
    let mut account = Account::new(&pbx, 0xaa, &["106"]).await;
    account.options = ConnectOptions::default().with_limit(5);
    let (dry_run, _, _) = account.sync().await;
    assert!(
        dry_run
            .contains("453*106 Anna: subscriptions with the shape of ours and unknown tokens: 1."),
        "{dry_run}"
    );
    assert!(dry_run.contains("453*106 Anna: no free place for answer;"), "{dry_run}");
    assert_eq!(all(&pbx).iter().filter(|item| item.contains("/33335/")).count(), 5);
    let owner = account.rows.iter().find(|row| row.name.contains("106")).unwrap().owner.clone();
    assert!(account.rows.adopt(owner, &ucom_events::plan::SubscriptionUrl::new(&stray)));
    account.sync().await;
    assert!(!all(&pbx).iter().any(|item| item.contains("5f5f5f")), "adopted and deleted");
    assert!(all(&pbx).iter().any(|item| item.contains("other-app")));
    // The place that it took is free now.
    account.sync().await;
    assert_eq!(account.sync().await.1, 0);
    assert_eq!(pbx.receivers("extension/33335/event", "answer").len(), 1);
}

#[tokio::test]
async fn a_row_stays_until_its_deletion_succeeded() {
    let pbx = pbx();
    let mut account = Account::new(&pbx, 0xaa, &["106", "107"]).await;
    account.sync().await;
    account.assign(&["106"]);
    pbx.fail(Method::DELETE, "33336", Fault::Refuse(500), 1);
    let (_, _, report) = account.sync().await;
    assert_eq!(
        report.to_string(),
        "0 steps done, 1 failed, 3 skipped\n  ! 453*107 Boris: removing a subscription: refused \
         with 500; up to the PBX administrator\n"
    );
    let is_retiring = |row: &&Row| row.retiring;
    assert_eq!(account.rows.iter().filter(is_retiring).count(), 1);
    account.sync().await;
    assert_eq!(account.rows.iter().filter(is_retiring).count(), 0);
    assert!(!all(&pbx).iter().any(|item| item.contains("33336")));
    // Somebody who comes back gets a new token.
    account.assign(&["106", "107"]);
    account.sync().await;
    assert_eq!(pbx.receivers("extension/33336/event", "hangup").len(), 1);
}

// D49.
#[tokio::test]
async fn one_unread_list_stops_no_other() {
    for code in [403, 404, 500] {
        let pbx = pbx();
        let mut account = Account::new(&pbx, 0xaa, &["106", "107"]).await;
        pbx.fail(Method::GET, "extension/33336/event", Fault::Refuse(code), 1);
        let (dry_run, steps, _) = account.sync().await;
        assert_eq!(steps, 6, "{dry_run}");
        let message = match code {
            404 => "! 453*107 Boris: the PBX no longer has it".to_owned(),
            403 => "! 453*107 Boris: left out: listing subscriptions: refused with 403; up to the \
                    user"
                .to_owned(),
            _ => {
                "! 453*107 Boris: left out: listing subscriptions: refused with 500; up to the PBX \
                  administrator"
                    .to_owned()
            }
        };
        assert!(dry_run.contains(&message), "{dry_run}");
        assert!(!dry_run.contains("+79215550142"), "no words of the PBX");
        assert_eq!(account.sync().await.1, 4);
    }
    let pbx = pbx();
    pbx.fail(Method::GET, "client/801/extension", Fault::Refuse(500), 1);
    let mut account = Account::new(&pbx, 0xaa, &["106"]).await;
    let error = account.connect().await.unwrap_err().to_string();
    assert_eq!(error, "listing extensions: refused with 500; up to the PBX administrator");
}

#[tokio::test]
async fn a_deletion_answered_404_was_done() {
    let pbx = pbx();
    let mut account = Account::new(&pbx, 0xaa, &["106"]).await;
    account.sync().await;
    // Ours twice, and one of another type missing: the double goes first.
    let url = pbx.receivers("extension/33335/event", "hangup").remove(0);
    pbx.subscribe(33_335, "voicemail", &url);
    pbx.contents().subscriptions.get_mut("extension/33335/event").unwrap().remove(1);
    pbx.fail(Method::DELETE, "33335", Fault::Refuse(404), 1);
    let (_, steps, report) = account.sync().await;
    assert_eq!((steps, report.done, report.failures.len()), (2, 2, 0));
}

#[tokio::test]
async fn a_paged_list_of_subscriptions_makes_no_duplicates() {
    let pbx = pbx();
    pbx.contents().page_size = 5;
    for number in 0..7 {
        pbx.subscribe(33_335, "hangup", &format!("https://other.example/{number}"));
    }
    let mut account = Account::new(&pbx, 0xaa, &["106"]).await;
    assert_eq!(account.sync().await.1, 6);
    let before = all(&pbx);
    for _ in 0..2 {
        assert_eq!(account.sync().await.1, 0);
    }
    assert_eq!(all(&pbx), before);
}

#[tokio::test]
async fn all_extensions_are_found_once_whatever_pages_mean_to_the_server() {
    for (page_size, requests) in [(100, 3), (20, 13), (0, 2)] {
        let pbx = pbx();
        let many: Vec<_> = (0..250)
            .map(|id| json!({"id": id, "name": format!("453*{:03}", id), "type": "phone"}))
            .collect();
        pbx.contents().lists.insert("extension", many);
        pbx.contents().page_size = page_size;
        let mut account = Account::new(&pbx, 0xaa, &["249"]).await;
        let connected = account.connect().await.unwrap();
        assert_eq!(connected.extensions.len(), 250);
        let asked = pbx.contents().asked.iter().filter(|line| line.ends_with("extension")).count();
        assert_eq!(asked, requests, "pages of {page_size}");
        assert!(connected.directory.is_ours("78125550100"), "the public number");
    }
}

// The PBX has fewer places than it is known to have.
#[tokio::test]
async fn a_full_extension_is_reported_to_the_user() {
    let pbx = pbx();
    for number in 0..13 {
        pbx.subscribe(33_335, "hangup", &format!("https://other.example/{number}"));
    }
    let mut account = Account::new(&pbx, 0xaa, &["106"]).await;
    let (dry_run, _, report) = account.sync().await;
    assert_eq!((report.done, report.failures.len()), (5, 0));
    assert!(
        dry_run.contains(
            "! 453*106 Anna: no free place for answer; without answer pop-ups cannot say who took \
             the call. Delete unused subscriptions, or ask the PBX administrator for more places"
        ),
        "{dry_run}"
    );
    let without_answer = account.connect().await.unwrap().without_answer;
    assert_eq!(without_answer, ["453*106"]);
    pbx.contents().places = 3;
    account.assign(&["106", "107"]);
    let (_, _, report) = account.sync().await;
    assert_eq!(
        report.failures[0].to_string(),
        "453*107 Boris: adding a subscription: refused with 409; up to the user"
    );
}

// D45, D52.
#[tokio::test]
async fn agents_are_connected_and_their_states_are_known() {
    let pbx = pbx();
    let local = json!({"id": 136, "extension_name": "453*106", "status": "available"});
    let gone = json!({"id": "137", "name": "Vera"});
    let remote = json!({"id": 140, "agent_number": "+79215550111", "label": "x"});
    pbx.contents().lists.insert("agent/local", vec![local.clone(), gone]);
    pbx.contents().lists.insert("agent/remote", vec![remote]);
    let mut account = Account::new(&pbx, 0xaa, &[]).await;
    account.options = ConnectOptions::default().with_services(false).with_agents(WantedAgents::All);
    let (dry_run, steps, _) = account.sync().await;
    assert_eq!(steps, 6, "{dry_run}");
    assert_eq!(pbx.receivers("client/801/agent/remote/140/event", "agent-logout").len(), 1);
    assert_eq!(account.sync().await.1, 0);
    pbx.contents().lists.insert("agent/local", vec![local]);
    let connected = account.connect().await.unwrap();
    let states: Vec<_> = connected
        .agent_states(Default::default())
        .map(|state| (state.agent_id.to_string(), state.status))
        .collect();
    assert_eq!(
        states,
        [("136".to_owned(), Some(AgentStatus::Available)), ("140".to_owned(), None)]
    );
    let (dry_run, steps, _) = account.sync().await;
    assert_eq!(steps, 2, "{dry_run}");
    assert!(dry_run.contains("agent Vera: 0 of 16"), "{dry_run}");
    assert_eq!((account.sync().await.1, account.rows.iter().len()), (0, 2));
    // An unread list of agents costs no agent.
    pbx.fail(Method::GET, "agent/local", Fault::Refuse(403), 1);
    let (dry_run, steps, _) = account.sync().await;
    assert_eq!((steps, account.rows.iter().len()), (0, 2), "{dry_run}");
    assert!(dry_run.contains("! listing local agents: refused with 403"), "{dry_run}");
}

// D49.
#[tokio::test]
async fn an_extension_that_cannot_be_read_keeps_its_subscriptions() {
    let pbx = pbx();
    let mut account = Account::new(&pbx, 0xaa, &["106", "107"]).await;
    account.sync().await;
    let before = all(&pbx);
    for extension in pbx.contents().lists.get_mut("extension").unwrap() {
        if extension["id"] == 33_336 {
            extension["name"] = json!(null);
        }
    }
    let (dry_run, steps, _) = account.sync().await;
    assert_eq!(steps, 0, "{dry_run}");
    let message = "! listing extensions: 200 with a body that is not a list of extensions with id, \
                   name and type; tell the PBX administrator";
    assert!(dry_run.contains(message), "{dry_run}");
    // Of an extension that is read, what is no longer wanted goes.
    account.assign(&["107"]);
    assert_eq!(account.sync().await.1, 4);
    assert_eq!(all(&pbx).len(), before.len() - 4);
}

// D57.
#[tokio::test]
async fn what_may_have_been_added_is_looked_for_and_never_added_twice() {
    for fault in [Fault::Html, Fault::Cut] {
        let pbx = pbx();
        let mut account = Account::new(&pbx, 0xaa, &["106"]).await;
        account.options = ConnectOptions::default().with_services(false);
        pbx.fail(Method::POST, "33335", fault, 1);
        let (_, _, report) = account.sync().await;
        assert_eq!((report.done, report.failures.len()), (4, 0));
        let asked = pbx.contents().asked.clone();
        let of = |method: &str| {
            asked.iter().filter(|line| **line == format!("{method} extension/33335/event")).count()
        };
        assert_eq!((of("POST"), of("GET")), (4, 2));
        assert_eq!(account.sync().await.1, 0);
    }
}

// R15, R19.
#[tokio::test]
async fn a_spent_limit_stops_everything_and_nothing_is_repeated_without_end() {
    let pbx = pbx();
    let mut account = Account::new(&pbx, 0xaa, &["106"]).await;
    pbx.contents().requests_left = 3;
    let error = account.connect().await.unwrap_err();
    // The reply before said that none are left, so nothing was sent.
    let message = error.to_string();
    assert!(message.starts_with("listing extensions: the hourly budget is spent; try again in "));
    assert_eq!(pbx.contents().asked.len(), 3);
    assert!(matches!(error, ConnectError::Failed(ApiError::Budget { .. })));
    let stranger = Credentials::new("crm", Some(Secret::new("wrong")), Grant::ClientCredentials);
    let address = pbx.serve().await.unwrap();
    pbx.contents().requests_left = 100;
    let host = ApiHost::allowing_http(&format!("http://{address}")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    account.executor = Executor::new(host, stranger, provider).unwrap();
    let error = account.connect().await.unwrap_err().to_string();
    assert_eq!(error, "asking for a token: refused with 401; up to the user");
    assert_eq!(pbx.contents().asked.len(), 4);
}

// D49.
#[tokio::test]
async fn a_429_stops_what_is_left_and_says_how_long_to_wait() {
    let pbx = pbx();
    let mut account = Account::new(&pbx, 0xaa, &["106", "107"]).await;
    pbx.fail(Method::GET, "extension/33335/event", Fault::Refuse(429), 1);
    let error = account.connect().await.unwrap_err().to_string();
    assert_eq!(
        error,
        "listing subscriptions: refused with 429; the hourly limit is spent, try again in 1800 s"
    );
    pbx.fail(Method::POST, "extension/33335/event", Fault::Refuse(429), 1);
    let (_, steps, report) = account.sync().await;
    assert_eq!((steps, report.done, report.skipped.len()), (10, 2, 7));
    assert_eq!(
        report.failures[0].to_string(),
        "453*106 Anna: adding a subscription: refused with 429; the hourly limit is spent, try again \
         in 1800 s"
    );
    assert_eq!(account.sync().await.2.done, 8);
    assert_eq!(account.sync().await.1, 0);
}

/// The token of a row is only in its URLs.
#[tokio::test]
async fn nothing_that_is_printed_holds_a_token() {
    let pbx = pbx();
    let mut account = Account::new(&pbx, 0xaa, &["106"]).await;
    let connected = account.connect().await.unwrap();
    let token = connected.plan.rows().iter().next().unwrap().token.clone();
    assert_eq!(
        token,
        EventToken::from_random({
            let mut random = [1; 16];
            random[0] = 0xaa;
            random
        })
    );
    let printed = format!("{connected} {connected:?} {:?}", connected.plan);
    assert!(!printed.contains(token.expose()));
}
