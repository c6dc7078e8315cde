use std::time::{SystemTime, UNIX_EPOCH};

use crate::browser::Browser;
use crate::pbx::Pbx;

const CALLS: usize = 500;
/// Begins the line of the README that has the result.
const MARK: &str = "Event to screen in Chromium, hub built without optimization, ";

/// Notes for each new card when the frame that shows it begins.
const WATCH: &str = "window.shown = {};
    new MutationObserver((changes) => {
        const cards = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.dataset?.call);
        requestAnimationFrame(() => {
            for (const card of cards) shown[card.dataset.call] = performance.timeOrigin + performance.now();
        });
    }).observe(document.querySelector('[data-lane=ringing]'), { childList: true });";

/// Measures the time from the moment at which the PBX sends an event to the frame with the card.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, which it writes into the README"]
async fn latency_from_event_to_screen() {
    let Some(browser) = Browser::start().await else { return };
    let pbx = Pbx::start().await;
    let hub = pbx.hub(0).await;
    browser.open(&format!("http://{}/", hub.address())).await;
    browser.until("document.body.dataset.status === 'live'").await;
    browser.run(WATCH).await;
    let mut latencies = Vec::new();
    for number in 0..CALLS {
        let (call, phone) = (format!("c-{number}"), format!("+4930{number:06}"));
        let sent = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() * 1e3;
        pbx.report(&hub, &call, &phone, "INCOMING").await;
        let shown = browser.until(&format!("shown['{call}']")).await.as_f64().unwrap();
        latencies.push(shown - sent);
        pbx.report(&hub, &call, &phone, "ACCEPTED").await;
        pbx.report(&hub, &call, &phone, "COMPLETED").await;
    }
    latencies.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| latencies[((CALLS - 1) as f64 * share).round() as usize];
    let (median, p99) = (at(0.5), at(0.99));
    let text = format!("{CALLS} calls: median {median:.1} ms, p99 {p99:.1} ms");
    println!("event to screen, {text}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (head, rest) = page.split_once(MARK).unwrap();
    let (_, tail) = rest.split_once('\n').unwrap();
    std::fs::write(path, format!("{head}{MARK}{text}.\n{tail}")).unwrap();
    hub.shutdown().await;
}
