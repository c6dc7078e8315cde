//! Connects an integration: reads the PBX's state, shows the dry run, and executes it.
//!
//! ```text
//! UCOM_HOST=… UCOM_SECRET=… CRM_URL=… STATE=FILE cargo run -p ucom-examples --example ucom-connect
//! ```
//!
//! Run it again whenever a user gets or loses an extension.

use std::error::Error;
use std::sync::Arc;

use ucom_events::api::{ApiHost, Attempt, Credentials, Grant, Secret};
use ucom_events::connect::{Assignment, WantedAgents};
use ucom_events::executor::Executor;
use ucom_events::{Connect, ConnectOptions, EventUrls};
use ucom_examples::store::Stored;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let setting = |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    let (file, secret) = (&setting("STATE")?, Secret::new(&setting("UCOM_SECRET")?));

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let credentials = Credentials::new("crm", Some(secret), Grant::ClientCredentials);
    // In production, `ApiHost::new` and `EventUrls::new`, which require https.
    let executor =
        Executor::new(ApiHost::allowing_http(&setting("UCOM_HOST")?)?, credentials, provider)?;

    // Users and their extensions, as the administrator set them; and the rows of the last run.
    let users = vec![Assignment::new("Anna", "106"), Assignment::new("Boris", "107")];
    let mut stored = Stored::load(file)?;
    let rows = stored.rows(EventUrls::allowing_http(&setting("CRM_URL")?)?);
    let options = ConnectOptions::default().with_agents(WantedAgents::All);

    let mut connect = Connect::new(options, users, rows);
    executor.drive(&mut connect, &Attempt::by_user()).await;
    let connected = connect.finish(ucom_examples::random)?;
    println!("{connected}"); // the dry run that an administrator reads

    // Tokens are stored before the first subscription with them is added.
    stored.set_rows(connected.plan.rows());
    stored.directory = connected.directory.clone();
    stored.without_answer = connected.without_answer.clone();
    stored.save(file)?;

    let mut run = connected.run();
    executor.drive(&mut run, &Attempt::by_user()).await;
    let report = run.finish();
    stored.set_rows(&report.rows);
    stored.save(file)?;
    print!("{report}"); // the message for the user
    Ok(())
}
