//! Settings in files.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use async_trait::async_trait;
use serde_json::Value;

use super::document::{self, State};
use super::error::SettingsError;
use super::generation::{Directory, Files, Head};
use super::scope::SettingsScope;
use super::secret::Secret;
use super::store::SettingsStore;
use super::stored::{Saved, SettingsChange};
use crate::oneshot;

/// A [`SettingsStore`] in a directory of its own: one file of public data, and one of secrets that on
/// Unix only its owner may read and write (mode 0600; others' rights to a file that has come with them
/// are taken away before it is read). Elsewhere the rights of the directory count.
/// Secrets are not encrypted.
///
/// ```no_run
/// use std::sync::Arc;
/// use pbx_integration::{FileSettings, Identifier, Settings};
///
/// let store = Arc::new(FileSettings::open("/var/lib/our-crm/settings")?);
/// let settings = Settings::new(store, Identifier::new("ourcrmsys")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What can be relied on
///
/// - A save that has returned is on the disk. One that was cut off, by SIGKILL or a power failure, has
///   happened wholly or not at all, public and secret data together.
/// - An error means that nothing has changed. There is one exception: a disk that fails in the very last
///   step, after which the save is seen but may not outlive a power failure.
/// - Saves of several tasks, and of several processes on one machine, do not undo each other, and none
///   waits for a process that died.
/// - A save writes all settings of the store anew: it is meant for settings that people change, of up
///   to 64 MiB.
///
/// # Blocking
///
/// Reading and writing files blocks, for milliseconds where a disk is slow. So
/// [`open`](Self::open) starts a thread that does nothing else, and the methods wait for it without
/// blocking, under any runtime or none. The thread ends when the store is dropped. A save whose future
/// is dropped may be carried out nevertheless.
pub struct FileSettings {
    path: PathBuf,
    jobs: mpsc::Sender<Job>,
}

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// What the thread has.
struct Store {
    directory: Directory,
    /// What was read last.
    cached: Option<(Head, State)>,
}

impl FileSettings {
    /// Opens a store, or makes a new one where there is nothing or an empty directory. An empty one that
    /// cannot be replaced, such as a mount point or a link, gets a directory `settings` for it. Blocks for
    /// as long as the file system takes.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Store`] if the directory cannot be made or holds something else, and
    /// [`SettingsError::Damaged`] if what is in it cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SettingsError> {
        const OPENING: &str = "opening the directory";
        let path = path.as_ref().to_owned();
        let directory =
            Directory::open(&path).map_err(|error| SettingsError::store(OPENING, error))?;
        let mut store = Store { directory, cached: None };
        store.state()?;
        let (jobs, queue) = mpsc::channel::<Job>();
        std::thread::Builder::new()
            .name("pbx-settings".to_owned())
            .spawn(move || queue.into_iter().for_each(|job| job(&mut store)))
            .map_err(|error| SettingsError::store(OPENING, error))?;
        Ok(Self { path, jobs })
    }

    /// Has the thread do something.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Store) -> Result<T, SettingsError> + Send + 'static,
    ) -> Result<T, SettingsError> {
        let (sender, receiver) = oneshot::channel();
        let stopped = || SettingsError::store("asking the thread", "the thread has stopped");
        let job: Job = Box::new(move |store| sender.send(job(store)));
        self.jobs.send(job).map_err(|_| stopped())?;
        receiver.await.unwrap_or_else(|| Err(stopped()))
    }
}

impl Store {
    /// The state that counts now, whoever has written it.
    fn state(&mut self) -> Result<(&Head, &mut State), SettingsError> {
        const READING: &str = "reading";
        let failed = |error| SettingsError::store(READING, error);
        loop {
            let head = self.directory.head().map_err(failed)?;
            if self.cached.as_ref().is_some_and(|(cached, _)| *cached == head) {
                break;
            }
            let state = if head.is_empty() {
                State::new()
            } else {
                let Some(files) = self.directory.read(&head).map_err(failed)? else { continue };
                document::read(&files.public, &files.secrets)
                    .map_err(|what| SettingsError::Damaged { what })?
            };
            self.cached = Some((head, state));
            break;
        }
        match &mut self.cached {
            Some((head, state)) => Ok((head, state)),
            None => Err(failed(std::io::ErrorKind::NotFound.into())),
        }
    }

    fn update(
        &mut self,
        scope: &SettingsScope,
        change: &SettingsChange,
    ) -> Result<Saved, SettingsError> {
        loop {
            let (head, state) = self.state()?;
            let head = head.clone();
            let mut stored = state.get(scope).cloned().unwrap_or_default();
            let saved = change.apply(&mut stored)?;
            if saved.is_unchanged() {
                return Ok(saved);
            }
            if stored.is_empty() {
                state.remove(scope);
            } else {
                state.insert(scope.clone(), stored);
            }
            // Until it is written, what is cached is not what counts.
            let Some((_, state)) = self.cached.take() else { continue };
            let (public, secrets) =
                document::write(&state).map_err(|error| SettingsError::store("writing", error))?;
            let committed = self.directory.commit(&head, &Files { public, secrets });
            let committed = committed.map_err(|error| SettingsError::store("writing", error))?;
            if let Some(head) = committed {
                self.cached = Some((head, state));
                return Ok(saved);
            }
            // Another process was first: the change is made to what it has written.
        }
    }
}

#[async_trait]
impl SettingsStore for FileSettings {
    async fn public(&self, scope: &SettingsScope) -> Result<Option<Value>, SettingsError> {
        let scope = scope.clone();
        let read = move |store: &mut Store| {
            let (_, state) = store.state()?;
            Ok(state.get(&scope).and_then(|stored| stored.public.clone()))
        };
        self.run(read).await
    }

    async fn secrets(
        &self,
        scope: &SettingsScope,
    ) -> Result<BTreeMap<String, Secret>, SettingsError> {
        let scope = scope.clone();
        let read = move |store: &mut Store| {
            let (_, state) = store.state()?;
            Ok(state.get(&scope).map(|stored| stored.secrets.clone()).unwrap_or_default())
        };
        self.run(read).await
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

impl fmt::Debug for FileSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileSettings").field("path", &self.path).finish_non_exhaustive()
    }
}
