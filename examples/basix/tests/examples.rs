//! The short programs, run against a PBX in this process.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use basix_cti::element::{GroupId, GroupType, UserId};
use basix_cti_testing::{Ending, Pbx, Server};

/// A PBX with a group of one agent.
async fn server() -> (Server, UserId, GroupId) {
    let mut pbx = Pbx::new(7);
    pbx.advance_to(SystemTime::now().into());
    let anna = pbx.add_user("anna");
    let sales = pbx.add_group("sales", GroupType::Ring);
    pbx.join(sales, anna).unwrap();
    pbx.set_login(sales, anna, true);
    (Server::start(pbx).await.unwrap(), anna, sales)
}

/// Runs a program until it prints a line with each of these words, in this order; returns its
/// output.
async fn until(server: &Server, name: &'static str, words: &'static [&'static str]) -> String {
    let url = server.url().replace("://", "://example.test:token@");
    let run = tokio::task::spawn_blocking(move || {
        // Cargo has built it beside this test.
        let test = std::env::current_exe().unwrap();
        let built = test.parent().and_then(Path::parent).unwrap().join("examples").join(name);
        assert!(built.exists(), "{name} is not built; `cargo test` without --test builds it");
        let mut command = Command::new(built);
        command.env("BASIX_URL", url).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut out = String::new();
        let mut words = words.iter();
        let mut awaited = words.next();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            out.push_str(&line);
            out.push('\n');
            if awaited.is_some_and(|awaited| line.contains(awaited)) {
                awaited = words.next();
            }
            if awaited.is_none() {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(awaited, None, "{out}");
        out
    });
    tokio::time::timeout(Duration::from_secs(60), run).await.unwrap().unwrap()
}

/// Changes the PBX once a program is connected.
async fn when_connected(server: &Server, act: impl FnOnce(&mut Pbx)) {
    server.until(|pbx| pbx.connections().count() > 0).await;
    server.with(act);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_is_printed_with_the_name_of_its_event() {
    let (server, anna, sales) = server().await;
    let words = &[
        "initial_info user: 1",
        "Resynced",
        "info_event user updated {",
        "info_event channel added {",
        "msg Some(",
        "info_event channel updated {",
    ];
    let program = until(&server, "every-message", words);
    let traffic = async {
        // The PBX goes on until the program has seen it all.
        for on in (0..).map(|step| step % 2 == 0) {
            server.until(|pbx| pbx.connections().count() > 0).await;
            server.with(|pbx| {
                pbx.set_do_not_disturb(anna, on).unwrap();
                let caller = pbx.offer("0312345678", sales).unwrap();
                let connections: Vec<_> = pbx.connections().collect();
                connections.into_iter().for_each(|it| pbx.send_message(it, "hello"));
                pbx.hangup(&caller, Ending::CALLER_GIVES_UP).unwrap();
            });
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        out = program => assert!(out.contains("CHANNEL_HANGUP"), "{out}"),
        () = traffic => unreachable!("it never ends"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wallboard_shows_who_waits_and_which_agents_are_free() {
    let (server, anna, sales) = server().await;
    let caller = server.with(|pbx| {
        let caller = pbx.offer("0312345678", sales).unwrap();
        pbx.queue(&caller, sales).unwrap();
        caller
    });
    let words = &["--- current", "sales: 1 waiting, longest", "  0312345678 "];
    let out = until(&server, "wallboard", words).await;
    assert!(out.contains("; 1 of 1 agents free"), "{out}");
    server.with(|pbx| {
        let leg = pbx.ring(&caller, anna).unwrap();
        pbx.pick_up(&leg).unwrap();
    });
    let words = &["--- current", "sales: 0 waiting, longest 0 s; 0 of 1 agents free"];
    until(&server, "wallboard", words).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_log_has_a_call_that_is_answered_and_ends() {
    let (server, anna, sales) = server().await;
    let program = until(&server, "call-log", &["\"customer\":\"0312345678\""]);
    let story = when_connected(&server, |pbx| {
        let caller = pbx.offer("0312345678", sales).unwrap();
        pbx.queue(&caller, sales).unwrap();
        pbx.advance(Duration::from_secs(4));
        let leg = pbx.ring(&caller, anna).unwrap();
        pbx.advance(Duration::from_secs(2));
        pbx.pick_up(&leg).unwrap();
        pbx.advance(Duration::from_secs(30));
        pbx.hangup(&caller, Ending::PEER_HANGS_UP).unwrap();
    });
    let (out, ()) = tokio::join!(program, story);
    let call: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((&call["outcome"], &call["direction"]), (&"answered".into(), &"inbound".into()));
    assert_eq!((&call["answered_by"], &call["group_id"]), (&anna.0.into(), &sales.0.into()));
    assert_eq!((&call["wait"], &call["talk"]), (&6_000_000.into(), &30_000_000.into()));
}
