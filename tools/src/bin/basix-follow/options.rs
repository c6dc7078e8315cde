//! The options of `basix-follow`.

use std::path::PathBuf;
use std::time::Duration;

use basix_cti::Endpoint;
use jiff::SignedDuration;
use tools::follow::Format;
use tools::usage::{Arguments, Failure, Long};
use url::Url;

pub(crate) const USAGE: &str = "\
usage: basix-follow [--url URL [--ca FILE]] [--for TIME] [--json] [--record FILE]
       basix-follow --replay FILE [--speed N|full] [--for TIME] [--json]
    URL     wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti, or wss://DOMAIN@SERVER/basix/api/ws_cti and
            the token in the environment variable BASIX_TOKEN; without it a test PBX is followed
    TIME    such as 10s, 500ms or 2h; without it until Ctrl-C
    FILE    a recording; --record makes a new file; with --ca certificates to trust, as PEM,
            beside those that browsers trust
    N       times as fast as it was recorded
    --help  print this text";

pub(crate) struct Options {
    pub(crate) source: Source,
    pub(crate) time: Option<Duration>,
    pub(crate) format: Format,
    pub(crate) record: Option<PathBuf>,
}

/// The source to follow.
pub(crate) enum Source {
    TestPbx,
    Endpoint {
        endpoint: Box<Endpoint>,
        roots: Option<Vec<u8>>,
    },
    Replay {
        file: String,
        /// Infinite for everything at once.
        speed: f64,
    },
}

impl Options {
    /// Reads the arguments. Errors show no argument that may contain a token.
    pub(crate) fn parse(mut arguments: Arguments, token: Option<String>) -> Result<Self, Failure> {
        let (mut url, mut ca, mut replay, mut speed) = (None, None, None, None);
        let (mut time, mut format, mut record) = (None, Format::Text, None);
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("url") => url = Some(arguments.value()?),
                Long("ca") => {
                    let file = arguments.value()?;
                    let roots = std::fs::read(&file);
                    ca =
                        Some(roots.map_err(|error| {
                            Failure::argument(format!("--ca: {file}: {error}"))
                        })?);
                }
                Long("for") => time = Some(parse_time(&arguments.value()?)?),
                Long("json") => format = Format::Json,
                Long("record") => record = Some(PathBuf::from(arguments.value()?)),
                Long("replay") => replay = Some(arguments.value()?),
                Long("speed") => speed = Some(parse_speed(&arguments.value()?)?),
                other => return Err(other.unexpected().into()),
            }
        }
        let source = match (url, replay) {
            (Some(_), Some(_)) => {
                return Err(Failure::argument("--url and --replay exclude each other"));
            }
            (None, Some(_)) if record.is_some() => {
                return Err(Failure::argument("--record and --replay exclude each other"));
            }
            (None, _) if ca.is_some() => return Err(Failure::argument("--ca needs --url")),
            (_, None) if speed.is_some() => {
                return Err(Failure::argument("--speed needs --replay"));
            }
            (None, Some(file)) => Source::Replay { file, speed: speed.unwrap_or(1.0) },
            (None, None) => Source::TestPbx,
            (Some(url), None) => {
                Source::Endpoint { endpoint: Box::new(endpoint(&url, token)?), roots: ca }
            }
        };
        Ok(Self { source, time, format, record })
    }
}

fn endpoint(url: &str, token: Option<String>) -> Result<Endpoint, Failure> {
    let parsed = Url::parse(url).ok();
    let without_token = parsed.filter(|url| !url.username().is_empty() && url.password().is_none());
    let endpoint = match (without_token, token) {
        (Some(mut url), Some(token)) => {
            let encoded: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
            // Schemes of websockets take a password.
            let _ = url.set_password(Some(&encoded));
            Endpoint::from_url(url.as_str())
        }
        (Some(_), None) => {
            return Err(Failure::argument(
                "--url: no token: write DOMAIN:TOKEN@, or set BASIX_TOKEN",
            ));
        }
        (None, _) => Endpoint::from_url(url),
    };
    endpoint.map_err(|error| Failure::argument(format!("--url: {error}")))
}

fn parse_time(text: &str) -> Result<Duration, Failure> {
    let time = text.parse::<SignedDuration>().ok();
    let time = time.and_then(|time| Duration::try_from(time).ok());
    time.ok_or_else(|| Failure::argument("--for needs a time such as 10s, 500ms or 2h"))
}

fn parse_speed(text: &str) -> Result<f64, Failure> {
    let speed = if text == "full" { Some(f64::INFINITY) } else { text.parse().ok() };
    let speed = speed.filter(|speed: &f64| *speed > 0.0);
    speed.ok_or_else(|| Failure::argument("--speed needs a number above 0, or full"))
}
