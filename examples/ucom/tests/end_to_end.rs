//! The programs together: connect, then listen, against a pretend PBX.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use axum::http::Method;
use serde_json::{Value, json};
use ucom_examples::pretend_pbx::{Fault, PretendPbx, SECRET};

fn program(name: &str, settings: &[(&str, &str)]) -> Command {
    // Cargo has built it beside this test.
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    assert!(built.exists(), "{name} is not built; `cargo test` without --test builds it");
    let mut command = Command::new(built);
    command.envs(settings.iter().copied()).stdout(Stdio::piped()).stdin(Stdio::piped());
    command
}

async fn run(name: &'static str, settings: &[(&'static str, &str)]) -> String {
    let mut command = program(name, settings);
    let run = move || command.stdin(Stdio::null()).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_integration_connects_listens_and_logs_a_call() {
    let pbx = PretendPbx::new(&[
        (33_330, "099", "ivr", ""),
        (33_335, "106", "phone", "Anna"),
        (33_336, "107", "phone", "Boris"),
    ]);
    let local = json!({"id": 136, "extension_name": "453*106", "status": "available"});
    pbx.contents().lists.insert("agent/local", vec![local]);
    pbx.contents().lists.insert("agent/remote", Vec::new());
    pbx.contents().page_size = 2;
    for number in 0..13 {
        pbx.subscribe(33_335, "hangup", &format!("https://other.example/{number}"));
    }
    pbx.contents().page_size = 100;
    pbx.fail(Method::POST, "33336", Fault::Refuse(500), 1);
    let host = format!("http://{}", pbx.serve().await.unwrap());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (address, base) = (port.to_string(), format!("http://{port}/"));
    let file = std::env::temp_dir().join(format!("ucom-end-to-end-{}", std::process::id()));
    let file = file.to_str().unwrap().to_owned();

    let settings =
        [("UCOM_HOST", &*host), ("UCOM_SECRET", SECRET), ("CRM_URL", &base), ("STATE", &file)];
    let printed = run("ucom-connect", &settings).await;
    for line in [
        "user Anna: 453*106 Anna",
        "453*106 Anna: 13 of 16 places used by others, 0 of ours right",
        "  ! 453*106 Anna: no free place for answer; without answer pop-ups cannot say who took the \
         call. Delete unused subscriptions, or ask the PBX administrator for more places",
        "6 steps done, 1 failed, 3 skipped",
        "  ! 453*107 Boris: adding a subscription: refused with 500; up to the PBX administrator",
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line}\n{printed}");
    }
    let again = run("ucom-connect", &settings).await;
    assert!(again.contains("4 steps done, 0 failed, 0 skipped"), "{again}");
    let third = run("ucom-connect", &settings).await;
    assert!(third.contains("0 steps done, 0 failed, 0 skipped"), "{third}");

    let mut listener = Killed(
        program("ucom-listener", &[("ADDRESS", &address), ("STATE", &file)]).spawn().unwrap(),
    );
    let mut lines = BufReader::new(listener.0.stdout.take().unwrap()).lines();
    let mut next = move || lines.next().unwrap().unwrap();
    assert_eq!(next(), format!("listening on {address}"));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let send = async |url: &str, body: &str| {
        let request = client.post(url).body(body.to_owned());
        request.send().await.unwrap().status().as_u16()
    };
    let url = pbx.receivers("extension/33335/event", "dial-in").remove(0);
    let call = "CallID=c1&SubCallID=33335-1&CallFlow=IN&CallerIDNum=%2B79215550142\
                &CalledNumber=453*106&CalledExtensionID=33335";
    let dial = format!("EventType=dial-in&{call}&EventTime=1766736711000000");
    assert_eq!(send(&url, &dial).await, 200);
    assert_eq!(next(), "screen Some(\"453*106\"): ringing Some(\"+79215550142\")");
    // Of another extension, unreadable, and under a guessed URL.
    let other = dial.replace("33335&EventTime", "33336&EventTime");
    assert_eq!(send(&url, &other).await, 200);
    assert_eq!(send(&url, "nothing").await, 200);
    assert_eq!(send(&format!("{base}ext-event/{}", "0".repeat(32)), &dial).await, 404);
    let hangup = format!(
        "EventType=hangup&{call}&CallStatus=ANSWER&Duration=60000000&EventTime=1766736777000000"
    );
    assert_eq!(send(&url, &hangup).await, 200);
    assert_eq!(next(), "screen Some(\"453*106\"): closed Some(\"+79215550142\")");
    let logged = next();
    let record: Value = serde_json::from_str(logged.strip_prefix("log ").unwrap()).unwrap();
    assert_eq!(record["outcome"], "answered");
    assert_eq!(record["answered_by"], "453*106");
    assert_eq!((&record["wait_us"], &record["talk_us"]), (&json!(6_000_000), &json!(60_000_000)));
    std::fs::remove_file(&file).unwrap();

    let board = run("ucom-agents", &settings).await;
    assert!(board.starts_with("agent 136: ready since "), "{board}");
}
