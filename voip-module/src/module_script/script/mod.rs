//! The script of a module, as text.

mod language;
mod options;
mod text;

pub use self::language::Language;
pub use self::options::{PushCheck, ScriptBuilder, ScriptError, Transport};
use crate::provider::Buttons;

/// The TypeScript of a module: what an administrator pastes into it.
///
/// Equal options give equal bytes. The text holds no key and no address; these are settings of the
/// module.
///
/// ```
/// use voip_module::module_script::{Language, ModuleScript};
/// use voip_module::{Buttons, PlatformVersion};
///
/// let script = ModuleScript::builder(Buttons::HOLD)
///     .edition(PlatformVersion::V2025_8)
///     .language(Language::Ru)
///     .build()?;
/// assert!(script.functions().contains(&"VoipHoldCall"));
/// assert!(!script.functions().contains(&"VoipHangupCall")); // the call page has no such button
/// assert_eq!(script.settings(), ["serviceUrl", "serviceKey"]);
/// # Ok::<(), voip_module::module_script::ScriptError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleScript {
    text: String,
    functions: Vec<&'static str>,
    settings: Vec<String>,
}

impl ModuleScript {
    /// Starts a script for the buttons of a provider.
    pub fn builder(buttons: Buttons) -> ScriptBuilder {
        ScriptBuilder::new(buttons)
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    /// Returns the platform's functions that the script defines.
    #[must_use]
    pub fn functions(&self) -> &[&'static str] {
        &self.functions
    }

    /// Returns the settings that the module needs: strings that an administrator fills in.
    #[must_use]
    pub fn settings(&self) -> &[String] {
        &self.settings
    }
}
