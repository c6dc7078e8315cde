//! The spool in files.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;
use voip_module::CallData;
use voip_module::module_script::push::{FileSpool, PushMessage, Spool, Spooled};

use crate::world::WALL;
use crate::{record, start};

fn spooled(place: u64) -> Spooled {
    let message = PushMessage::new(&format!("{place:016}"), Some(&start("A-1")), None).unwrap();
    Spooled::new(place, WALL, message)
}

fn id(place: u64) -> Box<str> {
    format!("{place:016}").into()
}

fn places(spool: &FileSpool) -> Vec<u64> {
    spool.recover().unwrap().iter().map(|message| message.place).collect()
}

fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut segments: Vec<_> =
        names.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    segments.sort();
    segments
}

// W157
#[tokio::test]
async fn what_was_put_is_there_after_a_restart_in_order_without_what_was_removed() {
    let directory = TempDir::new().unwrap();
    let spool = FileSpool::open(directory.path()).unwrap();
    assert_eq!(places(&spool), [0_u64; 0]);
    for place in [2, 0, 1, 3] {
        spool.put(spooled(place)).await.unwrap();
    }
    spool.remove(&[id(1), id(9)]).await.unwrap();
    drop(spool);

    let spool = FileSpool::open(directory.path()).unwrap();
    assert_eq!(spool.recover().unwrap(), [spooled(0), spooled(2), spooled(3)]);
    spool.put(spooled(4)).await.unwrap();
    spool.remove(&[id(0), id(2), id(3)]).await.unwrap();
    drop(spool);
    let spool = FileSpool::open(directory.path()).unwrap();
    assert_eq!(places(&spool), [4]);
    spool.remove(&[id(4)]).await.unwrap();
    let text: String =
        files(directory.path()).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert_eq!(text, "", "no call data stays behind");
}

// W157
#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = TempDir::new().unwrap();
    let directory = parent.path().join("spool");
    let spool = FileSpool::open(&directory).unwrap();
    spool.put(spooled(0)).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&directory), mode(&files(&directory)[0])), (0o700, 0o600));
}

// W157
#[test]
fn a_second_process_is_kept_out() {
    let directory = TempDir::new().unwrap();
    let first = FileSpool::open(directory.path()).unwrap();
    let error = FileSpool::open(directory.path()).unwrap_err();
    let text = "the spool of pushes cannot be locked: another process may use it";
    assert_eq!(error.to_string(), text);
    drop(first);
    FileSpool::open(directory.path()).unwrap();
    let error = FileSpool::open(directory.path().join("push.lock")).unwrap_err();
    assert_eq!(error.to_string(), "the spool of pushes cannot use its directory");
}

// W157, W176
#[tokio::test]
async fn a_line_that_was_cut_off_anywhere_is_dropped_and_all_before_it_stay() {
    let directory = TempDir::new().unwrap();
    let spool = FileSpool::open(directory.path()).unwrap();
    for place in 0..3 {
        spool.put(spooled(place)).await.unwrap();
    }
    drop(spool);
    let path = files(directory.path())[0].clone();
    let whole = fs::read(&path).unwrap();
    let ends: Vec<_> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let spool = FileSpool::open(directory.path()).unwrap();
        let left = ends.iter().filter(|end| **end < length).count();
        assert_eq!(places(&spool).len(), left, "cut after {length} bytes");
        // An empty file was removed; the next length needs it again.
    }
}

// W157
#[tokio::test]
async fn a_damaged_line_costs_itself_only_whichever_byte_is_wrong() {
    let directory = TempDir::new().unwrap();
    let spool = FileSpool::open(directory.path()).unwrap();
    for place in 0..3 {
        spool.put(spooled(place)).await.unwrap();
    }
    drop(spool);
    let path = files(directory.path())[0].clone();
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    // Digits and letters stay valid JSON with another meaning.
    let wrong_bytes = (0..lines[1].len()).flat_map(|at| {
        [1, 2, 0x20].map(|bit| {
            let mut line = lines[1].as_bytes().to_vec();
            line[at] ^= bit;
            line
        })
    });
    let others =
        ["", "{}", "\u{0}\u{0}\u{0}", &lines[1][..40]].map(|line| line.as_bytes().to_vec());
    for damaged in wrong_bytes.chain(others) {
        let file = [lines[0].as_bytes(), &damaged, lines[2].as_bytes(), b""].join(&b'\n');
        fs::write(&path, file).unwrap();
        let spool = FileSpool::open(directory.path()).unwrap();
        let left = spool.recover().unwrap();
        let shown = String::from_utf8_lossy(&damaged);
        assert_eq!(left, [spooled(0), spooled(2)], "{shown}");
    }
}

#[tokio::test]
async fn call_data_of_any_depth_and_any_text_comes_back() {
    let directory = TempDir::new().unwrap();
    let spool = FileSpool::open(directory.path()).unwrap();
    let mut call = CallData::from("quote \" line\n \u{2028} Жанна 日本 \u{1f600}");
    for _ in 0..300 {
        call = CallData::from(vec![call]);
    }
    let message = PushMessage::new(&id(1), None, Some(&record("A").call(call))).unwrap();
    spool.put(Spooled::new(1, WALL, message.clone())).await.unwrap();
    assert_eq!(spool.recover().unwrap()[0].message, message);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    // W180
    #[test]
    fn any_file_is_read_without_panic(
        bytes in prop::collection::vec(
            prop_oneof![
                any::<Vec<u8>>(),
                Just(b"\n".to_vec()),
                Just(br#"["0123456789abcdef",{"done":["0123456789abcdef"]}]"#.to_vec()),
            ],
            0..12,
        ),
    ) {
        let directory = TempDir::new().unwrap();
        fs::write(directory.path().join("push-00000007.jsonl"), bytes.concat()).unwrap();
        let spool = FileSpool::open(directory.path()).unwrap();
        prop_assert_eq!(spool.recover().unwrap(), []);
    }
}
