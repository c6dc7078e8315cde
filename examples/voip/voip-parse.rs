//! Reads recorded webhook requests, puts each to a router with the Gravitel provider, and prints
//! what comes of it: one JSON line in, one JSON line out.
//!
//! ```sh
//! cargo run -p voip-examples --example voip-parse -- --preset sample examples/voip/pushes.jsonl
//! ```
//!
//! Every line stands alone: there is no de-duplication and no contact look-up, and any path will do.
//! A line that is no request gives `{"error":"…"}`, and in the end the exit status 1.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::ExitCode;

use voip_examples::RecordedRequest;
use voip_module::gravitel::{GravitelOptions, GravitelProvider, NoTransport};
use voip_module::router::{Token, WebhookRouter};

const USAGE: &str = "usage: voip-parse [--preset default|sample] [--version 2024|2025.8|2026.4] \
                     [--token T] [--crm-token K] FILE\n\n\
                     FILE holds a request on each line, {\"method\",\"uri\",\"headers\":{…},\"body\"}; \
                     - is standard input.\n\
                     --token is the token of the webhook URL, --crm-token the key in Gravitel's \
                     pushes; what is not given is not checked.";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("voip-parse: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<ExitCode, Box<dyn Error>> {
    let mut options = GravitelOptions::default();
    let (mut version, mut token, mut crm_key, mut file) = (None, None, None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (&*argument, None),
        };
        let mut value = || inline.clone().or_else(|| arguments.next()).ok_or(USAGE);
        match name {
            "--preset" => {
                options = match &*value()? {
                    "default" => GravitelOptions::default(),
                    "sample" => GravitelOptions::sample_compat(),
                    _ => return Err(USAGE.into()),
                }
            }
            "--version" => version = Some(value()?.parse()?),
            "--token" => token = Some(Token::new(value()?)?),
            "--crm-token" => crm_key = Some(value()?),
            "--help" | "-h" => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            "-" => file = Some(argument),
            name if name.starts_with('-') => return Err(USAGE.into()),
            _ if file.is_none() => file = Some(argument),
            _ => return Err(USAGE.into()),
        }
    }
    let file = file.ok_or(USAGE)?;
    if let Some(version) = version {
        options = options.with_platform_version(version);
    }
    let mut provider = GravitelProvider::parser_only().options(options);
    if let Some(key) = crm_key {
        provider = provider.crm_key(key);
    }
    let router = match token {
        Some(token) => WebhookRouter::new(provider, token),
        None => WebhookRouter::without_token(provider),
    };
    let input: Box<dyn Read> = match &*file {
        "-" => Box::new(std::io::stdin()),
        path => Box::new(std::fs::File::open(path).map_err(|error| format!("{path}: {error}"))?),
    };
    print_answers(&router, input).await
}

async fn print_answers(
    router: &WebhookRouter<GravitelProvider<NoTransport>>,
    input: Box<dyn Read>,
) -> Result<ExitCode, Box<dyn Error>> {
    let mut code = ExitCode::SUCCESS;
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    // Bytes, so that a line that is not even text is an error of its own.
    for (at, line) in BufReader::new(input).split(b'\n').enumerate() {
        let line = line?;
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<RecordedRequest>(line) {
            Ok(request) => {
                let answer = request.put_to(router).await;
                writeln!(output, "{}", serde_json::to_string(&answer)?)?;
            }
            Err(error) => {
                code = ExitCode::FAILURE;
                let error = format!("line {}: not a request: {error}", at + 1);
                writeln!(output, "{}", serde_json::json!({ "error": error }))?;
            }
        }
    }
    output.flush()?;
    Ok(code)
}
