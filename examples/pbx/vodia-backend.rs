//! The bridge with a pretend PBX that runs the generated script: a call to a queue from ringing to record by real
//! HTTP, a call that Rust starts and ends, settings from a form, and the report.

use std::sync::Arc;

use async_trait::async_trait;
use pbx_examples::{ScriptPbx, TENANT, queue_call, serve_bridge};
use pbx_integration::bridge::{BackendScript, Bridge, BridgeSecret, SettingNames};
use pbx_integration::report::{Report, ReportOptions};
use pbx_integration::{CallControl as _, Cdr, Context, Coverage, EndCall, Error, GroupEvent};
use pbx_integration::{Identifier, Integration, Registry, Settings, StartCall};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

struct Crm(UnboundedSender<Cdr>);

#[async_trait]
impl Integration for Crm {
    async fn on_group(&self, _: &Context, event: GroupEvent) -> Result<(), Error> {
        println!("group: {:?}", event.phase());
        Ok(())
    }

    async fn on_cdr(&self, _: &Context, cdr: Cdr) -> Result<(), Error> {
        println!("record: {}, {}", cdr.callid, cdr.summary().disposition);
        self.0.send(cdr).map_err(Error::other)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let id = Identifier::new("ourcrmsys")?;
    let secret = BridgeSecret::new("sJ3kq0P-ww7Zt1b_9dRmXv5eLhYc2aGu")?;
    let bridge = Bridge::new([secret.clone()], tokio::time::sleep);
    let store = Arc::new(bridge.settings(SettingNames::new(["username"], ["password"])));
    let calls = bridge.call_control(&id);
    let registry = Registry::new(store.clone(), Arc::new(calls.clone()));
    let (records, mut recorded) = unbounded_channel();
    registry.register(id.clone(), Coverage::none().tenant(TENANT), Crm(records))?;
    let url = format!("http://{}/vodia", serve_bridge(bridge.service(registry)).await?);

    let pbx = ScriptPbx::start(&BackendScript::builder(&id, &url, &secret).build()?);
    queue_call::answered().iter().for_each(|(point, payload)| pbx.call(*point, payload));
    let cdr = recorded.recv().await.ok_or("the service has ended")?;

    let call = StartCall::builder(TENANT, "+12025550123").user("41").build()?;
    let call = calls.start_call(&call).await?;
    calls.end_call(&EndCall::builder(call).build()?).await?;

    pbx.save_form(TENANT, &json!([{"username": "joe"}, {"password": "k9-Lamp-Otter"}]));
    let form = Settings::new(store, id).tenant(TENANT);
    println!("settings: {} {:?}", form.form_data().await?, form.secret("password").await?);

    let mut report = Report::new(ReportOptions::default());
    report.add(&cdr.into());
    for (id, queue) in &report.figures().queues {
        println!("queue {}: {} of {} answered", id.account, queue.answered(), queue.offered());
    }
    Ok(())
}
