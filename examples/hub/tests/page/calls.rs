use crate::browser::Browser;
use crate::pbx::Pbx;

/// Expression for a call in a place of the wallboard.
fn card(place: &str, call: &str) -> String {
    format!("document.querySelector('{place} [data-call=\"{call}\"]')")
}

#[tokio::test(flavor = "multi_thread")]
async fn call_rings_is_answered_ends_and_is_found_in_the_log() {
    let Some(browser) = Browser::start().await else { return };
    let pbx = Pbx::start().await;
    let hub = pbx.hub(0).await;
    browser.open(&format!("http://{}/", hub.address())).await;
    browser.until("document.body.dataset.status === 'live'").await;

    pbx.report(&hub, "c-1", "+4930111222", "INCOMING").await;
    browser.until(&card("[data-lane=ringing]", "c-1")).await;
    let pop = browser.until("!pop.hidden && pop.innerText").await;
    assert!(pop.as_str().unwrap().contains("+4930111222"), "{pop}");
    browser.until("announcer.textContent.includes('+4930111222')").await;

    pbx.report(&hub, "c-1", "+4930111222", "ACCEPTED").await;
    browser.until(&card("[data-lane=talking]", "c-1")).await;
    browser.until("document.getElementById('pop').hidden").await;

    pbx.report(&hub, "c-1", "+4930111222", "COMPLETED").await;
    browser.until(&card("#ended", "c-1")).await;
    assert!(browser.run(&format!("return {}", card(".lanes", "c-1"))).await.is_null());

    browser.run("document.querySelector('nav [data-view=calls]').click()").await;
    browser.until("document.activeElement.id === 'calls-title'").await;
    browser.run("filters.elements.search.value = '0111'; filters.requestSubmit()").await;
    browser.until("location.hash === '#/calls?search=0111'").await;
    browser.until(&card("#log-rows", "c-1")).await;
    browser.run("filters.elements.search.value = '9999'; filters.requestSubmit()").await;
    browser.until("document.getElementById('log-status').textContent === 'No call found.'").await;
    browser.run("history.back()").await;
    browser.until(&card("#log-rows", "c-1")).await;

    browser.run("document.querySelector('#log-rows .name').click()").await;
    browser.until("document.querySelector('#timeline .bar.talked')").await;
    let steps = browser.run("return document.getElementById('steps').innerText").await;
    assert!(steps.as_str().unwrap().contains("Answered"), "{steps}");

    browser.run("location.hash = '#/day'").await;
    browser.until("document.querySelector('#by-hour .fill.answered')").await;
    assert_eq!(browser.console().await, []);
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn click_to_call_reaches_the_pbx() {
    let Some(browser) = Browser::start().await else { return };
    let pbx = Pbx::start().await;
    let hub = pbx.hub(0).await;
    browser.open(&format!("http://{}/", hub.address())).await;
    pbx.report(&hub, "c-1", "+4930111222", "INCOMING").await;
    pbx.report_missed(&hub, "c-1", "+4930111222").await;
    browser.run("location.hash = '#/calls'").await;
    browser.until("document.querySelector('#log-rows .buttons button:not([hidden])')").await;
    browser.run("document.querySelector('#log-rows .buttons button').click()").await;
    browser.until("document.getElementById('dial-dialog').open").await;
    let filled = "const form = document.querySelector('#dial-dialog form');
        form.elements.from.value = '201';
        form.requestSubmit();
        return [form.elements.source.value, form.elements.to.value]";
    assert_eq!(browser.run(filled).await, serde_json::json!(["north", "+4930111222"]));
    browser.until("!document.getElementById('dial-dialog').open").await;
    let commands = pbx.commands();
    assert_eq!(commands.len(), 1);
    assert!(commands[0].contains("makeCall") && commands[0].contains("201"), "{commands:?}");
    assert!(commands[0].contains("4930111222"), "{commands:?}");
    assert_eq!(browser.console().await, []);
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_recovers_when_the_hub_is_restarted() {
    let Some(browser) = Browser::start().await else { return };
    let pbx = Pbx::start().await;
    let hub = pbx.hub(0).await;
    let address = hub.address();
    browser.open(&format!("http://{address}/")).await;
    pbx.report(&hub, "c-1", "+4930111222", "INCOMING").await;
    browser.until(&card("[data-lane=ringing]", "c-1")).await;

    hub.shutdown().await;
    browser.until("document.body.dataset.status === 'lost'").await;
    let text = browser.run("return connection.textContent").await;
    assert!(text.as_str().unwrap().starts_with("Connection to the hub lost"), "{text}");

    let hub = pbx.hub(address.port()).await;
    pbx.report(&hub, "c-1", "+4930111222", "ACCEPTED").await;
    pbx.report(&hub, "c-2", "+4930333444", "INCOMING").await;
    browser.until("document.body.dataset.status === 'live'").await;
    browser.until(&card("[data-lane=talking]", "c-1")).await;
    browser.until(&card("[data-lane=ringing]", "c-2")).await;
    // The browser itself reports requests that nobody answered; the page reports nothing.
    let console = browser.console().await;
    assert!(console.iter().all(|(source, _)| source == "network"), "{console:?}");
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_asks_for_the_token_until_it_is_right_and_keeps_it_out_of_its_address() {
    let Some(browser) = Browser::start().await else { return };
    let pbx = Pbx::start().await;
    let hub = pbx.hub_with_token("open-sesame").await;
    browser.open(&format!("http://{}/", hub.address())).await;
    let dialog = "document.getElementById('token-dialog')";
    for token in ["wrong", "open-sesame"] {
        browser.until(&format!("{dialog}.open")).await;
        let enter = format!(
            "const form = {dialog}.querySelector('form');
            form.elements.token.value = '{token}';
            form.requestSubmit()"
        );
        browser.run(&enter).await;
    }
    browser.until("document.body.dataset.status === 'live'").await;
    pbx.report(&hub, "c-1", "+4930111222", "INCOMING").await;
    browser.until(&card("[data-lane=ringing]", "c-1")).await;
    browser.run("location.reload()").await;
    browser.until("document.body?.dataset.status === 'live'").await;
    assert_eq!(browser.run("return location.href.includes('sesame')").await, false);
    // The browser itself reports the refusals.
    let console = browser.console().await;
    assert!(console.iter().all(|(source, _)| source == "network"), "{console:?}");
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_shows_what_a_receiver_has_refused() {
    let Some(browser) = Browser::start().await else { return };
    let pbx = Pbx::start().await;
    let hub = pbx.hub_with_refusals().await;
    browser.open(&format!("http://{}/", hub.address())).await;
    browser.until("document.body.dataset.status === 'live'").await;
    let receiver = "document.querySelector('#sources [title^=Receiver]')";
    browser.until(&format!("{receiver}.textContent === '→ webhook crm: current'")).await;
    for (call, refused) in [("c-1", 1), ("c-2", 2)] {
        pbx.report(&hub, call, "+4930111222", "INCOMING").await;
        let text = format!("→ webhook crm: {refused} refused");
        browser.until(&format!("{receiver}.innerText.replace('\\n', '') === '{text}'")).await;
    }
    assert_eq!(browser.console().await, []);
    hub.shutdown().await;
}
