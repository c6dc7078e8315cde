//! The hub as a program: see its README, or `hub --help`.

use std::process::ExitCode;

use hub::{Config, Hub};

#[tokio::main]
async fn main() -> ExitCode {
    let running = match Hub::start(Config::demo()).await {
        Ok(running) => running,
        Err(error) => {
            eprintln!("hub: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("open http://{}/", running.address());
    let _ = tokio::signal::ctrl_c().await;
    running.shutdown().await;
    ExitCode::SUCCESS
}
