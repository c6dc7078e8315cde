//! Settings that an administrator saves in the integration's form, in a folder of the service.
//!
//! ```sh
//! cargo run -p pbx-examples --example vodia-settings -- FOLDER
//! ```

use std::sync::Arc;

use pbx_examples::TENANT;
use pbx_integration::settings::{FileSettings, SaveResult};
use pbx_integration::{Identifier, Settings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: vodia-settings FOLDER")?;
    let store = Arc::new(FileSettings::open(folder)?);
    let settings = Settings::new(store, Identifier::new("ourcrmsys")?).tenant(TENANT);

    // Results of the form's `save`: public fields, and secrets. An empty secret stays unchanged.
    for returned in [
        r#"[{"url": "https://crm.example.com"}, {"token": "token-of-the-crm"}]"#,
        r#"[{"url": "https://crm.example.com"}, {"token": "token-of-the-crm"}]"#,
        r#"[{"url": "https://crm.example.com/v2"}, {"token": ""}]"#,
    ] {
        let saved = settings.save(SaveResult::parse(returned)?).await?;
        match saved.is_unchanged() {
            true => println!("saved: unchanged"),
            false => println!("saved: public {:?}, secret {:?}", saved.public, saved.secrets),
        }
    }
    println!("loaded: {} {:?}", settings.form_data().await?, settings.secret("token").await?);

    // Concurrent writers lose nothing, because each field is changed on its own.
    let seen = settings.public("records").await?.and_then(|seen| seen.as_u64()).unwrap_or(0);
    let _ = settings.set_public("records", seen + 1).await?;
    println!("loaded: {}", settings.form_data().await?);
    Ok(())
}
