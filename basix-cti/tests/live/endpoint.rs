//! Endpoints: server, credentials and options.
// B1 to B6

use basix_cti::Endpoint;
use basix_cti::element::UserId;
use basix_cti::endpoint::{EndpointError, EndpointPart};
use basix_cti::helper_leg::CallUser;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};

use crate::secret::hides;

const TOKEN: &str = "T0K3N-9fQ";

fn endpoint(server: &str) -> Endpoint {
    Endpoint::new(server, "my-domain", TOKEN)
}

fn url(endpoint: &Endpoint) -> String {
    endpoint.url().unwrap().into()
}

// B1
#[test]
fn the_url_is_that_of_the_vendor_without_credentials() {
    assert_eq!(url(&endpoint("pbx.example.net")), "wss://pbx.example.net/basix/api/ws_cti");
}

// B2
#[test]
fn options_are_query_parameters() {
    let endpoint = endpoint("pbx.example.net").app_name("wallboard").force().full_events();
    assert_eq!(
        url(&endpoint),
        "wss://pbx.example.net/basix/api/ws_cti?app_name=wallboard&force=true&full_events=true"
    );
}

// B2
#[test]
fn values_of_parameters_are_percent_encoded() {
    let endpoint = endpoint("pbx.example.net").app_name("wall & board+ä#1");
    assert_eq!(
        url(&endpoint),
        "wss://pbx.example.net/basix/api/ws_cti?app_name=wall%20%26%20board%2B%C3%A4%231"
    );
}

// B2
#[test]
fn an_app_name_without_text_is_left_out() {
    assert_eq!(url(&endpoint("pbx.example.net").app_name("")), url(&endpoint("pbx.example.net")));
}

#[test]
fn a_server_is_a_host_or_an_address_with_or_without_a_port() {
    for (server, host, port, is_tls, shown) in [
        ("pbx.example.net", "pbx.example.net", 443, true, "pbx.example.net:443"),
        ("PBX.example.net", "pbx.example.net", 443, true, "pbx.example.net:443"),
        ("pbx.example.net:8443", "pbx.example.net", 8443, true, "pbx.example.net:8443"),
        ("wss://pbx.example.net", "pbx.example.net", 443, true, "pbx.example.net:443"),
        ("WSS://pbx.example.net/", "pbx.example.net", 443, true, "pbx.example.net:443"),
        ("wss://pbx.example.net:80", "pbx.example.net", 80, true, "pbx.example.net:80"),
        ("ws://pbx.example.net", "pbx.example.net", 80, false, "pbx.example.net:80"),
        ("ws://127.0.0.1:443", "127.0.0.1", 443, false, "127.0.0.1:443"),
        ("192.0.2.7", "192.0.2.7", 443, true, "192.0.2.7:443"),
        ("[2001:db8::1]", "2001:db8::1", 443, true, "[2001:db8::1]:443"),
        ("ws://[::1]:8080", "::1", 8080, false, "[::1]:8080"),
        ("pbx.例え.jp", "pbx.xn--r8jz45g.jp", 443, true, "pbx.xn--r8jz45g.jp:443"),
    ] {
        let server_address = endpoint(server).server().unwrap();
        assert_eq!(
            (&*server_address.host, server_address.port, server_address.is_tls),
            (host, port, is_tls),
            "{server}"
        );
        assert_eq!(server_address.to_string(), shown, "{server}");
    }
}

#[test]
fn a_server_without_scheme_is_never_spoken_to_without_tls() {
    for server in ["pbx.example.net", "pbx.example.net:80", "localhost", "127.0.0.1:8080", "ws"] {
        assert!(endpoint(server).server().unwrap().is_tls, "{server}");
        assert_eq!(endpoint(server).url().unwrap().scheme(), "wss", "{server}");
    }
}

