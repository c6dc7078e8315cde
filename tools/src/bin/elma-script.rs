//! Prints the script of an ELMA365 / Brix365 module, which an administrator pastes into the module.
//!
//! ```sh
//! cargo run --release -p tools --features voip --bin elma-script -- --edition 2026.4 --buttons hold
//! ```

use std::io::{self, Write as _};
use std::process::ExitCode;

use tools::usage::{Arguments, Failure, Long, run};
use voip_module::Buttons;
use voip_module::module_script::{ModuleScript, PushCheck, ScriptBuilder, Transport};

const USAGE: &str = "\
usage: elma-script [OPTION]...
    --edition 2024|2025.8|2026.4 the edition of the platform; the newest one by default
    --buttons NAME[,NAME]...     the buttons that the provider declares: accept, hangup, redirect, hold
    --language en|ru             the language of texts and comments; en by default
    --service NAME               a portable service of the module, by its unique name; without it the
                                 service's address is a setting
    --settings URL,KEY           the module's settings; serviceUrl,serviceKey by default
    --prefix NAME                the start of the names of the script's own functions
    --push token|service|off     the proof of origin of pushes; token by default
    --allow-http                 take http:// in the service's address
    --response-headers           pass the headers of responses to webhooks
    --remember-webhook-url       keep the webhook URL, with its token, in the module's storage
    --time-limit SECONDS         wait for the service 1 to 50 s
    --help                       print this text";

fn main() -> ExitCode {
    run(env!("CARGO_BIN_NAME"), USAGE, |arguments| {
        let script = builder(arguments)?.build();
        let script = script.map_err(|error| Failure::argument(error.to_string()))?;
        io::stdout().write_all(script.text().as_bytes())?;
        Ok(ExitCode::SUCCESS)
    })
}

fn builder(mut arguments: Arguments) -> Result<ScriptBuilder, Failure> {
    let mut script = ModuleScript::builder(Buttons::NONE);
    while let Some(argument) = arguments.next()? {
        script = match argument {
            Long("buttons") => script.buttons(parse_buttons(&arguments.value()?)?),
            Long("edition") => {
                let text = "--edition: expected 2024, 2025.8 or 2026.4";
                script.edition(arguments.value()?.parse().map_err(|_| Failure::argument(text))?)
            }
            Long("language") => {
                let text = "--language: expected en or ru";
                script.language(arguments.value()?.parse().map_err(|_| Failure::argument(text))?)
            }
            Long("service") => {
                script.transport(Transport::PortableService { name: arguments.value()? })
            }
            Long("settings") => match arguments.value()?.split_once(',') {
                Some((url, key)) => script.settings(url, key),
                None => return Err(Failure::argument("--settings: expected URL,KEY")),
            },
            Long("prefix") => script.prefix(arguments.value()?),
            Long("push") => script.push_check(match &*arguments.value()? {
                "token" => PushCheck::Token,
                "service" => PushCheck::Service,
                "off" => PushCheck::Off,
                _ => return Err(Failure::argument("--push: expected token, service or off")),
            }),
            Long("allow-http") => script.allow_http(),
            Long("response-headers") => script.response_headers(),
            Long("remember-webhook-url") => script.remember_webhook_url(),
            Long("time-limit") => {
                let text = "--time-limit: expected 1 to 50 seconds";
                script.time_limit(arguments.value()?.parse().map_err(|_| Failure::argument(text))?)
            }
            other => return Err(other.unexpected().into()),
        };
    }
    Ok(script)
}

fn parse_buttons(names: &str) -> Result<Buttons, Failure> {
    names.split(',').try_fold(Buttons::NONE, |buttons, name| match name {
        "accept" => Ok(buttons | Buttons::ACCEPT),
        "hangup" => Ok(buttons | Buttons::HANGUP),
        "redirect" => Ok(buttons | Buttons::REDIRECT),
        "hold" => Ok(buttons | Buttons::HOLD),
        _ => Err(Failure::argument("--buttons: expected accept, hangup, redirect or hold")),
    })
}
