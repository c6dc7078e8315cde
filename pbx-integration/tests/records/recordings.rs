//! Recordings.
// P55, P56

use pbx_integration::cdr::{LocalNameError, Recording};

use crate::support::cdr;

// P55
#[test]
fn a_location_becomes_no_local_path_that_leads_out() {
    use LocalNameError::{Absolute, Backslash, Drive, Missing, Nul, Parent};
    for (file, wanted) in [
        ("recordings/tenant1/300-41.wav", Ok(())),
        ("a..b/c.wav", Ok(())),
        ("../../etc/passwd", Err(Parent)),
        ("a/../../b", Err(Parent)),
        ("a/..", Err(Parent)),
        ("..", Err(Parent)),
        (r"a\..\b", Err(Parent)),
        ("/etc/passwd", Err(Absolute)),
        (r"\\server\share", Err(Absolute)),
        ("C:/x.wav", Err(Drive)),
        ("c:x.wav", Err(Drive)),
        (r"a\b.wav", Err(Backslash)),
        ("a\0.wav", Err(Nul)),
    ] {
        let mut recording = Recording::default();
        recording.file = Some(file.to_owned());
        assert_eq!(recording.local_name().map(drop), wanted, "{file}");
    }
    assert_eq!(Recording::default().local_name(), Err(Missing));
    // The record keeps the text, and no error shows it.
    let kept = cdr(r#""recordings":[{"time":1000,"file":"../../etc/passwd"}]"#);
    assert_eq!(kept.recordings[0].file.as_deref(), Some("../../etc/passwd"));
    assert_eq!(Parent.to_string(), "the recording's file has a segment of two dots");
}

// P56
#[test]
fn an_access_log_is_kept_as_json() {
    for log in [r#"[{"who":"x"}]"#, r#""played""#, "7", r#"{"a" : 1}"#] {
        let cdr = cdr(&format!(r#""recordings":[{{"time":1000,"file":"a","log":{log}}}]"#));
        assert_eq!(cdr.recordings[0].log.as_ref().unwrap().as_json(), log);
        assert!(serde_json::to_string(&cdr).unwrap().contains(&format!(r#""log":{log}"#)));
    }
    assert_eq!(cdr(r#""recordings":[{"time":1000,"file":"a","log":""}]"#).recordings[0].log, None);
}
