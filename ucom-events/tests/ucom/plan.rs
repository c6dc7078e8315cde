//! Planning, §9: R7–R9, R11–R14, R21, and its laws.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use ucom_events::{
    Action, DEFAULT_SUBSCRIPTION_LIMIT, DeliveryMethod, EventUrls, ExtensionId, ExtensionType,
    Listed, Notice, Ownership, Plan, PlanRun, Subscription, SubscriptionId, SubscriptionSpec,
    SubscriptionType, SubscriptionUrl, Wanted, plan,
};

const BASE: &str = "https://crm.example.com/pbx/";

fn ours() -> Ownership {
    Ownership::new(&EventUrls::new(BASE).unwrap())
}

fn spec(event_type: &str, url: &str) -> SubscriptionSpec {
    SubscriptionSpec::new(event_type.into(), DeliveryMethod::Post, SubscriptionUrl::new(url))
}

fn listed(subscriptions: &[(u64, &str, &str)]) -> Listed {
    let mut listed = Listed::new();
    listed.insert(
        EXTENSION,
        subscriptions.iter().map(|(id, event_type, url)| {
            Subscription::new(SubscriptionId::new(*id), spec(event_type, url))
        }),
    );
    listed
}

const EXTENSION: ExtensionId = ExtensionId::new(33_335);
const URL: &str = "https://crm.example.com/pbx/ext-event/1";
const OLD: &str = "https://crm.example.com/pbx/ext-event/0";
const FOREIGN: &str = "https://other.example.com/ext-event/1";

