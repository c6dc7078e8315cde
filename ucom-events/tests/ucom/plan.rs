//! Plans for single situations, and their execution.

use ucom_events::api::{ApiError, ClientId, DeliveryMethod, Flow, SubscriptionType};
use ucom_events::event::{AgentId, ExtensionId};
use ucom_events::plan::{DEFAULT_LIMIT, Listed, Owner, Plan, PlanRun, Row, Rows, Wanted, plan};
use ucom_events::{EventToken, EventUrls, parse_body};

use crate::pbx::{Fate, Pbx, reply};

const PHONE: [SubscriptionType; 4] = [
    SubscriptionType::Hangup,
    SubscriptionType::DialIn,
    SubscriptionType::DialOut,
    SubscriptionType::Answer,
];

const CLIENT: ClientId = ClientId::new(801);

fn owner(id: u64) -> Owner {
    Owner::Extension(ExtensionId::new(id))
}

fn token(byte: u8) -> EventToken {
    EventToken::from_random([byte; 16])
}

fn rows(owners: &[(Owner, u8)]) -> Rows {
    let mut rows = Rows::new(EventUrls::new("https://crm.example.com/").unwrap());
    for (owner, byte) in owners {
        rows.insert(Row::new(owner.clone(), token(*byte)));
    }
    rows
}

fn wanted(id: u64, name: &str) -> Wanted {
    let mut wanted = Wanted::new();
    wanted.insert(owner(id), name, PHONE, DeliveryMethod::Post);
    wanted
}

fn listed(pbx: &Pbx, id: u64) -> Listed {
    let mut listed = Listed::new();
    let (subscriptions, unreadable) = pbx.read(&Pbx::extension(id));
    listed.insert(owner(id), subscriptions, unreadable);
    listed
}

fn url(byte: u8) -> String {
    format!("https://crm.example.com/ext-event/{}", token(byte).expose())
}

fn actions(plan: &Plan) -> Vec<String> {
    plan.steps().map(|step| step.action.to_string()).collect()
}

// D46.
#[test]
fn only_the_exact_url_of_a_row_is_ours() {
    let mut pbx = Pbx::default();
    let list = Pbx::extension(1);
    let ours = url(7);
    let id = pbx.subscribe(&list, "voicemail", &ours.replace("https", "HTTPS"));
    for foreign in [
        format!("{ours}?x=1"),
        format!("{ours}#x"),
        format!("{ours}/more"),
        ours.replace("crm.example.com", "crm.example.com:8443"),
        ours.replace("crm.example.com", "user@crm.example.com"),
        ours.replace("crm.example.com", "crm.example.com.evil.example"),
        ours.replace("https", "http"),
        ours.replace("ext-event", "other-event"),
        ours.replace("/ext-event", "/pbx/ext-event"),
        "https://crm.example.com/other-app/hook".to_owned(),
        "not a URL".to_owned(),
    ] {
        pbx.subscribe(&list, "voicemail", &foreign);
    }
    let plan = plan(&Wanted::new(), &listed(&pbx, 1), DEFAULT_LIMIT, &rows(&[(owner(1), 7)]));
    assert_eq!(actions(&plan), [format!("delete our {id}: voicemail")]);
    assert_eq!(plan.owners()[0].foreign, 11);
    assert_eq!(plan.notices().count(), 0, "nothing else has our shape");
}

// D46: a token of ours on another owner.
#[test]
fn our_subscription_on_another_owner_is_deleted_there() {
    let mut pbx = Pbx::default();
    pbx.subscribe(&Pbx::extension(2), "hangup", &url(7));
    let rows = rows(&[(owner(1), 7), (owner(2), 8)]);
    let plan = plan(&wanted(2, ""), &listed(&pbx, 2), DEFAULT_LIMIT, &rows);
    assert_eq!(actions(&plan)[0], "delete our 1: hangup");
    assert_eq!(plan.steps().count(), 5);
}

