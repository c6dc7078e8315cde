//! Laws of URLs and requests, for any text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use basix_cti::Endpoint;
use basix_cti::element::UserId;
use basix_cti::helper_leg::CallUser;
use http::header::AUTHORIZATION;
use proptest::prelude::*;
use url::{Url, form_urlencoded};

use crate::cases;
use crate::secret::hides;

/// A marker that no other text of a test contains.
const SECRET: &str = "zQ9~s3CrEt";

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "\\PC{0,12}",
        2 => "[ -~]{0,12}",
        1 => ".{0,6}",
    ]
}

fn any_token() -> impl Strategy<Value = String> {
    (any_text(), any_text()).prop_map(|(before, after)| format!("{before}{SECRET}{after}"))
}

fn any_server() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        4 => "[a-z0-9]{1,8}(\\.[a-z0-9-]{1,8}){0,3}",
        1 => "\\[[0-9a-f:]{2,12}\\]",
        1 => "[0-9]{1,3}(\\.[0-9]{1,3}){3}",
        2 => any_text(),
    ];
    let scheme = prop_oneof![3 => "", 1 => "wss://", 1 => "ws://", 1 => "[a-z]{1,4}://"];
    (scheme, host, prop_oneof![2 => Just(String::new()), 1 => ":[0-9]{0,6}"])
        .prop_map(|(scheme, host, port)| format!("{scheme}{host}{port}"))
}

/// Text percent-encoded as in the user info of a URL, every byte that might mean something.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// The texts of a URL's query, decoded.
fn parameters(url: &Url) -> Vec<(String, String)> {
    form_urlencoded::parse(url.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

proptest! {
    #![proptest_config(cases(1000))]

    // B1, B2
    #[test]
    fn any_texts_are_an_error_or_a_url_that_reads_back_without_the_secret(
        server in any_server(),
        domain in any_text(),
        token in any_token(),
        app_name in any_text(),
        force in any::<bool>(),
        full_events in any::<bool>(),
    ) {
        let mut endpoint = Endpoint::new(&server, &domain, &token).app_name(&app_name);
        if force {
            endpoint = endpoint.force();
        }
        if full_events {
            endpoint = endpoint.full_events();
        }
        hides(SECRET, &format!("{endpoint:?} {endpoint:#?}"));
        let url = match endpoint.url() {
            Ok(url) => url,
            Err(error) => {
                hides(SECRET, &format!("{error} {error:?}"));
                prop_assert_eq!(endpoint.request().map(drop), Err(error));
                return Ok(());
            }
        };
        hides(SECRET, url.as_str());
        prop_assert_eq!(Url::parse(url.as_str()), Ok(url.clone()));
        prop_assert_eq!((url.username(), url.password(), url.fragment()), ("", None, None));
        prop_assert_eq!(url.path(), "/basix/api/ws_cti");
        prop_assert_eq!(url.scheme() == "ws", server.to_ascii_lowercase().starts_with("ws://"));
        let mut wanted = Vec::new();
        wanted.extend((!app_name.is_empty()).then_some(("app_name".to_owned(), app_name)));
        wanted.extend(force.then_some(("force".to_owned(), "true".to_owned())));
        wanted.extend(full_events.then_some(("full_events".to_owned(), "true".to_owned())));
        prop_assert_eq!(parameters(&url), wanted);

        // A valid URL means valid requests.
        let request = endpoint.request().unwrap();
        prop_assert_eq!(request.uri().to_string(), url.as_str());
        let basic = format!("Basic {}", STANDARD.encode(format!("{domain}:{token}")));
        prop_assert_eq!(request.headers()[AUTHORIZATION].as_bytes(), basic.as_bytes());
        let call = endpoint.call_user(&CallUser::media_plug(UserId(1))).unwrap();
        prop_assert_eq!(call.uri().host(), request.uri().host());
        prop_assert_eq!(call.uri().port_u16(), request.uri().port_u16());
        hides(SECRET, &format!("{request:?} {call:?}"));

        // The vendor's form gives the same requests.
        let server = url.as_str().split_once("://").unwrap().1;
        let user_info = format!("{}:{}", percent_encoded(&domain), percent_encoded(&token));
        let vendor = format!("{}://{user_info}@{server}", url.scheme());
        let again = Endpoint::from_url(&vendor).unwrap();
        prop_assert_eq!(again.url().unwrap(), url);
        let again = again.request().unwrap();
        prop_assert_eq!(again.headers(), request.headers());
    }

    #[test]
    fn any_text_as_a_url_is_an_error_or_an_endpoint_without_the_secret_in_its_url(
        scheme in prop_oneof![4 => Just("wss://"), 1 => Just("ws://"), 1 => Just("")],
        domain in "[a-z%:@/]{0,6}",
        token in any_token(),
        server in any_server(),
        rest in prop_oneof![Just(String::new()), "/basix/api/ws_cti(\\?[ -~]{0,20})?", any_text()],
    ) {
        match Endpoint::from_url(&format!("{scheme}{domain}:{token}@{server}{rest}")) {
            Err(error) => hides(SECRET, &format!("{error} {error:?}")),
            Ok(endpoint) => {
                let url = endpoint.url().unwrap();
                let request = endpoint.request().unwrap();
                hides(SECRET, &format!("{endpoint:?} {url} {url:?} {request:?}"));
            }
        }
    }

    #[test]
    fn any_session_is_an_error_or_a_sensitive_header(
        name in prop_oneof!["[a-zA-Z-]{1,12}", any_text()],
        value in any_token(),
        is_cookie in any::<bool>(),
    ) {
        let endpoint = match is_cookie {
            true => Endpoint::with_cookie("pbx.example.net", &name, &value),
            false => Endpoint::with_session("pbx.example.net", &name, &value),
        };
        match endpoint.request() {
            Err(error) => hides(SECRET, &format!("{endpoint:?} {error} {error:?}")),
            Ok(request) => {
                let [(_, header)] = request.headers().iter().collect::<Vec<_>>()[..] else {
                    panic!("one header");
                };
                prop_assert!(header.is_sensitive());
                let wanted = if is_cookie { format!("{name}={value}") } else { value };
                prop_assert_eq!(header.as_bytes(), wanted.as_bytes());
                hides(SECRET, &format!("{endpoint:?} {request:?}"));
            }
        }
    }
}
