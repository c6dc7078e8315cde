//! What to do after a reply: R15, R16, R17, R18, R19, R20, R21; §3.6, §3.7.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};
use proptest::prelude::*;
use ucom_events::api::{
    Attempt, ErrorStatus, HourlyBudget, NextStep, RateLimit, ReplyHead, Responsible,
};

use crate::support::at;

fn reply(code: u16, reset: Option<&'static str>) -> ReplyHead {
    let mut headers = HeaderMap::new();
    if let Some(reset) = reset {
        headers.insert("X-RateLimit-Reset", HeaderValue::from_static(reset));
    }
    ReplyHead::read(StatusCode::from_u16(code).unwrap(), &headers, b"")
}

fn needs(responsible: Responsible) -> NextStep {
    NextStep::NeedsAction { responsible, not_before: None }
}

/// Who acts on what (§3.7): code, status, first step of an automatic action.
#[test]
fn each_code_has_its_next_step() {
    let secs = Duration::from_secs;
    let rows = [
        (200, "", NextStep::Done),
        (201, "", NextStep::Done),
        (204, "", NextStep::Done),
        (401, "", NextStep::RenewToken),
        (429, "rate_limit_exceeded", NextStep::RepeatAfter(secs(3600))),
        (403, "access_denied", needs(Responsible::User)),
        (403, "user_blocked", needs(Responsible::UserThenAdministrator)),
        (403, "user_access_type_deny", needs(Responsible::User)),
        (403, "app_access_type_deny", needs(Responsible::UserThenAdministrator)),
        (404, "", needs(Responsible::Integration)),
        (404, "client_not_found", needs(Responsible::Integration)),
        (400, "anything", needs(Responsible::User)),
        (409, "", needs(Responsible::User)),
        (301, "", needs(Responsible::User)),
        (500, "", NextStep::TellAdministrator),
        (503, "", NextStep::TellAdministrator),
    ];
    for (code, status, step) in rows {
        let body = format!(r#"{{"status": "{status}"}}"#);
        let code = StatusCode::from_u16(code).unwrap();
        let head = ReplyHead::read(code, &HeaderMap::new(), body.as_bytes());
        assert_eq!(Attempt::automatic().next_step(&head), step, "{code} {status}");
        // R20: whatever is no success is told.
        assert_eq!(step.needs_notice(), !code.is_success());
    }
}

#[test]
fn the_wait_is_that_of_the_reply_and_at_most_an_hour_r21() {
    let wait = |reset| Attempt::automatic().next_step(&reply(429, reset));
    let after = |seconds| NextStep::RepeatAfter(Duration::from_secs(seconds));
    assert_eq!(wait(Some("17")), after(17));
    assert_eq!(wait(None), after(3600));
    assert_eq!(wait(Some("soon")), after(3600));
    assert_eq!(wait(Some("99999999")), after(3600));
}

#[test]
fn what_a_person_has_started_a_person_repeats_r18() {
    let step = Attempt::by_user().next_step(&reply(429, Some("17")));
    assert_eq!(
        step,
        NextStep::NeedsAction {
            responsible: Responsible::User,
            not_before: Some(Duration::from_secs(17))
        }
    );
    assert_eq!(step.to_string(), "the hourly limit is spent: try again in 17 s");
    assert_eq!(needs(Responsible::User).to_string(), "something must be done first, by the user");
}

#[test]
fn one_new_token_and_one_wait_and_no_more_r15_r19() {
    let mut attempt = Attempt::automatic();
    assert_eq!(attempt.next_step(&reply(401, None)), NextStep::RenewToken);
    assert!(attempt.next_step(&reply(429, None)).repeats());
    assert!(!attempt.next_step(&reply(401, None)).repeats());
    assert!(!attempt.next_step(&reply(429, None)).repeats());
}

#[test]
fn words_of_the_pbx_are_shown_only_if_they_are_known() {
    let head = ReplyHead::read(StatusCode::FORBIDDEN, &HeaderMap::new(), br#"{"status": "+7921"}"#);
    assert_eq!(head.to_string(), "403");
    assert!(!format!("{head:?}").contains("7921"));
    assert_eq!(head.error, Some(ErrorStatus::from("+7921")));
}

proptest! {
    #[test]
    fn no_replies_make_it_endless(codes in proptest::collection::vec(100..600_u16, 3), user in any::<bool>()) {
        let mut attempt = if user { Attempt::by_user() } else { Attempt::automatic() };
        let mut requests = 0;
        for code in codes.into_iter().cycle().take(100) {
            requests += 1;
            if !attempt.next_step(&reply(code, None)).repeats() {
                break;
            }
        }
        prop_assert!(requests <= 3);
    }

    #[test]
    fn no_hour_has_more_requests_than_the_budget(most in 0..20_usize, gaps in proptest::collection::vec(0..2_000_u64, 0..200)) {
        let mut budget = HourlyBudget::new(most);
        let (mut now, mut sent) = (0, Vec::new());
        for gap in gaps {
            now += gap;
            match budget.take(at(now)) {
                Ok(()) => sent.push(now),
                Err(wait) => prop_assert!(wait > Duration::ZERO && wait <= Duration::from_secs(3600)),
            }
        }
        for &end in &sent {
            prop_assert!(sent.iter().filter(|&&one| one <= end && one + 3600 > end).count() <= most);
        }
    }
}

#[test]
fn a_reply_with_nothing_left_closes_the_budget_until_the_reset() {
    let mut headers = HeaderMap::new();
    headers.insert("X-RateLimit-Remaining", HeaderValue::from_static("0"));
    headers.insert("X-RateLimit-Reset", HeaderValue::from_static("60"));
    let mut budget = HourlyBudget::new(100);
    budget.observe(at(10), &RateLimit::read(&headers));
    assert_eq!(budget.take(at(30)), Err(Duration::from_secs(40)));
    assert_eq!(budget.take(at(70)), Ok(()));
}
