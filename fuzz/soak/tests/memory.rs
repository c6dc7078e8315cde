//! The most memory that a way in takes for hostile input, for each byte of it: prints the figures, and fails
//! beyond a limit, or if twice the input takes more than twice the memory.
//!
//! Those of terms, messages and recordings are in `growth.rs` of `basix-cti`.

#[path = "../../../basix-cti/tests/support/allocation.rs"]
#[expect(dead_code, reason = "other tests count allocations too")]
mod allocation;

use allocation::{Counting, measure};
use fuzz_soak::find;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes of one input, shorter than the limit of every reader of forms.
const BYTES: usize = 30_000;
/// Bytes that no growth explains: first allocations, tables of fixed size.
const SMALL: usize = 16 << 10;

/// Makes an input of about a number of bytes.
type Make = fn(usize) -> Vec<u8>;

type Families = &'static [(&'static str, Make)];

/// A way in, the most bytes for each byte of input, the first bytes of each input, and its families.
const ENTRIES: &[(&str, usize, &[u8], Families)] = &[
    ("webhook", 4, b"\x00", FORMS),
    ("webhook", 32, b"\x04", JSON),
    // Accounts, of a body that no stranger sends.
    ("pbx_answer", 128, b"\x10", JSON),
    ("ucom_event", 4, b"", FORMS),
    ("tracker", 4, b"\x01", FORMS),
    ("ucom_reply", 32, b"\x28", JSON),
    ("live", 32, b"", JSON),
    // A state has hundreds of bytes and is three bytes long; a record has at most 100,000.
    ("cdr", 400, b"", JSON),
    ("web_request", 32, b"", JSON),
    ("settings", 32, b"", JSON),
    ("definition", 32, b"", JSON),
    ("ask", 32, b"`/voip/v1/call-link\n", JSON),
    ("push_answer", 4, b"200\n\n", JSON),
    ("spool", 32, b"", JSON),
    ("bridge_request", 400, b"`/v1/event/oncdr\nx-bridge-tenant:\n\n", JSON),
    ("command_result", 32, b"`", JSON),
    ("cdr_receiver", 400, b"`Basic bGF3OkgzbjktUXg3VHo=\n", JSON),
];

const FORMS: Families = &[
    ("many fields", |bytes| joined("cmd=event&EventType=hangup&CallID=c", "&x=1", "", bytes)),
    ("empty fields", |bytes| joined("cmd=event&EventType=hangup&CallID=c", "&", "", bytes)),
    ("one long value", |bytes| joined("cmd=event&EventType=hangup&CallID=", "c", "", bytes)),
    ("escapes", |bytes| joined("cmd=event&EventType=hangup&CallID=", "%41", "", bytes)),
    ("broken escapes", |bytes| joined("cmd=event&EventType=hangup&CallID=", "%F", "", bytes)),
    ("bytes that are no text", |bytes| {
        let mut form = b"cmd=event&EventType=hangup&CallID=".to_vec();
        form.resize(bytes, 0xff);
        form
    }),
];

const JSON: Families = &[
    ("many numbers", |bytes| joined(r#"{"callid":"c","states":[0"#, ",0", "]}", bytes)),
    ("many empty objects", |bytes| joined(r#"{"callid":"c","states":[{}"#, ",{}", "]}", bytes)),
    ("many empty lists", |bytes| joined(r#"{"callid":"c","x":[[]"#, ",[]", "]}", bytes)),
    ("an unknown field many times", |bytes| joined(r#"{"callid":"c""#, r#","a":0"#, "}", bytes)),
    ("a known field many times", |bytes| joined(r#"{"callid":"c""#, r#","to":1"#, "}", bytes)),
    ("one long text", |bytes| joined(r#"{"callid":""#, "c", r#""}"#, bytes)),
    ("escapes", |bytes| joined(r#"{"callid":""#, r"\u0041", r#""}"#, bytes)),
    ("lists in lists", |bytes| joined("", "[", "", bytes)),
    ("a list of objects", |bytes| joined("[{}", ",{}", "]", bytes)),
    ("a list of numbers", |bytes| joined("[0", ",0", "]", bytes)),
    ("many members of one object", |bytes| {
        let member = |at: usize| format!(r#","{at:x}":0"#);
        let members: String = (0..bytes / 8).map(member).collect();
        format!(r#"{{"callid":"c"{members}}}"#).into_bytes()
    }),
];

fn joined(start: &str, part: &str, end: &str, bytes: usize) -> Vec<u8> {
    let count = (bytes - start.len() - end.len()) / part.len();
    [start, &part.repeat(count), end].concat().into_bytes()
}

#[test]
fn memory_grows_as_the_input_does() {
    let mut broken = Vec::new();
    for (name, limit, first, families) in ENTRIES {
        let target = find(name).expect("the target exists");
        let mut most = (0.0, "");
        for (family, make) in *families {
            let peak = |bytes| {
                let input = [first, &make(bytes)[..]].concat();
                (input.len(), measure(|| (target.parse)(&input)).1.peak)
            };
            let ((_, small), (length, large)) = (peak(BYTES), peak(2 * BYTES));
            let ratio = large as f64 / length as f64;
            if ratio > most.0 {
                most = (ratio, family);
            }
            if large > limit * length + SMALL || large > 2 * small + SMALL {
                broken.push(format!("{name}, {family}: {small}, then {large} for {length} bytes"));
            }
        }
        let (ratio, family) = most;
        println!("{name}: at most {ratio:.1} bytes a byte of input ({family}); limit {limit}");
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
