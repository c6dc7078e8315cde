//! The answer to `call_user`.
// B96

use basix_cti::element::UserId;
use basix_cti::helper_leg::{CallUser, CallUserAnswer, CallUserError};
use proptest::prelude::*;
use serde_json::json;

use crate::cases;

fn parse(status: u16, body: &str) -> Result<CallUserAnswer, CallUserError> {
    CallUserAnswer::parse(status, body.as_bytes())
}

// B142
#[test]
fn the_request_names_what_is_known_and_leaves_out_the_rest() {
    for (call, body) in [
        (CallUser::media_plug(UserId(7)), r#"{"user_id":7,"destination":"media_plug"}"#),
        (
            CallUser::by_name("anna", "ben").user_email("anna@example.test").group_name("sales"),
            r#"{"user_name":"anna","user_email":"anna@example.test","destination":"ben","group_name":"sales"}"#,
        ),
    ] {
        assert_eq!(String::from_utf8(call.to_json()).unwrap(), body);
    }
}

#[test]
fn debug_of_a_request_shows_no_names_and_numbers() {
    let call = CallUser::by_name("anna", "09056161879").group_name("sales");
    assert_eq!(format!("{call:?}"), "CallUser { user_id: None, .. }");
}

// B96
#[test]
fn result_code_0_lists_the_possible_legs() {
    let answer = parse(200, r#"{"result_code":0,"uuids":["a","b"],"error":null,"more":[1]}"#);
    assert_eq!(answer, Ok(CallUserAnswer::Offered { uuids: vec!["a".into(), "b".into()] }));
}

// B96
#[test]
fn another_result_code_is_a_refusal_with_the_word_of_the_pbx() {
    for (body, result_code, id) in [
        (r#"{"result_code":7,"error":{"id":"no_such_user"}}"#, 7, "no_such_user"),
        (r#"{"result_code":-1}"#, -1, ""),
        (r#"{"result_code":1,"error":"text"}"#, 1, ""),
        (r#"{"result_code":1,"error":{"id":5}}"#, 1, ""),
    ] {
        let refused = CallUserAnswer::Refused { result_code, error_id: id.into() };
        assert_eq!(parse(200, body).as_ref(), Ok(&refused));
        // The reason counts with any status.
        assert_eq!(parse(403, body), Ok(refused));
    }
}

// B96
#[test]
fn authentication_required_is_an_outcome_of_its_own() {
    let body = r#"{"result_code":1,"error":{"id":"authentication_required"}}"#;
    for status in [200, 401] {
        assert_eq!(parse(status, body), Ok(CallUserAnswer::AuthenticationRequired));
    }
}

#[test]
fn a_long_word_for_a_refusal_is_cut() {
    let body = json!({"result_code": 1, "error": {"id": "田".repeat(1000)}}).to_string();
    let Ok(CallUserAnswer::Refused { error_id, .. }) = parse(200, &body) else { panic!() };
    assert_eq!(error_id, "田".repeat(CallUserAnswer::MAX_ERROR_ID));
}

#[test]
fn anything_else_is_an_error_that_says_what_and_where() {
    let many = json!({"result_code": 0, "uuids": vec!["u"; 257]}).to_string();
    let long = format!("{{\"result_code\":0,\"uuids\":[\"{}\"]}}", "u".repeat(64 << 10));
    let not_json = |place: &str| {
        format!("answer to call_user is not JSON, at {place}: is this server a Basix PBX?")
    };
    let shape = |member: &str| {
        format!("answer to call_user is invalid: {member} is missing or of another type")
    };
    for (status, body, text) in [
        (200, "", not_json("line 1 column 0")),
        (200, "<html>", not_json("line 1 column 1")),
        (200, "5", shape("result_code")),
        (200, "[]", shape("result_code")),
        (200, "{}", shape("result_code")),
        (200, r#"{"result_code":"0"}"#, shape("result_code")),
        (200, r#"{"result_code":0}"#, shape("uuids")),
        (200, r#"{"result_code":0,"uuids":[]}"#, shape("uuids")),
        (200, r#"{"result_code":0,"uuids":[5]}"#, shape("uuids")),
        (200, r#"{"result_code":0,"uuids":[""]}"#, shape("uuids")),
        (200, r#"{"result_code":0,"uuids":{}}"#, shape("uuids")),
        (200, &many, "answer to call_user lists 257 channels, more than 256".into()),
        (200, &long, "answer to call_user is longer than 65536 bytes".into()),
        (500, "<html>", "call_user was answered with HTTP status 500".into()),
        (
            404,
            "",
            "call_user was answered with HTTP status 404: this server does not support it".into(),
        ),
        (
            401,
            "",
            "call_user was answered with HTTP status 401: check the token or session, and the \
             rights of its user"
                .into(),
        ),
        (
            302,
            r#"{"result_code":0,"uuids":["a"]}"#,
            "call_user was answered with HTTP status 302".into(),
        ),
    ] {
        assert_eq!(parse(status, body).unwrap_err().to_string(), text);
    }
}

#[test]
fn the_longest_answer_is_taken_and_one_byte_more_is_not() {
    let body = r#"{"result_code":0,"uuids":["a"]}"#;
    let body = body.to_owned() + &" ".repeat(CallUserAnswer::MAX_BODY - body.len());
    assert_eq!(parse(200, &body), Ok(CallUserAnswer::Offered { uuids: vec!["a".into()] }));
    let limit = CallUserAnswer::MAX_BODY;
    assert_eq!(parse(200, &(body + " ")), Err(CallUserError::TooLong { limit }));
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn any_bytes_are_an_answer_or_an_error(
        status in any::<u16>(),
        body in prop_oneof![
            any::<Vec<u8>>(),
            "[\\[\\]{}\":,0-9a-z]{0,30}".prop_map(String::into_bytes),
            (any::<i64>(), prop::collection::vec("[a-z]{0,3}", 0..4))
                .prop_map(|(code, uuids)| json!({"result_code": code % 2, "uuids": uuids}))
                .prop_map(|body| body.to_string().into_bytes()),
        ],
    ) {
        if let Ok(CallUserAnswer::Offered { uuids }) = CallUserAnswer::parse(status, &body) {
            prop_assert!((200..300).contains(&status));
            prop_assert!(!uuids.is_empty() && uuids.iter().all(|uuid| !uuid.is_empty()));
        }
    }

    #[test]
    fn nesting_takes_no_stack(depth in 0_usize..60_000) {
        let _ = CallUserAnswer::parse(200, "[".repeat(depth).as_bytes());
    }
}
