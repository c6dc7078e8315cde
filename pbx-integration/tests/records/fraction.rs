//! Detection of a PBX's fractions from many timestamps.

use pbx_integration::Reader;
use pbx_integration::report::{FractionDetector, FractionEvidence};
use pbx_integration::wire::FractionMode;

fn choice(timestamps: &[String]) -> (FractionMode, FractionEvidence) {
    let mut detector = FractionDetector::default();
    for timestamp in timestamps {
        let json = format!(r#"{{"domain":"t","callid":"c","start":1757894400,"end":{timestamp}}}"#);
        detector.observe(&Reader::lenient().read_cdr(json).unwrap());
    }
    let choice = detector.choice();
    (choice.mode, choice.evidence)
}

fn of(timestamps: &[&str]) -> (FractionMode, FractionEvidence) {
    choice(&timestamps.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
}

// P20, P187
#[test]
fn one_file_shows_how_its_fractions_are_written() {
    use FractionEvidence::{Assumed, Contradictory, Detected};
    use FractionMode::{Decimal, UnpaddedMillis};
    for (timestamps, expected) in [
        (&[][..], (Decimal, Assumed)),
        (&["1757894400.125", "1757894400.7"], (Decimal, Assumed)),
        // Short and full ones, and one that ends in zero.
        (&["1757894400.120", "1757894400.7"], (UnpaddedMillis, Detected)),
        (&["1757894400.125", "1757894400.70"], (UnpaddedMillis, Detected)),
        (&["1757894400.012"], (Decimal, Detected)),
        (&["1757894400.0125"], (Decimal, Detected)),
        (&["1757894400.1251"], (Decimal, Detected)),
        (&["1757894400.120", "1757894400.7", "1757894400.05"], (Decimal, Contradictory)),
        // Left out: no fraction, `.0`, exponents.
        (&["1757894400.120", "1757894400.0", "1757894401", "1.7578944017e9"], (Decimal, Assumed)),
        // A writer of numbers cuts zeros off, one of texts does not: both write decimals.
        (&[r#""1757894400.120""#, "1757894400.7"], (Decimal, Assumed)),
        (&[r#""1757894400.120""#, r#""1757894400.7""#], (UnpaddedMillis, Detected)),
        // No timestamp in seconds.
        (&[r#""soon.0125""#, r#""2025-09-15T00:00:00.0125Z""#], (Decimal, Assumed)),
    ] {
        assert_eq!(of(timestamps), expected, "{timestamps:?}");
    }
}

// P187
#[test]
fn fifty_fractions_without_a_leading_zero_and_with_a_short_one_are_unpadded() {
    let many = |count: u32| -> Vec<String> {
        let full = (0..count - 1).map(|at| format!("1757894400.{}", 111 + at));
        full.chain(["1757894400.7".to_owned()]).filter(|text| !text.ends_with('0')).collect()
    };
    let detected = (FractionMode::UnpaddedMillis, FractionEvidence::Detected);
    assert_eq!(choice(&many(60)), detected);
    assert_eq!(choice(&many(40)), (FractionMode::Decimal, FractionEvidence::Assumed));
}
