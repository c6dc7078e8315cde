//! Chromium's driver as a process.

use std::io::{BufRead as _, BufReader, Error};
use std::process::{Child, Command, Stdio};

/// Starts the driver, and gives its port; `None` if it is missing and not required.
pub(crate) fn start_driver() -> Option<(Child, u16)> {
    match try_to_start() {
        Ok(started) => Some(started),
        Err(error) => {
            assert!(std::env::var_os("REQUIRE_CHROMIUM").is_none(), "chromedriver: {error}");
            eprintln!("skipped: no browser (packages chromium and chromium-driver)");
            None
        }
    }
}

fn try_to_start() -> Result<(Child, u16), Error> {
    // It takes one port of two addresses, and ends if only the first has it free.
    for _ in 0..5 {
        let mut command = Command::new("chromedriver");
        let mut driver = command.arg("--port=0").stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.by_ref().find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').parse().unwrap())
        });
        // Somebody has to read the rest, or the driver waits.
        std::thread::spawn(move || lines.for_each(drop));
        if let Some(port) = port {
            return Ok((driver, port));
        }
        driver.wait()?;
    }
    panic!("chromedriver has found no port");
}
