//! The hub as a program: see its README, or `hub --help`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use hub::{Config, Hub, Running};
use tracing_subscriber::EnvFilter;

const USAGE: &str = "usage: hub [--config FILE] [--listen ADDR] [--database FILE] [--for TIME]

Keeps a log of the calls of several PBXs, shows them on a page, and sends changes on.
Without --config, pretend PBXs make calls.

  --config FILE     read the configuration (TOML) from this file
  --listen ADDR     listen on this address, such as 127.0.0.1:8080
  --database FILE   keep the calls in this file
  --for TIME        end after this time, such as 10s: with 0 if the hub is healthy and has
                    seen a call of each source, else with 1
  --help            print this

RUST_LOG sets what is logged, such as `info` or `hub=debug`; LOG_FORMAT=json logs JSON.
Exit status: 0 after a signal, 1 if the hub fails, 2 for wrong arguments or configuration.";

/// The arguments of the program.
#[derive(Default)]
struct Arguments {
    config: Option<PathBuf>,
    listen: Option<String>,
    database: Option<PathBuf>,
    time: Option<Duration>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match read_arguments(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(mistake) => {
            eprintln!("hub: {mistake}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    log();
    let config = match read_config(&arguments) {
        Ok(config) => config,
        Err(mistakes) => {
            eprintln!("{mistakes}");
            return ExitCode::from(2);
        }
    };
    let stop = signal();
    let running = match Hub::start(config).await {
        Ok(running) => running,
        Err(error) => {
            eprintln!("hub: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("open http://{}/", running.address());
    let code = run(&running, arguments.time, stop).await;
    running.shutdown().await;
    code
}

async fn run(
    running: &Running,
    time: Option<Duration>,
    stop: impl Future<Output = ()>,
) -> ExitCode {
    let Some(time) = time else {
        stop.await;
        return ExitCode::SUCCESS;
    };
    tokio::select! {
        () = stop => return ExitCode::SUCCESS,
        () = tokio::time::sleep(time) => {}
    }
    match running.check().await {
        Ok(calls) => {
            for call in calls {
                let (direction, state) = (call.direction.as_str(), call.state.as_str());
                println!("{}: call {}, {direction}, {state}", call.source, call.id);
            }
            println!("healthy, and a call was seen from each source");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("hub: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// `None` for `--help`.
fn read_arguments(
    mut arguments: impl Iterator<Item = String>,
) -> Result<Option<Arguments>, String> {
    let mut read = Arguments::default();
    while let Some(argument) = arguments.next() {
        let mut value =
            |name: &str| arguments.next().ok_or_else(|| format!("{argument}: expected {name}"));
        match &*argument {
            "--help" | "-h" => return Ok(None),
            "--config" => read.config = Some(value("a file")?.into()),
            "--listen" => read.listen = Some(value("an address")?),
            "--database" => read.database = Some(value("a file")?.into()),
            "--for" => {
                let text = value("a time, such as 10s")?;
                let seconds = text.strip_suffix('s').and_then(|text| text.parse().ok());
                let seconds: u64 = seconds.ok_or("--for: expected a time, such as 10s")?;
                read.time = Some(Duration::from_secs(seconds));
            }
            // A value is not repeated: it may be a secret at the wrong place.
            _ => return Err("expected one of the options below".into()),
        }
    }
    Ok(Some(read))
}

fn read_config(arguments: &Arguments) -> Result<Config, String> {
    let mut config = match &arguments.config {
        Some(path) => Config::read(path).map_err(|error| {
            let lines = error.to_string();
            let lines: Vec<_> = lines.lines().map(|line| format!("hub: {line}")).collect();
            lines.join("\n")
        })?,
        None => Config::demo(),
    };
    if let Some(listen) = &arguments.listen {
        let expected = "hub: --listen: expected an address with port, such as 127.0.0.1:8080";
        config.listen = listen.parse().map_err(|_| expected)?;
        if config.token.is_none() && !config.listen.ip().is_loopback() {
            return Err("hub: --listen: expected loopback, as there is no `token`".into());
        }
    }
    if let Some(database) = &arguments.database {
        config.database = Some(database.clone());
    }
    Ok(config)
}

fn log() {
    let filter = EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("warn,hub=info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match std::env::var("LOG_FORMAT").as_deref() {
        Ok("json") => logs.json().init(),
        _ => logs.init(),
    }
}

/// Ctrl-C or SIGTERM. Takes both over at once, so that none ends the program while it starts.
fn signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    async {
        let interrupt = tokio::signal::ctrl_c();
        #[cfg(unix)]
        if let Ok(mut term) = term {
            tokio::select! {
                _ = interrupt => {}
                _ = term.recv() => {}
            }
            return;
        }
        let _ = interrupt.await;
    }
}
