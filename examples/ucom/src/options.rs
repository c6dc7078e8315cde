//! Options of the programs, and the files that they name.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader};

use ucom_events::{Directory, Policy};

/// The command line.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// `--policy`.
    pub policy: Policy,
    /// `--directory`; empty without one.
    pub directory: Directory,
    /// `--end`.
    pub end: bool,
    /// `--without-answer`.
    pub without_answer: bool,
    /// Every `--restart-after`.
    pub restarts: Vec<u64>,
    /// The input; `-` for standard input.
    pub file: Option<String>,
}

impl Options {
    /// Reads the options that a program knows.
    ///
    /// # Errors
    ///
    /// An option that the program does not know, or a file that cannot be read.
    pub fn parse(
        mut arguments: impl Iterator<Item = String>,
        known: &[&str],
    ) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let mut value = || {
                let value = inline.clone().or_else(|| arguments.next());
                value.ok_or_else(|| format!("{name}: a value is missing"))
            };
            match name {
                _ if name.starts_with('-') && name != "-" && !known.contains(&name) => {
                    return Err(format!("{name}: unknown option"));
                }
                "--policy" => {
                    options.policy = match value()?.as_str() {
                        "default" => Policy::Default,
                        "strict-seed" => Policy::StrictSeed,
                        other => return Err(format!("--policy {other}: default or strict-seed")),
                    }
                }
                "--directory" => options.directory = read_directory(&value()?)?,
                "--end" => options.end = true,
                "--without-answer" => options.without_answer = true,
                "--restart-after" => {
                    let text = value()?;
                    let line = text.parse().map_err(|_| format!("{name} {text}: not a number"))?;
                    options.restarts.push(line);
                }
                _ if options.file.is_none() => options.file = Some(argument),
                _ => return Err(format!("{argument}: a second file")),
            }
        }
        Ok(options)
    }

    /// The input.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened.
    pub fn open(&self) -> Result<Box<dyn BufRead>, String> {
        Ok(match self.name() {
            "-" => Box::new(io::stdin().lock()),
            path => Box::new(BufReader::new(File::open(path).map_err(|e| in_file(path, &e))?)),
        })
    }

    /// The name of the input.
    #[must_use]
    pub fn name(&self) -> &str {
        self.file.as_deref().unwrap_or("-")
    }
}

fn read_directory(path: &str) -> Result<Directory, String> {
    let text = std::fs::read(path).map_err(|error| in_file(path, &error))?;
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    serde_json::from_slice(text).map_err(|error| {
        format!("{path}: expected a JSON object of extensions, prefixes and own numbers: {error}")
    })
}

/// An error with the file that it is about.
#[must_use]
pub fn in_file(name: &str, error: &dyn Display) -> String {
    format!("{name}: {error}")
}

/// The result of writing to standard output; a reader that has seen enough is no error.
///
/// # Errors
///
/// Any other error of writing.
pub fn flushed(result: io::Result<()>) -> Result<(), String> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(in_file("standard output", &error))
        }
        _ => Ok(()),
    }
}
