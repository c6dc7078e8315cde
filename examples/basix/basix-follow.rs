//! Follows a Basix PBX and prints what happens, and the present calls at the end.
//!
//! ```text
//! cargo run --release -p basix-examples --example basix-follow -- \
//!     [--url wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti?… [--ca FILE]] \
//!     [--for 10s] [--json] [--record FILE]
//! ```
//!
//! Without `--url` a PBX in this process is followed over a websocket on this machine; it is cut off
//! now and then. Ends after the time of `--for`, or with Ctrl-C. A token that is not in the URL,
//! `wss://DOMAIN@SERVER/…`, is taken from the environment variable `BASIX_TOKEN`, hidden
//! from a list of processes. With `--replay FILE` a recording is followed in place of a PBX, at the
//! speed it has or at that of `--speed`.

#![forbid(unsafe_code)]

#[path = "basix-follow/live.rs"]
mod live;
#[path = "basix-follow/options.rs"]
mod options;
#[path = "basix-follow/replay.rs"]
mod replay;

use std::io::{self, BufWriter};
use std::pin::pin;
use std::process::ExitCode;

use basix_cti::Client;
use basix_cti::recording::RecordingError;
use basix_cti::session::ConnectError;
use basix_examples::report::Report;
use basix_examples::usage;

use options::{Options, Source, USAGE};

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|argument| argument == "--help") {
        return usage::help(USAGE);
    }
    let options = match Options::parse(std::env::args().skip(1), std::env::var("BASIX_TOKEN").ok())
    {
        Ok(options) => options,
        Err(message) => return usage::refuse("basix-follow", &message),
    };
    // The socket is read by other threads, also while the output blocks this one.
    let result =
        match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime.block_on(run(options)),
            Err(error) => return fail(&format!("no runtime: {error}")),
        };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the output closed it.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("basix-follow: {message}");
    ExitCode::FAILURE
}

/// Why the program ends early. Says nothing of tokens.
enum Failure {
    Output(io::Error),
    Connect(ConnectError),
    TestPbx(io::Error),
    Recording { file: String, error: RecordingError },
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Output(error) => write!(f, "standard output: {error}"),
            Self::Connect(error) => error.fmt(f),
            Self::TestPbx(error) => write!(f, "the test PBX cannot be started: {error}"),
            Self::Recording { file, error } => write!(f, "{file}: {error}"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        Self::Connect(error)
    }
}

async fn run(options: Options) -> Result<(), Failure> {
    let mut report = Report::new(BufWriter::new(io::stdout().lock()), options.format);
    let stop = pin!(async {
        let interrupted = async {
            // Where no signal can be had, only the time ends the program.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let over = async {
            match options.time {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! { () = interrupted => {}, () = over => {} }
    });
    let builder = |session| {
        let builder = Client::builder().session(session);
        match options.record {
            Some(file) => builder.recording(file),
            None => builder,
        }
    };
    match options.source {
        Source::TestPbx => {
            let pbx = live::TestPbx::start().await.map_err(Failure::TestPbx)?;
            report.remark(live::now(), "a test PBX in this process; --url is for yours")?;
            let builder = builder(pbx.session());
            live::follow(pbx.endpoint(), builder, stop, &mut report).await
        }
        Source::Endpoint { endpoint, roots } => {
            let builder = builder(live::session());
            let builder = match roots {
                Some(roots) => builder.root_certificates(roots),
                None => builder,
            };
            live::follow(*endpoint, builder, stop, &mut report).await
        }
        Source::Replay { file, speed } => replay::follow(&file, speed, stop, &mut report).await,
    }
}
