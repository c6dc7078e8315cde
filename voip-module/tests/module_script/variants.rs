//! The scripts that tests try: every set of buttons, and each option on and off.

use voip_module::module_script::{Language, ModuleScript, PushCheck, ScriptBuilder, Transport};
use voip_module::{Buttons, PlatformVersion};

pub(crate) const EDITIONS: [PlatformVersion; 3] =
    [PlatformVersion::V2024, PlatformVersion::V2025_8, PlatformVersion::V2026_4];

pub(crate) fn portable() -> Transport {
    Transport::PortableService { name: "telephony".into() }
}

/// Every set of buttons.
pub(crate) fn all_buttons() -> impl Iterator<Item = Buttons> {
    let each = [Buttons::ACCEPT, Buttons::HANGUP, Buttons::REDIRECT, Buttons::HOLD];
    (0..16).map(move |set| {
        let chosen = each.iter().enumerate().filter(|(at, _)| set & (1 << at) != 0);
        chosen.fold(Buttons::NONE, |set, (_, button)| set | *button)
    })
}

/// The scripts of an edition.
pub(crate) fn of(edition: PlatformVersion) -> Vec<ModuleScript> {
    let start = |buttons| ModuleScript::builder(buttons).edition(edition);
    let mut builders: Vec<ScriptBuilder> = Vec::new();
    for transport in [Transport::Url, portable()] {
        for language in [Language::En, Language::Ru] {
            for buttons in all_buttons() {
                builders.push(start(buttons).transport(transport.clone()).language(language));
            }
        }
        let base = || start(Buttons::ALL).transport(transport.clone());
        builders.extend([
            base().allow_http(),
            base().response_headers(),
            base().remember_webhook_url(),
            base().time_limit(20),
            base().push_check(PushCheck::Service),
            base().push_check(PushCheck::Off),
            base().prefix("_other"),
            base().allow_http().response_headers().remember_webhook_url().time_limit(1),
        ]);
    }
    builders.into_iter().map(|builder| builder.build().unwrap()).collect()
}
