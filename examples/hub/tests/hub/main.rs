//! The hub from outside: over real HTTP, in this process and as a program.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod api;
mod clock;
mod faults;
mod http;
mod kill;
mod program;
mod senders;
mod sources;

use std::time::Duration;

use hub::live::Live;
use hub::store::Filter;
use hub::timeline::Call;
use hub::{Config, Running};

/// After this time a test has failed; no test waits for it.
const LIMIT: Duration = Duration::from_secs(30);

/// Waits until the present state fulfils a condition, by its own changes.
async fn until<T>(live: &Live, condition: impl Fn(&Live) -> Option<T>) -> T {
    let (_, mut updates) = live.follow();
    let wait = async {
        loop {
            if let Some(found) = condition(live) {
                return found;
            }
            // A reader that lags looks again, too.
            let _ = updates.recv().await;
        }
    };
    tokio::time::timeout(LIMIT, wait).await.expect("the condition was not fulfilled")
}

/// Waits until a call in the log fulfils a condition.
async fn logged(hub: &Running, id: &str, condition: impl Fn(&Call) -> bool) -> Call {
    let (_, mut updates) = hub.live().follow();
    let wait = async {
        loop {
            let page = hub.store().calls(Filter::default(), 1_000).await.unwrap();
            let call = page.calls.into_iter().find(|call| call.id == id);
            if let Some(call) = call.filter(|call| condition(call)) {
                return call;
            }
            let _ = updates.recv().await;
        }
    };
    if let Ok(call) = tokio::time::timeout(LIMIT, wait).await {
        return call;
    }
    let page = hub.store().calls(Filter::default(), 100).await.unwrap();
    panic!("call {id} did not come to that: {:#?}", page.calls);
}

fn steps(call: &Call) -> Vec<(&'static str, Option<&str>)> {
    call.steps.iter().map(|step| (step.kind.as_str(), step.who.as_deref())).collect()
}

fn config(sources: impl IntoIterator<Item = hub::config::SourceConfig>) -> Config {
    let mut config = Config::new();
    config.sources.extend(sources);
    config
}
