//! Queries for the caller's name.

use async_trait::async_trait;
use std::future::Future;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use voip_module::gravitel::sample::SampleProvider;
use voip_module::gravitel::{
    Contact, ContactLookup, ContactQuery, GravitelConfig, GravitelProvider, NoTransport,
};
use voip_module::testing::{ManualTimer, Push};
use voip_module::{Error, VoipProvider};

use crate::now;

enum Lookup {
    Knows,
    KnowsNobody,
    Fails,
    Panics,
    Hangs,
}

#[async_trait]
impl ContactLookup for Lookup {
    async fn find_contact(&self, query: &ContactQuery) -> Result<Option<Contact>, Error> {
        assert_eq!(query.phone, "79990000001");
        assert_eq!(query.call_id.as_deref(), Some("C-6"));
        match self {
            Self::Knows => Ok(Some(Contact::named("Client One").responsible("admin"))),
            Self::KnowsNobody => Ok(None),
            Self::Fails => Err(Error::Timeout),
            Self::Panics => panic!("no such table"),
            Self::Hangs => std::future::pending().await,
        }
    }
}

fn provider(lookup: Lookup, timer: &ManualTimer) -> GravitelProvider<NoTransport> {
    GravitelProvider::new(GravitelConfig::default(), NoTransport).contacts(lookup, timer.clone())
}

fn push() -> Push {
    Push::contact().phone("79990000001").callid("C-6")
}

// V66, V94, E8
#[test]
fn a_contact_is_answered_from_the_lookup() {
    for (lookup, body) in [
        (Lookup::Knows, r#"{"contact_name":"Client One","responsible":"admin"}"#),
        (Lookup::KnowsNobody, "{}"),
        (Lookup::Fails, "{}"),
        (Lookup::Panics, "{}"),
    ] {
        let timer = ManualTimer::new();
        let provider = provider(lookup, &timer);
        let result = now(provider.parse_webhook(&push().post("/").into())).unwrap();
        assert!(result.is_empty());
        let response = result.response.unwrap();
        assert_eq!((response.status().as_u16(), &response.body()[..]), (200, body.as_bytes()));
        assert_eq!(response.headers()["content-type"], "application/json");
    }
}

// V66
#[test]
fn a_lookup_that_takes_longer_than_the_budget_is_not_waited_for() {
    let timer = ManualTimer::new();
    let provider = provider(Lookup::Hangs, &timer);
    let request = push().post("/").into();
    let mut parse = Box::pin(provider.parse_webhook(&request));
    let mut context = Context::from_waker(Waker::noop());
    assert!(parse.as_mut().poll(&mut context).is_pending());
    assert_eq!(timer.asked(), [Duration::from_millis(1_200)]);
    timer.finish();
    let Poll::Ready(Ok(result)) = parse.as_mut().poll(&mut context) else { panic!("still waits") };
    assert_eq!(&result.response.unwrap().body()[..], b"{}");
}

// V94
#[test]
fn the_sample_asks_nobody() {
    let provider = SampleProvider::parser_only();
    let result = now(provider.parse_webhook(&push().post("/").into())).unwrap();
    assert!(result.is_empty() && result.response.is_none());
}

// V127
#[test]
fn a_contact_without_a_phone_asks_nobody() {
    let timer = ManualTimer::new();
    let provider = provider(Lookup::Panics, &timer);
    let request = Push::contact().callid("C-6").post("/").into();
    let result = now(provider.parse_webhook(&request)).unwrap();
    assert_eq!(&result.response.unwrap().body()[..], b"{}");
    assert!(timer.asked().is_empty());
}