// B96
#[test]
fn call_user_goes_to_the_same_server_with_the_same_credentials() {
    for (server, uri) in [
        ("pbx.example.net", "https://pbx.example.net/basix/api/call_user"),
        ("pbx.example.net:8443", "https://pbx.example.net:8443/basix/api/call_user"),
        ("wss://[::1]:80", "https://[::1]:80/basix/api/call_user"),
        ("ws://127.0.0.1", "http://127.0.0.1/basix/api/call_user"),
        ("ws://127.0.0.1:8080", "http://127.0.0.1:8080/basix/api/call_user"),
    ] {
        let endpoint = endpoint(server).app_name("wallboard").force();
        let call = endpoint.call_user(&CallUser::media_plug(UserId(10001001))).unwrap();
        assert_eq!((call.method().as_str(), call.uri().to_string().as_str()), ("POST", uri));
        assert_eq!(call.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(
            call.headers()[AUTHORIZATION],
            endpoint.request().unwrap().headers()[AUTHORIZATION]
        );
        assert!(call.headers()[AUTHORIZATION].is_sensitive());
        assert_eq!(
            String::from_utf8(call.into_body()).unwrap(),
            r#"{"user_id":10001001,"destination":"media_plug"}"#
        );
    }
}

// B1
#[test]
fn the_opening_request_gets_the_url_with_basic_credentials() {
    let endpoint = endpoint("pbx.example.net:8443").full_events();
    let request = endpoint.request().unwrap();
    assert_eq!(request.method(), "GET");
    assert_eq!(request.uri().to_string(), url(&endpoint));
    // base64("my-domain:T0K3N-9fQ")
    assert_eq!(request.headers()[AUTHORIZATION], "Basic bXktZG9tYWluOlQwSzNOLTlmUQ==");
    assert!(request.headers()[AUTHORIZATION].is_sensitive());
    assert_eq!(request.headers().len(), 1);
}

// B1
#[test]
fn credentials_beyond_ascii_are_utf_8() {
    let request = Endpoint::new("pbx.example.net", "dömäin", "tökén:2").request().unwrap();
    assert_eq!(request.headers()[AUTHORIZATION], "Basic ZMO2bcOkaW46dMO2a8Opbjoy");
}

// B3
#[test]
fn a_session_is_a_header_of_the_callers_choice() {
    let endpoint = Endpoint::with_session("pbx.example.net", "X-Session", "s-9fQ7").full_events();
    let call = endpoint.call_user(&CallUser::media_plug(UserId(1))).unwrap();
    for headers in [endpoint.request().unwrap().headers(), call.headers()] {
        assert_eq!(headers["x-session"], "s-9fQ7");
        assert!(headers["x-session"].is_sensitive());
        assert!(!headers.contains_key(AUTHORIZATION));
    }
    assert_eq!(url(&endpoint), "wss://pbx.example.net/basix/api/ws_cti?full_events=true");
}

// B3
#[test]
fn a_session_may_be_a_bearer_token() {
    let endpoint = Endpoint::with_session("pbx.example.net", "Authorization", "Bearer 9fQ7");
    assert_eq!(endpoint.request().unwrap().headers()[AUTHORIZATION], "Bearer 9fQ7");
}

// B3
#[test]
fn a_session_may_be_a_cookie() {
    let request = Endpoint::with_cookie("pbx.example.net", "sid", "9fQ7==").request().unwrap();
    assert_eq!(request.headers()[COOKIE], "sid=9fQ7==");
    assert!(request.headers()[COOKIE].is_sensitive());
}

// B1
#[test]
fn the_vendors_url_becomes_the_same_endpoint() {
    let endpoint = Endpoint::from_url(
        "wss://my%2Ddomain:T0K3N%2d9fQ@pbx.example.net:8443/basix/api/ws_cti\
         ?app_name=wall%20board&force=true&full_events=true",
    )
    .unwrap();
    let same = Endpoint::new("pbx.example.net:8443", "my-domain", TOKEN)
        .app_name("wall board")
        .force()
        .full_events();
    assert_eq!(url(&endpoint), url(&same));
    assert_eq!(endpoint.request().unwrap().headers(), same.request().unwrap().headers());
    assert_eq!(format!("{endpoint:?}"), format!("{same:?}"));
}

// B2
#[test]
fn options_can_be_added_to_the_vendors_url_and_are_there_once() {
    let text = "wss://my-domain:T0K3N@pbx.example.net/basix/api/ws_cti\
                ?app_name=old&force=true&force=false";
    let endpoint = Endpoint::from_url(text).unwrap().app_name("new").force();
    assert_eq!(url(&endpoint), "wss://pbx.example.net/basix/api/ws_cti?app_name=new&force=true");
}

#[test]
fn unknown_parameters_of_the_vendors_url_are_kept_as_written() {
    let text = "wss://my-domain:T0K3N@pbx.example.net/basix/api/ws_cti\
                ?full_event=true&&x=a+b%2f&force=1&flag";
    assert_eq!(
        url(&Endpoint::from_url(text).unwrap()),
        "wss://pbx.example.net/basix/api/ws_cti?full_event=true&x=a+b%2f&force=1&flag"
    );
}

#[test]
fn a_value_of_a_parameter_may_contain_an_at_sign() {
    for text in [
        "wss://d:T0K3N@pbx/basix/api/ws_cti?app_name=anna@desk",
        "wss://d:T0K3N@pbx?app_name=anna@desk",
    ] {
        let wanted = "wss://pbx/basix/api/ws_cti?app_name=anna%40desk";
        assert_eq!(url(&Endpoint::from_url(text).unwrap()), wanted);
    }
}

#[test]
fn the_vendors_url_may_leave_out_the_path() {
    for text in ["ws://d:T0K3N@127.0.0.1:8080", "ws://d:T0K3N@127.0.0.1:8080/?"] {
        let endpoint = Endpoint::from_url(text).unwrap();
        assert_eq!(url(&endpoint), "ws://127.0.0.1:8080/basix/api/ws_cti");
    }
}

/// Domain and token of a URL, as the opening request sends them.
fn credentials(url: &str) -> String {
    let request = Endpoint::from_url(url).unwrap().request().unwrap();
    let value = request.headers()[AUTHORIZATION].to_str().unwrap().to_owned();
    let decoded = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        value.strip_prefix("Basic ").unwrap(),
    );
    String::from_utf8(decoded.unwrap()).unwrap()
}

