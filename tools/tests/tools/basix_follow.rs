use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::Arc;

use basix_cti_testing::{Fault, Faults, Pbx, Server};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::Value as Json;

use crate::program::{self, Run, command, path, start};

fn basix_follow(arguments: &[&str]) -> Run {
    Run::of(start(command("basix-follow", arguments)).wait_with_output().unwrap())
}

/// The first line of standard error, without the name of the program.
#[track_caller]
fn first_error(run: &Run) -> &str {
    run.errors.lines().next().unwrap().strip_prefix("basix-follow: ").unwrap()
}

/// The changes that the PBX sent, without their times.
fn changes(lines: &[Json]) -> impl Iterator<Item = Json> {
    let is_sent = |line: &&Json| line["change"].is_string() && line["origin"].is_null();
    lines.iter().filter(is_sent).cloned().map(|mut line| {
        line["time"].take();
        line
    })
}

/// A PBX with a call, and the URL with which to follow it.
async fn server(faults: Faults, token: &str) -> (Server, String) {
    let mut pbx = Pbx::new(7);
    pbx.set_token(token);
    pbx.set_faults(faults);
    let (anna, ben) = (pbx.add_user("anna"), pbx.add_user("ben"));
    let uuid = pbx.dial(anna, ben).unwrap();
    let leg = pbx.ring(&uuid, ben).unwrap();
    pbx.pick_up(&leg).unwrap();
    pbx.park(&uuid, Some(anna)).unwrap();
    let server = Server::start(pbx).await.unwrap();
    let url = server.url().replace("://", &format!("://example.test:{token}@"));
    (server, url)
}

/// TLS with a certificate that only this server knows, and the certificate.
fn own_certificate() -> (ServerConfig, String) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.into())
        .unwrap();
    (config, own.cert.pem())
}

/// The records by element and key, for a reader who applies the lines.
fn applied(lines: &[Json]) -> BTreeMap<(String, String), Json> {
    let mut records = BTreeMap::new();
    for line in lines.iter().filter(|line| line["change"].is_string()) {
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        let key = (text("element"), text("key"));
        match text("change").as_str() {
            "removed" => {
                assert_eq!(line["after"], Json::Null, "{line}");
                records.remove(&key);
            }
            "added" | "updated" => drop(records.insert(key, line["after"].clone())),
            other => panic!("{other} is no change"),
        }
    }
    records
}

/// Asserts that the lines lead to the records of the last one.
#[track_caller]
fn come_to_their_end(lines: &[Json]) {
    let records = applied(lines);
    let end = lines.last().unwrap();
    assert_eq!(end["event"], "end");
    for (element, count) in end["records"].as_object().unwrap() {
        let applied = records.keys().filter(|(of, _)| of == element).count();
        assert_eq!(count.as_u64(), Some(applied as u64), "{element}");
    }
    let channels: serde_json::Map<_, _> = records
        .into_iter()
        .filter(|((element, _), _)| element == "channel")
        .map(|((_, key), record)| (key, record))
        .collect();
    assert_eq!(end["channels"], Json::Object(channels));
}

#[test]
fn without_a_url_a_pbx_in_the_process_is_followed_and_its_calls_are_listed() {
    let run = basix_follow(&["--for", "2s"]).done();
    for words in ["connected", "listed: 6 of user", "resynced: ", "new call  "] {
        assert!(run.out.contains(words), "no {words:?} in\n{}", run.out);
    }
    let (_, table) = run.out.rsplit_once("\nPresent calls: ").unwrap();
    let mut rows = table.lines();
    let count: usize = rows.next().unwrap().split(',').next().unwrap().parse().unwrap();
    // The rows come after a line that says what is in them.
    assert_eq!(rows.skip(1).count(), count, "{table}");
}

#[test]
fn json_lines_applied_one_by_one_come_to_the_records_at_the_end() {
    let run = basix_follow(&["--json", "--for", "2s"]).done();
    let lines = run.lines();
    assert_eq!(lines[0]["event"], "connected");
    assert!(changes(&lines).count() > 0);
    come_to_their_end(&lines);
}