// D47.
#[test]
fn a_url_of_our_shape_with_an_unknown_token_is_reported_and_stays_until_it_is_adopted() {
    let mut pbx = Pbx::default();
    pbx.subscribe(&Pbx::extension(1), "hangup", &url(0x55));
    let mut rows = rows(&[(owner(1), 7)]);
    let first = plan(&wanted(1, "731*20 Anna"), &listed(&pbx, 1), 4, &rows);
    let notices: Vec<_> = first.notices().map(ToString::to_string).collect();
    assert_eq!(
        notices[0],
        "731*20 Anna: subscriptions with the shape of ours and unknown tokens: 1. They stay \
         untouched until you adopt them"
    );
    assert_eq!(first.steps().count(), 3, "it takes a place");
    let (subscriptions, _) = pbx.read(&Pbx::extension(1));
    assert!(rows.adopt(owner(1), &subscriptions[0].spec.url));
    let second = plan(&wanted(1, ""), &listed(&pbx, 1), 4, &rows);
    assert_eq!(actions(&second)[0].split(':').next(), Some("change our 1"), "reused");
    assert_eq!(second.steps().count(), 4);
    assert!(!rows.adopt(owner(1), &ucom_events::plan::SubscriptionUrl::new("https://a.example/")));
}

// D51.
#[test]
fn what_fits_goes_by_its_worth_and_the_message_says_what_is_missing() {
    let costs = "; without dial-out there is no pop-up for outgoing calls; without answer pop-ups \
                 cannot say who took the call. Delete unused subscriptions, or ask the PBX \
                 administrator for more places";
    for (free, added, missing) in [
        (3, "hangup dial-in dial-out", "731*20 Anna: no free place for answer; without answer"),
        (2, "hangup dial-in", "731*20 Anna: no free place for dial-out, answer"),
        (0, "", "731*20 Anna: no free place for hangup, dial-in, dial-out, answer"),
    ] {
        let mut pbx = Pbx::default();
        for number in 0..16 - free {
            let url = format!("https://other.example/{number}");
            pbx.subscribe(&Pbx::extension(1), "hangup", &url);
        }
        let rows = rows(&[(owner(1), 7)]);
        let plan = plan(&wanted(1, "731*20 Anna"), &listed(&pbx, 1), DEFAULT_LIMIT, &rows);
        let types: Vec<_> = actions(&plan)
            .iter()
            .map(|action| action["add: ".len()..].split(' ').next().unwrap().to_owned())
            .collect();
        assert_eq!(types.join(" "), added);
        let notice = plan.notices().next().unwrap().to_string();
        assert!(notice.starts_with(missing), "{notice}");
        if free == 2 {
            assert!(notice.ends_with(costs), "{notice}");
        }
        assert_eq!(plan.without_answer().collect::<Vec<_>>(), ["731*20"]);
    }
}

// D46.
#[test]
fn a_subscription_that_is_listed_twice_is_one() {
    let mut pbx = Pbx::default();
    pbx.subscribe(&Pbx::extension(1), "hangup", &url(7));
    let items = pbx.lists.get_mut(&Pbx::extension(1)).unwrap();
    items.push(items[0].clone());
    let plan = plan(&wanted(1, ""), &listed(&pbx, 1), DEFAULT_LIMIT, &rows(&[(owner(1), 7)]));
    assert_eq!((plan.owners()[0].right, plan.owners()[0].foreign), (1, 0));
    assert!(actions(&plan).iter().all(|action| action.starts_with("add: ")), "{plan}");
}

// D54.
#[test]
fn ten_thousand_stored_rows_are_found_and_replaced_by_their_tokens() {
    let mut rows = rows(&[]);
    let token = |number: u64| EventToken::from_random(u128::from(number).to_be_bytes());
    for number in (0..10_000).chain(0..10_000) {
        rows.insert(Row::new(owner(number), token(number)));
    }
    assert_eq!(rows.iter().len(), 10_000);
    let found = rows.table();
    let found = found.find(token(9_999).expose()).map(|row| row.owner.clone());
    assert_eq!(found, Some(owner(9_999)));
}