#[test]
fn credentials_of_the_vendors_url_may_hold_what_separates_them() {
    for (url, wanted) in [
        ("wss://d:a:b@pbx.example.net", "d:a:b"),
        ("wss://d:a@b@pbx.example.net", "d:a@b"),
        ("wss://d:a+b%2Fc%3Fd%23e%25@pbx.example.net", "d:a+b/c?d#e%"),
        ("wss://d:%E7%94%B0@pbx.example.net", "d:田"),
    ] {
        assert_eq!(credentials(url), wanted);
    }
}

#[test]
fn what_is_wrong_is_said_with_what_to_do_and_without_the_text() {
    use EndpointPart::{AppName, Domain, Server, SessionName, SessionValue, Token};
    let cookie = |name: &str, value: &str| Endpoint::with_cookie("pbx", name, value);
    let session = |name: &str, value: &str| Endpoint::with_session("pbx", name, value);
    for (endpoint, error, text) in [
        (endpoint(""), EndpointError::Empty(Server), "server is empty"),
        (Endpoint::new("pbx", "", TOKEN), EndpointError::Empty(Domain), "domain is empty"),
        (Endpoint::new("pbx", "d", ""), EndpointError::Empty(Token), "token is empty"),
        (session("", TOKEN), EndpointError::Empty(SessionName), "session header's name is empty"),
        (session("x", ""), EndpointError::Empty(SessionValue), "session header's value is empty"),
        (
            Endpoint::new("pbx", "d", format!("{TOKEN}\n")),
            EndpointError::ControlCharacter(Token),
            "token contains a control character, such as a line break: remove it",
        ),
        (
            Endpoint::new("pbx", "d\u{85}", TOKEN),
            EndpointError::ControlCharacter(Domain),
            "domain contains a control character, such as a line break: remove it",
        ),
        (
            endpoint("pbx\t"),
            EndpointError::ControlCharacter(Server),
            "server contains a control character, such as a line break: remove it",
        ),
        (
            endpoint("pbx").app_name("a\0"),
            EndpointError::ControlCharacter(AppName),
            "app_name contains a control character, such as a line break: remove it",
        ),
        (
            session("x", "a\r\nHost: b"),
            EndpointError::ControlCharacter(SessionValue),
            "session header's value contains a control character, such as a line break: remove it",
        ),
        (
            Endpoint::new("pbx", format!("d:{TOKEN}"), TOKEN),
            EndpointError::DomainColon,
            "domain contains a colon: pass the token as a separate argument",
        ),
        (
            endpoint("https://pbx.example.net"),
            EndpointError::Scheme,
            "scheme is not wss or ws: write wss://, or ws:// for a connection without TLS",
        ),
        (
            endpoint(&format!("wss://d:{TOKEN}@pbx.example.net")),
            EndpointError::ServerHasMore,
            "server contains more than host and port: write the rest in the other arguments, or give \
             the whole url to from_url",
        ),
        (
            endpoint("2001:db8::1"),
            EndpointError::Server,
            "server is not a host or an address, with or without a port: write \
             pbx.example.net, pbx.example.net:8443 or [2001:db8::1]:8443",
        ),
        (
            session("sec-websocket-key", TOKEN),
            EndpointError::SessionHeader,
            "session header's name is invalid, or that of a header which the request needs itself: \
             write the one your login uses, such as Authorization",
        ),
        (
            cookie("sid", &format!("{TOKEN}; path=/")),
            EndpointError::Cookie,
            "session cookie contains a character that cookies do not allow: pass name and value of one \
             cookie, encoded as the server set them",
        ),
        (
            endpoint("pbx").app_name("a".repeat(70_000)),
            EndpointError::TooLong,
            "url is longer than 65534 bytes: shorten app_name or the server",
        ),
    ] {
        assert_eq!(error.to_string(), text);
        assert_eq!(endpoint.url(), Err(error), "{text}");
        assert_eq!(endpoint.request().map(drop), Err(error), "{text}");
        let call = CallUser::media_plug(UserId(1));
        assert_eq!(endpoint.call_user(&call).map(drop), Err(error), "{text}");
        for shown in
            [format!("{endpoint:?}"), format!("{endpoint:#?}"), format!("{error:?}"), text.into()]
        {
            hides(TOKEN, &shown);
        }
    }
}

