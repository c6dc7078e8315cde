//! Follows a Basix PBX and prints its changes, and the present calls at the end.
//!
//! ```text
//! cargo run --release -p tools --features follow --bin basix-follow -- \
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

mod live;
mod options;
mod replay;

use std::io::{self, BufWriter};
use std::pin::pin;
use std::process::ExitCode;

use basix_cti::Client;
use tools::follow::Report;
use tools::usage::{Failure, run};

use options::{Options, Source, USAGE};

fn main() -> ExitCode {
    run(env!("CARGO_BIN_NAME"), USAGE, |arguments| {
        let options = Options::parse(arguments, std::env::var("BASIX_TOKEN").ok())?;
        // The socket is read by other threads, also while the output blocks this one.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| Failure::Failed(format!("no runtime: {error}")))?;
        runtime.block_on(follow(options))?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn follow(options: Options) -> Result<(), Failure> {
    let mut report = Report::new(BufWriter::new(io::stdout().lock()), options.format);
    let stop = pin!(async {
        let interrupted = async {
            // Without signals, only the time ends the program.
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
            let pbx = live::TestPbx::start().await.map_err(|error| {
                Failure::Failed(format!("the test PBX cannot be started: {error}"))
            })?;
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
