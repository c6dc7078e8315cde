//! Settings in files: atomic, isolated, and shared between processes.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pbx_integration::settings::{FileSettings, SaveResult, ScopedSettings, SettingsError};
use pbx_integration::testing::settings_conformance;
use pbx_integration::{Identifier, Settings};
use serde_json::{Value, json};

use crate::wait;

/// A folder that is removed on drop.
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

    fn settings(&self) -> PathBuf {
        self.0.join("settings.json")
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

// P201, P82
#[cfg(unix)]
#[test]
fn the_file_is_its_owners_only_and_is_made_so_before_it_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let settings = tenant(folder.path()).unwrap();
    let save = SaveResult::parse(r#"[{"username":"joe"},{"password":"p1"}]"#).unwrap();
    wait(settings.save(save)).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&folder.settings()), mode(&folder.path().join("settings.lock"))),
        (0o600, 0o600)
    );
    for wide in [0o644, 0o660, 0o604] {
        std::fs::set_permissions(folder.settings(), PermissionsExt::from_mode(wide)).unwrap();
        let again = tenant(folder.path()).unwrap();
        assert_eq!(wait(again.secret("password")).unwrap().unwrap().expose(), "p1");
        assert_eq!(mode(&folder.settings()), 0o600);
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
    wait(settings.set_secret("password", "p1")).unwrap();
    let written = || std::fs::metadata(folder.settings()).unwrap().modified().unwrap();
    let before = written();
    assert!(wait(settings.set_secret("password", "p1")).unwrap().is_unchanged());
    assert_eq!(written(), before);
    wait(settings.set_secret("password", "p2")).unwrap();
    assert_ne!(written(), before);
    assert_eq!(folder.files(), ["settings.json", "settings.lock"]);
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

// P202, P203
#[test]
fn what_killed_writers_have_left_is_removed_and_other_files_stay() {
    let folder = Folder::new();
    let settings = tenant(folder.path()).unwrap();
    wait(settings.set_public("number", 1)).unwrap();
    std::fs::create_dir(folder.path().join("lost+found")).unwrap();
    for name in
        [".settings-0aZ9x8.tmp", ".settings-.tmp", ".keep", "settings.json.bak", "notes.txt"]
    {
        std::fs::write(folder.path().join(name), "{").unwrap();
    }
    let again = tenant(folder.path()).unwrap();
    assert_eq!(wait(again.public("number")).unwrap(), Some(json!(1)));
    wait(again.set_public("number", 2)).unwrap();
    let files =
        [".keep", "lost+found", "notes.txt", "settings.json", "settings.json.bak", "settings.lock"];
    assert_eq!(folder.files(), files);
    assert_eq!(number(&tenant(folder.path()).unwrap()), (2, 0));
}

// P203
#[cfg(unix)]
#[test]
fn a_link_in_place_of_a_file_is_an_error_and_its_target_is_not_touched() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    for name in ["settings.json", "settings.lock"] {
        let (folder, target) = (Folder::new(), Folder::new());
        std::fs::create_dir_all(folder.path()).unwrap();
        std::fs::create_dir_all(target.path()).unwrap();
        let victim = target.path().join("victim");
        std::fs::write(&victim, "S3CRET").unwrap();
        std::fs::set_permissions(&victim, std::fs::Permissions::from_mode(0o644)).unwrap();
        symlink(&victim, folder.path().join(name)).unwrap();
        let error = FileSettings::open(folder.path()).unwrap_err().to_string();
        let role = if name == "settings.json" { "the settings file" } else { "the lock file" };
        let path = folder.path().join(name);
        let expected =
            format!("{role} {}: expected a regular file, found a symbolic link", path.display());
        assert_eq!(error, expected);
        let mode = std::fs::metadata(&victim).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode, std::fs::read_to_string(&victim).unwrap().as_str()), (0o644, "S3CRET"));
    }
    // A directory may be a link, as mount points of containers are.
    let (folder, link) = (Folder::new(), Folder::new());
    std::fs::create_dir(folder.path()).unwrap();
    symlink(folder.path(), link.path()).unwrap();
    wait(tenant(link.path()).unwrap().set_public("number", 7)).unwrap();
    assert_eq!(number(&tenant(folder.path()).unwrap()).0, 7);
    std::fs::remove_file(link.path()).unwrap();
}

