use std::path::Path;

use hub::timeline::{Call, Direction, Micros, Outcome, StepKind};
use hub::{Config, Hub, Running};

use crate::browser::Browser;

const MINUTE: Micros = 60_000_000;
/// Calls of each hour of the day before.
const HOURS: [u32; 24] =
    [0, 0, 0, 0, 0, 1, 4, 11, 26, 38, 41, 33, 21, 24, 35, 37, 30, 19, 9, 5, 3, 1, 0, 0];

/// Writes the pictures of the README, from the hub with pretend PBXs.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes files"]
async fn screenshots_of_the_readme() {
    let Some(browser) = Browser::start().await else { return };
    let hub = Hub::start(Config::demo()).await.unwrap();
    let page = format!("http://{}/", hub.address());
    browser.open(&page).await;
    browser.until("document.querySelectorAll('#users li').length > 12").await;
    let midnight = browser.run("return new Date().setHours(0, 0, 0, 0)").await.as_f64().unwrap();
    let yesterday =
        browser.run("return new Date(Date.now() - 864e5).toLocaleDateString('sv')").await;

    let busy = "document.querySelectorAll('[data-lane=talking] .card').length >= 7
        && document.querySelectorAll('[data-lane=waiting] .card').length >= 1
        && document.querySelectorAll('#ended li').length >= 4
        && document.querySelector('.pop .actions')";
    let day = format!("#/day?date={}", yesterday.as_str().unwrap());
    let call = "#/calls/basix/picture";
    for (theme, name, view, is_shown) in [
        ("light", "now-light", "#/now", busy),
        ("dark", "now-dark", "#/now", busy),
        ("light", "call-light", call, "document.querySelector('#timeline .bar.held')"),
        ("dark", "day-dark", &day, "document.querySelector('#by-hour .fill')"),
    ] {
        if name == "call-light" {
            record_day(&hub, midnight as Micros * 1_000 - 24 * 60 * MINUTE).await;
        }
        // The day has two charts, one above the other.
        browser.resize(1440, if name == "day-dark" { 1140 } else { 1000 }).await;
        // The screen pop belongs on the wallboard's picture only.
        let me = if view == "#/now" { "everybody" } else { "nobody" };
        browser
            .run(&format!(
                "localStorage.setItem('theme', '{theme}'); localStorage.setItem('me', '{me}');
                location.hash = '{view}'; location.reload()"
            ))
            .await;
        browser.until("document.body?.dataset.status === 'live'").await;
        browser.until(is_shown).await;
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/{name}.png"));
        std::fs::write(file, browser.screenshot().await).unwrap();
    }
    hub.shutdown().await;
}

/// Records a day of calls that begins at `midnight`, and one with a hold and a transfer.
async fn record_day(hub: &Running, midnight: Micros) {
    let users: Vec<String> = hub.live().snapshot().users.into_iter().map(|user| user.id).collect();
    let (agent, colleague) = (users[0].as_str(), users[1].as_str());
    let mut random = 1_u64;
    let mut below = |limit: Micros| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (random >> 33) as Micros % limit
    };
    let mut calls = Vec::new();
    for (hour, count) in (0..).zip(HOURS) {
        for number in 0..count {
            let start = midnight + hour * 60 * MINUTE + below(60 * MINUTE);
            let mut call =
                Call::new("basix", &format!("d-{hour}-{number}"), Direction::Inbound, start);
            call.customer = format!("+4930{}", 1_000_000 + below(9_000_000));
            let answer = start + below(MINUTE / 2) + below(MINUTE / 2) * Micros::from(count) / 30;
            let outcome = match below(20) {
                0 | 1 => Outcome::Missed,
                2 => Outcome::Abandoned,
                3 => Outcome::Voicemail,
                _ => Outcome::Answered,
            };
            let mut end = answer;
            if outcome == Outcome::Answered {
                call.answered_at_us = Some(answer);
                call.wait_us = Some(answer - start);
                end += below(6 * MINUTE);
            }
            call.end(end, outcome);
            calls.push(call);
        }
    }
    let start = midnight + 600 * MINUTE;
    let at = |seconds: Micros| start + seconds * 1_000_000;
    let mut call = Call::new("basix", "picture", Direction::Inbound, start);
    (call.customer, call.customer_name) = ("+49301234567".into(), Some("Uma Rao".into()));
    call.queue = hub.live().snapshot().queues.first().map(|queue| queue.id.clone());
    call.called_number = "+49305550100".into();
    call.step(at(1), StepKind::Queued, call.queue.clone().as_deref());
    for user in [agent, colleague] {
        call.add_rang(user);
        call.step(at(9), StepKind::Rang, Some(user));
    }
    call.step(at(17), StepKind::Answered, Some(agent));
    call.step(at(58), StepKind::Held, Some(agent));
    call.step(at(79), StepKind::Transferred, Some(colleague));
    call.step(at(79), StepKind::Rang, Some(colleague));
    call.step(at(86), StepKind::Answered, Some(colleague));
    (call.answered_by, call.answered_at_us) = (Some(agent.into()), Some(at(17)));
    call.wait_us = Some(17_000_000);
    call.end(at(184), Outcome::Answered);
    calls.push(call);
    hub.store().record(calls).await.unwrap();
}
