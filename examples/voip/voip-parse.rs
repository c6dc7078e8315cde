//! Puts recorded webhook requests to a router with the Gravitel provider, and prints what becomes of
//! each: one JSON line in, one JSON line out.
//!
//! ```sh
//! cargo run -p voip-examples --example voip-parse -- --preset sample examples/voip/pushes.jsonl
//! ```
//!
//! Without `--journal` every line stands alone. With it the lines are one sequence of pushes, each at
//! its `at` seconds or a second after the line before, and the output has two more members: the
//! journal's verdict, and what was delivered. A line that is not a request gives `{"error":"…"}`, and
//! in the end the exit status 1.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use voip_examples::{RecordedRequest, usage};
use voip_module::gravitel::GravitelProvider;
use voip_module::gravitel::sample::SampleProvider;
use voip_module::router::{Clock, MonotonicClock};
use voip_module::{PlatformVersion, Secret, Token, VoipProvider, WebhookRouter};

const USAGE: &str = "usage: voip-parse [--journal [--clock]] [--preset default|sample] \
                     [--version 2024|2025.8|2026.4] [--token T] [--crm-token K] FILE\n\n\
                     FILE holds a request on each line, {\"at\",\"method\",\"uri\",\"headers\":{…},\
                     \"body\"}; - is standard input.\n\
                     --journal takes the lines for one sequence of pushes, --clock takes the time \
                     of the operating system for that of the lines.\n\
                     --token is the token of the webhook URL, --crm-token the key in Gravitel's \
                     pushes; without them nothing is checked.";

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

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => usage::help(USAGE),
        Err(error) => usage::refuse("voip-parse", &error.to_string()),
    };
    match run(options).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("voip-parse: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(options: Options) -> Result<ExitCode, Box<dyn Error>> {
    let input: Box<dyn Read> = match &*options.file {
        "-" => Box::new(std::io::stdin()),
        path => Box::new(std::fs::File::open(path).map_err(|error| format!("{path}: {error}"))?),
    };
    let provider: Box<dyn VoipProvider> = match (&options.crm_key, options.sample) {
        (_, true) => Box::new(SampleProvider::parser_only()),
        (Some(key), false) => Box::new(GravitelProvider::parser_only().crm_key(key.clone())),
        (None, false) => Box::new(GravitelProvider::parser_only()),
    };
    print_answers(provider, &options, input).await
}

fn options() -> Result<Option<Options>, Box<dyn Error>> {
    let mut options = Options::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (&*argument, None),
        };
        let mut value = || {
            inline
                .clone()
                .or_else(|| arguments.next())
                .ok_or_else(|| format!("{name} needs a value"))
        };
        match name {
            "--journal" if inline.is_none() => options.journal = true,
            "--clock" if inline.is_none() => options.clock = true,
            "--preset" => {
                options.sample = match &*value()? {
                    "default" => false,
                    "sample" => true,
                    _ => return Err("--preset: expected default or sample".into()),
                }
            }
            "--version" => options.version = value()?.parse()?,
            "--token" => options.token = Some(Token::new(value()?)?),
            "--crm-token" => options.crm_key = Some(value()?.into()),
            "--help" | "-h" => return Ok(None),
            _ if options.file.is_empty() && (name == "-" || !name.starts_with('-')) => {
                options.file = argument;
            }
            // What follows a `=` may be a secret.
            _ => return Err(format!("{name}: not understood").into()),
        }
    }
    if options.clock && !options.journal {
        return Err("--clock needs --journal".into());
    }
    if options.file.is_empty() {
        return Err("FILE is missing".into());
    }
    Ok(Some(options))
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
    input: Box<dyn Read>,
) -> Result<ExitCode, Box<dyn Error>> {
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
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    // Bytes, so that a line that is not even text is an error of its own.
    for (number, line) in (1..).zip(BufReader::new(input).split(b'\n')) {
        let line = line?;
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
                writeln!(output, "{}", serde_json::to_string(&answer)?)?;
            }
            Err(error) => {
                (code, next) = (ExitCode::FAILURE, next + 1.0);
                let error = format!("line {number}: not a request: {error}");
                writeln!(output, "{}", serde_json::json!({ "error": error }))?;
            }
        }
    }
    output.flush()?;
    Ok(code)
}
