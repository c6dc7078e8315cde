//! A receiver of call records (`webcdr://`) that stores each call once, in the SQLite file named by its argument.
//!
//! If the database cannot store a record, the answer is 503, and the PBX sends the record again.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use pbx_integration::control::NoCallControl;
use pbx_integration::integration::EntryPoint;
use pbx_integration::settings::MemorySettings;
use pbx_integration::{Cdr, Context, Coverage, Error, Identifier, Integration, Registry};
use rusqlite::{Connection, params};

struct Store(Arc<Mutex<Connection>>);

#[async_trait]
impl Integration for Store {
    async fn on_cdr(&self, _: &Context, cdr: Cdr) -> Result<(), Error> {
        let (database, call) = (self.0.clone(), cdr.summary());
        let number = call.customer.and_then(|customer| customer.number);
        let talk = i64::try_from(call.talk.as_millis()).map_err(Error::other)?;
        // An update replaces: the call-ID is the key.
        let store = move || {
            let database = database.lock().unwrap_or_else(PoisonError::into_inner);
            let row = params![cdr.callid, number, call.disposition.as_str(), call.agent, talk];
            database.execute("REPLACE INTO calls VALUES (?1, ?2, ?3, ?4, ?5)", row)
        };
        let stored = tokio::task::spawn_blocking(store).await.map_err(Error::other)?;
        stored.map_err(Error::other).map(drop)
    }
}

async fn receive(State(registry): State<Arc<Registry>>, body: Bytes) -> StatusCode {
    let dispatch = registry.dispatch_json(EntryPoint::Cdr, None, &body).await;
    if let Ok(dispatch) = &dispatch {
        dispatch.failures().for_each(|receipt| eprintln!("{receipt}: {:?}", receipt.cause()));
    }
    let status = dispatch.map_or_else(|error| error.status(), |dispatch| dispatch.status());
    StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("usage: cdr-store FILE")?;
    let database = Connection::open(file)?;
    database.busy_timeout(std::time::Duration::ZERO)?;
    let table = "CREATE TABLE IF NOT EXISTS calls (callid TEXT PRIMARY KEY, customer, disposition, agent, talk_ms)";
    database.execute(table, [])?;
    let registry = Registry::new(Arc::new(MemorySettings::new()), Arc::new(NoCallControl));
    let (id, store) = (Identifier::new("cdrstore")?, Store(Arc::new(Mutex::new(database))));
    registry.register(id, Coverage::everywhere(), store)?;
    let app = Router::new().route("/cdr", post(receive)).with_state(Arc::new(registry));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
