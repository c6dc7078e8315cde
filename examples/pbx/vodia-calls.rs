//! An integration that starts and ends calls: a user clicks on a number in the CRM, and the PBX
//! forwards the request of the CRM.

use std::sync::Arc;

use async_trait::async_trait;
use pbx_examples::{PretendPbx, TENANT, queue_call, serve};
use pbx_integration::settings::MemorySettings;
use pbx_integration::{
    Context, Coverage, EndCall, Error, HttpReply, HttpRequest, Identifier, Integration, Registry,
    Secret, Settings, StartCall,
};
use serde_json::{Value, json};

struct Crm;

#[async_trait]
impl Integration for Crm {
    async fn on_http(&self, ctx: &Context, request: HttpRequest) -> Result<HttpReply, Error> {
        let token = ctx.settings().tenant(&request.domain).secret("token").await?;
        if !token.is_some_and(|token| request.presents("X-Token", &token)) {
            return Ok(HttpReply::json(401, r#"{"error":"wrong token"}"#));
        }
        let body: Value = serde_json::from_str(request.body()?).map_err(Error::other)?;
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let call = StartCall::builder(ctx.tenant(), text("dial")).user(text("user")).timeout(30.0);
        // The same click never starts two calls.
        let id = ctx.calls().start_call(&call.client_token("click-1").build()?).await?;
        ctx.calls().end_call(&EndCall::builder(id.clone()).build()?).await?;
        Ok(HttpReply::json(200, json!({ "call": id }).to_string()))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let pbx = PretendPbx::start("token-between-pbx-and-bridge".into()).await?;
    let store = Arc::new(MemorySettings::new());
    let registry = Registry::new(store.clone(), Arc::new(pbx.call_control()));
    let crm = Identifier::new("ourcrmsys")?;
    registry.register(crm.clone(), Coverage::none().tenant(TENANT), Crm)?;
    let bridge = serve(registry, pbx.token().clone(), TENANT).await?;

    let settings = Settings::new(store, crm).tenant(TENANT);
    settings.set_secret("token", Secret::from("token-of-the-crm")).await?;
    let clicks = ["a guess", "token-of-the-crm"].map(queue_call::click_to_dial);
    pbx.play(bridge, clicks).await?;
    for call in pbx.host().calls() {
        let ended = call.end.as_ref().map(|end| (end.code(), end.text()));
        println!("in the PBX: call {} to {}, ended with {ended:?}", call.id, call.start.to());
    }
    Ok(())
}