#[test]
fn a_recording_that_is_replayed_has_the_changes_of_the_connection() {
    let recording = path("follow.rec");
    let live = basix_follow(&["--json", "--for", "2s", "--record", &recording]).done().lines();
    come_to_their_end(&live);

    let replayed = ["--replay", &recording, "--speed", "full", "--json"];
    let replayed = basix_follow(&replayed).done().lines();
    come_to_their_end(&replayed);
    assert!(changes(&live).count() > 0);
    assert!(changes(&live).eq(changes(&replayed)), "live and replayed changes differ");
    assert_eq!(replayed.last().unwrap()["channels"], live.last().unwrap()["channels"]);

    // A hundred times as fast as it was, with the times that it had.
    let fast = basix_follow(&["--replay", &recording, "--speed", "100", "--json"]).done().lines();
    assert!(changes(&fast).eq(changes(&replayed)));
    // A recording is not written over.
    let again = basix_follow(&["--record", &recording, "--for", "1s"]);
    let refusal = "basix-follow: cannot record the connection: entity already exists; name a file \
                   that does not exist, in a directory that does\n";
    assert_eq!((again.errors.as_str(), again.code), (refusal, Some(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_records_at_the_end_are_those_that_basix_decode_has_at_the_end_of_the_recording() {
    let (server, url) = server(Faults::none(), "token").await;
    let recording = path("decoded.rec");
    let arguments = ["--url", &url, "--for", "2s", "--json", "--record", &recording];
    let arguments = arguments.map(str::to_owned);
    let program =
        tokio::task::spawn_blocking(move || basix_follow(&arguments.each_ref().map(|it| &**it)));
    let live = tokio::select! {
        run = program => run.unwrap().done().lines(),
        () = server.run_random(1, Some(50)) => unreachable!("it never ends"),
    };
    come_to_their_end(&live);
    let end = live.last().unwrap();
    assert_eq!(end["current"], true);

    // The mirror that `basix-decode` keeps knows nothing of sessions.
    let decoded = program::run("basix-decode", &["--store-every", "1", &recording], b"").done();
    let decoded = decoded.lines();
    let keys = &decoded.last().unwrap()["want"];
    for (element, count) in end["records"].as_object().unwrap() {
        let decoded = keys[element].as_array().unwrap().len();
        assert_eq!(count.as_u64(), Some(decoded as u64), "{element}");
    }
    let channels: Vec<&String> = end["channels"].as_object().unwrap().keys().collect();
    assert_eq!(serde_json::to_value(channels).unwrap(), keys["channel"]);
}

/// Starts to follow a PBX, and returns the printed events up to one.
fn follow_up_to(last: &str, url: &str) -> (Child, Vec<Json>) {
    let mut child = start(command("basix-follow", &["--url", url, "--json"]));
    let mut events = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line: Json = serde_json::from_str(&line.unwrap()).unwrap();
        if line["event"].is_string() && line["event"] != "listed" {
            events.push(line);
            if events.last().unwrap()["event"] == last {
                break;
            }
        }
    }
    (child, events)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_connection_and_the_next_attempt_are_printed() {
    let (server, url) = server(Faults::none().with(0, 200, Fault::Close(1012)), "token").await;
    let program = tokio::task::spawn_blocking(move || {
        let (mut child, events) = follow_up_to("stale", &url);
        child.kill().unwrap();
        child.wait().unwrap();
        events
    });
    let events = tokio::select! {
        events = program => events.unwrap(),
        () = server.run_random(1, Some(50)) => unreachable!("it never ends"),
    };
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["connected", "resynced", "disconnected", "stale"]);
    assert_eq!(events[2]["reason"], "the PBX closed with code 1012");
    assert_eq!(events[2]["retry_in"], 20.0, "as the vendor's client (B100)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_leaves_ends_the_program_quietly() {
    let (server, url) = server(Faults::none(), "token").await;
    let program = tokio::task::spawn_blocking(move || {
        let (child, _) = follow_up_to("resynced", &url);
        Run::of(child.wait_with_output().unwrap())
    });
    tokio::select! {
        run = program => drop(run.unwrap().done()),
        () = server.run_random(1, Some(50)) => unreachable!("it never ends"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_printed_in_the_words_of_telephony() {
    let (_server, url) = server(Faults::none(), "token").await;
    let run = tokio::task::spawn_blocking(move || basix_follow(&["--url", &url, "--for", "1s"]));
    let out = run.await.unwrap().done().out;
    assert!(out.contains("parked on slot 901 by anna"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_may_come_from_the_environment_alone() {
    let (_server, url) = server(Faults::none(), "s3/cr:et %").await;
    let url = url.replace(":s3/cr:et %@", "@");
    let mut with_token = command("basix-follow", &["--url", &url, "--for", "1s"]);
    with_token.env("BASIX_TOKEN", "s3/cr:et %");
    let run = tokio::task::spawn_blocking(move || {
        Run::of(start(with_token).wait_with_output().unwrap()).done()
    });
    let run = run.await.unwrap();
    assert!(run.out.contains("Present calls: 1"), "{}", run.out);
    let run = basix_follow(&["--url", &url]);
    assert_eq!(
        first_error(&run),
        "--url: no token: write DOMAIN:TOKEN@, or set BASIX_TOKEN; see basix-follow --help"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_tls_a_web_page_and_a_closed_port_each_end_with_one_clear_line() {
    const REFUSED: &str = "the PBX rejected the credentials with HTTP status 401; check domain and \
                           token, or log in again";
    const NO_WEBSOCKET: &str = "the server answered with HTTP status 200 instead of opening a \
                                websocket; check server and port, and that a proxy in between \
                                passes websockets";
    const NO_TLS: &str = "the server's certificate was rejected: its issuer is not trusted; pass \
                          the issuer's certificate as root_certificates, or pin a self-signed one";
    const CLOSED: &str = "cannot reach the PBX: connection refused; check server, port and network";
    // The second connection that the PBX is asked for.
    let (mut server, url) = server(Faults::none().with(1, 0, Fault::WebPage), "token").await;
    let follow = |url: String| async {
        tokio::task::spawn_blocking(move || basix_follow(&["--url", &url])).await.unwrap()
    };
    let wrong = url.replace(":token@", ":SECRET-TOKEN@");
    let refused = |run: &Run, words: &str| {
        assert_eq!((run.out.as_str(), run.code), ("", Some(1)));
        assert!(first_error(run).starts_with(words), "{}", run.errors);
        assert_eq!(run.errors.lines().count(), 1);
        assert!(!run.errors.contains("SECRET") && !run.errors.contains("token@"));
    };
    refused(&follow(wrong.clone()).await, REFUSED);
    refused(&follow(url).await, NO_WEBSOCKET);
    let tls = Server::start_tls(Pbx::new(1), Arc::new(own_certificate().0)).await.unwrap();
    let nobody_trusts = tls.url().replace("127.0.0.1", "example.test:SECRET@localhost");
    refused(&follow(nobody_trusts).await, NO_TLS);
    server.stop_listening().await;
    refused(&follow(wrong).await, CLOSED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_trusted_opens_a_connection_by_tls() {
    let (config, certificate) = own_certificate();
    let ca = path("ca.pem");
    std::fs::write(&ca, certificate).unwrap();
    let server = Server::start_tls(Pbx::new(1), Arc::new(config)).await.unwrap();
    let url = server.url().replace("127.0.0.1", "example.test:token@localhost");
    let run = tokio::task::spawn_blocking(move || {
        let run = basix_follow(&["--url", &url, "--ca", &ca, "--for", "1s"]);
        std::fs::write(&ca, "no certificate").unwrap();
        let refused = basix_follow(&["--url", &url, "--ca", &ca]);
        assert_eq!(
            first_error(&refused),
            "TLS options are invalid: expected a certificate in PEM or DER; a PEM text has a line BEGIN \
             CERTIFICATE"
        );
        run
    });
    assert!(run.await.unwrap().done().out.contains("resynced: as the PBX is, with 0 calls"));
}

#[test]
fn arguments_that_are_not_understood_are_refused_without_a_token() {
    for (arguments, words) in [
        (&["--nothing"][..], "--nothing: unknown option"),
        (&["wss://d:SECRET@pbx.example.test/"], "an argument is not understood"),
        (&["--json=SECRET"], "--json takes no value"),
        (&["--uri=wss://d:SECRET@pbx.example.test/"], "--uri: unknown option"),
        (&["--url"], "--url needs a value"),
        (&["--url", "https://d:SECRET@pbx.example.test/"], "--url: scheme is not wss or ws"),
        (&["--for", "soon"], "--for needs a time such as 10s, 500ms or 2h"),
        (&["--for", "-1s"], "--for needs a time such as 10s, 500ms or 2h"),
        (&["--speed", "0"], "--speed needs a number above 0, or full"),
        (&["--speed", "2"], "--speed needs --replay"),
        (&["--ca", "Cargo.toml"], "--ca needs --url"),
        (&["--ca", "no-such-file"], "--ca: no-such-file: No such file"),
        (&["--replay", "a", "--record", "b"], "--record and --replay exclude each other"),
        (&["--replay", "a", "--url", "wss://d:SECRET@p/"], "--url and --replay exclude each other"),
    ] {
        let run = basix_follow(arguments);
        assert_eq!((run.out.as_str(), run.code), ("", Some(2)), "{arguments:?}");
        assert!(first_error(&run).starts_with(words), "{arguments:?}: {}", run.errors);
        assert!(!run.errors.contains("SECRET"));
    }
}

#[test]
fn an_input_that_is_not_a_recording_or_was_cut_is_reported() {
    let missing = path("no-such.rec");
    let run = basix_follow(&["--replay", &missing]);
    assert!(first_error(&run).starts_with(&format!("{missing}: recording cannot be read: ")));
    let plain = path("plain.rec");
    std::fs::write(&plain, b"\0\0\0\x02\x83j").unwrap();
    let run = basix_follow(&["--replay", &plain]);
    let words = "this is not a recording of a connection: it begins with other bytes";
    assert_eq!((first_error(&run), run.code), (format!("{plain}: {words}").as_str(), Some(1)));

    let cut = path("cut.rec");
    let mut recorder =
        basix_cti::recording::Recorder::new(Vec::new(), basix_cti::Timestamp::from_micros(0))
            .unwrap();
    recorder.opened(std::time::Duration::ZERO).unwrap();
    let mut bytes = recorder.into_inner();
    bytes.push(2);
    std::fs::write(&cut, bytes).unwrap();
    let run = basix_follow(&["--replay", &cut, "--speed", "full"]);
    assert!(run.out.contains("connected") && run.out.contains("Present calls: 0"), "{}", run.out);
    let words = "recording ends inside what starts at byte 31: it was cut short";
    assert_eq!((first_error(&run), run.code), (format!("{cut}: {words}").as_str(), Some(1)));
}