fn phone() -> Wanted {
    let mut wanted = Wanted::new();
    let url = SubscriptionUrl::new(URL);
    wanted.insert_recommended(EXTENSION, &ExtensionType::Phone, true, &DeliveryMethod::Post, &url);
    wanted
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps()
        .map(|step| match &step.action {
            Action::Delete { id, .. } => format!("- {id}"),
            Action::Update { id, spec } => format!("= {id} {}", spec.event_type),
            Action::Add { spec } => format!("+ {}", spec.event_type),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn each_kind_of_extension_gets_what_is_recommended_r7_r8_r9() {
    let names = |kind: &str, answer| -> Vec<_> {
        let kind = ExtensionType::from(kind);
        SubscriptionType::recommended(&kind, answer).iter().map(|one| one.as_str()).collect()
    };
    assert_eq!(names("phone", true), ["hangup", "dial-in", "dial-out", "answer"]);
    assert_eq!(names("phone", false), ["hangup", "dial-in", "dial-out"]);
    assert_eq!(names("IVR", true), ["hangup"]);
    assert_eq!(names("queue", false), ["hangup"]);
    assert!(names("fax", true).is_empty() && names("conference", true).is_empty());
}

#[test]
fn what_is_right_costs_no_call_r21() {
    let listed = listed(&[
        (1, "hangup", URL),
        (2, "dial-in", URL),
        (3, "dial-out", URL),
        (4, "answer", URL),
        (5, "hangup", FOREIGN),
    ]);
    let plan = plan(&phone(), &listed, 16, &ours());
    assert!(plan.is_empty(), "{plan}");
    assert_eq!((plan.extensions()[0].right, plan.extensions()[0].foreign), (4, 1));
}

#[test]
fn wrong_is_changed_unwanted_and_double_deleted_missing_added_deletes_first() {
    let listed = listed(&[
        (1, "hangup", OLD),
        (2, "dial-in", OLD),
        (3, "dial-in", URL),
        (4, "message-in", URL),
        (5, "answer", FOREIGN),
    ]);
    let plan = plan(&phone(), &listed, 16, &ours());
    assert_eq!(steps(&plan), ["- 2", "- 4", "= 1 hangup", "+ dial-out", "+ answer"]);
}

#[test]
fn a_wrong_method_is_changed_and_lower_case_is_not_wrong() {
    let mut listed = Listed::new();
    let with = |id, event_type: &str, method: &str| {
        let spec =
            SubscriptionSpec::new(event_type.into(), method.into(), SubscriptionUrl::new(URL));
        Subscription::new(SubscriptionId::new(id), spec)
    };
    listed.insert(EXTENSION, [with(1, "hangup", "GET"), with(2, "dial-in", "post")]);
    let plan = plan(&phone(), &listed, 16, &ours());
    assert_eq!(steps(&plan), ["= 1 hangup", "+ dial-out", "+ answer"]);
}

#[test]
fn places_run_out_in_the_order_of_need_and_people_are_told_r13_r14() {
    assert_eq!(DEFAULT_SUBSCRIPTION_LIMIT, 16);
    let foreign: Vec<_> = (1..=14).map(|id| (id, "hangup", FOREIGN)).collect();
    let plan = plan(&phone(), &listed(&foreign), 16, &ours());
    assert_eq!(steps(&plan), ["+ hangup", "+ dial-in"]);
    let notices: Vec<_> = plan.notices().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "extension 33335 has no place left for dial-out, answer: delete unused subscriptions, or \
          ask the PBX administrator for more places"
        ]
    );
}

#[test]
fn a_full_extension_can_be_rearranged() {
    let mut full: Vec<_> = (1..=12).map(|id| (id, "hangup", FOREIGN)).collect();
    full.extend((13..=16).map(|id| (id, "voicemail", OLD)));
    let plan = plan(&phone(), &listed(&full), 16, &ours());
    assert_eq!(
        steps(&plan),
        ["- 13", "- 14", "- 15", "- 16", "+ hangup", "+ dial-in", "+ dial-out", "+ answer"]
    );
    assert_eq!(plan.notices().count(), 0);
}

#[test]
fn what_is_listed_twice_or_cannot_be_read_is_not_deleted() {
    let mut twice = listed(&[(1, "hangup", URL), (1, "hangup", URL)]);
    twice.insert_unreadable(EXTENSION, 13);
    let plan = plan(&phone(), &twice, 16, &ours());
    assert_eq!(steps(&plan), ["+ dial-in", "+ dial-out"]);
}

#[test]
fn an_extension_that_nobody_has_any_more_loses_ours_alone_r11() {
    let listed = listed(&[(1, "hangup", URL), (2, "hangup", FOREIGN)]);
    assert_eq!(steps(&plan(&Wanted::new(), &listed, 16, &ours())), ["- 1"]);
}

#[test]
fn what_was_not_listed_is_not_touched_and_what_is_not_ours_is_not_added() {
    let blind = plan(&phone(), &Listed::new(), 16, &ours());
    assert!(blind.is_empty());
    assert!(matches!(blind.notices().next(), Some(Notice::NotListed { .. })));
    let mut wanted = Wanted::new();
    wanted.insert(EXTENSION, spec("hangup", FOREIGN));
    let foreign = plan(&wanted, &listed(&[(1, "hangup", FOREIGN)]), 16, &ours());
    assert!(foreign.is_empty());
    assert!(matches!(foreign.notices().next(), Some(Notice::NotOurUrl { .. })));
}

/// URLs, and whether they are ours (R12).
const OWNED: &[(&str, bool)] = &[
    ("https://crm.example.com/pbx/ext-event/1", true),
    ("https://CRM.example.com:443/pbx/", true),
    ("https://crm.example.com/pbx", false),
    ("https://crm.example.com/pbx2/ext-event/1", false),
    ("http://crm.example.com/pbx/ext-event/1", false),
    ("https://crm.example.com:8443/pbx/ext-event/1", false),
    ("https://crm.example.com.evil.example/pbx/ext-event/1", false),
    ("https://user@crm.example.com/pbx/ext-event/1", false),
    ("https://crm.example.com/pbx/../other/1", false),
    ("https://crm.example.com/pbx/%2e%2e/other/1", false),
    ("not a url", false),
    ("", false),
];

#[test]
fn ours_has_the_same_origin_and_whole_segments_of_the_path_r12() {
    for (url, is_ours) in OWNED {
        assert_eq!(ours().owns(&SubscriptionUrl::new(url)), *is_ours, "{url}");
    }
    let former = EventUrls::allowing_http("http://old.example.com/").unwrap();
    assert!(ours().with_former(&former).owns(&SubscriptionUrl::new("http://old.example.com/x")));
}

#[test]
fn a_failed_step_stops_its_extension_alone_r15() {
    let mut wanted = phone();
    let other = ExtensionId::new(33_336);
    wanted.insert(other, spec("hangup", URL));
    let mut listed = listed(&[]);
    listed.insert(other, []);
    let mut run = PlanRun::new(plan(&wanted, &listed, 16, &ours()));
    let mut sent = Vec::new();
    while let Some(step) = run.next_step() {
        sent.push(step.extension);
        if sent.len() == 2 {
            run.fail();
        }
    }
    assert_eq!(sent, [EXTENSION, EXTENSION, other]);
    assert_eq!((run.done(), run.skipped().len()), (2, 2));
    assert_eq!(run.failed(), &BTreeSet::from([EXTENSION]));
}

#[test]
fn the_dry_run_shows_no_token() {
    let plan = plan(&phone(), &listed(&[(1, "hangup", OLD)]), 16, &ours());
    for text in [plan.to_string(), format!("{plan:?}"), format!("{:?}", phone())] {
        assert!(!text.contains("ext-event/"), "{text}");
        assert!(text.contains("https://crm.example.com/…"), "{text}");
    }
}

type State = BTreeMap<u64, Vec<(u64, SubscriptionSpec)>>;

/// What the PBX would make of a plan's steps; checks each on the way.
fn apply(plan: &Plan, state: &State, limit: usize) -> State {
    let mut state = state.clone();
    let mut next = 10_000;
    for step in plan.steps() {
        let list = state.get_mut(&step.extension.get()).unwrap();
        match &step.action {
            Action::Delete { id, .. } => {
                let at = list.iter().position(|(one, _)| *one == id.get()).unwrap();
                assert!(ours().owns(&list.remove(at).1.url));
            }
            Action::Update { id, spec } => {
                let one = list.iter_mut().find(|(one, _)| *one == id.get()).unwrap();
                assert!(ours().owns(&one.1.url));
                one.1 = spec.clone();
            }
            Action::Add { spec } => {
                assert!(list.len() < limit, "no place");
                list.push((next, spec.clone()));
                next += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    state
}

fn to_listed(state: &State) -> Listed {
    let mut listed = Listed::new();
    for (extension, list) in state {
        listed.insert(
            ExtensionId::new(*extension),
            list.iter().map(|(id, spec)| Subscription::new(SubscriptionId::new(*id), spec.clone())),
        );
    }
    listed
}

fn random_spec(ours_only: bool) -> impl Strategy<Value = SubscriptionSpec> {
    let urls = if ours_only { &[URL, OLD][..] } else { &[URL, OLD, FOREIGN, "?"][..] };
    let types = ["hangup", "dial-in", "dial-out", "answer", "voicemail", "new-kind"];
    (
        proptest::sample::select(types.to_vec()),
        proptest::sample::select(urls),
        proptest::sample::select(vec!["GET", "POST"]),
    )
        .prop_map(|(event_type, url, method)| {
            SubscriptionSpec::new(event_type.into(), method.into(), SubscriptionUrl::new(url))
        })
}

fn random_state() -> impl Strategy<Value = State> {
    vec(vec(random_spec(false), 0..12), 3).prop_map(|lists| {
        let mut id = 0;
        (0..)
            .zip(lists)
            .map(|(extension, list)| {
                let list = list.into_iter().map(|spec| {
                    id += 1;
                    (id, spec)
                });
                (extension, list.collect())
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn a_plan_gives_what_is_wanted_within_the_limit_leaves_others_alone_and_leaves_nothing_to_plan(
        state in random_state(),
        specs in vec((0..3_u64, random_spec(true)), 0..15),
        limit in 0..17_usize,
    ) {
        let mut wanted = Wanted::new();
        for (extension, spec) in specs {
            wanted.insert(ExtensionId::new(extension), spec);
        }
        let first = plan(&wanted, &to_listed(&state), limit, &ours());
        let after = apply(&first, &state, limit);
        let foreign = |state: &State| -> Vec<_> {
            state.values().flatten().filter(|(_, spec)| !ours().owns(&spec.url)).cloned().collect()
        };
        prop_assert_eq!(foreign(&after), foreign(&state));
        for (extension, list) in &after {
            let id = ExtensionId::new(*extension);
            let missing: Vec<_> = first.notices().flat_map(|notice| match notice {
                Notice::LimitReached { extension, missing } if *extension == id => missing.clone(),
                _ => Vec::new(),
            }).collect();
            let mut have: Vec<_> = list.iter().map(|(_, spec)| spec).filter(|spec| ours().owns(&spec.url)).collect();
            let mut want: Vec<_> = wanted.of(id).filter(|spec| !missing.contains(&spec.event_type)).collect();
            have.sort_by_key(|spec| spec.event_type.clone());
            want.sort_by_key(|spec| spec.event_type.clone());
            prop_assert_eq!(have, want);
            // Nothing is missing while there is a place.
            prop_assert!(missing.is_empty() || list.len() >= limit);
        }
        let second = plan(&wanted, &to_listed(&after), limit, &ours());
        prop_assert!(second.is_empty(), "{}", second);
    }
}
