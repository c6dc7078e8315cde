//! A webhook server for Gravitel's pushes with a CRM behind it, and a mock cloud PBX that pushes three calls.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use voip_examples::{MockPbx, serve};
use voip_module::gravitel::{
    Contact, ContactLookup, ContactQuery, GravitelConfig, GravitelProvider,
};
use voip_module::router::{TokioTimer, sink_fn};
use voip_module::transport::{ReqwestOptions, ReqwestTransport};
use voip_module::{Token, VoipProvider as _, WebhookRouter};

const API_KEY: &str = "key-for-the-cloud-pbx"; // from Gravitel's page, for the module
const TOKEN: &str = "token-of-the-platform"; // from the platform, for Gravitel's cabinet

/// The CRM's look-up of callers.
struct AddressBook;

#[async_trait]
impl ContactLookup for AddressBook {
    async fn find_contact(
        &self,
        query: &ContactQuery,
    ) -> Result<Option<Contact>, voip_module::Error> {
        let known = query.phone == "79990000001";
        Ok(known.then(|| Contact::named("Client One").responsible("admin")))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let pbx = MockPbx::start(API_KEY).await?;
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let transport = ReqwestTransport::new(crypto, ReqwestOptions::default())?;
    let config = GravitelConfig::new(pbx.endpoint.as_str(), API_KEY).with_crm_key(TOKEN);
    let provider = GravitelProvider::new(config.with_http(), transport.clone());
    let provider = Arc::new(provider.contacts(AddressBook, TokioTimer));

    let router = WebhookRouter::new(provider.clone(), Token::new(TOKEN)?)
        .path("/telephony")
        .timer(TokioTimer)
        .sink(sink_fn(|delivery| {
            println!("to the CRM: {}", serde_json::to_string(delivery)?);
            Ok(())
        }));
    let router = Arc::new(router);
    let address = serve(router.clone()).await?;

    provider.generate_call("702", "79990000002").await?;
    let webhook = format!("http://{address}/telephony?token={TOKEN}").parse()?;
    for push in pbx.pushes(TOKEN) {
        let (status, body) = pbx.push(&transport, &webhook, &push).await?;
        println!("   answer: {} {body}", status.as_u16());
    }
    println!("{} repeated", router.statistics().repeated);
    Ok(())
}
