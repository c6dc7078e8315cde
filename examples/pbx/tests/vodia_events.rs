//! Runs `vodia-events` as a user would.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

use std::path::Path;
use std::process::Command;

/// The output of the example, which Cargo has built beside this test's program.
fn printed() -> String {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap().join("examples");
    let built = folder.join("vodia-events");
    assert!(built.exists(), "vodia-events is not built; `cargo test` without --test builds it");
    let output = Command::new(built).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn vodia_events_plays_a_queue_call_starts_and_ends_a_call_and_ends_itself() {
    let output = printed();
    let expected = r#"## settings
saved: public {"url"}, secret {"token"}
saved: unchanged
saved: public {"url"}, secret {}
loaded: {"url":"https://crm.example.com/v2"} Some(Secret(…))

## a call to the queue, and two others
-> ongroup
   crm: group is Ringing, rings at ["41", "43"], agent None
   tickets: 0 missed so far
   answer: 200 ourcrmsys: delivered, tickets: delivered
-> onagent
   answer: 200 ourcrmsys: not concerned, tickets: delivered
-> ongroup
   crm: group is Ringing, rings at ["41"], agent None
   tickets: 1 missed so far
   answer: 200 ourcrmsys: delivered, tickets: delivered
-> ongroup
   crm: group is Connected, rings at [], agent Some("41")
   answer: 200 ourcrmsys: delivered, tickets: not concerned
-> onagent
   crm: pop-up at the agent's desk: Alice Example
   answer: 200 ourcrmsys: delivered, tickets: not concerned
-> ongroup
   crm: group is Ended, rings at [], agent Some("41")
   answer: 200 ourcrmsys: delivered, tickets: not concerned
-> oncdr
   crm: record c7f2a1e0@pbx.example.com, answered, net talk 85s
   tickets: record c7f2a1e0@pbx.example.com, answered
   answer: 200 ourcrmsys: delivered, tickets: delivered
-> oncdr
   tickets: record d901@pbx.example.com, no_answer
   answer: 200 ourcrmsys: not concerned, tickets: delivered
-> oncdr
   answer: 200 ourcrmsys: not concerned, tickets: not concerned

## clicks in the CRM
-> onhttp
   answer: 200 [401,"Unauthorized","application/json","{\"error\":\"wrong token\"}"]
-> onhttp
   crm: started call call-1
   crm: ended call call-1
   answer: 200 [200,"OK","application/json","{\"call\":\"call-1\"}"]
in the PBX: call call-1 to +12025550123, ended with Some((200, "Request Terminated"))
loaded: {"records":1,"url":"https://crm.example.com/v2"}
"#;
    for (at, (expected, line)) in expected.lines().zip(output.lines()).enumerate() {
        assert_eq!(expected, line, "line {}", at + 1);
    }
    assert_eq!(expected, output);
    assert!(!output.contains("token-of-the-crm"), "the CRM's token is printed");
    assert!(!output.contains("token-between-pbx-and-bridge"), "the PBX's token is printed");
}
