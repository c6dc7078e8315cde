use crate::program::{Run, command, run};

const SECRET: &str = "sJ3kq0P-ww7Zt1b_9dRmXv5eLhYc2aGu";

fn script(arguments: &[&str]) -> Run {
    Run::of(command("vodia-script", arguments).env("BRIDGE_SECRET", SECRET).output().unwrap())
}

#[test]
fn vodia_script_prints_the_script_that_was_asked_for() {
    let own = ["--url", "https://crm.example.com/vodia", "--identifier", "ourcrmsys"];
    let printed = script(&own).done().out;
    assert!(printed.starts_with("// pbx-integration ") && printed.contains(SECRET), "{printed}");
    assert!(printed.contains("function oncdr") && !printed.contains("onhttp"));
    let more = ["--label", "CRM", "--entry-points", "oncdr,onhttp"];
    let printed = script(&[&own[..], &more].concat()).done().out;
    assert!(printed.contains("function onhttp") && !printed.contains("ongroup"));
    assert!(printed.contains(r#""label":"CRM""#) && !printed.contains("new Websocket"));
    let roads = ["--websocket", "--web-commands"];
    let printed = script(&[&own[..], &roads].concat()).done().out;
    assert!(printed.contains("new Websocket") && printed.contains("function onhttp"));
}

#[test]
fn vodia_script_names_the_argument_at_fault_and_no_secret() {
    let end = "; see vodia-script --help";
    let (url, id) = (["--url", "https://crm.example.com"], ["--identifier", "ourcrmsys"]);
    script(&id).refused(2, &format!("vodia-script: --url is missing{end}"));
    script(&url).refused(2, &format!("vodia-script: --identifier is missing{end}"));
    let http = ["--url", "http://crm.example.com"];
    let line = "service URL: expected https, or http to this machine";
    script(&[http, id].concat()).refused(2, &format!("vodia-script: {line}{end}"));
    let points = ["--entry-points", "oncrd"];
    let line = "--entry-points: unknown entry point: expected ongroup, onagent, oncdr or onhttp";
    script(&[url, id, points].concat()).refused(2, &format!("vodia-script: {line}{end}"));
    let line = format!("vodia-script: BRIDGE_SECRET is missing{end}");
    run("vodia-script", &[url, id].concat(), b"").refused(2, &line);
}
