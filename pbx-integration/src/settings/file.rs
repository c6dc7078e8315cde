//! Settings in one file.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use fs4::FileExt;
use serde_json::Value;
use zeroize::Zeroizing;

use super::document::{self, State};
use super::error::SettingsError;
use super::scope::SettingsScope;
use super::secret::Secret;
use super::store::SettingsStore;
use super::stored::{Saved, SettingsChange};

/// A [`SettingsStore`] in one file, `settings.json`, in its own directory. It is the service's own
/// store, not the one of the PBX.
///
/// On Unix only its owner may read and write the file (mode 0600; wider permissions are tightened before it
/// is read); elsewhere the permissions of the directory count. Secrets are not encrypted. Other files in
/// the directory are left alone.
///
/// ```no_run
/// use std::sync::Arc;
/// use pbx_integration::{Identifier, Settings, settings::FileSettings};
///
/// let store = Arc::new(FileSettings::open("/var/lib/our-crm/settings")?);
/// let settings = Settings::new(store, Identifier::new("ourcrmsys")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Guarantees
///
/// - A save that returned is on the disk. One interrupted by SIGKILL or a power failure is atomic,
///   public and secret data together.
/// - After an error nothing has changed, with one exception: if the disk fails in the last step,
///   the save is visible but may not survive a power failure.
/// - Saves of tasks, processes and containers on one machine are all kept: each takes a file lock of the
///   operating system, which ends with its process.
/// - A save writes the whole file, which suits settings that people change, up to 64 MiB.
///
/// # Blocking
///
/// The methods do their work on the thread pool of the `blocking` crate, under any runtime. A save whose
/// future is dropped may still happen.
#[derive(Clone, Debug)]
pub struct FileSettings {
    directory: Arc<Path>,
}

const FILE: &str = "settings.json";
const LOCK: &str = "settings.lock";
const TEMPORARY: (&str, &str) = (".settings-", ".tmp");

/// More characters of 62 than 64 random bits need: names of writers are unique across namespaces.
// P202
const RANDOM_CHARACTERS: usize = 12;

const MAX_BYTES: u64 = 64 << 20;

