//! A service for the backend script of a Vodia PBX: it prints who called, and who answered.
//!
//! Print the script with the tool `vodia-script`, with this service's public URL, and paste it into the integration.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use pbx_integration::bridge::{Bridge, BridgeSecret, BridgeService, Features};
use pbx_integration::settings::MemorySettings;
use pbx_integration::{Cdr, Context, Coverage, Error, Identifier, Integration, Registry};

struct OurCrm;

#[async_trait]
impl Integration for OurCrm {
    async fn on_cdr(&self, ctx: &Context, cdr: Cdr) -> Result<(), Error> {
        let call = cdr.summary();
        println!("{:?}: {}, {:?}", ctx.tenant(), call.disposition, call.handled_by());
        Ok(()) // an error is answered 503, and the record comes again
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret = BridgeSecret::new(std::env::var("BRIDGE_SECRET")?)?;
    let bridge = Bridge::new([secret], tokio::time::sleep);
    let id = Identifier::new("ourcrmsys")?;
    let calls = Arc::new(bridge.call_control(&id));
    let registry = Registry::new(Arc::new(MemorySettings::new()), calls);
    registry.register(id, Coverage::everywhere(), OurCrm)?;
    let service = bridge.service(registry).with_observer(|dispatch| {
        dispatch.failures().for_each(|receipt| eprintln!("{receipt}"));
    });
    let service = service.with_load_observer(|id, status| {
        let missing: Vec<_> = status.features.iter().flat_map(Features::missing).collect();
        eprintln!("{id} was loaded; the PBX lacks {missing:?}");
    });
    let app = axum::Router::new().fallback(move |request| answer(service.clone(), request));
    let address = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn answer(service: BridgeService, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    if let Err(status) = service.precheck(&head) {
        return status.into_response(); // the body of a stranger is not read
    }
    let Ok(body) = axum::body::to_bytes(body, 4 << 20).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    service.handle(Request::from_parts(head, body)).await.map(Body::from)
}
