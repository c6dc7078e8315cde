//! A spool in files.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use fs4::FileExt;

use super::file_line::Line;
use super::spool::{Spool, SpoolError, Spooled};
use crate::log;

const LOCK: &str = "push.lock";
/// Bytes after which a new file begins.
const SEGMENT_BYTES: u64 = 1 << 20;
/// Files after which the messages that are left move to new ones. Messages of a whole queue need 20.
const MAX_SEGMENTS: usize = 48;
/// Numbers of files above are not this spool's, which counts from 1.
const MAX_NUMBER: u64 = 1 << 53;

/// A [`Spool`] in a directory of its own: files of JSON lines, about 1 MiB each, synced to the disk
/// before [`put`](Spool::put) returns. A file goes once it and all before it have nothing left.
///
/// Each line has a checksum, so a damaged one is dropped and never delivered with another content.
///
/// On Unix the directory is made with mode 0700 and the files with 0600. A lock keeps a second process
/// out. A line that was cut off by a crash is dropped, and was never acknowledged. The work is done on
/// the thread pool of the `blocking` crate, under any runtime.
// W157
#[derive(Clone, Debug)]
pub struct FileSpool(Arc<Mutex<Segments>>);

#[derive(Debug)]
struct Segments {
    directory: PathBuf,
    /// Held as long as this lives.
    _lock: File,
    current: Option<Current>,
    /// Length from which a file is full.
    full: u64,
    /// Messages left in each file.
    left: BTreeMap<u64, usize>,
    /// The file of each message that is left.
    ids: HashMap<Box<str>, u64>,
}

/// The file that lines are appended to.
#[derive(Debug)]
struct Current {
    number: u64,
    file: File,
    length: u64,
}

