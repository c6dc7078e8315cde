//! A real web server with a slow sink, and a PBX that gives up early and sends again: the record
//! arrives exactly once.

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use voip_examples::usage::no_arguments;
use voip_module::gravitel::{GravitelProvider, NoTransport};
use voip_module::router::{SinkError, TokioTimer};
use voip_module::testing::Push;
use voip_module::{Delivery, Sink, Token, WebhookRouter};

type Router = WebhookRouter<GravitelProvider<NoTransport>>;

/// A CRM that never finishes the first two deliveries, and is quick afterwards.
#[derive(Clone, Default)]
struct SlowCrm {
    tries: Arc<AtomicUsize>,
    is_slow: Arc<Notify>,
    records: Arc<Mutex<Vec<Delivery>>>,
}

#[async_trait]
impl Sink for SlowCrm {
    async fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        if self.tries.fetch_add(1, Ordering::SeqCst) < 2 {
            println!("CRM: starts, and is slow");
            self.is_slow.notify_one();
            std::future::pending::<()>().await;
        }
        println!("CRM: takes the record");
        self.records.lock().unwrap_or_else(PoisonError::into_inner).push(delivery.clone());
        Ok(())
    }
}

/// A web server needs no more than this: the head is checked before the body is read.
async fn webhook(State(router): State<Arc<Router>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(refusal) = router.precheck(&parts) {
        return axum::http::Response::from(refusal).map(axum::body::Body::from);
    }
    let Ok(body) = axum::body::to_bytes(body, 64 << 10).await else {
        return axum::http::StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = axum::http::Request::from_parts(parts, body);
    router.handle(request).await.map(axum::body::Body::from)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    no_arguments(
        "impatient-sender",
        "Sends a push, hangs up before the answer, and sends it again.",
    );
    let crm = SlowCrm::default();
    let provider = GravitelProvider::parser_only();
    let router = WebhookRouter::new(provider, Token::new("token-of-the-platform")?);
    let router = Arc::new(router.path("/hook").sink(crm.clone()).timer(TokioTimer));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let app = axum::Router::new().fallback(webhook).with_state(router.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });

    let push = Push::history("in", "Success").phone("79990000001").ext("701").callid("C-1");
    let body = push.duration("61").link("https://rec.example/a.mp3").form();
    let request = format!(
        "POST /hook?token=token-of-the-platform HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    for attempt in 1..=4 {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        tokio::select! {
            () = crm.is_slow.notified() => println!("PBX: attempt {attempt}: gives up"),
            read = stream.read_to_string(&mut answer) => {
                read?;
                println!("PBX: attempt {attempt}: {}", answer.lines().next().unwrap_or_default());
            }
        }
    }
    let statistics = router.statistics();
    println!(
        "{} delivered, {} undone, {} repeated",
        crm.records.lock().unwrap_or_else(PoisonError::into_inner).len(),
        statistics.undone,
        statistics.repeated
    );
    Ok(())
}
