use std::path::Path;

use serde_json::json;

use crate::browser::Browser;
use crate::pbx::Pbx;

/// Set where missing rules are a failure: `npm ci` in `tests/page/axe` installs them.
const REQUIRED: &str = "REQUIRE_NODE";

/// Rules that a view breaks, with their impact and the first elements.
const CHECK: &str = "const done = arguments[0];
    const nodes = (rule) => rule.nodes.slice(0, 3).map((node) => node.html);
    axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
        done(violations.map((rule) => [rule.id, rule.impact, nodes(rule)])));";

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_no_fault_in_any_view_light_or_dark() {
    let rules =
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/page/axe/node_modules/axe-core/axe.min.js");
    let Ok(axe) = std::fs::read_to_string(Path::new(rules)) else {
        assert!(std::env::var_os(REQUIRED).is_none(), "axe-core is not installed");
        eprintln!("skipped: axe-core is not installed");
        return;
    };
    let Some(browser) = Browser::start().await else { return };
    let pbx = Pbx::start().await;
    let hub = pbx.hub(0).await;
    let page = format!("http://{}/", hub.address());
    for (call, events) in [
        ("ended", &["INCOMING", "ACCEPTED", "COMPLETED"][..]),
        ("talking", &["INCOMING", "ACCEPTED"]),
        ("ringing", &["INCOMING"]),
    ] {
        for event in events {
            pbx.report(&hub, call, "+4930111222", event).await;
        }
    }
    pbx.report_missed(&hub, "missed", "+4930111222").await;
    let views = [
        ("#/now", "document.querySelector('[data-lane=ringing] .card')"),
        ("#/calls", "document.querySelector('#log-rows tr')"),
        ("#/calls/north/ended", "document.querySelector('#timeline .bar')"),
        ("#/day", "document.querySelector('#by-hour .fill')"),
        ("#/now", "(dial.click(), document.getElementById('dial-dialog').open)"),
    ];
    for theme in ["light", "dark"] {
        for (view, is_shown) in views {
            browser.open(&format!("{page}{view}")).await;
            browser
                .run(&format!("localStorage.setItem('theme', '{theme}'); location.reload()"))
                .await;
            browser.until("document.body?.dataset.status === 'live'").await;
            browser.until(is_shown).await;
            browser.run(&format!("{axe}; window.axe = axe")).await;
            assert_eq!(browser.run_async(CHECK).await, json!([]), "{view}, {theme}");
        }
    }
    hub.shutdown().await;
}
