//! Runs `elma-service` as its container does: another user, a read-only directory, an environment.
//!
//! With `ELMA_SERVICE`, the path of a static binary, that one runs, in an otherwise empty root.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::time::Duration;

const KEY: &str = "K3YK3YK3YK3YK3YK3YK3YK3YK3YK3YK3";
const PBX_TOKEN: &str = "P1K-token-of-the-pbx";
const TOKEN: &str = "T1K-token-of-the-platform";
/// Time that a container has to end after SIGTERM.
const STOP: Duration = Duration::from_secs(30);

/// A directory that nobody may write to, with the binary in it.
struct Image {
    directory: tempfile::TempDir,
    is_static: bool,
}

/// The image that running tests share: a binary that is being copied while another test forks is busy, and
/// cannot be run.
static IMAGE: Mutex<Weak<Image>> = Mutex::new(Weak::new());

impl Image {
    fn shared() -> Arc<Self> {
        let mut shared = IMAGE.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let image = Arc::new(Self::new());
            *shared = Arc::downgrade(&image);
            image
        })
    }

    fn new() -> Self {
        let built = std::env::var_os("ELMA_SERVICE").map(PathBuf::from);
        let is_static = built.is_some();
        let binary = built.unwrap_or_else(|| {
            let test = std::env::current_exe().unwrap();
            let folder = test.parent().and_then(Path::parent).unwrap();
            folder.join("examples").join("elma-service")
        });
        let directory = tempfile::TempDir::new().unwrap();
        std::fs::copy(binary, directory.path().join("elma-service")).unwrap();
        let read_only = std::fs::Permissions::from_mode(0o555);
        std::fs::set_permissions(directory.path(), read_only).unwrap();
        Self { directory, is_static }
    }

    /// The program as user 65532. Without the right to change the user it runs as this one.
    fn command(&self) -> Command {
        let (path, id) = (self.directory.path(), "65532");
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let mut command = match (is_root, self.is_static) {
            (true, true) => {
                let mut command = Command::new("chroot");
                command.arg(format!("--userspec={id}:{id}")).arg(path).arg("/elma-service");
                command
            }
            (true, false) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", id, "--regid", id, "--clear-groups"]);
                command.arg(path.join("elma-service"));
                command
            }
            (false, _) => {
                eprintln!("not root: elma-service runs as the user of the tests");
                Command::new(path.join("elma-service"))
            }
        };
        command.env_clear().current_dir(path).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }
}

/// A running service.
struct Service {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    address: String,
    /// Keeps the binary.
    _image: Arc<Image>,
}

