use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use pbx_examples::HttpClient;

use crate::{command, run};

const SECRET: &str = "sJ3kq0P-ww7Zt1b_9dRmXv5eLhYc2aGu";

#[test]
fn vodia_backend_plays_a_call_starts_another_and_reads_a_form() {
    let expected = r#"group: Ringing
group: Ringing
group: Connected
group: Ended
record: c7f2a1e0@pbx.example.com, answered
in the PBX: 41 calls +12025550123
in the PBX: call-1 has ended
settings: {"username":"joe"} Some(Secret(…))
queue 300: 1 of 1 answered
"#;
    assert_eq!(run("vodia-backend", &[]), expected);
}

#[tokio::test]
async fn vodia_service_answers_who_presents_the_secret() {
    let mut service = command("vodia-service", &[]);
    service.env("BRIDGE_SECRET", SECRET).env("ADDRESS", "127.0.0.1:0").stdout(Stdio::piped());
    let mut service = service.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(service.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on ").unwrap().parse().unwrap();
    let post = async |secret: &str| {
        let client = HttpClient::new(address, secret.into());
        client.post("/vodia/v1/event/oncdr", "{}").await.unwrap()
    };
    assert_eq!(post("a guess").await.0, 401);
    let (status, body) = post(SECRET).await;
    let body = String::from_utf8_lossy(&body);
    assert!(status == 400 && body.contains("x-bridge"), "{status} {body}");
    service.kill().unwrap();
    service.wait().unwrap();
}

#[test]
fn vodia_events_plays_a_queue_call_and_two_others() {
    let expected = r#"-> ongroup
   crm: group is Ringing, rings at ["41", "43"], agent None
   answer: 200 ourcrmsys: delivered, tickets: delivered
-> onagent
   answer: 200 ourcrmsys: not concerned, tickets: delivered
-> ongroup
   crm: group is Ringing, rings at ["41"], agent None
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
"#;
    assert_eq!(run("vodia-events", &[]), expected);
}

#[test]
fn vodia_calls_starts_and_ends_a_call_for_a_click_with_the_right_token() {
    let expected = r#"-> onhttp
   answer: 200 [401,"Unauthorized","application/json","{\"error\":\"wrong token\"}"]
-> onhttp
   answer: 200 [200,"OK","application/json","{\"call\":\"call-1\"}"]
in the PBX: call call-1 to +12025550123, ended with Some((200, "Request Terminated"))
"#;
    assert_eq!(run("vodia-calls", &[]), expected);
}

#[test]
fn vodia_settings_saves_what_the_form_returned() {
    let folder = std::env::temp_dir().join(format!("vodia-settings-{}", std::process::id()));
    let expected = r#"saved: public {"url"}, secret {"token"}
saved: unchanged
saved: public {"url"}, secret {}
loaded: {"url":"https://crm.example.com/v2"} Some(Secret(…))
loaded: {"records":1,"url":"https://crm.example.com/v2"}
"#;
    assert_eq!(run("vodia-settings", &[folder.to_str().unwrap()]), expected);
    std::fs::remove_dir_all(folder).unwrap();
}