// D48.
#[test]
fn a_retiring_row_lives_until_its_last_subscription_is_deleted() {
    let mut pbx = Pbx::default();
    pbx.subscribe(&Pbx::extension(1), "hangup", &url(7));
    let mut row = Row::new(owner(1), token(7));
    row.retiring = true;
    let mut rows = rows(&[]);
    rows.insert(row);
    for (fate, left) in [(Fate::Refused(500), 1), (Fate::LostBefore, 1), (Fate::Done, 0)] {
        let plan = plan(&Wanted::new(), &listed(&pbx, 1), DEFAULT_LIMIT, &rows);
        assert_eq!(plan.rows().iter().len(), 1);
        let mut run = PlanRun::new(CLIENT, plan);
        pbx.drive(&mut run, |_| fate);
        let report = run.finish();
        assert_eq!(report.rows.iter().len(), left, "{fate:?}");
        rows = report.rows;
    }
    // The list shows none, or the owner is gone.
    let mut row = Row::new(owner(1), token(7));
    row.retiring = true;
    rows.insert(row);
    let mut gone = Listed::new();
    let refused = reply(404, "{}").json::<()>("listing", "a list").unwrap_err();
    gone.handle_failure(owner(1), refused);
    let unread = ApiError::NoReply { what: "listing subscriptions", cause: "cut".to_owned() };
    let mut failed = Listed::new();
    failed.handle_failure(owner(1), unread);
    for (listed, left) in [(failed, 1), (gone, 0), (listed(&Pbx::default(), 1), 0)] {
        let plan = plan(&Wanted::new(), &listed, DEFAULT_LIMIT, &rows);
        assert_eq!(plan.rows().iter().len(), left);
    }
}

// D49, R15.
#[test]
fn a_failed_step_stops_its_owner_and_no_other() {
    let mut pbx = Pbx::default();
    let mut wanted = wanted(1, "731*20 Anna");
    wanted.insert(owner(2), "731*21", PHONE, DeliveryMethod::Post);
    let mut listed = listed(&pbx, 1);
    listed.insert(owner(2), Vec::new(), 0);
    let plan = plan(&wanted, &listed, DEFAULT_LIMIT, &rows(&[(owner(1), 7), (owner(2), 8)]));
    let mut run = PlanRun::new(CLIENT, plan.clone());
    pbx.drive(&mut run, |request| match request.path.contains("/1/") {
        true => Fate::Refused(403),
        false => Fate::Done,
    });
    let report = run.finish();
    assert_eq!((report.done, report.skipped.len()), (4, 3));
    assert_eq!(
        report.to_string(),
        "4 steps done, 1 failed, 3 skipped\n  \
         ! 731*20 Anna: adding a subscription: refused with 403; up to the user\n"
    );
    // A bad token and a spent limit concern all.
    let mut run = PlanRun::new(CLIENT, plan);
    pbx.drive(&mut run, |_| Fate::Refused(429));
    let report = run.finish();
    assert_eq!((report.done, report.failures.len(), report.skipped.len()), (0, 1, 7));
    assert_eq!(
        report.failures[0].to_string(),
        "731*20 Anna: adding a subscription: refused with 429; the hourly limit is spent, try again \
         in 3600 s"
    );
}

// D57.
#[test]
fn a_subscription_that_may_have_been_added_is_looked_for_and_never_added_twice() {
    for fate in [Fate::Unreadable, Fate::LostAfter, Fate::LostBefore] {
        for page_size in [0, 2] {
            let mut pbx = Pbx { page_size, ..Pbx::default() };
            let rows = rows(&[(owner(1), 7)]);
            let plan = plan(&wanted(1, ""), &listed(&pbx, 1), DEFAULT_LIMIT, &rows);
            let mut run = PlanRun::new(CLIENT, plan);
            let mut gets = 0;
            pbx.drive(&mut run, |request| {
                gets += usize::from(request.method == http::Method::GET);
                if request.method == http::Method::POST { fate } else { Fate::Done }
            });
            let report = run.finish();
            let items = pbx.read(&Pbx::extension(1)).0.len();
            if fate == Fate::LostBefore {
                assert_eq!((pbx.posts, gets, items, report.failures.len()), (0, 1, 0, 1));
            } else {
                // With pages of two the third and fourth stand on the second page.
                let expected = if page_size == 0 { 4 } else { 6 };
                assert_eq!((pbx.posts, gets, items, report.failures.len()), (4, expected, 4, 0));
                assert_eq!(report.rows.iter().next().unwrap().subscriptions.len(), 4);
            }
        }
    }
}