#[test]
fn servers_that_are_none_are_refused() {
    for server in [
        "pbx.example.net:port",
        "pbx.example.net:65536",
        "pbx.example.net:0",
        "pbx example",
        "[::1",
        "[pbx]",
        "a b",
        ":443",
        "wss://",
        "//",
        "%zz",
        "1.2.3.4.5",
        "256.1.1.1",
        "::1",
        "pbx<",
    ] {
        let error = endpoint(server).server().map(|server| server.to_string()).unwrap_err();
        assert!(
            matches!(
                error,
                EndpointError::Server | EndpointError::ServerHasMore | EndpointError::Empty(_)
            ),
            "{server}: {error:?}"
        );
    }
    for server in ["pbx/", "pbx/basix", "pbx?a", "pbx#a", "pbx\\a", "d@pbx", "//pbx"] {
        let wanted = if server == "pbx/" { None } else { Some(EndpointError::ServerHasMore) };
        assert_eq!(endpoint(server).server().err(), wanted, "{server}");
    }
}

#[test]
fn headers_that_the_request_needs_itself_carry_no_session() {
    for name in [
        "Host",
        "Connection",
        "Upgrade",
        "Content-Type",
        "Content-Length",
        "Transfer-Encoding",
        "Sec-WebSocket-Protocol",
        "not a header",
        "grün",
    ] {
        let endpoint = Endpoint::with_session("pbx", name, TOKEN);
        assert_eq!(endpoint.url(), Err(EndpointError::SessionHeader), "{name}");
    }
}

