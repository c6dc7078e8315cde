use crate::run;

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