// P204
#[test]
fn a_damaged_file_is_named_with_its_place_and_without_its_values() {
    let deep = format!(
        r#"{{"format":"x","scopes":[{{"identifier":"a","tenant":"t","public":{}{}}}]}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    let good = r#""format":"pbx-integration-settings/1","scopes":[]"#;
    for (text, what) in [
        ("S3CRET", "line 1, column 1: not JSON".to_owned()),
        (
            "{\"format\":\"S3CRET\",\"scopes\":[]}",
            "expected the format pbx-integration-settings/1, found another one".to_owned(),
        ),
        (&format!("{{{good},\"S3CRET\":1}}"), String::new()),
        (r#"{"format":"pbx-integration-settings/1","scopes":"S3CRET"}"#, String::new()),
        (&deep, ": nested too deeply".to_owned()),
    ] {
        let folder = Folder::new();
        wait(tenant(folder.path()).unwrap().set_public("number", 1)).unwrap();
        std::fs::write(folder.settings(), text).unwrap();
        let error = tenant(folder.path()).unwrap_err();
        assert!(matches!(error, SettingsError::Damaged { .. }), "{error:?}");
        let role = format!("the settings file {}: ", folder.settings().display());
        assert!(
            error.to_string().starts_with(&role) && error.to_string().ends_with(&what),
            "{error}"
        );
        assert!(!format!("{error} {error:?}").contains("S3CRET"), "{error:?}");
    }
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path()).unwrap();
    let file = std::fs::File::create(folder.settings()).unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    let error = FileSettings::open(folder.path()).unwrap_err();
    assert!(error.to_string().ends_with("more than 67108864 bytes"), "{error}");
}

// P204
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_a_read_only_one_are_errors_that_change_nothing() {
    let Some(mount) = Mount::tmpfs("size=64k") else { return };
    let settings = tenant(&mount.0).unwrap();
    wait(settings.set_public("number", 1)).unwrap();
    let error = wait(settings.set_public("filler", "x".repeat(100_000))).unwrap_err().to_string();
    let path = mount.0.join("settings.json");
    assert_eq!(
        error,
        format!("the settings file {}: No space left on device (os error 28)", path.display())
    );
    assert_eq!(number(&settings), (1, 0));
    wait(settings.set_public("number", 2)).unwrap();
    let files = std::fs::read_dir(&mount.0).unwrap().count();
    assert_eq!(files, 2, "the file that found no room is removed");

    mount.remount("ro");
    let error = wait(settings.set_public("number", 3)).unwrap_err().to_string();
    let expected =
        format!("the settings file {}: Read-only file system (os error 30)", path.display());
    assert!(error.starts_with(&expected), "{error}");
    assert_eq!(number(&tenant(&mount.0).unwrap()), (2, 0), "a read-only store can be read");
    let empty = mount.0.join("new");
    let error = FileSettings::open(&empty).unwrap_err().to_string();
    assert_eq!(
        error,
        format!("the settings directory {}: Read-only file system (os error 30)", empty.display())
    );
}

/// A separate file system, which only root may mount.
#[cfg(target_os = "linux")]
struct Mount(PathBuf);

#[cfg(target_os = "linux")]
impl Mount {
    fn tmpfs(options: &str) -> Option<Self> {
        let folder = Folder::new();
        std::fs::create_dir(folder.path()).unwrap();
        let mount = Self(folder.path().to_owned());
        std::mem::forget(folder);
        let is_mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(&mount.0)
            .status()
            .is_ok_and(|status| status.success());
        if !is_mounted {
            eprintln!("skipped: mounting needs root");
            assert!(std::env::var_os("REQUIRE_ROOT").is_none());
        }
        is_mounted.then_some(mount)
    }

    fn remount(&self, mode: &str) {
        let options = format!("remount,{mode}");
        let status = Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }
}

#[cfg(target_os = "linux")]
impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
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

/// The environment of a child process: the folder, and its task there.
const FOLDER: &str = "PBX_TEST_SETTINGS_FOLDER";
const TASK: &str = "PBX_TEST_SETTINGS_TASK";
const COUNT: &str = "PBX_TEST_SETTINGS_COUNT";

/// Does nothing unless a test started it in its own process.
#[test]
fn child_process() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let task = std::env::var(TASK).unwrap();
    let settings = tenant(Path::new(&folder)).unwrap();
    if task != "count" {
        let count = std::env::var(COUNT).unwrap().parse().unwrap();
        for number in 0..count {
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
    child_by(Command::new(std::env::current_exe().unwrap()), folder, task, 20)
}

fn child_by(mut command: Command, folder: &Folder, task: &str, count: u32) -> Child {
    command
        .args(["--exact", "file_store::child_process", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder.path())
        .env(TASK, task)
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The number of the next save that the child reports as done.
fn next_saved(lines: &mut BufReader<ChildStdout>) -> Option<u64> {
    let mut line = String::new();
    loop {
        line.clear();
        if lines.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        // A line that the kill has cut off is ignored.
        let saved = line.strip_suffix('\n').and_then(|line| line.split_once("saved "));
        if let Some((_, number)) = saved {
            return Some(number.parse().unwrap());
        }
    }
}

// P201
#[test]
fn nothing_is_lost_when_a_process_is_killed_while_it_saves() {
    let folder = Folder::new();
    let mut between = 0;
    // 100 kills, and more until some have met a save: most hit a process that makes up its next one.
    for round in 0..400_u32 {
        if round >= 100 && between >= 5 {
            break;
        }
        let mut child = child(&folder, "count");
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut saved = next_saved(&mut lines).unwrap();
        // Another time of the kill in each run, without a clock.
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
        // A temporary file, or a completed save without a report.
        between += u32::from(files > 2 || public > saved);
    }
    assert!(between >= 5, "only {between} kills have met a save");
}

// P201, P202
#[cfg(target_os = "linux")]
#[test]
fn saves_of_writers_in_different_pid_namespaces_are_all_kept() {
    // A writer's work grows with the square of its saves.
    let count: u32 = std::env::var("NAMESPACE_SAVES").map_or(250, |count| count.parse().unwrap());
    let folder = Folder::new();
    drop(tenant(folder.path()).unwrap());
    let children: Vec<Child> = ["a", "b", "c", "d"]
        .into_iter()
        .map(|task| {
            // Each is process 1 or 2 of its namespace, as in containers.
            let mut command = Command::new("unshare");
            command.args(["--pid", "--fork", "--"]).arg(std::env::current_exe().unwrap());
            child_by(command, &folder, task, count)
        })
        .collect();
    let statuses: Vec<bool> =
        children.into_iter().map(|mut child| child.wait().unwrap().success()).collect();
    if statuses == [false; 4] {
        eprintln!("skipped: namespaces need root");
        assert!(std::env::var_os("REQUIRE_ROOT").is_none());
        return;
    }
    assert_eq!(statuses, [true; 4]);
    let data = wait(tenant(folder.path()).unwrap().public_data()).unwrap();
    assert_eq!(data.as_ref().and_then(Value::as_object).unwrap().len(), 4 * count as usize);
    assert_eq!(folder.files(), ["settings.json", "settings.lock"]);
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
