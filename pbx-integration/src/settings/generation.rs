//! A directory that always holds one whole state of two files.
//!
//! Every state is a generation of its own: a file of public data and one of secrets, and an empty
//! file whose *name* says which two count:
//!
//! ```text
//! head.7.4211-0    public.7.4211-0.json    secret.7.4211-0.json
//! ```
//!
//! A save writes the next two files, waits until the disk has them, and renames the head. The
//! rename is atomic, so that at every moment, whenever a process is killed, both files of one
//! generation count, and never one of each. The head's name is never used twice, so that of two
//! processes that start from the same generation only one can rename it: the other one finds it
//! gone, reads again, and applies its change to what is there now. No lock is left behind by a
//! process that dies.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use zeroize::Zeroizing;

/// The largest file that is read: 64 MiB.
pub(super) const LONGEST: u64 = 64 << 20;

/// The name of the directory within one that cannot be replaced.
const INNER: &str = "settings";

/// How often a directory is read again that another process is changing.
const ATTEMPTS: u32 = 10_000;

/// Tells apart the writers in one process.
static WRITERS: AtomicU64 = AtomicU64::new(0);

/// Which generation counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    number: u64,
    writer: String,
}

/// The two files of a generation.
pub(super) struct Files {
    pub(super) public: Vec<u8>,
    pub(super) secrets: Zeroizing<Vec<u8>>,
}

impl Head {
    fn first() -> Self {
        Self { number: 0, writer: "0".to_owned() }
    }

    fn following(&self) -> Self {
        let count = WRITERS.fetch_add(1, Ordering::Relaxed);
        Self { number: self.number + 1, writer: format!("{}-{count}", std::process::id()) }
    }

    /// A head of generation 0 has no files: there are no settings yet.
    pub(super) const fn is_empty(&self) -> bool {
        self.number == 0
    }

    fn name(&self) -> String {
        format!("head.{}.{}", self.number, self.writer)
    }

    fn file(&self, kind: &str) -> String {
        format!("{kind}.{}.{}.json", self.number, self.writer)
    }
}

