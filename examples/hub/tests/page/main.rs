//! The page in a real browser, against a hub with a pretend PBX.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

mod accessibility;
mod browser;
mod calls;
#[path = "../../../../pbx-integration/tests/bridge/chromedriver.rs"]
mod chromedriver;
mod latency;
mod pbx;
mod screenshots;
