//! Settings in files: whole at every moment, apart, and shared between processes.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pbx_integration::testing::settings_conformance;
use pbx_integration::{Identifier, Settings};
use pbx_integration::settings::{FileSettings, SaveResult, ScopedSettings, SettingsError};
use serde_json::{Value, json};

use crate::wait;

/// A folder that is removed in the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("pbx-settings-{}-{count}", std::process::id());
        let folder = Self(std::env::temp_dir().join(name));
        let _ = std::fs::remove_dir_all(&folder.0);
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn file(&self, kind: &str) -> PathBuf {
        let name = self.files().into_iter().find(|name| name.starts_with(kind)).unwrap();
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn tenant(folder: &Path) -> Result<ScopedSettings, SettingsError> {
    let store = Arc::new(FileSettings::open(folder)?);
    Ok(Settings::new(store, Identifier::new("ourcrmsys").unwrap()).tenant("tenant1.example.com"))
}

fn number(settings: &ScopedSettings) -> (u64, u64) {
    let public = wait(settings.public("number")).unwrap();
    let secret = wait(settings.secret("secret_number")).unwrap();
    (
        public.map_or(0, |number| number.as_u64().unwrap()),
        secret.map_or(0, |secret| secret.expose().parse().unwrap()),
    )
}

#[test]
fn the_store_in_files_keeps_the_contract() {
    let folder = Folder::new();
    let store = Arc::new(FileSettings::open(folder.path()).unwrap());
    let report = wait(settings_conformance(store));
    report.assert_clean();
    assert!(report.checks > 200, "{report}");
}

// P77, P82
#[test]
fn secrets_are_in_a_file_of_their_own_that_only_its_owner_may_read() {
    let folder = Folder::new();
    let settings = tenant(folder.path()).unwrap();
    let save = SaveResult::parse(r#"[{"username":"joe"},{"password":"pässword-1"}]"#).unwrap();
    let _ = wait(settings.save(save)).unwrap();
    let (public, secret) = (folder.file("public."), folder.file("secret."));
    let text = std::fs::read_to_string(&public).unwrap();
    assert!(text.contains("joe") && !text.contains("pässword-1"), "{text}");
    let text = std::fs::read_to_string(&secret).unwrap();
    assert!(text.contains("pässword-1") && !text.contains("joe"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&secret).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

// P82
#[cfg(unix)]
#[test]
fn a_file_of_secrets_that_others_may_read_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let settings = tenant(folder.path()).unwrap();
    let _ = wait(settings.set_secret("password", "p1")).unwrap();
    let secret = folder.file("secret.");
    for mode in [0o644, 0o660, 0o604] {
        std::fs::set_permissions(&secret, PermissionsExt::from_mode(mode)).unwrap();
        let again = tenant(folder.path()).unwrap();
        assert_eq!(wait(again.secret("password")).unwrap().unwrap().expose(), "p1");
        let mode = std::fs::metadata(&secret).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_is_saved_is_there_when_the_store_is_opened_again() {
    let folder = Folder::new();
    let value = json!({"text": "ü\"\\\n", "numbers": [0.1, -7, u64::MAX, 1.5e300], "none": null});
    let settings = tenant(folder.path()).unwrap();
    let _ = wait(settings.set_public("value", value.clone())).unwrap();
    let secret = pbx_integration::Secret::from_json(value.clone());
    let _ = wait(settings.set_secret("value", secret.clone())).unwrap();
    let again = tenant(folder.path()).unwrap();
    assert_eq!(wait(again.public("value")).unwrap(), Some(value.clone()));
    assert_eq!(wait(again.secret("value")).unwrap(), Some(secret));
    assert!(wait(again.set_public("value", value)).unwrap().is_unchanged(), "P81");
}

// P81
#[test]
fn a_save_that_changes_nothing_writes_nothing() {
    let folder = Folder::new();
    let settings = tenant(folder.path()).unwrap();
    let _ = wait(settings.set_secret("password", "p1")).unwrap();
    let files = folder.files();
    assert_eq!(files.len(), 3, "{files:?}");
    assert!(wait(settings.set_secret("password", "p1")).unwrap().is_unchanged());
    assert_eq!(folder.files(), files);
    let _ = wait(settings.set_secret("password", "p2")).unwrap();
    assert_ne!(folder.files(), files);
    assert_eq!(folder.files().len(), 3, "files of generations before are removed");
}

#[test]
fn two_stores_on_one_folder_see_each_other() {
    let folder = Folder::new();
    let (one, two) = (tenant(folder.path()).unwrap(), tenant(folder.path()).unwrap());
    for (at, (writer, reader)) in [(&one, &two), (&two, &one), (&one, &two)].iter().enumerate() {
        let _ = wait(writer.set_public(&format!("n{at}"), at)).unwrap();
        assert_eq!(wait(reader.public(&format!("n{at}"))).unwrap(), Some(json!(at)));
    }
}

#[test]
fn what_a_killed_save_has_left_does_not_count_and_is_removed() {
    let folder = Folder::new();
    let settings = tenant(folder.path()).unwrap();
    let _ = wait(settings.set_public("number", 1)).unwrap();
    // Killed in the middle of writing, and killed between two removals.
    for (name, text) in [
        ("public.2.1-0.json", "{\"format\":"),
        ("secret.2.1-0.json", ""),
        ("public.0.1-0.json", "old"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let again = tenant(folder.path()).unwrap();
    assert_eq!(wait(again.public("number")).unwrap(), Some(json!(1)));
    for number in 2..4 {
        let _ = wait(again.set_public("number", number)).unwrap();
    }
    assert_eq!(folder.files().len(), 3, "{:?}", folder.files());
    assert_eq!(number(&tenant(folder.path()).unwrap()), (3, 0));
}

#[test]
fn a_folder_with_something_else_is_left_alone() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path()).unwrap();
    let empty = tenant(folder.path()).unwrap();
    let _ = wait(empty.set_public("a", 1)).unwrap();
    let other = Folder::new();
    std::fs::create_dir(other.path()).unwrap();
    std::fs::write(other.path().join("letter.txt"), "dear").unwrap();
    let error = FileSettings::open(other.path()).unwrap_err();
    assert_eq!(error.to_string(), "the settings store failed: opening the directory");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "the directory holds other files and no settings");
    assert_eq!(other.files(), ["letter.txt"]);
}

/// As a mount point cannot be, or a directory in one of somebody else's.
#[cfg(unix)]
#[test]
fn an_empty_folder_that_cannot_be_replaced_holds_a_store_all_the_same() {
    let (folder, link) = (Folder::new(), Folder::new());
    std::fs::create_dir(folder.path()).unwrap();
    std::os::unix::fs::symlink(folder.path(), link.path()).unwrap();
    let settings = tenant(link.path()).unwrap();
    let _ = wait(settings.set_secret("password", "p1")).unwrap();
    for path in [link.path(), folder.path()] {
        let again = tenant(path).unwrap();
        assert_eq!(wait(again.secret("password")).unwrap().unwrap().expose(), "p1");
    }
    assert_eq!(folder.files(), ["settings"]);

    std::fs::remove_dir_all(folder.path().join("settings")).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "not ours").unwrap();
    assert!(tenant(link.path()).is_err());
    assert_eq!(folder.files(), ["notes.txt"]);
    std::fs::remove_file(link.path()).unwrap();
}

#[test]
fn a_damaged_file_is_told_without_what_is_in_it() {
    for (kind, text) in [
        ("public.", r#"{"format":"pbx-integration-settings/1","scopes":"S3CRET"}"#),
        ("secret.", r#"{"format":"pbx-integration-secrets/1","scopes":["S3CRET"]}"#),
        ("secret.", r#"{"format":"pbx-integration-secrets/2","scopes":[]}"#),
        ("secret.", r#"{"format":"pbx-integration-secrets/1","scopes":[],"more":1}"#),
    ] {
        let folder = Folder::new();
        let settings = tenant(folder.path()).unwrap();
        let _ = wait(settings.set_public("number", 1)).unwrap();
        std::fs::write(folder.file(kind), text).unwrap();
        let error = tenant(folder.path()).unwrap_err();
        assert!(matches!(error, SettingsError::Damaged { .. }), "{error:?}");
        assert!(error.to_string().starts_with("the settings store is damaged: the "), "{error}");
        assert!(!format!("{error} {error:?}").contains("S3CRET"), "{error:?}");
    }
}

#[test]
fn saves_of_many_threads_are_all_kept() {
    let folder = Folder::new();
    let shared = tenant(folder.path()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            // Half of them with a store of their own on the same folder.
            let own = (thread % 2 == 0).then(|| tenant(folder.path()).unwrap());
            let settings = own.unwrap_or_else(|| shared.clone());
            scope.spawn(move || {
                for number in 0..10 {
                    let name = format!("t{thread}-{number}");
                    let _ = wait(settings.set_public(&name, number)).unwrap();
                }
            });
        }
    });
    let data = wait(shared.public_data()).unwrap().unwrap();
    assert_eq!(data.as_object().unwrap().len(), 40);
}

/// The environment of a child process: the folder, and what it does there.
const FOLDER: &str = "PBX_TEST_SETTINGS_FOLDER";
const TASK: &str = "PBX_TEST_SETTINGS_TASK";

/// Does nothing unless a test has started it in a process of its own.
#[test]
fn child_process() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let task = std::env::var(TASK).unwrap();
    let settings = tenant(Path::new(&folder)).unwrap();
    if task != "count" {
        for number in 0..20 {
            let _ = wait(settings.set_public(&format!("{task}{number}"), number)).unwrap();
        }
        return;
    }
    let (mut number, _) = number(&settings);
    let padding = "x".repeat(20_000);
    loop {
        number += 1;
        let private = json!({"secret_number": number.to_string(), "padding": padding});
        let save = json!([{"number": number, "filler": padding}, private]);
        let _ = wait(settings.save(SaveResult::from_value(save).unwrap())).unwrap();
        let mut output = std::io::stdout();
        writeln!(output, "saved {number}").unwrap();
        output.flush().unwrap();
    }
}

fn child(folder: &Folder, task: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "file_store::child_process", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder.path())
        .env(TASK, task)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The number of the next save that the child says is done.
fn next_saved(lines: &mut BufReader<ChildStdout>) -> Option<u64> {
    let mut line = String::new();
    loop {
        line.clear();
        if lines.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        // A line that the kill has cut off says nothing.
        let saved = line.strip_suffix('\n').and_then(|line| line.split_once("saved "));
        if let Some((_, number)) = saved {
            return Some(number.parse().unwrap());
        }
    }
}

#[test]
fn nothing_is_lost_when_a_process_is_killed_while_it_saves() {
    let folder = Folder::new();
    let mut between = 0;
    // Most kills hit a process that is making up its next save. So as often as it takes.
    for round in 0..300_u32 {
        if round >= 20 && between >= 5 {
            break;
        }
        let mut child = child(&folder, "count");
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut saved = next_saved(&mut lines).unwrap();
        // Another moment each time, without a clock.
        for _ in 0..round % 40 * 10_000 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        while let Some(number) = next_saved(&mut lines) {
            saved = number;
        }
        let files = folder.files().len();
        let (public, secret) = number(&tenant(folder.path()).unwrap());
        assert_eq!(public, secret, "round {round}: public and secret data of different saves");
        assert!(public >= saved, "round {round}: save {saved} is lost, {public} is there");
        assert!(public <= saved + 1, "round {round}: {public} after {saved}");
        // Files of a save that was not finished, or one that was and could not say so.
        between += u32::from(files > 3 || public > saved);
    }
    assert!(between >= 5, "only {between} kills have met a save");
}

#[test]
fn saves_of_several_processes_are_all_kept() {
    let folder = Folder::new();
    let children = ["a", "b", "c"].map(|task| child(&folder, task));
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let data = wait(tenant(folder.path()).unwrap().public_data()).unwrap();
    assert_eq!(data.as_ref().and_then(Value::as_object).unwrap().len(), 60);
}