// B1, B6
#[test]
fn urls_that_are_not_the_vendors_form_are_refused_without_showing_them() {
    for (url, error, text) in [
        (
            format!("wss://d:{TOKEN}@pbx/other"),
            EndpointError::Path,
            "url's path is not /basix/api/ws_cti: correct or remove it",
        ),
        (
            "wss://pbx.example.net/basix/api/ws_cti".to_owned(),
            EndpointError::NoCredentials,
            "url has no domain and token: write wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti",
        ),
        (format!("wss://{TOKEN}@pbx"), EndpointError::NoCredentials, ""),
        (
            format!("wss://d:a/{TOKEN}@pbx/basix/api/ws_cti"),
            EndpointError::RawSeparator,
            "domain or token in the url contains a raw /, \\, ? or #: write it as %2F, %5C, %3F or \
             %23, or pass domain and token to Endpoint::new",
        ),
        (format!("wss://d/e:{TOKEN}@pbx"), EndpointError::RawSeparator, ""),
        (format!("wss://d:?{TOKEN}@pbx"), EndpointError::RawSeparator, ""),
        (format!("wss://d:#{TOKEN}@pbx"), EndpointError::RawSeparator, ""),
        (format!("wss://d:\\{TOKEN}@pbx"), EndpointError::RawSeparator, ""),
        // The part before the slash is not taken for a server.
        (format!("wss://d:a@evil.example/{TOKEN}@pbx"), EndpointError::RawSeparator, ""),
        (format!("wss://d:a@evil.example?{TOKEN}@pbx"), EndpointError::RawSeparator, ""),
        (format!("wss://d:a?b={TOKEN}@pbx"), EndpointError::RawSeparator, ""),
        (format!("wss://d:{TOKEN}@pbx/other?x=a@b"), EndpointError::Path, ""),
        ("wss://pbx/basix/api/ws_cti?x=a@b".to_owned(), EndpointError::NoCredentials, ""),
        (
            format!("wss://d:{TOKEN}@pbx#a"),
            EndpointError::Fragment,
            "url has a fragment: remove it, or write # as %23",
        ),
        (
            format!("wss://d:%{TOKEN}@pbx"),
            EndpointError::PercentEncoding(EndpointPart::Token),
            "token in the url is not percent-encoded UTF-8: write % as %25",
        ),
        (
            format!("wss://%ff:{TOKEN}@pbx"),
            EndpointError::PercentEncoding(EndpointPart::Domain),
            "domain in the url is not percent-encoded UTF-8: write % as %25",
        ),
        (format!("wss://a%3Ab:{TOKEN}@pbx"), EndpointError::DomainColon, ""),
        (
            format!("wss://d:{TOKEN}%0a@pbx"),
            EndpointError::ControlCharacter(EndpointPart::Token),
            "",
        ),
        (format!("wss://d:{TOKEN}@pbx\n"), EndpointError::ControlCharacter(EndpointPart::Url), ""),
        (
            format!("wss://d:{TOKEN}@pbx?app_name=%00"),
            EndpointError::ControlCharacter(EndpointPart::AppName),
            "",
        ),
        (format!("wss://d:{TOKEN}@"), EndpointError::Server, ""),
        ("wss://d:@pbx".to_owned(), EndpointError::Empty(EndpointPart::Token), ""),
        (String::new(), EndpointError::Empty(EndpointPart::Url), "url is empty"),
        (format!("d:{TOKEN}@pbx"), EndpointError::Scheme, ""),
        (format!("https://d:{TOKEN}@pbx"), EndpointError::Scheme, ""),
        (
            format!("wss://d:x@pbx/basix/api/ws_cti?domain=d&api_user=u&api_token={TOKEN}"),
            EndpointError::ObsoleteCredentials,
            "url has its token in the query, which is obsolete: write \
             wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti",
        ),
        (
            format!("wss://pbx/basix/api/ws_cti?api_token={TOKEN}"),
            EndpointError::ObsoleteCredentials,
            "",
        ),
    ] {
        let refused = Endpoint::from_url(&url).map(drop).unwrap_err();
        assert_eq!(refused, error, "{url}");
        if !text.is_empty() {
            assert_eq!(refused.to_string(), text);
        }
        for shown in [format!("{refused:?}"), format!("{refused:#?}"), refused.to_string()] {
            hides(TOKEN, &shown);
        }
    }
}

// B1
#[test]
fn the_secret_shows_in_nothing_that_can_be_printed() {
    let server = "pbx.example.net:8443";
    let from_url = format!("wss://my-domain:{TOKEN}@{server}/basix/api/ws_cti?x=1");
    for endpoint in [
        Endpoint::new(server, "my-domain", TOKEN).app_name("wallboard").force(),
        Endpoint::from_url(&from_url).unwrap(),
        Endpoint::with_session(server, "X-Session", TOKEN),
        Endpoint::with_session(server, "Authorization", format!("Bearer {TOKEN}")),
        Endpoint::with_cookie(server, "sid", TOKEN).full_events(),
    ] {
        let url = endpoint.url().unwrap();
        let request = endpoint.request().unwrap();
        let call = endpoint.call_user(&CallUser::media_plug(UserId(1))).unwrap();
        let address = endpoint.server().unwrap();
        for shown in [
            format!("{endpoint:?}"),
            format!("{endpoint:#?}"),
            format!("{:?}", endpoint.clone().app_name("other")),
            format!("{url}"),
            format!("{url:?}"),
            format!("{url:#?}"),
            format!("{request:?}"),
            format!("{request:#?}"),
            format!("{:?}", request.uri()),
            format!("{:#?}", request.headers()),
            format!("{call:?}"),
            format!("{call:#?}"),
            String::from_utf8_lossy(call.body()).into_owned(),
            format!("{address} {address:?} {address:#?}"),
        ] {
            hides(TOKEN, &shown);
        }
    }
}

#[test]
fn debug_shows_server_domain_and_options() {
    assert_eq!(
        format!("{:?}", endpoint("PBX.example.net:8443").app_name("wallboard").force()),
        "Endpoint { server: \"wss://pbx.example.net:8443\", domain: \"my-domain\", \
         app_name: \"wallboard\", force: true, full_events: false, .. }"
    );
    assert_eq!(
        format!("{:?}", Endpoint::with_session("d:secret@pbx", "x", "y")),
        "Endpoint { server: (server contains more than host and port: write the rest in the other \
         arguments, or give the whole url to from_url), app_name: \"\", force: false, \
         full_events: false, .. }"
    );
}
