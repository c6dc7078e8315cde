//! Laws of `voip_module::module_script::push::FileSpool`: files of any bytes, and damaged ones.

use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde::de::IgnoredAny;
use voip_module::module_script::push::{FileSpool, Spool as _, Spooled};

use super::push::message;

/// Reads lines as messages.
pub fn parse_spool(data: &[u8]) {
    for line in data.split(|byte| *byte == b'\n') {
        let Ok(spooled) = serde_json::from_slice::<Spooled>(line) else { continue };
        let body = spooled.message.body(u64::MAX, u32::MAX);
        assert!(serde_json::from_str::<IgnoredAny>(&body).is_ok(), "{body}");
        let json = serde_json::to_vec(&spooled).expect("a message is JSON");
        assert_eq!(serde_json::from_slice::<Spooled>(&json).expect("it is read again"), spooled);
    }
}

const SEGMENT: &str = "push-00000001.jsonl";

/// Messages, and the file that a spool wrote for them.
struct Written {
    messages: Vec<Spooled>,
    file: Vec<u8>,
}

impl Written {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("the folder can be made");
        let spool = FileSpool::open(folder.path()).expect("the folder is new");
        let messages: Vec<Spooled> =
            (0..8).map(|at| Spooled::new(at, 9, message(at as usize, 1, at as u8 % 4))).collect();
        let removed: Vec<Box<str>> = vec!["0000000000000002".into(), "0000000000000005".into()];
        wait(async {
            for message in &messages {
                spool.put(message.clone()).await.expect("the file can be written");
            }
            spool.remove(&removed).await.expect("the file can be written");
        });
        drop(spool);
        let file = std::fs::read(folder.path().join(SEGMENT)).expect("the file is there");
        Self { messages, file }
    }
}

/// Runs a future that waits for a thread.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::yield_now(),
        }
    }
}

fn recover(folder: &Path, file: &[u8]) -> Vec<Spooled> {
    std::fs::write(folder.join(SEGMENT), file).expect("the file can be written");
    let spool = FileSpool::open(folder).expect("nobody else uses the folder");
    spool.recover().expect("the file can be read")
}

/// A spool of any bytes is read, and a damaged one gives only messages as they were written, and all
/// whose lines are whole.
///
/// Three bytes each damage a file that a spool wrote: a place, and what is changed there.
pub fn spool(data: &[u8]) {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("the folder can be made");
        static WRITTEN: Written = Written::new();
    }
    parse_spool(data);
    FOLDER.with(|folder| {
        let found = recover(folder.path(), data);
        assert!(found.windows(2).all(|pair| pair[0].place <= pair[1].place));
        WRITTEN.with(|Written { messages, file }| {
            let damaged = damaged(file, data);
            let found = recover(folder.path(), &damaged);
            assert!(found.iter().all(|message| messages.contains(message)), "{found:?}");
            let lines = |file: &[u8]| -> Vec<Vec<u8>> {
                // What follows the last line feed is no line.
                let end = file.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
                file[..end].split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
            };
            let (before, left) = (lines(file), lines(&damaged));
            for at in [0, 1, 3, 4, 6, 7] {
                let is_whole = left.contains(&before[at]);
                assert!(!is_whole || found.contains(&messages[at]), "{at} is lost");
            }
        });
    });
}

fn damaged(file: &[u8], data: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    for damage in data.chunks_exact(3).take(16) {
        let at = usize::from(u16::from_be_bytes([damage[0], damage[1]])) % file.len().max(1);
        match damage[2] {
            0 => file.truncate(at),
            1 => file.insert(at, b'\n'),
            2 => drop(file.drain(..at)),
            change if at < file.len() => file[at] ^= change,
            _ => {}
        }
    }
    file
}
