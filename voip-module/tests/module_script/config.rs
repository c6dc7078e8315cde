//! The configuration, by environment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use voip_module::module_script::ServiceConfig;

const KEY: &str = "K3YK3YK3YK3YK3YK3YK3YK3YK3YK3YK3";

fn read(vars: &[(&str, &str)]) -> Result<ServiceConfig, String> {
    ServiceConfig::from_vars(vars.iter().copied()).map_err(|error| error.to_string())
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

// W127–W137
#[test]
fn a_key_is_enough_and_empty_variables_are_unset() {
    let empty =
        ["LISTEN", "KEY_FILE", "KEY_PREVIOUS", "PREFIX"].map(|it| format!("VOIP_BRIDGE_{it}"));
    let more = [
        "VOIP_WEBHOOK_URL",
        "VOIP_PUSH_PER_MINUTE",
        "VOIP_SPOOL_DIR",
        "VOIP_PROVIDER_TOKEN",
        "VOIP_WEBHOOK_HOSTS",
        "VOIP_WEBHOOK_TOKEN",
        "VOIP_TIME_LIMIT_MS",
        "VOIP_LOG",
    ];
    let mut vars: Vec<_> =
        empty.iter().map(String::as_str).chain(more).map(|it| (it, "")).collect();
    vars.push(("VOIP_BRIDGE_KEY", KEY));
    let config = read(&vars).unwrap();
    assert_eq!(config.listen.to_string(), "0.0.0.0:3000");
    assert_eq!((&*config.prefix, &*config.log, config.pushes_per_minute), ("", "info", 50));
    assert!(config.webhook_url.is_none() && config.spool_dir.is_none());
    assert!(config.provider_token.is_none() && config.time_limit.is_none());
    assert!(config.webhook_hosts.is_empty());
}

// W128, W131, W132, W133, W134, W135, W136, W137
#[test]
fn every_variable_is_read() {
    let config = read(&[
        ("VOIP_BRIDGE_KEY", KEY),
        ("VOIP_BRIDGE_KEY_PREVIOUS", "another-key-of-16"),
        ("VOIP_BRIDGE_LISTEN", "127.0.0.1:8080"),
        ("VOIP_BRIDGE_PREFIX", "/bridge"),
        ("VOIP_WEBHOOK_URL", "https://tenant.example/hook/1"),
        ("VOIP_WEBHOOK_TOKEN", "T1K&T1K"),
        ("VOIP_PUSH_PER_MINUTE", "0"),
        ("VOIP_SPOOL_DIR", "/var/spool/voip"),
        ("VOIP_PROVIDER_TOKEN", "T0KT0KT0KT0KT0KT"),
        ("VOIP_TIME_LIMIT_MS", "100"),
        ("VOIP_LOG", "debug"),
        ("PATH", "/bin"),
    ])
    .unwrap();
    assert_eq!(
        config.webhook_url.as_ref().unwrap().as_str(),
        "https://tenant.example/hook/1?token=T1K%26T1K"
    );
    assert_eq!(config.webhook_hosts, ["tenant.example"]);
    assert_eq!(
        (config.listen.port(), &*config.prefix, config.pushes_per_minute),
        (8080, "/bridge", 0)
    );
    assert_eq!(config.spool_dir.as_deref(), Some(Path::new("/var/spool/voip")));
    assert_eq!((config.time_limit, &*config.log), (Some(Duration::from_millis(100)), "debug"));
    let shown = format!("{config:?}");
    for secret in ["K3Y", "T1K", "T0K", "another-key"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let config = read(&[
        ("VOIP_BRIDGE_KEY", KEY),
        ("VOIP_WEBHOOK_URL", "https://tenant.example/hook/1?token=own"),
        ("VOIP_WEBHOOK_TOKEN", "other"),
        ("VOIP_WEBHOOK_HOSTS", "a.example, B.example"),
    ])
    .unwrap();
    assert_eq!(config.webhook_url.unwrap().as_str(), "https://tenant.example/hook/1?token=own");
    assert_eq!(config.webhook_hosts, ["a.example", "b.example"]);
}

// W129, W130
#[test]
fn keys_come_from_files_without_the_line_break_at_the_end() {
    let (key, previous) =
        (file("key", &format!("{KEY}\r\n")), file("previous", "another-key-of-16\n"));
    let vars = [
        ("VOIP_BRIDGE_KEY_FILE", key.to_str().unwrap()),
        ("VOIP_BRIDGE_KEY_PREVIOUS_FILE", previous.to_str().unwrap()),
    ];
    assert!(read(&vars).is_ok());
    let missing = read(&[("VOIP_BRIDGE_KEY_FILE", "/no/such/file")]).unwrap_err();
    assert_eq!(missing, "VOIP_BRIDGE_KEY_FILE: the file cannot be read: entity not found");
    let both = read(&[("VOIP_BRIDGE_KEY", KEY), vars[0]]).unwrap_err();
    assert_eq!(
        both,
        "VOIP_BRIDGE_KEY: expected one of VOIP_BRIDGE_KEY and VOIP_BRIDGE_KEY_FILE, found both",
    );
    assert!(read(&[("VOIP_BRIDGE_KEY_FILE", file("empty", "\n").to_str().unwrap())]).is_err());
    let long = file("long", &KEY.repeat(200));
    let long = read(&[("VOIP_BRIDGE_KEY_FILE", long.to_str().unwrap())]).unwrap_err();
    assert_eq!(long, "VOIP_BRIDGE_KEY_FILE: the file cannot be read: file too large");
}

/// The configuration, the service and the pushes have one rule, so that a program does not stop after
/// its configuration was accepted.
// W132, W153
#[test]
fn a_webhook_url_that_pushes_refuse_is_a_mistake() {
    for url in ["https://user@tenant.example/", "https://u:p@tenant.example/", "data:,x", "/hook"] {
        let mistake = read(&[("VOIP_BRIDGE_KEY", KEY), ("VOIP_WEBHOOK_URL", url)]).unwrap_err();
        let expected = "VOIP_WEBHOOK_URL: expected an absolute https or http URL without user name and password";
        assert_eq!(mistake, expected, "{url}");
    }
}

// W127, W178
#[test]
fn all_mistakes_are_reported_at_once_and_no_value() {
    let odd = "odd value";
    let error = read(&[
        ("VOIP_BRIDGE_KEY_PREVIOUS", odd),
        ("VOIP_BRIDGE_LISTEN", odd),
        ("VOIP_BRIDGE_PREFIX", odd),
        ("VOIP_WEBHOOK_URL", odd),
        ("VOIP_WEBHOOK_HOSTS", odd),
        ("VOIP_PUSH_PER_MINUTE", odd),
        ("VOIP_TIME_LIMIT_MS", "99"),
        ("VOIP_LOG", odd),
    ])
    .unwrap_err();
    assert_eq!(
        error,
        "VOIP_BRIDGE_KEY: expected the service's key, found nothing\n\
         VOIP_BRIDGE_KEY_PREVIOUS: invalid service key: expected at least 16 characters of visible ASCII\n\
         VOIP_WEBHOOK_URL: expected an absolute https or http URL without user name and password\n\
         VOIP_WEBHOOK_HOSTS: expected host names separated by commas\n\
         VOIP_BRIDGE_LISTEN: expected an address and a port, such as 0.0.0.0:3000\n\
         VOIP_BRIDGE_PREFIX: expected a path of letters, digits, `/`, `-`, `.` and `_`\n\
         VOIP_PUSH_PER_MINUTE: expected a whole number of pushes, 0 for no limit\n\
         VOIP_TIME_LIMIT_MS: expected 100 to 50000 milliseconds\n\
         VOIP_LOG: expected off, error, warn, info, debug or trace",
    );
    assert!(!error.contains(odd));
}