impl FileSettings {
    /// Opens a store; creates the directory if it is missing. Blocks on the file system.
    ///
    /// # Errors
    ///
    /// [`SettingsError::File`] if the directory or a file in it cannot be used, or the file system has no
    /// locks; [`SettingsError::Damaged`] if the file does not contain settings.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SettingsError> {
        let store = Self { directory: path.as_ref().into() };
        fs::create_dir_all(&store.directory)
            .map_err(|reason| file_error("the settings directory", &store.directory, reason))?;
        let lock = store.open_lock()?;
        // A busy lock is fine too: it shows that the file system has locks.
        match FileExt::try_lock_shared(&lock) {
            Ok(()) | Err(fs4::TryLockError::WouldBlock) => {}
            Err(fs4::TryLockError::Error(reason)) => {
                return Err(file_error("the lock file", &store.path(LOCK), reason));
            }
        }
        store.read()?;
        Ok(store)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Reads the current settings without a lock: the file is never written in place.
    fn read(&self) -> Result<State, SettingsError> {
        let path = self.path(FILE);
        let failed = |reason| file_error("the settings file", &path, reason);
        let file = match open(OpenOptions::new().read(true), &path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::new()),
            Err(error) => return Err(failed(error)),
        };
        tighten(&file).map_err(failed)?;
        let damaged = |what: String| SettingsError::Damaged { path: path.clone(), what };
        let length = file.metadata().map_err(failed)?.len();
        if length > MAX_BYTES {
            return Err(damaged(format!("more than {MAX_BYTES} bytes")));
        }
        // Capacity for the whole file and one more read, so that the secrets never move.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length as usize + 64));
        file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
        document::read(&bytes).map_err(damaged)
    }

    fn update(
        &self,
        scope: &SettingsScope,
        change: &SettingsChange,
    ) -> Result<Saved, SettingsError> {
        let _lock = self.lock()?;
        self.remove_temporary_files();
        let mut state = self.read()?;
        let saved = change.apply_in(&mut state, scope)?;
        if !saved.is_unchanged() {
            self.write(&state)?;
        }
        Ok(saved)
    }

    fn write(&self, state: &State) -> Result<(), SettingsError> {
        let path = self.path(FILE);
        let failed = |reason| file_error("the settings file", &path, reason);
        let bytes = document::write(state).map_err(|error| failed(error.into()))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(SettingsError::TooLarge { limit: MAX_BYTES });
        }
        let (prefix, suffix) = TEMPORARY;
        let mut temporary = tempfile::Builder::new()
            .prefix(prefix)
            .suffix(suffix)
            .rand_bytes(RANDOM_CHARACTERS)
            .tempfile_in(&self.directory)
            .map_err(failed)?;
        // Written through the file itself, whose errors do not name the temporary path.
        let file = temporary.as_file_mut();
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        temporary.persist(&path).map_err(|error| failed(error.error))?;
        sync_directory(&self.directory)
            .map_err(|reason| file_error("the settings directory", &self.directory, reason))
    }

    /// Takes the lock, which ends when the file is dropped or its process ends.
    fn lock(&self) -> Result<File, SettingsError> {
        loop {
            let lock = self.open_lock()?;
            let failed = |reason| file_error("the lock file", &self.path(LOCK), reason);
            FileExt::lock(&lock).map_err(failed)?;
            // A lock on a file that was removed meanwhile does not exclude other writers.
            if is_same_file(&lock, &self.path(LOCK)).map_err(failed)? {
                return Ok(lock);
            }
        }
    }

    fn open_lock(&self) -> Result<File, SettingsError> {
        let path = self.path(LOCK);
        // Some network file systems lock for writing only files that are open for writing; on a read-only
        // one an existing lock can still be opened.
        let writable = open(OpenOptions::new().read(true).write(true).create(true), &path);
        let file = writable.or_else(|error| match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                open(OpenOptions::new().read(true), &path).map_err(|_| error)
            }
            _ => Err(error),
        });
        file.map_err(|reason| file_error("the lock file", &path, reason))
    }

    /// Removes files of killed writers, under the lock. A file that cannot be removed is harmless.
    fn remove_temporary_files(&self) {
        let (prefix, suffix) = TEMPORARY;
        for entry in fs::read_dir(&self.directory).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(prefix) && name.ends_with(suffix) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Runs blocking work on the thread pool.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, SettingsError> + Send + 'static,
    ) -> Result<T, SettingsError> {
        let store = self.clone();
        blocking::unblock(move || work(&store)).await
    }
}

#[async_trait]
impl SettingsStore for FileSettings {
    async fn public(&self, scope: &SettingsScope) -> Result<Option<Value>, SettingsError> {
        let scope = scope.clone();
        self.run(move |store| Ok(store.read()?.remove(&scope).and_then(|stored| stored.public)))
            .await
    }

    async fn secrets(
        &self,
        scope: &SettingsScope,
    ) -> Result<BTreeMap<String, Secret>, SettingsError> {
        let scope = scope.clone();
        self.run(move |store| Ok(store.read()?.remove(&scope).unwrap_or_default().secrets)).await
    }

    async fn update(
        &self,
        scope: &SettingsScope,
        change: SettingsChange,
    ) -> Result<Saved, SettingsError> {
        let scope = scope.clone();
        self.run(move |store| store.update(&scope, &change)).await
    }
}

fn file_error(role: &'static str, path: &Path, reason: io::Error) -> SettingsError {
    SettingsError::File { role, path: path.to_owned(), reason }
}

/// Opens a file without following a symbolic link; a new one is its owner's only.
// P203
fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Without NONBLOCK a pipe in place of the file would wait for a writer.
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits() as i32);
    }
    let opened = options.open(path);
    #[cfg(unix)]
    if opened
        .as_ref()
        .is_err_and(|error| error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()))
    {
        let message = "expected a regular file, found a symbolic link";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let file = opened?;
    if !file.metadata()?.is_file() {
        let message = "expected a regular file, found something else";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok(file)
}

/// Removes all permissions except the owner's.
fn tighten(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let permissions = file.metadata()?.permissions();
        if permissions.mode() & 0o077 != 0 {
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// Makes a rename durable.
fn sync_directory(directory: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(directory)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = directory;
    Ok(())
}

/// Returns whether an open file is still the one at a path.
fn is_same_file(file: &File, path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let own = file.metadata()?;
        let other = fs::symlink_metadata(path);
        Ok(other.is_ok_and(|other| (own.dev(), own.ino()) == (other.dev(), other.ino())))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        Ok(true)
    }
}
