//! Prints the backend script for a Vodia PBX, to paste into the integration.
//!
//! ```text
//! BRIDGE_SECRET=... cargo run --release -p tools --features vodia --bin vodia-script -- \
//!     --url https://crm.example.com/vodia --identifier ourcrmsys
//! ```
//!
//! The secret comes from the environment, because other users can see arguments. The script holds it.

#![forbid(unsafe_code)]

use std::io::{self, Write as _};
use std::process::ExitCode;

use pbx_integration::Identifier;
use pbx_integration::bridge::{BackendScript, BridgeSecret};
use pbx_integration::integration::EntryPoint;
use tools::usage::{Failure, Long, run};

const USAGE: &str = "\
usage: vodia-script --url URL --identifier ID [--label TEXT] [--entry-points LIST] [--websocket] [--web-commands]
    --url URL            the service, https or on this machine
    --identifier ID      the identifier of the integration in the PBX
    --label TEXT         the name in the log lines of the PBX; the identifier if left out
    --entry-points LIST  separated by commas; ongroup,onagent,oncdr if left out, and onhttp
    --websocket          use a websocket to the service if the PBX has them
    --web-commands       take commands in web requests with the secret; adds onhttp
    --help               print this text
The environment variable BRIDGE_SECRET holds the secret: 32 to 128 letters, digits, '_' and '-'.";

fn main() -> ExitCode {
    run(env!("CARGO_BIN_NAME"), USAGE, |mut arguments| {
        let (mut url, mut identifier, mut label, mut points) = (None, None, None, None);
        let (mut has_websocket, mut has_web_commands) = (false, false);
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("url") => url = Some(arguments.value()?),
                Long("identifier") => identifier = Some(arguments.value()?),
                Long("label") => label = Some(arguments.value()?),
                Long("entry-points") => points = Some(arguments.value()?),
                Long("websocket") => has_websocket = true,
                Long("web-commands") => has_web_commands = true,
                other => return Err(other.unexpected().into()),
            }
        }
        let missing = |option: &str| Failure::argument(format!("{option} is missing"));
        let wrong = |option: &str, error: &dyn std::fmt::Display| {
            Failure::argument(format!("{option}: {error}"))
        };
        let url = url.ok_or_else(|| missing("--url"))?;
        let identifier = identifier.ok_or_else(|| missing("--identifier"))?;
        let identifier =
            Identifier::new(&identifier).map_err(|error| wrong("--identifier", &error))?;
        let secret = std::env::var("BRIDGE_SECRET").map_err(|_| missing("BRIDGE_SECRET"))?;
        let secret = BridgeSecret::new(secret).map_err(|error| wrong("BRIDGE_SECRET", &error))?;
        let mut script = BackendScript::builder(&identifier, &url, &secret);
        if let Some(label) = label {
            script = script.label(&label);
        }
        if let Some(points) = points {
            let points: Result<Vec<EntryPoint>, _> = points.split(',').map(str::parse).collect();
            script = script.entry_points(points.map_err(|error| wrong("--entry-points", &error))?);
        }
        if has_websocket {
            script = script.websocket();
        }
        if has_web_commands {
            script = script.web_commands();
        }
        let script = script.build().map_err(|error| Failure::argument(error.to_string()))?;
        io::stdout().lock().write_all(script.as_str().as_bytes())?;
        Ok(ExitCode::SUCCESS)
    })
}
