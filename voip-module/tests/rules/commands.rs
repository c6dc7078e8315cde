//! Commands and the functions over them, of both providers, with a scripted transport.

use http::StatusCode;
use serde_json::{Value, json};
use voip_module::gravitel::sample::SampleProvider;
use voip_module::gravitel::{
    Encoding, GravitelClient, GravitelConfig, GravitelOptions, GravitelProvider, HistoryFilter,
    HistoryKind, HistoryQuery, OperatorId, Period, PhoneFormat, parse_history,
};
use voip_module::testing::ScriptedTransport;
use voip_module::transport::TransportError;
use voip_module::{Error, VoipProvider};

use crate::now;

const OK: StatusCode = StatusCode::OK;
const KEY: &str = "K3Y-of-the-pbx";

fn config() -> GravitelConfig {
    GravitelConfig::new("https://pbx.example/sys/crm_api.wcgp", KEY)
}

fn provider(
    transport: ScriptedTransport,
    options: GravitelOptions,
) -> GravitelProvider<ScriptedTransport> {
    GravitelProvider::new(config(), transport).options(options)
}

fn sample(transport: ScriptedTransport) -> SampleProvider<ScriptedTransport> {
    SampleProvider::new(config(), transport)
}

fn client(transport: &ScriptedTransport) -> GravitelClient<ScriptedTransport> {
    GravitelClient::new(config(), GravitelOptions::default(), transport.clone())
}

fn replies(status: u16, body: &'static str) -> ScriptedTransport {
    ScriptedTransport::new().always(StatusCode::from_u16(status).unwrap(), body)
}

fn default(status: u16, body: &'static str) -> GravitelProvider<ScriptedTransport> {
    provider(replies(status, body), GravitelOptions::default())
}

fn reason(provider: impl VoipProvider) -> Option<String> {
    let result = now(provider.test_connection());
    assert_eq!(result.success(), result.fail_reason().is_none(), "V9");
    result.fail_reason().map(str::to_owned)
}