impl Service {
    fn start(variables: &[(&str, &str)]) -> Self {
        let image = Image::shared();
        let mut command = image.command();
        command.env("VOIP_BRIDGE_LISTEN", "127.0.0.1:0").env("VOIP_BRIDGE_KEY", KEY);
        command.env("VOIP_PROVIDER_TOKEN", PBX_TOKEN).envs(variables.iter().copied());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening at ").unwrap().to_owned();
        Self { child, output, address, _image: image }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    /// Sends a request, and returns status and body.
    fn ask(&self, request: &str) -> (u16, String) {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        answer(&mut stream)
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
    }

    /// Sends a push of the PBX.
    fn push(&self, form: &str) -> u16 {
        self.ask(&push(form, "close")).0
    }

    fn signal(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits for the end, and kills what does not end in time. Returns the output too.
    fn wait(mut self) -> (ExitStatus, String) {
        let (done, is_done) = mpsc::channel::<()>();
        let id = self.child.id().to_string();
        let guard = std::thread::spawn(move || {
            if is_done.recv_timeout(STOP) == Err(mpsc::RecvTimeoutError::Timeout) {
                Command::new("kill").args(["-KILL", &id]).status().unwrap();
            }
        });
        let mut text = String::new();
        self.output.read_to_string(&mut text).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        let status = self.child.wait().unwrap();
        drop(done);
        guard.join().unwrap();
        (status, text)
    }
}

fn push(form: &str, connection: &str) -> String {
    format!(
        "POST /webhook?token={PBX_TOKEN} HTTP/1.1\r\nhost: x\r\nconnection: {connection}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    )
}

fn event(kind: &str, call: &str) -> String {
    format!("cmd=event&type={kind}&phone=79990000001&ext=701&callid={call}")
}

/// Reads an answer to its end.
fn answer(stream: &mut TcpStream) -> (u16, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Reads head and body of a request or answer on a connection that stays open.
fn read_message(reader: &mut impl BufRead) -> (String, String) {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        head += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

/// A request at the pretend platform, which waits for its answer.
struct Pushed {
    head: String,
    body: serde_json::Value,
    stream: TcpStream,
}

impl Pushed {
    fn receive(platform: &TcpListener) -> Self {
        let (stream, _) = platform.accept().unwrap();
        let (head, body) = read_message(&mut BufReader::new(stream.try_clone().unwrap()));
        Self { head, body: serde_json::from_str(&body).unwrap(), stream }
    }

    fn confirm(mut self) -> serde_json::Value {
        let body = format!(r#"{{"voipBridge":1,"accepted":{}}}"#, self.body["id"]);
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        self.stream.write_all(answer.as_bytes()).unwrap();
        self.body
    }
}

/// SIGTERM with an ask in flight, a push in flight and another one in the queue.
// W120, W121, W125, W139, W178
#[test]
fn sigterm_finishes_the_ask_sends_what_is_due_and_exits_with_0() {
    let platform = TcpListener::bind("127.0.0.1:0").unwrap();
    let pbx = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook/1?token={TOKEN}", platform.local_addr().unwrap());
    let endpoint = format!("https://{}/", pbx.local_addr().unwrap());
    let service = Service::start(&[
        ("VOIP_WEBHOOK_URL", &url),
        ("GRAVITEL_ENDPOINT", &endpoint),
        ("GRAVITEL_KEY", "key-of-the-cloud-pbx"),
    ]);
    assert_eq!(service.get("/healthz"), (200, "ok".into()));
    assert_eq!(service.get("/readyz"), (200, "ready".into()));
    assert_eq!(service.get("/voip/v1/status").0, 401);

    assert_eq!(service.push(&event("INCOMING", "C-1")), 200);
    let first = Pushed::receive(&platform);
    assert!(first.head.starts_with(&format!("POST /hook/1?token={TOKEN} ")), "{}", first.head);
    assert_eq!(service.push(&event("ACCEPTED", "C-1")), 200);
    let mut ask = service.connect();
    let body = r#"{"voipBridge":1,"requestId":"0123456789abcdef","args":{}}"#;
    write!(
        ask,
        "POST /voip/v1/members HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer \
         {KEY}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let (command, _) = pbx.accept().unwrap();

    service.signal();
    // The signal arrives on its own; until then the service is ready.
    while service.get("/readyz").0 == 200 {}
    assert_eq!(service.get("/readyz"), (503, "stopping".into()));
    assert_eq!(service.get("/healthz").0, 200);
    drop(command); // the PBX hangs up, so the ask fails
    let (status, reply) = answer(&mut ask);
    assert_eq!(status, 422);
    assert!(reply.contains(r#""requestId":"0123456789abcdef""#), "{reply}");
    assert!(reply.contains(r#""code":"transport""#), "{reply}");
    assert_eq!(first.confirm()["event"]["event"], "notify_start");
    let second = Pushed::receive(&platform).confirm();
    assert_eq!(second["event"]["event"], "notify_answer");
    let (status, output) = service.wait();
    assert_eq!(status.code(), Some(0), "{output}");
    for secret in [KEY, PBX_TOKEN, TOKEN, "key-of-the-cloud-pbx", "7999"] {
        assert!(!output.contains(secret), "{output}");
    }
}

// W125
#[test]
fn a_second_signal_ends_it_at_once() {
    let service = Service::start(&[]);
    service.signal();
    while service.get("/readyz").0 == 200 {}
    service.signal();
    let (status, output) = service.wait();
    assert_eq!(status.code(), Some(1), "{output}");
}

// W127
#[test]
fn all_mistakes_of_the_environment_are_reported_at_once_and_the_code_is_2() {
    let image = Image::shared();
    let mut command = image.command();
    command.env("VOIP_BRIDGE_KEY", "short-secret").env("VOIP_PUSH_PER_MINUTE", "many");
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(
        text.contains("VOIP_BRIDGE_KEY: ") && text.contains("VOIP_PUSH_PER_MINUTE: "),
        "{text}"
    );
    assert!(!text.contains("short-secret") && !text.contains("many"), "{text}");
}

/// A queue of 16 MiB whose webhook URL is unknown, beside a call journal full of recordings.
// W140, W151
#[test]
fn sixty_four_mebibytes_are_enough() {
    // Nobody reads the log meanwhile, and a full pipe would stop the service.
    let service = Service::start(&[("VOIP_LOG", "off")]);
    let stream = service.connect();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    let link = format!("https://rec.example/{}", "x".repeat(7_900));
    let mut statuses = std::collections::BTreeMap::<String, u32>::new();
    for call in 0..4_000 {
        let record = format!(
            "cmd=history&type=in&status=Success&phone=79990000001&ext=701&callid=C-{call}\
             &duration=1&link={link}"
        );
        stream.write_all(push(&record, "keep-alive").as_bytes()).unwrap();
        let (head, _) = read_message(&mut reader);
        *statuses.entry(head.split(' ').nth(1).unwrap().to_owned()).or_default() += 1;
    }
    // Full: the PBX is asked to repeat.
    assert!(statuses["200"] > 1_800 && statuses["500"] > 1_000, "{statuses:?}");
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    eprintln!("peak of resident memory: {kib} KiB");
    assert!(kib <= 64 << 10, "{kib} KiB");
    service.signal();
    let (status, output) = service.wait();
    assert_eq!(status.code(), Some(0), "{output}");
}

/// A binary without an interpreter, the loader of shared libraries.
// W139
#[test]
fn the_binary_of_the_image_is_static() {
    let Some(path) = std::env::var_os("ELMA_SERVICE") else {
        return eprintln!("skipped: ELMA_SERVICE names no static binary");
    };
    let bytes = std::fs::read(path).unwrap();
    let number = |at: usize, size: usize| {
        bytes[at..at + size].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    };
    assert_eq!(bytes[..6], *b"\x7fELF\x02\x01", "a 64-bit little-endian ELF file");
    let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    let kinds: Vec<usize> = (0..count).map(|entry| number(table + entry * size, 4)).collect();
    assert!(kinds.contains(&1) && !kinds.contains(&3), "{kinds:?}");
}

/// Each line of the container file is one of those expected.
// W139
#[test]
fn the_container_file_keeps_its_rules_line_by_line() {
    let text = include_str!("../Containerfile");
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let build = lines[0].strip_prefix("FROM docker.io/library/rust:").unwrap();
    let (_, digest) = build.strip_suffix(" AS build").unwrap().split_once("@sha256:").unwrap();
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(
        lines[1..],
        [
            "RUN apk add --no-cache musl-dev",
            "WORKDIR /source",
            "COPY . .",
            "RUN cargo build --release --locked -p voip-examples --example elma-service",
            // The last stage: no shell, no other file, a numeric user that is not root, no secret.
            "FROM scratch",
            "COPY --from=build /source/target/release/examples/elma-service /elma-service",
            "USER 65532:65532",
            "EXPOSE 3000",
            r#"ENTRYPOINT ["/elma-service"]"#,
        ]
    );
    let ignored = include_str!("../../../.dockerignore");
    for needed in [".git", "**/target", "**/*.env", "**/*.pem", "**/*.key"] {
        assert!(ignored.lines().any(|line| line == needed), "{needed}");
    }
}

/// Cargo reads the manifest of every member of the workspace, also of those that it does not build.
// W139
#[test]
fn no_member_of_the_workspace_is_kept_from_the_build() {
    let manifest = include_str!("../../../Cargo.toml");
    let (_, members) = manifest.split_once("members = [").unwrap();
    let (members, _) = members.split_once(']').unwrap();
    let members: Vec<&Path> = members.split('"').skip(1).step_by(2).map(Path::new).collect();
    assert!(members.contains(&Path::new("examples/voip")));
    for ignored in include_str!("../../../.dockerignore").lines() {
        assert!(members.iter().all(|member| !member.starts_with(ignored)), "{ignored}");
    }
}

/// Builds and runs the image where there is a container engine.
// W139, W179
#[test]
fn the_image_runs_read_only_without_rights() {
    let engine = ["podman", "docker"].into_iter().find(|engine| {
        Command::new(engine).arg("info").output().is_ok_and(|output| output.status.success())
    });
    let Some(engine) = engine else {
        assert!(std::env::var_os("REQUIRE_CONTAINER_ENGINE").is_none(), "no container engine");
        return eprintln!("skipped: no container engine is running");
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut build = Command::new(engine);
    build.args(["build", "-q", "-f", "examples/voip/Containerfile", "-t", "elma-service", "."]);
    assert!(build.current_dir(root).status().unwrap().success());
    let mut run = Command::new(engine);
    run.args(["run", "--rm", "--read-only", "--cap-drop=ALL", "-e", "VOIP_BRIDGE_KEY=short"]);
    let output = run.arg("elma-service").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), text.contains("VOIP_BRIDGE_KEY: ")),
        (Some(2), true),
        "{text}"
    );
}
