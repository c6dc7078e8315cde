//! Writing; reading the result gives the same value.
// P4, P7, P23, P36

use pbx_integration::event::Domain;
use pbx_integration::wire::Timestamp;
use pbx_integration::{Cdr, Reader};

// P7, P23
#[test]
fn a_payload_is_written_in_one_form() {
    let json = r#"{"domain":"t.example","callid":"c@pbx","rating":5,"start":"1000.5","connect":1000.12349,"end":1001,
        "user":"7","available":"2","abandoned":"false",
        "states":{"start":1000,"durationivr":"1.5","missed":["7",{"id":8}],"account":300,"code":"200"},
        "trunklegs":[{"direction":"I","start":1000,"cost":0.0250,"mos":"4.40","trunk":10}],
        "extensionlegs":[{"extension":"41","start":1000,"deleted":"","idle":"7"}],"x":{"y": 1.0}}"#;
    let cdr = Reader::strict().read_cdr(json).unwrap().value;
    let written = serde_json::to_string(&cdr).unwrap();
    assert_eq!(
        written,
        r#"{"domain":"t.example","callid":"c@pbx","rating":"5","start":1000.500,"connect":1000.123,"end":1001.000,"states":[{"code":200,"start":1000.000,"durationivr":2,"missed":[7,8],"account":"300"}],"trunklegs":[{"direction":"I","trunk":"10","cost":"0.0250","start":1000.000,"mos":4.4}],"extensionlegs":[{"extension":"41","idle":7,"start":1000.000,"deleted":false}],"abandoned":false,"available":2,"user":7,"x":{"y": 1.0}}"#
    );
    assert_eq!(Reader::strict().read_cdr(&written).unwrap().value, cdr);
}

#[test]
fn a_record_can_be_made_from_nothing() {
    let cdr = Cdr::new(Domain::from("t.example"), "c@pbx", Timestamp::from_millis(1_000_005));
    let written = serde_json::to_string(&cdr).unwrap();
    assert_eq!(written, r#"{"domain":"t.example","callid":"c@pbx","start":1000.005}"#);
    assert_eq!(Timestamp::from_millis(-1).to_string(), "-0.001");
}

// P219
#[test]
fn timestamps_convert_to_system_time_and_rfc_3339() {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};
    for millis in [0, 1_757_926_800_120, -1_500] {
        let timestamp = Timestamp::from_millis(millis);
        assert_eq!(Timestamp::from(SystemTime::from(timestamp)), timestamp);
    }
    let later = UNIX_EPOCH + Duration::new(1, 999_999_999);
    assert_eq!(Timestamp::from(later).as_millis(), 1_999, "fractions of a millisecond are cut");
    assert_eq!(Timestamp::from_millis(1_757_926_800_000).to_rfc3339(), "2025-09-15T09:00:00Z");
    assert_eq!(Timestamp::from_millis(i64::MAX).to_rfc3339(), "9999-12-30T21:59:59.999Z");
    assert_eq!(Timestamp::from_millis(i64::MIN).to_rfc3339(), "0000-01-01T00:00:00Z");
}
