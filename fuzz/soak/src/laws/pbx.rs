//! Laws of `pbx-integration`.

use std::hint::black_box;

use pbx_integration::cdr::AnyRecord;
use pbx_integration::definition::{Definition, language_items};
use pbx_integration::report::{Delivery, Report, ReportOptions};
use pbx_integration::settings::{FileSettings, SaveResult, StoredSettings};
use pbx_integration::wire::{DurationUnit, FractionMode, SipHeader};
use pbx_integration::{EndCall, Identifier, Reader, StartCall};

const READERS: [Reader; 2] = [Reader::strict(), Reader::lenient()];
const UNIT: DurationUnit = DurationUnit::Milliseconds;

/// Writes the accepted payloads, and reads them again as the same.
macro_rules! stable {
    ($json:expr, $read:ident $(, $unit:expr)?) => {
        for reader in READERS {
            if let Ok(parsed) = reader.$read($json $(, $unit)?) {
                let written = serde_json::to_string(&parsed.value).expect("a payload is JSON");
                let again = Reader::lenient().$read(&written $(, $unit)?).expect("it is read again");
                assert_eq!(again.value, parsed.value, "{written}");
            }
        }
    };
}

/// Parses as an event of a group.
pub fn parse_live(data: &[u8]) {
    drop(black_box(Reader::lenient().read_group_event(data)));
}

/// Live events are read the same after they were written; keys, phases and findings can be had.
pub fn live(data: &[u8]) {
    stable!(data, read_group_event);
    stable!(data, read_agent_event);
    if let Ok(event) = Reader::lenient().read_group_event(data) {
        black_box((event.value.key(), event.value.phase(), event.value.validate()));
    }
    if let Ok(event) = Reader::lenient().read_agent_event(data) {
        black_box((event.value.key(), event.value.phase(), event.value.validate()));
    }
}

/// Parses as the call record that its fields show.
pub fn parse_cdr(data: &[u8]) {
    drop(black_box(Reader::lenient().read_record(data, UNIT)));
}

/// Records are read the same after they were written, a repetition changes no figure, and every
/// call that a queue was offered has one outcome.
pub fn cdr(data: &[u8]) {
    stable!(data, read_cdr);
    stable!(data, read_leg_record);
    stable!(data, read_queue_record, UNIT);
    let fraction = Reader::lenient().with_fraction(FractionMode::UnpaddedMillis);
    drop(black_box(fraction.read_cdr(data)));
    let mut report = Report::new(ReportOptions::default());
    if let Ok(record) = Reader::lenient().read_cdr(data) {
        black_box((record.value.summary(), record.value.validate()));
        report.add(&record);
        let first = report.figures();
        assert_eq!(report.add(&record), Delivery::Duplicate);
        assert_eq!(report.figures().calls, first.calls);
        for queue in first.queues.values() {
            let ended = queue.answered() + queue.abandoned() + queue.transferred() + queue.other();
            assert_eq!(queue.offered(), ended);
        }
    }
    let record = Reader::lenient().read_record(data, UNIT);
    if let Ok(AnyRecord::Queue(queue)) = record.map(|record| record.value) {
        black_box(queue.into_cdr(Some("73")).summary());
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let header = SipHeader::new(text);
        black_box((header.party(), header.number(), header.is_anonymous()));
    }
}

/// Parses as a web request.
pub fn parse_web_request(data: &[u8]) {
    drop(black_box(Reader::lenient().read_http_request(data)));
}

/// A web request is read the same after it was written; its body and headers can be had.
pub fn web_request(data: &[u8]) {
    stable!(data, read_http_request);
    let Ok(request) = Reader::lenient().read_http_request(data) else { return };
    let request = request.value;
    black_box((request.body().is_ok(), request.body_bytes().len(), request.path().len()));
    assert!(!format!("{request:?}").is_empty());
    for entry in [Reader::strict(), Reader::lenient()] {
        black_box(entry.read_call_id(data));
    }
}

/// Parses as the result of a form's `save`.
pub fn parse_settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    drop(black_box(SaveResult::parse(text)));
}

/// A result of `save` applied twice changes nothing the second time; a file of any bytes holds
/// settings or is damaged, and is not touched.
pub fn settings(data: &[u8]) {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("the folder can be made");
    }
    if let Ok(result) = std::str::from_utf8(data).map_err(drop).and_then(|text| {
        SaveResult::parse(text).map_err(|error| assert!(!error.to_string().is_empty()))
    }) {
        let change = result.into_change();
        let mut stored = StoredSettings::default();
        if change.apply(&mut stored).is_ok() {
            let before = stored.clone();
            let again = change.apply(&mut stored).expect("what was applied can be applied");
            assert!(again.is_unchanged() && stored == before);
        }
    }
    FOLDER.with(|folder| {
        let path = folder.path().join("settings.json");
        std::fs::write(&path, data).expect("the file can be written");
        if let Err(error) = FileSettings::open(folder.path()) {
            assert!(error.to_string().contains("settings.json"), "{error}");
        }
        assert_eq!(std::fs::read(&path).expect("the file is there"), data);
    });
}

/// Parses as a bundle.
pub fn parse_definition(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    drop(black_box(Definition::from_bundle(text)));
}

/// A bundle, an identifier and a request for a call are read the same after they were written.
pub fn definition(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(definition) = Definition::from_bundle(text) {
        let again = Definition::from_bundle(&definition.to_bundle()).expect("it is read again");
        assert_eq!(again, definition);
    }
    if let Ok(identifier) = Identifier::new(text) {
        assert_eq!(identifier.as_str(), text);
        assert!(Identifier::lenient(text).is_ok_and(|(_, warning)| warning.is_none()));
    }
    if let Ok(call) = serde_json::from_str::<StartCall>(text) {
        let written = serde_json::to_value(&call).expect("a call is JSON");
        let again: StartCall = serde_json::from_value(written.clone()).expect("it is read again");
        assert_eq!(serde_json::to_value(&again).expect("a call is JSON"), written);
    }
    if let Ok(end) = serde_json::from_str::<EndCall>(text) {
        let written = serde_json::to_value(&end).expect("a request is JSON");
        assert_eq!(serde_json::from_value::<EndCall>(written).expect("it is read again"), end);
    }
    black_box(language_items(text).count());
}
