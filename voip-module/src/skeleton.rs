//! The vendor's empty module.

use async_trait::async_trait;
use http::StatusCode;

use crate::carrier::{HttpResponse, WebhookRequest};
use crate::error::{Error, ParseError};
use crate::model::{CallData, VoipMember, VoipTestConnectionResult, VoipWebhookParseResult};
use crate::provider::VoipProvider;

/// A provider that does what the vendor's empty module does (V30): the connection test fails with a
/// reason, the parser answers 400 `Hello, world!`, and everything else is not implemented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "has no state")]
pub struct Skeleton;

#[async_trait]
impl VoipProvider for Skeleton {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        VoipTestConnectionResult::failed("VoipTestConnection is not implemented")
    }

    async fn parse_webhook(
        &self,
        _: &WebhookRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        let answer = HttpResponse::new().status(StatusCode::BAD_REQUEST).content("Hello, world!");
        Ok(VoipWebhookParseResult::response(answer))
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        Err(Error::NotImplemented { operation: "VoipGetMembers" })
    }

    async fn generate_call(&self, _: &str, _: &str) -> Result<(), Error> {
        Err(Error::NotImplemented { operation: "VoipGenerateCall" })
    }

    async fn call_link(&self, _: &CallData) -> Result<String, Error> {
        Err(Error::NotImplemented { operation: "VoipGetCallLink" })
    }
}
