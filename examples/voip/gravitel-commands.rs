//! Commands to Gravitel's cloud PBX: members, a call, the history, a recording.

use std::error::Error;
use std::sync::Arc;

use serde_json::json;
use voip_examples::MockPbx;
use voip_module::VoipProvider as _;
use voip_module::gravitel::{GravitelConfig, GravitelProvider, HistoryQuery, Period};
use voip_module::transport::{ReqwestOptions, ReqwestTransport};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let pbx = MockPbx::start("key-for-the-cloud-pbx").await?;
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let transport = ReqwestTransport::new(crypto, ReqwestOptions::default())?;
    // Without `with_http` only https is taken.
    let config = GravitelConfig::new(pbx.endpoint.as_str(), "key-for-the-cloud-pbx").with_http();
    let provider = GravitelProvider::new(config, transport);

    println!("test connection: {:?}", provider.test_connection().await);
    for member in provider.members().await? {
        println!("member: {} {}", member.id, member.label);
    }
    provider.generate_call("702", "79990000002").await?;
    println!("asked for: {:?}", pbx.asked());

    let history = provider.client().history(&HistoryQuery::period(Period::Today)).await?;
    for row in history.rows {
        let (id, kind, login) = (&row.id, &row.kind, row.login());
        println!("{id} {kind} {} {login} {} s", row.client, row.duration.as_secs());
    }
    let call = json!({"id": "C-1", "link": "https://rec.example/a.mp3?id=1"});
    println!("recording: {}", provider.call_link(&call).await?);
    Ok(())
}
