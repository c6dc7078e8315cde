//! The executor with two crypto providers compiled in, so that rustls has no default and panics if it is asked
//! for one.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs, ring};
use ucom_events::api::{
    ApiError, ApiHost, ApiRequest, Attempt, ClientId, Credentials, Grant, Secret,
};
use ucom_events::event::ExtensionId;
use ucom_events::executor::Executor;
use ucom_events::plan::Owner;
use ucom_examples::pretend_pbx::{PretendPbx, SECRET};

#[tokio::test]
async fn the_executor_takes_the_provider_that_it_is_given() {
    let pbx = PretendPbx::new(&[(33_335, "106", "phone", "Anna")]);
    let address = pbx.serve().await.unwrap();
    for provider in [ring::default_provider(), aws_lc_rs::default_provider()] {
        let executor = |host| {
            let secret = Some(Secret::new(SECRET));
            let credentials = Credentials::new("crm", secret, Grant::ClientCredentials);
            Executor::new(host, credentials, Arc::new(provider.clone())).unwrap()
        };
        let owner = Owner::Extension(ExtensionId::new(33_335));
        let question = ApiRequest::subscriptions(ClientId::new(801), &owner, 1);
        let plain = executor(ApiHost::allowing_http(&format!("http://{address}")).unwrap());
        assert!(plain.send(&question, Attempt::by_user()).await.is_ok());
        // Over https a handshake begins, which the plain server breaks off: an error and no panic.
        let https = executor(ApiHost::new(&format!("https://{address}")).unwrap());
        let error = https.send(&question, Attempt::by_user()).await.unwrap_err();
        assert!(matches!(error, ApiError::NoReply { .. }), "{error}");
    }
    assert!(CryptoProvider::get_default().is_none());
}
