//! Vodia: the backend script, which sends again by itself what was not acknowledged.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use hub::config::Vodia;
use hub::timeline::Outcome;
use pbx_examples::ScriptPbx;
use pbx_integration::Identifier;
use pbx_integration::bridge::{BackendScript, BridgeSecret};
use pbx_integration::integration::EntryPoint;
use serde_json::Value;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::{Truth, truth};
use crate::senders::{BRIDGE_TOKEN, queue_events};

/// Calls, all of whose events the script could keep.
const CALLS: u64 = 40;

pub(super) struct Tenant {
    pbx: ScriptPbx,
    events: std::vec::IntoIter<(EntryPoint, Value)>,
}

impl Tenant {
    /// A PBX whose hub moves from one address to another.
    pub(super) async fn start(hub: watch::Receiver<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/in/tenant", listener.local_addr().unwrap());
        tokio::spawn(forward(listener, hub));
        let identifier = Identifier::new(Vodia::IDENTIFIER).unwrap();
        let secret = BridgeSecret::new(BRIDGE_TOKEN).unwrap();
        let script = BackendScript::builder(&identifier, &url, &secret).build().unwrap();
        let events: Vec<_> =
            (0..CALLS).flat_map(|number| queue_events(&id(number), is_answered(number))).collect();
        Self { pbx: ScriptPbx::start(&script), events: events.into_iter() }
    }

    /// Reports the next event or record; `None` if there are no more.
    pub(super) fn step(&mut self) -> Option<EntryPoint> {
        let (point, payload) = self.events.next()?;
        self.pbx.call(point, &payload);
        Some(point)
    }

    /// Goes on to the end of a call, and waits until its record is acknowledged.
    pub(super) async fn finish_call(&mut self) {
        while self.step().is_some_and(|point| point != EntryPoint::Cdr) {}
        self.pbx.flush().await;
    }
}

/// The truth about all calls.
pub(super) fn truths() -> BTreeMap<String, Truth> {
    let of = |number| match is_answered(number) {
        true => truth(Outcome::Answered, Some("42"), &["41", "42"]),
        false => truth(Outcome::Abandoned, None, &["41", "42"]),
    };
    (0..CALLS).map(|number| (id(number), of(number))).collect()
}

fn id(number: u64) -> String {
    format!("tenant-{number}")
}

const fn is_answered(number: u64) -> bool {
    !number.is_multiple_of(3)
}

/// Passes connections on to where the hub is.
async fn forward(listener: TcpListener, hub: watch::Receiver<SocketAddr>) {
    while let Ok((mut script, _)) = listener.accept().await {
        let hub = *hub.borrow();
        tokio::spawn(async move {
            if let Ok(mut hub) = TcpStream::connect(hub).await {
                let _ = copy_bidirectional(&mut script, &mut hub).await;
            }
        });
    }
}
