use std::time::{SystemTime, UNIX_EPOCH};

use crate::browser::Browser;
use crate::pbx::Pbx;

const CALLS: usize = 500;

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
#[ignore = "a measurement"]
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
    println!(
        "event to screen, {CALLS} calls: median {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
    hub.shutdown().await;
}