/// A directory of generations.
#[derive(Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    /// Opens a directory, or makes it if it does not exist or is empty. Where an empty one cannot be
    /// replaced, because it is a mount point, a link, or in a directory of somebody else's, the
    /// generations are in one of their own within it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut directory = Self(path.to_owned());
        let inner = Self(path.join(INNER));
        if directory.look_for_head()?.is_none() {
            if inner.look_for_head()?.is_some() {
                directory = inner;
            } else if let Err(error) = directory.make() {
                if !directory.is_vacant() {
                    return Err(error);
                }
                inner.make()?;
                // As it is not empty any more, nobody can replace it from here on.
                if directory.look_for_head()?.is_none() {
                    directory = inner;
                }
            }
        }
        directory.remove_older(&directory.head()?);
        Ok(directory)
    }

    /// Whether it is a directory with nothing in it but an inner one, finished or not.
    fn is_vacant(&self) -> bool {
        let is_inner = |entry: io::Result<fs::DirEntry>| {
            let name = entry.map(|entry| entry.file_name());
            name.is_ok_and(|name| {
                let name = name.to_string_lossy();
                name == INNER || name.starts_with(&format!(".{INNER}."))
            })
        };
        fs::read_dir(&self.0).is_ok_and(|mut entries| entries.all(is_inner))
    }

    /// Puts a directory with a first head into place. That another process does the same does no
    /// harm: a directory that has a head is not replaced.
    fn make(&self) -> io::Result<()> {
        let path = &self.0;
        let name = path.file_name().ok_or_else(|| invalid("the path names no directory"))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(parent)?;
        let writer = Head::first().following().writer;
        let made = parent.join(format!(".{}.{writer}.new", name.to_string_lossy()));
        // What a process that had this one's number may have left.
        let _ = fs::remove_dir_all(&made);
        fs::create_dir(&made)?;
        let placed = File::create_new(made.join(Head::first().name()))
            .and_then(|head| head.sync_all())
            .and_then(|()| sync_directory(&made))
            .and_then(|()| fs::rename(&made, path));
        if let Err(error) = placed {
            let _ = fs::remove_dir_all(&made);
            return match self.head() {
                Ok(_) => Ok(()),
                Err(_) if path.is_dir() => {
                    Err(invalid("the directory holds other files and no settings"))
                }
                Err(_) => Err(error),
            };
        }
        sync_directory(parent)
    }

    /// The generation that counts.
    pub(super) fn head(&self) -> io::Result<Head> {
        for _ in 0..ATTEMPTS {
            // While a head is renamed, a listing may have neither its old name nor its new one.
            if let Some(head) = self.look_for_head()? {
                return Ok(head);
            }
            std::thread::yield_now();
        }
        Err(invalid("the directory has no head file"))
    }

    fn look_for_head(&self) -> io::Result<Option<Head>> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut heads = Vec::new();
        for entry in entries {
            heads.extend(parse(&entry?.file_name(), "head"));
        }
        // A listing may have both names of a head that is renamed.
        Ok(heads.into_iter().max_by_key(|head| head.number))
    }

    /// The two files of a generation, or nothing if it does not count any more.
    pub(super) fn read(&self, head: &Head) -> io::Result<Option<Files>> {
        let open = |kind| File::open(self.0.join(head.file(kind)));
        let files = open("public").and_then(read_file).and_then(|public| {
            let secrets = open("secret").and_then(|file| {
                keep_from_others(&file)?;
                read_file(file)
            })?;
            Ok(Files { public: public.to_vec(), secrets })
        });
        match files {
            Ok(files) => Ok(Some(files)),
            // The files of the generation that counts are always there.
            Err(error) if error.kind() == ErrorKind::NotFound && self.head()? != *head => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes another generation count, if `head` still does; gives its head. Nothing if `head` has
    /// been followed by another one.
    pub(super) fn commit(&self, head: &Head, files: &Files) -> io::Result<Option<Head>> {
        let next = head.following();
        if let Err(error) = self.write_files(&next, files) {
            self.remove(&next);
            return Err(error);
        }
        match fs::rename(self.0.join(head.name()), self.0.join(next.name())) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.remove(&next);
                return Ok(None);
            }
            // Whether the head has its new name is not known, so the files stay.
            Err(error) => return Err(error),
        }
        sync_directory(&self.0)?;
        self.remove_older(&next);
        Ok(Some(next))
    }

    fn write_files(&self, next: &Head, files: &Files) -> io::Result<()> {
        if [files.public.len(), files.secrets.len()].iter().any(|&size| size as u64 > LONGEST) {
            return Err(invalid("the settings are longer than 64 MiB"));
        }
        self.write_file(&next.file("public"), &files.public, &mut OpenOptions::new())?;
        self.write_file(&next.file("secret"), &files.secrets, &mut owner_only())?;
        sync_directory(&self.0)
    }

    fn write_file(&self, name: &str, bytes: &[u8], options: &mut OpenOptions) -> io::Result<()> {
        let path = self.0.join(name);
        // What a killed process with this one's number may have left is not of a generation that
        // counts. It is not opened either: its rights may be others.
        let _ = fs::remove_file(&path);
        let mut file = options.write(true).create_new(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn remove(&self, head: &Head) {
        for kind in ["public", "secret"] {
            let _ = fs::remove_file(self.0.join(head.file(kind)));
        }
    }

    /// Removes files that can never count again: those of generations before this one. A file of this
    /// one or a later may belong to a process that is saving.
    fn remove_older(&self, head: &Head) {
        let Ok(entries) = fs::read_dir(&self.0) else { return };
        for name in entries.filter_map(Result::ok).map(|entry| entry.file_name()) {
            let old = ["public", "secret"].iter().filter_map(|kind| parse(&name, kind)).next();
            if old.is_some_and(|old| old.number < head.number) {
                let _ = fs::remove_file(self.0.join(name));
            }
        }
    }
}

fn read_file(file: File) -> io::Result<Zeroizing<Vec<u8>>> {
    let length = file.metadata()?.len();
    if length > LONGEST {
        return Err(invalid("a settings file is longer than 64 MiB"));
    }
    // With room for all of it, so that it does not move and leave copies behind.
    let room = usize::try_from(length).unwrap_or_default() + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Takes the rights of others to a file of secrets away: a copy from elsewhere, or a restored backup, may
/// have them.
#[cfg(unix)]
fn keep_from_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o077 != 0 {
        permissions.set_mode(0o600);
        file.set_permissions(permissions)?;
    }
    Ok(())
}

#[cfg(not(unix))]
const fn keep_from_others(_: &File) -> io::Result<()> {
    Ok(())
}

/// The generation in the name of a file of this kind.
fn parse(name: &OsStr, kind: &str) -> Option<Head> {
    let rest = name.to_str()?.strip_prefix(kind)?.strip_prefix('.')?;
    let (number, writer) = rest.split_once('.')?;
    let writer = writer.strip_suffix(".json").unwrap_or(writer).to_owned();
    Some(Head { number: number.parse().ok()?, writer })
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Waits until the names in a directory are on the disk. Elsewhere than on Unix a directory cannot be
/// opened for that.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}
