//! A slow CRM behind a web server, and a PBX that gives up early and retries: the record arrives
//! exactly once.

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::Notify;
use voip_examples::{post_until, serve};
use voip_module::gravitel::GravitelProvider;
use voip_module::router::{SinkError, TokioTimer};
use voip_module::testing::Push;
use voip_module::{Delivery, Sink, Token, WebhookRouter};

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
            self.is_slow.notify_one();
            std::future::pending::<()>().await; // dropped when the PBX hangs up, and then undone
        }
        self.records.lock().unwrap_or_else(PoisonError::into_inner).push(delivery.clone());
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let crm = SlowCrm::default();
    let provider = GravitelProvider::parser_only();
    let router = WebhookRouter::new(provider, Token::new("token-of-the-platform")?);
    let router = Arc::new(router.path("/hook").sink(crm.clone()).timer(TokioTimer));
    let address = serve(router.clone()).await?;

    let push = Push::history("in", "Success").phone("79990000001").ext("701").callid("C-1");
    let push = push.duration("61").link("https://rec.example/a.mp3");
    for attempt in 1..=4 {
        let webhook = "/hook?token=token-of-the-platform";
        match post_until(address, webhook, &push, crm.is_slow.notified()).await? {
            Some(status) => println!("attempt {attempt}: {status}"),
            None => println!("attempt {attempt}: the PBX gives up"),
        }
    }
    let records = crm.records.lock().unwrap_or_else(PoisonError::into_inner).len();
    let statistics = router.statistics();
    println!("{records} delivered, {} undone, {} repeated", statistics.undone, statistics.repeated);
    Ok(())
}