// V52, V53, V54, E9
#[test]
fn a_command_is_one_post_in_either_encoding() {
    for (encoding, content_type, body) in [
        (
            Encoding::Json,
            "application/json",
            r#"{"cmd":"makeCall","token":"K3Y-of-the-pbx","phone":"79990000002","user":"702"}"#,
        ),
        (
            Encoding::Form,
            "application/x-www-form-urlencoded",
            "cmd=makeCall&token=K3Y-of-the-pbx&phone=79990000002&user=702",
        ),
    ] {
        let transport = replies(200, r#"{"uuid":"5f0c0000-0000-4000-8000-000000000001"}"#);
        let options = GravitelOptions::default().with_encoding(encoding);
        now(provider(transport.clone(), options).generate_call("702", "79990000002")).unwrap();
        if encoding == Encoding::Json {
            now(sample(transport.clone()).generate_call("702", "79990000002")).unwrap();
        }
        for request in transport.requests() {
            assert_eq!(request.method(), "POST");
            assert_eq!(request.uri(), "https://pbx.example/sys/crm_api.wcgp");
            assert_eq!(request.headers()["content-type"], content_type);
            assert_eq!(request.body(), body);
        }
        let sent = transport.requests().len();
        assert_eq!(sent, if encoding == Encoding::Json { 2 } else { 1 });
    }
}

// V54
#[test]
fn cmd_and_token_cannot_be_overridden() {
    let transport = replies(200, "");
    for name in ["cmd", "token"] {
        let error = now(client(&transport).command("groups", &[(name, "x")])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid argument `parameters`: `cmd` and `token` cannot be overridden"
        );
    }
    assert!(transport.requests().is_empty());
}

// V73
#[test]
fn the_default_connection_test_looks_at_the_status_first() {
    let test = |status, body| reason(default(status, body));
    assert_eq!(test(200, "[]"), None);
    assert_eq!(test(200, r#"[{"name":"admin"}]"#), None);
    assert_eq!(
        test(200, r#"{"error":"Invalid parameters"}"#).unwrap(),
        "200 OK: Invalid parameters"
    );
    assert_eq!(
        test(200, "{}").unwrap(),
        "unexpected response (200 OK) to accounts: expected a JSON array of accounts"
    );
    assert_eq!(
        test(502, "<html>Bad Gateway</html>").unwrap(),
        "unexpected response (502 Bad Gateway) to accounts: expected JSON"
    );
    assert_eq!(
        test(400, r#"{"error":"Invalid parameters"}"#).unwrap(),
        "400 Bad Request: Invalid parameters"
    );
}

// V59, V60, V84
#[test]
fn a_refused_key_says_where_the_two_keys_belong() {
    let text = reason(default(401, r#"{"error":"Invalid token"}"#)).unwrap();
    assert_eq!(
        text,
        "401 Unauthorized: Invalid token: the provider refused the key of the module. Two keys \
         have to be entered: the cloud PBX's key goes into the module's setting `apiKey`, the \
         module's Token goes into the cloud PBX's cabinet as the CRM key"
    );
    let text = voip_module::ParseError::BadToken.to_string();
    assert!(text.contains("`apiKey`") && text.contains("CRM key"), "{text}");
}

// V73
#[test]
fn the_sample_reads_json_before_the_status() {
    let test = |status, body| reason(sample(replies(status, body)));
    assert_eq!(test(200, "{}"), None);
    assert_eq!(test(200, r#"{"error":"x"}"#), None);
    assert_eq!(test(502, "<html>").unwrap(), "the answer is not JSON");
    assert_eq!(test(200, "<html>").unwrap(), "the answer is not JSON");
    assert_eq!(
        test(401, r#"{"error":"Invalid token"}"#).unwrap(),
        "401 Unauthorized: Invalid token"
    );
}

// V29, V48, V51
#[test]
fn settings_are_checked_before_anything_is_sent() {
    for (endpoint, key, text) in [
        ("https://pbx.example/", "", "invalid API key: the setting `apiKey` is empty"),
        ("", "K", "invalid endpoint URL: the setting `endpoint` is empty"),
        ("pbx.example", "K", "invalid endpoint URL: it is not an absolute URL"),
        ("http://pbx.example/", "K", "invalid endpoint URL: it must begin with https://"),
        ("ftp://pbx.example/", "K", "invalid endpoint URL: it must begin with https://"),
        (
            "https://user:secret@pbx.example/",
            "K",
            "invalid endpoint URL: it must not hold a user name or password",
        ),
    ] {
        let transport = replies(200, "[]");
        let provider = GravitelProvider::new(GravitelConfig::new(endpoint, key), transport.clone());
        let result = now(provider.test_connection());
        assert_eq!((result.success(), result.fail_reason()), (false, Some(text)));
        let error = now(provider.members()).unwrap_err();
        assert_eq!((error.code(), error.to_string()), ("config", text.to_owned()));
        assert!(transport.requests().is_empty());
    }
    assert!(GravitelConfig::new("http://127.0.0.1/", "K").with_http().checked_endpoint().is_ok());
}

// V50
#[test]
fn the_usual_endpoint_is_taken_as_it_is() {
    assert_eq!(
        config().checked_endpoint().unwrap().as_str(),
        "https://pbx.example/sys/crm_api.wcgp"
    );
}

const ACCOUNTS: &str = r#"[{"name":"admin","realName":"Anna Admin","ext":"701"},
    {"name":"ivan","ext":"702"},{"name":"robot"}]"#;

fn members(provider: impl VoipProvider) -> Vec<(String, String)> {
    let members = now(provider.members()).unwrap();
    members.into_iter().map(|member| (member.id, member.label)).collect()
}

// V74, V10, V11, V145, E10
#[test]
fn members_are_the_accounts_by_extension_or_login() {
    let pair = |id: &str, label: &str| (id.to_owned(), label.to_owned());
    assert_eq!(
        members(default(200, ACCOUNTS)),
        [pair("701", "Anna Admin"), pair("702", "ivan"), pair("robot", "robot")]
    );
    let by_login = GravitelOptions::default().with_operator_id(OperatorId::Login);
    assert_eq!(
        members(provider(replies(200, ACCOUNTS), by_login)),
        [pair("admin", "Anna Admin"), pair("ivan", "ivan"), pair("robot", "robot")]
    );
    // Values that are undefined in the sample are empty here (V119).
    assert_eq!(
        members(sample(replies(200, ACCOUNTS))),
        [pair("701", "admin"), pair("702", "ivan"), pair("", "robot")]
    );
    let repeated = r#"[{"name":"a","ext":701},{"name":"b","ext":"701"},{"name":"c","ext":""},
        {"name":"d","ext":"703","realName":"","email":"d@x.example","new":[1]}]"#;
    assert_eq!(
        members(default(200, repeated)),
        [pair("701", "a"), pair("c", "c"), pair("703", "d")]
    );
}

// V74
#[test]
fn members_without_an_answer_are_an_error_in_either_preset() {
    for (status, body, code) in [
        (400, r#"{"error":"Invalid parameters"}"#, "remote"),
        (401, r#"{"error":"Invalid token"}"#, "auth"),
        (200, r#"{"a":1}"#, "unexpected_body"),
        (200, "<html>", "unexpected_body"),
    ] {
        let error = now(default(status, body).members()).unwrap_err();
        assert_eq!(error.code(), code, "{status} {body}");
        let error = now(sample(replies(status, body)).members()).unwrap_err();
        assert_eq!(error.code(), code, "{status} {body}");
    }
}

// V75
#[test]
fn an_empty_argument_is_refused_before_anything_is_sent() {
    let transport = replies(200, "");
    let provider = provider(transport.clone(), GravitelOptions::default());
    let error = now(provider.generate_call("", "79990000002")).unwrap_err();
    assert_eq!(error.to_string(), "invalid argument `user`: it is empty");
    let error = now(provider.generate_call("702", "")).unwrap_err();
    assert_eq!(error.to_string(), "invalid argument `phone`: it is empty");
    assert!(transport.requests().is_empty());
}

// V75
#[test]
fn the_sample_takes_200_only_and_ignores_the_body() {
    fn call(provider: impl VoipProvider) -> Result<(), Error> {
        now(provider.generate_call("702", "79990000002"))
    }
    assert!(call(sample(replies(200, r#"{"error":"x"}"#))).is_ok());
    assert_eq!(call(default(200, r#"{"error":"x"}"#)).unwrap_err().to_string(), "200 OK: x");
    assert!(call(default(204, "")).is_ok(), "V60: any 2xx");
    assert_eq!(call(sample(replies(204, ""))).unwrap_err().code(), "remote");
}

// V75
#[test]
fn the_call_id_is_read_where_there_is_one() {
    for (body, id) in [
        (
            r#"{"uuid":"5f0c0000-0000-4000-8000-000000000001"}"#,
            Some("5f0c0000-0000-4000-8000-000000000001"),
        ),
        ("5f0c-1", Some("5f0c-1")),
        (r#""5f0c-1""#, Some("5f0c-1")),
        ("42", Some("42")),
        ("", None),
        ("{}", None),
        ("OK then", None),
    ] {
        let transport = ScriptedTransport::new().reply(OK, body);
        assert_eq!(
            now(client(&transport).make_call("1", "2", Some("3"))).unwrap().as_deref(),
            id,
            "{body}"
        );
        let sent: Value = serde_json::from_slice(transport.requests()[0].body()).unwrap();
        assert_eq!(sent["clid"], "3");
    }
}

// V56
#[test]
fn numbers_are_sent_as_they_are_or_as_digits() {
    for (format, sent) in
        [(PhoneFormat::AsIs, "+7 (999) 000"), (PhoneFormat::DigitsOnly, "7999000")]
    {
        let transport = replies(200, "");
        let options = GravitelOptions::default().with_phone_format(format);
        now(provider(transport.clone(), options).generate_call("702", "+7 (999) 000")).unwrap();
        let body: Value = serde_json::from_slice(transport.requests()[0].body()).unwrap();
        assert_eq!(body["phone"], sent);
    }
    let options = GravitelOptions::default().with_phone_format(PhoneFormat::DigitsOnly);
    let error = now(provider(replies(200, ""), options).generate_call("702", "+")).unwrap_err();
    assert_eq!(error.code(), "invalid_argument");
}

// V76, V18
#[test]
fn a_link_is_checked_or_as_in_the_sample_just_read() {
    for (call, default, sample) in [
        (
            json!({"link": "https://rec.example/a.mp3?id=1"}),
            Ok("https://rec.example/a.mp3?id=1"),
            Ok("https://rec.example/a.mp3?id=1"),
        ),
        (
            json!({"link": "http://rec.example/a b"}),
            Ok("http://rec.example/a%20b"),
            Ok("http://rec.example/a%20b"),
        ),
        // A value that is undefined in the sample, or not an absolute URL, is an error here (V119).
        (json!({"id": "C"}), Err("no_recording"), Err("no_recording")),
        (json!({"link": ""}), Err("no_recording"), Err("no_recording")),
        (json!({"link": null}), Err("no_recording"), Err("no_recording")),
        (json!({"link": "/a.mp3"}), Err("invalid_link"), Err("invalid_link")),
        (json!({"link": "javascript:alert(1)"}), Err("invalid_link"), Ok("javascript:alert(1)")),
        (json!({"link": 1}), Err("invalid_call_data"), Err("no_recording")),
        (json!(null), Err("invalid_call_data"), Err("invalid_call_data")),
        (json!([]), Err("invalid_call_data"), Err("no_recording")),
        (json!("https://rec.example/a.mp3"), Err("invalid_call_data"), Err("no_recording")),
    ] {
        let links = [
            (now(provider(replies(200, ""), GravitelOptions::default()).call_link(&call)), default),
            (now(SampleProvider::new(config(), replies(200, "")).call_link(&call)), sample),
        ];
        for (link, expected) in links {
            assert_eq!(
                link.as_ref().map(url::Url::as_str).map_err(Error::code),
                expected,
                "{call}"
            );
        }
    }
}

// V60
#[test]
fn failures_of_the_transport_have_their_own_kinds() {
    for (failure, code, text) in [
        (TransportError::Timeout, "timeout", "the provider did not answer in time"),
        (TransportError::Connect("x".into()), "transport", "transport: connection failed"),
        (
            TransportError::BodyTooLarge { limit: 9 },
            "transport",
            "transport: the answer is longer than 9 bytes",
        ),
    ] {
        let transport = ScriptedTransport::new().fail(failure);
        let error = now(client(&transport).accounts()).unwrap_err();
        assert_eq!((error.code(), error.to_string()), (code, text.to_owned()));
    }
}

// V59
#[test]
fn an_answer_is_quoted_without_key_and_numbers() {
    let body = r#"{"error":"bad K3Y-of-the-pbx for 79990000001, code 1234\u001b[31m"}"#;
    let error = now(client(&replies(400, body)).accounts()).unwrap_err();
    assert_eq!(error.to_string(), "400 Bad Request: bad … for …, code 1234 [31m");
    let error = now(client(&replies(301, "")).accounts()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "301 Moved Permanently: the cloud PBX is at another address; check the setting `endpoint`"
    );
}

// V57, V58
#[test]
fn every_command_sends_its_parameters_and_reads_its_answer() {
    let sent = |transport: &ScriptedTransport| -> Value {
        let mut body: Value = serde_json::from_slice(transport.requests()[0].body()).unwrap();
        body.as_object_mut().unwrap().remove("token").unwrap();
        body
    };
    let transport = replies(200, r#"[{"id":"g1","realName":"Sales","ext":"800"}]"#);
    let groups = now(client(&transport).groups(Some("admin"))).unwrap();
    assert_eq!((&*groups[0].id, &*groups[0].real_name, &*groups[0].ext), ("g1", "Sales", "800"));
    assert_eq!(sent(&transport), json!({"cmd": "groups", "user": "admin"}));

    let transport = replies(200, "OK");
    now(client(&transport).subscribe_on_calls("admin", true, None)).unwrap();
    assert_eq!(
        sent(&transport),
        json!({"cmd": "subscribeOnCalls", "user": "admin", "status": "on"})
    );
    let transport = replies(200, "");
    now(client(&transport).subscribe_on_calls("admin", false, Some("g1"))).unwrap();
    assert_eq!(
        sent(&transport),
        json!({"cmd": "subscribeOnCalls", "user": "admin", "status": "off", "group_id": "g1"})
    );

    let transport = replies(200, r#"{"status":"on"}"#);
    assert!(now(client(&transport).subscription_status("admin", "g1")).unwrap());
    assert_eq!(
        sent(&transport),
        json!({"cmd": "subscriptionStatus", "user": "admin", "group_id": "g1"})
    );
    assert!(
        !now(client(&replies(200, r#"{"status":"off"}"#)).subscription_status("a", "g")).unwrap()
    );
    let error = now(client(&replies(200, r#"{"status":"?"}"#)).subscription_status("a", "g"));
    assert_eq!(error.unwrap_err().code(), "unexpected_body");

    let transport = replies(200, "");
    now(client(&transport).set_dnd("admin", true)).unwrap();
    assert_eq!(sent(&transport), json!({"cmd": "set_dnd", "user": "admin", "state": "true"}));
    let transport = replies(200, r#"{"state":false}"#);
    assert!(!now(client(&transport).get_dnd("admin")).unwrap());
    assert_eq!(sent(&transport), json!({"cmd": "get_dnd", "user": "admin"}));

    let transport = replies(200, "");
    let (start, end) = ("20240105T101500Z", "2024-01-05T13:16:00+03:00");
    let query = HistoryQuery::between(start.parse().unwrap(), end.parse().unwrap());
    now(client(&transport).history(&query.filter(HistoryFilter::Missed).limit(5))).unwrap();
    assert_eq!(
        sent(&transport),
        json!({"cmd": "history", "start": "20240105T101500Z", "end": "20240105T101600Z",
            "type": "missed", "limit": "5"})
    );
    let transport = replies(200, "");
    now(client(&transport).history(&HistoryQuery::period(Period::LastWeek))).unwrap();
    assert_eq!(sent(&transport), json!({"cmd": "history", "period": "last_week"}));
}

const ROW: &str =
    "5f0c,out,+79990000002,admin@pbx.example,+74990000000,2024-01-05T13:15:00+03:00,0,11,";

// V57, E11
#[test]
fn a_history_row_has_nine_columns() {
    let history = now(client(&replies(200, ROW)).history(&HistoryQuery::period(Period::Today)));
    let history = history.unwrap();
    let row = &history.rows[0];
    assert_eq!(
        (&*row.id, &row.kind, &*row.client),
        ("5f0c", &HistoryKind::Outgoing, "+79990000002")
    );
    assert_eq!((row.login(), row.is_group(), &*row.via), ("admin", false, "+74990000000"));
    assert_eq!(row.start_time().unwrap().to_string(), "2024-01-05T10:15:00Z");
    assert_eq!((row.wait.as_secs(), row.duration.as_secs(), &row.record), (0, 11, &None));
}

// V57
#[test]
fn history_is_csv_with_quotes_and_bad_rows_do_not_stop_the_others() {
    let csv = "\u{feff}1,in,\"a,\"\"b\"\"\r\nc\",g_sales@t,v,s,1,2,https://r.example/1,extra\r\n\r\n\
               2,parked,c,a,v,s,x,2,\r\n3,in\r\n4,\"a\"b,c\r\n5,missed,c,a,v,s,,,\n";
    let rows: Vec<_> = parse_history(csv).collect();
    let first = rows[0].as_ref().unwrap();
    assert_eq!((&*first.client, first.is_group()), ("a,\"b\"\r\nc", true));
    assert_eq!(first.record.as_deref(), Some("https://r.example/1"));
    let texts: Vec<_> =
        rows[1..4].iter().map(|row| row.as_ref().unwrap_err().to_string()).collect();
    assert_eq!(
        texts,
        [
            "history row 2: the seventh column is not a number of seconds",
            "history row 3: expected nine columns",
            "history row 4: expected nine columns",
        ]
    );
    assert_eq!(rows[4].as_ref().unwrap().kind, HistoryKind::Missed);
    assert_eq!(rows.len(), 5);
    assert!(parse_history("1,\"open").next().unwrap().is_err());
    assert_eq!(HistoryKind::from("parked").as_str(), "parked");
    let error =
        now(client(&replies(200, "<html>\n</html>")).history(&HistoryQuery::period(Period::Today)));
    assert_eq!(
        error.unwrap_err().to_string(),
        "unexpected response (200 OK) to history: expected CSV of nine columns"
    );
}

// V57
#[test]
fn moments_are_read_as_the_pbx_writes_them() {
    for (start, moment) in [
        ("2024-01-05T13:15:00+03:00", Some("2024-01-05T10:15:00Z")),
        ("20240105T101500Z", Some("2024-01-05T10:15:00Z")),
        ("20240105T1015", None),
        ("2023-02-29T00:00:00Z", None),
        ("", None),
    ] {
        let row = ROW.replace("2024-01-05T13:15:00+03:00", start);
        let row = parse_history(&row).next().unwrap().unwrap();
        assert_eq!(row.start_time().map(|time| time.to_string()).as_deref(), moment, "{start}");
    }
}
