//! Laws that hold for any input, one target for each way into the four crates. The fuzz targets, the
//! soak program and the test that replays the corpus all take them from here.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};

pub mod laws;
pub mod mutator;

use laws::{basix, bridge, module_script, pbx, push, spool, ucom, voip};

/// A way in, and its laws. A law panics on an input that breaks it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Target {
    /// The name of the target and of its folder in the corpus.
    pub name: &'static str,
    /// Reads the input and checks nothing but that this is harmless.
    pub parse: fn(&[u8]),
    /// Checks everything.
    pub law: fn(&[u8]),
}

const fn target(name: &'static str, parse: fn(&[u8]), law: fn(&[u8])) -> Target {
    Target { name, parse, law }
}

/// All targets. Where no cheaper part of a law is left, `parse` is the whole law.
pub const TARGETS: &[Target] = &[
    target("term", basix::parse_term, basix::term),
    target("message", basix::parse_message, basix::message),
    target("store", basix::store, basix::store),
    target("encode", basix::encode, basix::encode),
    target("recording", basix::parse_recording, basix::recording),
    target("session", basix::session, basix::session),
    target("webhook", voip::parse_webhook, voip::webhook),
    target("journal", voip::journal, voip::journal),
    target("pbx_answer", voip::pbx_answer, voip::pbx_answer),
    target("ask", module_script::ask, module_script::ask),
    target("service_config", module_script::service_config, module_script::service_config),
    target("push_answer", push::parse_push_answer, push::push_answer),
    target("spool", spool::parse_spool, spool::spool),
    target("ucom_event", ucom::parse_event, ucom::event),
    target("tracker", ucom::parse_tracker, ucom::tracker_laws),
    target("ucom_reply", ucom::parse_reply, ucom::reply),
    target("live", pbx::parse_live, pbx::live),
    target("cdr", pbx::parse_cdr, pbx::cdr),
    target("web_request", pbx::parse_web_request, pbx::web_request),
    target("settings", pbx::parse_settings, pbx::settings),
    target("definition", pbx::parse_definition, pbx::definition),
    target("bridge_request", bridge::bridge_request, bridge::bridge_request),
    target("command_result", bridge::command_result, bridge::command_result),
    target("cdr_receiver", bridge::cdr_receiver, bridge::cdr_receiver),
];

/// Returns the target of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

impl Target {
    /// Returns the folder with the target's inputs.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(self.name)
    }

    /// Reads the corpus, in the order of its names.
    ///
    /// # Errors
    ///
    /// If the folder or a file in it cannot be read.
    pub fn corpus(&self) -> std::io::Result<Vec<(PathBuf, Vec<u8>)>> {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(self.folder())?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<_>>()?;
        paths.sort();
        paths.into_iter().map(|path| Ok((path.clone(), std::fs::read(path)?))).collect()
    }
}