// D52; agents have no documented request that changes a subscription.
#[test]
fn agents_are_planned_like_extensions_and_replaced_instead_of_changed() {
    let agent = Owner::LocalAgent(AgentId::new("136"));
    let mut pbx = Pbx::default();
    let list = "api/ver1.0/client/801/agent/local/136/event/";
    let old = format!("https://crm.example.com/agent-event/{}", token(7).expose());
    pbx.add_with_method(list, "agent-login", &old, "GET");
    let rows = rows(&[(agent.clone(), 7)]);
    let mut wanted = Wanted::new();
    let types = [SubscriptionType::AgentLogin, SubscriptionType::AgentLogout];
    wanted.insert(agent.clone(), "agent 731*20", types, DeliveryMethod::Post);
    let read = |pbx: &Pbx| {
        let mut listed = Listed::new();
        listed.insert(agent.clone(), pbx.read(list).0, 0);
        listed
    };
    let first = plan(&wanted, &read(&pbx), DEFAULT_LIMIT, &rows);
    assert_eq!(
        first.to_string(),
        "agent 731*20: 0 of 16 places used by others, 0 of ours right\n  \
         delete our 1: agent-login\n  \
         add: agent-login by POST to https://crm.example.com/…\n  \
         add: agent-logout by POST to https://crm.example.com/…\n"
    );
    let mut run = PlanRun::new(CLIENT, first);
    pbx.drive(&mut run, |_| Fate::Done);
    let report = run.finish();
    assert!(plan(&wanted, &read(&pbx), DEFAULT_LIMIT, &report.rows).is_empty());
}

// D44.
#[test]
fn an_owner_covers_its_own_events_alone() {
    let event = |body: &str| parse_body(body).unwrap();
    let incoming =
        event("EventType=hangup&CallID=c&CallFlow=IN&CalledExtensionID=1&CallerExtensionID=9");
    let outgoing =
        event("EventType=hangup&CallID=c&CallFlow=OUT&CalledExtensionID=9&CallerExtensionID=1");
    let nobody = event("EventType=hangup&CallID=c&CallFlow=IN");
    let unclear = event("EventType=hangup&CallID=c&CalledExtensionID=9&CallerExtensionID=1");
    let agent = event("agent_id=136&agent_status=available");
    for event in [&incoming, &outgoing, &nobody, &unclear] {
        assert!(owner(1).covers(event) && Owner::Phones.covers(event), "{event:?}");
    }
    for event in [&incoming, &outgoing, &agent] {
        assert!(!owner(2).covers(event), "{event:?}");
    }
    assert!(Owner::LocalAgent(AgentId::new("136")).covers(&agent));
    assert!(!Owner::RemoteAgent(AgentId::new("137")).covers(&agent));
    assert!(!Owner::LocalAgent(AgentId::new("136")).covers(&incoming));
}

#[test]
fn owners_are_stored_as_text() {
    for text in ["extension:33335", "agent:local:136", "agent:remote:x y", "phones"] {
        let owner: Owner = text.parse().unwrap();
        assert_eq!(owner.to_string(), text);
        let json = serde_json::to_string(&owner).unwrap();
        assert_eq!(serde_json::from_str::<Owner>(&json).unwrap(), owner);
    }
    for text in ["", "extension:", "extension:x", "agent:local:", "agent:136", "Phones"] {
        let error = text.parse::<Owner>().unwrap_err().to_string();
        assert!(error.starts_with("expected an owner: extension:ID"), "{text}: {error}");
    }
}

#[test]
fn a_run_without_steps_ends_at_once() {
    let plan = plan(&Wanted::new(), &Listed::new(), DEFAULT_LIMIT, &rows(&[]));
    assert!(PlanRun::new(CLIENT, plan).next_request().is_none());
}