impl FileSpool {
    /// Opens a spool; makes the directory if it is missing.
    ///
    /// # Errors
    ///
    /// If the directory or a file in it cannot be used, or another process uses it.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self, SpoolError> {
        let directory = directory.as_ref().to_owned();
        let failed = |error| SpoolError::new("use its directory", error);
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&directory).map_err(failed)?;
        let mut options = OpenOptions::new();
        let lock = private(options.create(true).truncate(false).write(true))
            .open(directory.join(LOCK))
            .map_err(failed)?;
        FileExt::try_lock(&lock).map_err(|error| {
            let error = match error {
                fs4::TryLockError::Error(error) => error,
                fs4::TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
            };
            SpoolError::new("be locked: another process may use it", error)
        })?;
        let mut segments = Segments {
            directory,
            _lock: lock,
            current: None,
            full: SEGMENT_BYTES,
            left: BTreeMap::new(),
            ids: HashMap::new(),
        };
        for number in segments.numbers().map_err(failed)? {
            segments.left.insert(number, 0);
        }
        Ok(Self(Arc::new(Mutex::new(segments))))
    }

    async fn work<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&mut Segments) -> io::Result<T> + Send + 'static,
    ) -> Result<T, SpoolError> {
        let segments = self.0.clone();
        let done = blocking::unblock(move || {
            work(&mut segments.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.map_err(|error| SpoolError::new(operation, error))
    }
}

#[async_trait]
impl Spool for FileSpool {
    fn recover(&self) -> Result<Vec<Spooled>, SpoolError> {
        let mut segments = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        segments.recover().map_err(|error| SpoolError::new("be read", error))
    }

    async fn put(&self, message: Spooled) -> Result<(), SpoolError> {
        self.work("be written", move |segments| segments.put(message)).await
    }

    async fn remove(&self, ids: &[Box<str>]) -> Result<(), SpoolError> {
        let ids = ids.to_vec();
        self.work("be written", move |segments| segments.remove(ids)).await
    }
}

impl Segments {
    fn path(&self, number: u64) -> PathBuf {
        self.directory.join(format!("push-{number:08}.jsonl"))
    }

    /// Returns the numbers of the files, in their order.
    fn numbers(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| {
                name.strip_prefix("push-")?.strip_suffix(".jsonl")?.parse::<u64>().ok()
            });
            numbers.extend(number.filter(|number| *number < MAX_NUMBER));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Reads what is left, and removes files with nothing left.
    fn recover(&mut self) -> io::Result<Vec<Spooled>> {
        let mut found: HashMap<Box<str>, (u64, Spooled)> = HashMap::new();
        for number in self.left.keys() {
            let mut bytes = Vec::new();
            // A file of ours is little longer than a segment.
            File::open(self.path(*number))?.take(8 * SEGMENT_BYTES).read_to_end(&mut bytes)?;
            // What follows the last line feed was cut off by a crash.
            let whole = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
            for line in bytes[..whole].split(|byte| *byte == b'\n') {
                match Line::read(line) {
                    Some(Line::Put(message)) => {
                        found.insert(message.message.id().into(), (*number, *message));
                    }
                    Some(Line::Done { done }) => done.iter().for_each(|id| {
                        found.remove(id);
                    }),
                    _ if line.is_empty() => {}
                    _ => log::warning("a damaged line of the spool was skipped"),
                }
            }
        }
        self.left.values_mut().for_each(|left| *left = 0);
        self.ids.clear();
        for (id, (number, _)) in &found {
            self.count(id.clone(), *number);
        }
        self.remove_finished()?;
        let mut messages: Vec<Spooled> = found.into_values().map(|(_, message)| message).collect();
        messages.sort_by_key(|message| message.place);
        Ok(messages)
    }

    fn put(&mut self, message: Spooled) -> io::Result<()> {
        let id = message.message.id().into();
        let number = self.append(&Line::Put(Box::new(message)))?;
        self.sync()?;
        self.count(id, number);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.current.as_ref().map_or(Ok(()), |current| current.file.sync_data())
    }

    /// Notes that messages are done. Not synced: a crash of the process keeps it, and after a crash
    /// of the machine they are delivered again.
    fn remove(&mut self, mut ids: Vec<Box<str>>) -> io::Result<()> {
        ids.retain(|id| self.ids.contains_key(id));
        if ids.is_empty() {
            return Ok(());
        }
        let done = Line::Done { done: ids };
        self.append(&done)?;
        let Line::Done { done } = done else { return Ok(()) };
        for id in &done {
            let left = self.ids.remove(id).and_then(|number| self.left.get_mut(&number));
            left.into_iter().for_each(|left| *left -= 1);
        }
        self.remove_finished()?;
        if self.left.len() > MAX_SEGMENTS { self.compact() } else { Ok(()) }
    }

    fn count(&mut self, id: Box<str>, number: u64) {
        if let Some(before) = self.ids.insert(id, number) {
            self.left.entry(before).and_modify(|left| *left -= 1);
        }
        *self.left.entry(number).or_default() += 1;
    }

    /// Appends a line to the current file, or to a new one; returns the file's number.
    fn append(&mut self, line: &Line) -> io::Result<u64> {
        let text = line.write()?;
        let mut current = match self.current.take() {
            Some(current) if current.length < self.full => current,
            full => self.begin(full)?,
        };
        let number = current.number;
        if let Err(error) = current.file.write_all(&text) {
            // The next line must not follow half of this one.
            if current.file.set_len(current.length).is_ok() {
                self.current = Some(current);
            }
            return Err(error);
        }
        current.length += text.len() as u64;
        self.current = Some(current);
        Ok(number)
    }

    /// Creates the file after a full one.
    fn begin(&mut self, full: Option<Current>) -> io::Result<Current> {
        if let Some(full) = full {
            full.file.sync_data()?;
        }
        let number = self.left.last_key_value().map_or(1, |(last, _)| last + 1);
        let mut options = OpenOptions::new();
        let file = private(options.create_new(true).append(true)).open(self.path(number))?;
        self.left.insert(number, 0);
        // The name of the file has to survive a crash too.
        #[cfg(unix)]
        File::open(&self.directory)?.sync_all()?;
        Ok(Current { number, file, length: 0 })
    }

    /// Removes files with nothing left, from the oldest on: a later one may hold the note that a
    /// message of an earlier one is done.
    fn remove_finished(&mut self) -> io::Result<()> {
        while let Some((number, 0)) = self.left.first_key_value().map(|(at, left)| (*at, *left)) {
            if let Some(current) = self.current.as_mut().filter(|current| current.number == number)
            {
                current.file.set_len(0)?;
                current.length = 0;
                break;
            }
            fs::remove_file(self.path(number))?;
            self.left.remove(&number);
        }
        Ok(())
    }

    /// Copies the messages that are left to new files, and removes the old ones.
    fn compact(&mut self) -> io::Result<()> {
        let messages = self.recover()?;
        self.current = None;
        for message in messages {
            let id = message.message.id().into();
            let number = self.append(&Line::Put(Box::new(message)))?;
            self.count(id, number);
        }
        self.sync()?;
        self.remove_finished()
    }
}

/// Makes a new file readable for its owner only.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::{FileSpool, Spool as _};
    use super::{MAX_SEGMENTS, Segments, Spooled};
    use crate::module_script::push::PushMessage;
    use crate::{VoipCallDirection, VoipWebhookEvent, VoipWebhookRequest};

    fn put(segments: &mut Segments, place: u64) {
        let (stage, direction) = (VoipWebhookEvent::NotifyEnd, VoipCallDirection::In);
        let event = VoipWebhookRequest::new(stage, direction, "79990000001", "701");
        let message = PushMessage::new(&format!("{place:016}"), Some(&event), None).unwrap();
        segments.put(Spooled::new(place, 0, message)).unwrap();
    }

    // W157
    #[test]
    fn files_stay_few_though_the_first_message_is_never_delivered() {
        let directory = tempfile::TempDir::new().unwrap();
        let spool = FileSpool::open(directory.path()).unwrap();
        let mut segments = spool.0.lock().unwrap();
        segments.full = 500;
        put(&mut segments, 0);
        let mut most = 0;
        for place in 1..300 {
            put(&mut segments, place);
            segments.remove(vec![format!("{place:016}").into()]).unwrap();
            let files = segments.numbers().unwrap().len();
            assert_eq!(files, segments.left.len());
            most = most.max(files);
        }
        assert_eq!(most, MAX_SEGMENTS);
        assert!(segments.left.len() < MAX_SEGMENTS, "the message has moved");
        drop(segments);
        drop(spool);
        let spool = FileSpool::open(directory.path()).unwrap();
        let left = spool.recover().unwrap();
        assert_eq!(left.iter().map(|message| message.place).collect::<Vec<_>>(), [0]);
    }
}
