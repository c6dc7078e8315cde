//! Sends recorded webhook requests to a router with the Gravitel provider, and prints the result of
//! each: one JSON line in, one JSON line out.
//!
//! ```sh
//! cargo run --release -p tools --features voip --bin voip-parse -- --preset sample FILE
//! ```
//!
//! Without `--journal` every line stands alone. With it the lines are one sequence of pushes, each at
//! its `at` seconds or a second after the line before, and the output has two more members: the
//! journal's verdict, and what was delivered. A line that is not a request gives `{"error":"…"}`, and
//! in the end the exit status 1.

use std::fmt::Display;
use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tools::input::Input;
use tools::usage::{Arguments, Failure, Long, Value, ValueExt as _, run};
use tools::voip::RecordedRequest;
use voip_module::gravitel::GravitelProvider;
use voip_module::gravitel::sample::SampleProvider;
use voip_module::router::{Clock, MonotonicClock};
use voip_module::{PlatformVersion, Secret, Token, VoipProvider, WebhookRouter};

const USAGE: &str = "\
usage: voip-parse [OPTION]... FILE
    FILE                         a request on each line, {\"at\",\"method\",\"uri\",\"headers\":{…},\"body\"};
                                 - reads standard input
    --journal                    take the lines for one sequence of pushes
    --clock                      with --journal: the time of the operating system, not of the lines
    --preset default|sample      the complete provider, or the vendor's published example
    --version 2024|2025.8|2026.4 the version of the platform
    --token T                    the token of the webhook URL; without it none is checked
    --crm-token K                the key in Gravitel's pushes; without it none is checked
    --help                       print this text";

/// Maximum length of a line; a body of 64 KiB fits with every byte escaped.
const MAX_LINE: usize = 64 << 20;

#[derive(Default)]
struct Options {
    sample: bool,
    journal: bool,
    clock: bool,
    version: PlatformVersion,
    token: Option<Token>,
    crm_key: Option<Secret>,
    file: String,
}

fn main() -> ExitCode {
    run(env!("CARGO_BIN_NAME"), USAGE, |arguments| {
        let options = Options::parse(arguments)?;
        let input = Input::open(&options.file)?;
        let provider: Box<dyn VoipProvider> = match (&options.crm_key, options.sample) {
            (_, true) => Box::new(SampleProvider::parser_only()),
            (Some(key), false) => Box::new(GravitelProvider::parser_only().crm_key(key.clone())),
            (None, false) => Box::new(GravitelProvider::parser_only()),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| Failure::Failed(format!("no runtime: {error}")))?;
        runtime.block_on(print_answers(provider, &options, input))
    })
}

impl Options {
    fn parse(mut arguments: Arguments) -> Result<Self, Failure> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("journal") => options.journal = true,
                Long("clock") => options.clock = true,
                Long("preset") => {
                    options.sample = match &*arguments.value()? {
                        "default" => false,
                        "sample" => true,
                        _ => return Err(Failure::argument("--preset: expected default or sample")),
                    }
                }
                Long("version") => {
                    let version = arguments.value()?.parse();
                    options.version = version.map_err(|error| wrong("--version", &error))?;
                }
                Long("token") => {
                    let token = Token::new(arguments.value()?);
                    options.token = Some(token.map_err(|error| wrong("--token", &error))?);
                }
                Long("crm-token") => options.crm_key = Some(arguments.value()?.into()),
                Value(file) if options.file.is_empty() => options.file = file.string()?,
                other => return Err(other.unexpected().into()),
            }
        }
        if options.clock && !options.journal {
            return Err(Failure::argument("--clock needs --journal"));
        }
        if options.file.is_empty() {
            return Err(Failure::argument("FILE is missing"));
        }
        Ok(options)
    }
}

fn wrong(option: &str, error: &dyn Display) -> Failure {
    Failure::argument(format!("{option}: {error}"))
}

/// The time of the lines.
#[derive(Clone, Default)]
struct LineClock(Arc<Mutex<Duration>>);

impl LineClock {
    fn set(&self, at: f64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Duration::try_from_secs_f64(at).unwrap_or(Duration::MAX);
    }
}

impl Clock for LineClock {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn print_answers(
    provider: Box<dyn VoipProvider>,
    options: &Options,
    mut input: Input,
) -> Result<ExitCode, Failure> {
    let router = match &options.token {
        Some(token) => WebhookRouter::new(provider, token.clone()),
        None => WebhookRouter::without_token(provider),
    };
    let line_clock = LineClock::default();
    let router = router.platform(options.version);
    let router = match (options.journal, options.clock) {
        (false, _) => router.without_journal(),
        (true, true) => router.clock(MonotonicClock::new()),
        (true, false) => router.clock(line_clock.clone()),
    };
    let (mut code, mut next) = (ExitCode::SUCCESS, 0.0);
    let mut output = BufWriter::new(io::stdout().lock());
    while let Some(line) = input.next_line(MAX_LINE)? {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<RecordedRequest>(line) {
            Ok(request) => {
                let at = request.at.unwrap_or(next);
                line_clock.set(at);
                next = at + 1.0;
                let answer = request.put_to(&router, options.journal).await;
                let answer = serde_json::to_string(&answer).map_err(io::Error::from)?;
                writeln!(output, "{answer}")?;
            }
            Err(error) => {
                (code, next) = (ExitCode::FAILURE, next + 1.0);
                let error = format!("line {}: not a request: {error}", input.line());
                writeln!(output, "{}", serde_json::json!({ "error": error }))?;
            }
        }
    }
    output.flush()?;
    Ok(code)
}
