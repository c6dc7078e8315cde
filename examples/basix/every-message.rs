//! Prints every message of a Basix PBX, with the PBX's names of events.
//!
//! ```text
//! BASIX_URL=wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti cargo run -p basix-examples --example every-message
//! ```

use std::error::Error;

use basix_cti::record::OwnedRecord;
use basix_cti::store::Origin;
use basix_cti::{Client, Endpoint, Event};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = Endpoint::from_url(&std::env::var("BASIX_URL")?)?.full_events();
    let mut client = Client::connect(endpoint).await?;
    while let Some(event) = client.next().await {
        match event {
            Event::Changed(change) => match change.origin() {
                Origin::Event => {
                    let record =
                        change.last().or_else(|| change.after().or_else(|| change.before()));
                    let name = change.event_name().unwrap_or_default();
                    println!("info_event {} {name} {}", change.element(), json(record)?);
                }
                _ => println!("{:?}: {change} {}", change.origin(), json(change.after())?),
            },
            Event::Unchanged(unchanged) => {
                for record in &unchanged.records {
                    let name = unchanged.event_name.as_deref().unwrap_or("initial_info");
                    println!("info_event {} {name} {}", unchanged.element, json(Some(record))?);
                }
            }
            Event::Listed { element, records } => println!("initial_info {element}: {records}"),
            Event::System(it) => println!("system_msg {:?}", it.as_payload().term()),
            Event::Message(it) => println!("msg {:?}", it.as_payload().term()),
            Event::Disconnected(end) => println!("close: {end}"),
            other => println!("{other:?}"),
        }
    }
    Ok(())
}

fn json(record: Option<&OwnedRecord>) -> serde_json::Result<String> {
    let printed = record.map(|record| record.as_record().printed(None));
    serde_json::to_string(&printed)
}
