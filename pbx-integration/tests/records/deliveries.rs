//! Repeated and late records.
// P113, P125, P37, P45

use pbx_integration::report::{Deliveries, Delivery};

use crate::support::lenient;

fn record(domain: &str, callid: &str, end: u32, more: &str) -> String {
    format!(r#"{{"domain":{domain},"callid":"{callid}","start":1000,"end":{end}{more}}}"#)
}

fn deliver(deliveries: &mut Deliveries, json: &str) -> Delivery {
    let look = deliveries.look(&lenient(json).value);
    if look.delivery().is_news() {
        deliveries.commit(look);
    }
    look.delivery()
}

// P184
#[test]
fn what_is_not_committed_is_new_again_and_a_late_commit_changes_nothing() {
    let mut deliveries = Deliveries::new(100);
    let first = lenient(&record(r#""t""#, "c", 1100, "")).value;
    let later = lenient(&record(r#""t""#, "c", 1200, "")).value;
    let look = deliveries.look(&first);
    assert_eq!(deliveries.look(&first).delivery(), Delivery::New);
    deliveries.commit(deliveries.look(&later));
    deliveries.commit(look);
    assert_eq!(deliveries.look(&later).delivery(), Delivery::Duplicate);
    assert_eq!(deliveries.look(&first).delivery(), Delivery::Stale);
}

// P113, P125
#[test]
fn a_call_is_new_once() {
    let mut deliveries = Deliveries::new(100);
    let mut deliver = |json: &str| deliver(&mut deliveries, json);
    let (a, b) = (r#""a.example""#, r#""b.example""#);
    assert_eq!(deliver(&record(a, "c", 1100, "")), Delivery::New);
    assert_eq!(deliver(&record(a, "c", 1100, "")), Delivery::Duplicate);
    // The address compares without case and final dot, and handles are ignored.
    assert_eq!(
        deliver(&record(r#""A.Example.""#, "c", 1100, r#","call":{"x":1}"#)),
        Delivery::Duplicate
    );
    assert_eq!(deliver(&record(b, "c", 1100, "")), Delivery::New);
    assert_eq!(deliver(&record(a, "C", 1100, "")), Delivery::New);
    // With and without the activation code it is one call; with another code another one.
    assert_eq!(deliver(&record(a, "c", 1100, r#","system":"s1""#)), Delivery::Updated);
    assert_eq!(deliver(&record(a, "c", 1100, r#","system":"s2""#)), Delivery::New);
    assert_eq!(deliver(&record(a, "c", 1100, r#","system":"s2""#)), Delivery::Duplicate);
    assert_eq!(deliver(&record(a, "c", 1100, "")), Delivery::Updated);
    assert_eq!(deliver(&record(a, "c", 1100, r#","comment":"later""#)), Delivery::Updated);
    assert_eq!(deliver(&record(a, "c", 1100, r#","comment":"later""#)), Delivery::Duplicate);
    assert_eq!(deliver(&record(a, "c", 1099, r#","comment":"other""#)), Delivery::Stale);
    assert_eq!(deliver(r#"{"domain":"a.example","callid":"c","start":1000}"#), Delivery::Stale);
    // The stale record is not remembered.
    assert_eq!(deliver(&record(a, "c", 1100, r#","comment":"later""#)), Delivery::Duplicate);
    assert_eq!(deliver(&record(a, "c", 1101, "")), Delivery::Updated);
    assert_eq!(deliver(&record(a, "c", 1101, r#","unknown":1"#)), Delivery::Updated);
}

#[test]
fn memory_is_bounded() {
    let mut deliveries = Deliveries::new(3);
    let mut deliver = |callid: &str| deliver(&mut deliveries, &record(r#""t""#, callid, 1100, ""));
    for callid in ["1", "2", "3", "4"] {
        assert_eq!(deliver(callid), Delivery::New);
    }
    assert_eq!(deliver("4"), Delivery::Duplicate);
    assert_eq!(deliver("1"), Delivery::New);
    assert_eq!(deliveries.len(), 3);
    assert!(!deliveries.is_empty());
}
