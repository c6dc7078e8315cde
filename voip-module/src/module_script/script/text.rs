//! Joins the pieces of the script and fills them in.
//!
//! A piece is TypeScript with two marks. `$Name` is a function of the script's own and gets the
//! prefix; `$name` is a value. Lines between `// #if condition` and `// #end` are written if the
//! condition holds.

use super::language::{Expression, Literal};
use super::{ModuleScript, ScriptBuilder, Transport};
use crate::model::PlatformVersion;
use crate::module_script::protocol::{Function, PROTOCOL};
use crate::module_script::script::PushCheck;
use crate::provider::Buttons;

const PIECES: [&str; 3] =
    [include_str!("functions.ts"), include_str!("webhook.ts"), include_str!("ask.ts")];

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) fn write(options: &ScriptBuilder) -> ModuleScript {
    let is_written = |function: &&Function| {
        function.button().is_none_or(|button| options.buttons.contains(button))
    };
    let functions: Vec<_> =
        Function::ALL.iter().filter(is_written).map(|it| it.vendor_name()).collect();
    let mut settings = vec![options.service_key.clone()];
    if options.transport == Transport::Url {
        settings.insert(0, options.service_url.clone());
    }
    let mut text = head(options, &functions, &settings);
    let mut is_on = true;
    for line in PIECES.iter().flat_map(|piece| piece.lines()) {
        let mark = line.trim_start().strip_prefix("// #");
        match mark.and_then(|mark| mark.strip_prefix("if ")) {
            Some(condition) => is_on = holds(options, condition),
            None if mark.is_some() => is_on = true,
            None if is_on => {
                fill(options, &functions, line, &mut text);
                text.push('\n');
            }
            None => {}
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    ModuleScript { text, functions, settings }
}

/// The comment at the top: no date, no address, no key.
// W35
fn head(options: &ScriptBuilder, functions: &[&str], settings: &[String]) -> String {
    let text = |name| options.language.text(name).unwrap_or_default();
    let transport = match &options.transport {
        Transport::Url => "URL".to_owned(),
        Transport::PortableService { name } => format!("portable service {name}"),
    };
    format!(
        "// voip-module {VERSION} · protocol {PROTOCOL} · ELMA365 / Brix365 {} · {transport}\n\
         // {}\n// {}: {}\n// {}: {}\n\n",
        options.edition,
        text("headGenerated"),
        text("headFunctions"),
        functions.join(", "),
        text("headSettings"),
        settings.join(", "),
    )
}

fn holds(options: &ScriptBuilder, condition: &str) -> bool {
    if let Some(condition) = condition.strip_prefix('!') {
        return !holds(options, condition);
    }
    let has = |button| options.buttons.contains(button);
    match condition {
        "url" => options.transport == Transport::Url,
        "portable" => options.transport != Transport::Url,
        "time-limit" => options.time_limit.is_some(),
        "remember" => options.remembers_url,
        "response-headers" => options.passes_headers,
        "push" => options.push_check == PushCheck::Token,
        // W65–W67
        "event-id" => options.edition >= PlatformVersion::V2025_8,
        "ext" | "internal" => options.edition >= PlatformVersion::V2026_4,
        "accept" => has(Buttons::ACCEPT),
        "hangup" => has(Buttons::HANGUP),
        "redirect" => has(Buttons::REDIRECT),
        "hold" => has(Buttons::HOLD),
        _ => false,
    }
}

/// Writes a line with its names and values.
fn fill(options: &ScriptBuilder, functions: &[&str], line: &str, text: &mut String) {
    let mut rest = line;
    while let Some((before, from)) = rest.split_once('$') {
        text.push_str(before);
        let end = from.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(from.len());
        let (name, after) = from.split_at(end);
        match name.as_bytes().first() {
            Some(b'A'..=b'Z') => {
                text.push_str(&options.prefix);
                text.push_str(name);
            }
            Some(_) => value(options, functions, name, text),
            None => text.push('$'),
        }
        rest = after;
    }
    text.push_str(rest);
}

fn value(options: &ScriptBuilder, functions: &[&str], name: &str, text: &mut String) {
    let value = match name {
        "serviceUrl" => options.service_url.clone(),
        "serviceKey" => options.service_key.clone(),
        "scheme" => if options.allows_http { "https?" } else { "https" }.into(),
        "service" => match &options.transport {
            Transport::PortableService { name } => name.clone(),
            Transport::Url => String::new(),
        },
        "timeLimit" => options.time_limit.unwrap_or_default().to_string(),
        "version" => VERSION.into(),
        "edition" => options.edition.to_string(),
        "language" => options.language.to_string(),
        "functionNames" => {
            let names = functions.iter().map(|name| Literal(name).to_string());
            names.collect::<Vec<_>>().join(", ")
        }
        comment if comment.ends_with("Comment") => {
            options.language.text(comment).unwrap_or_default().into()
        }
        // The texts hold names of the script's own functions again.
        _ => {
            let expression = Expression(options.language.text(name).unwrap_or_default());
            return fill(options, functions, &expression.to_string(), text);
        }
    };
    text.push_str(&value);
}
