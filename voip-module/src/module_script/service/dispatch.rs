//! From a function's arguments to the provider, and back to a result.

use std::collections::BTreeMap;

use serde::Serialize;
use url::Url;

use super::ModuleService;
use super::ask::Arguments;
use super::webhook;
use crate::error::Error;
use crate::log;
use crate::model::{VoipCallRecord, VoipMember, VoipTestConnectionResult, VoipWebhookRequest};
use crate::module_script::protocol::{ErrorCode, Failure, Function, MAX_MEMBERS};
use crate::module_script::push::PushTarget;
use crate::module_script::script::Language;
use crate::provider::VoipProvider;

/// The result of a function.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Answer {
    Tested(VoipTestConnectionResult),
    Parsed(Box<Parsed>),
    Members { members: Vec<VoipMember> },
    Link { link: String },
    Done {},
}

/// The result of a webhook: all that is known, whatever the platform's edition.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parsed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<VoipWebhookRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) call_record: Option<VoipCallRecord>,
    pub(super) response: Response,
}

/// The answer to the sender of a webhook request.
#[derive(Serialize)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

/// An answer, and a detail for the log.
pub(super) type Answered = Result<(Answer, Option<String>), Failure>;

impl<P: VoipProvider> ModuleService<P> {
    /// Calls the provider's function. Buttons that it does not declare are refused by the router.
    // W112
    pub(super) async fn dispatch(&self, function: Function, args: &Arguments) -> Answered {
        let router = &self.router;
        let numbers = || Ok::<_, Error>((args.text("srcPhone")?, args.text("dstPhone")?));
        match function {
            Function::TestConnection => return Ok(self.test_connection(args).await),
            Function::ParseWebhook => return self.parse_webhook(args).await,
            Function::WebhookUpdated => return self.webhook_updated(args).await,
            Function::Members => {
                let members = router.provider().members().await?;
                if members.len() > MAX_MEMBERS {
                    log::fault("the provider has too many members", "");
                    let message = "the provider has too many members";
                    return Err(Failure::new(ErrorCode::Internal, message));
                }
                return Ok((Answer::Members { members: VoipMember::distinct(members) }, None));
            }
            Function::CallLink => {
                let call = args.get("callData").unwrap_or_default();
                let link = router.provider().call_link(call).await?;
                return Ok((Answer::Link { link: link.into() }, None));
            }
            Function::GenerateCall => {
                let (src_phone, dst_phone) = numbers()?;
                router.generate_call(src_phone, dst_phone).await?;
            }
            Function::AcceptCall => {
                let (src_phone, dst_phone) = numbers()?;
                router.accept_call(src_phone, dst_phone).await?;
            }
            Function::HangupCall => {
                let (src_phone, dst_phone) = numbers()?;
                router.hangup_call(src_phone, dst_phone).await?;
            }
            Function::RedirectCall => {
                let (src_phone, dst_phone) = numbers()?;
                let redirect_to = args.text("redirectTo")?;
                Error::require("redirect_to", redirect_to)?;
                router.redirect_call(src_phone, dst_phone, redirect_to).await?;
            }
            Function::HoldCall => {
                let (src_phone, dst_phone) = numbers()?;
                router.hold_call(src_phone, dst_phone, args.flag("hold")?).await?;
            }
        }
        Ok((Answer::Done {}, None))
    }

    async fn parse_webhook(&self, args: &Arguments) -> Answered {
        #[cfg(feature = "standard-webhooks")]
        if let Some(answer) = self.signed_push(args) {
            return Ok((answer, Some("push".into())));
        }
        let request = webhook::request(args)?;
        let outcome = self.router.process(request).await;
        if outcome.result.call_record.as_ref().is_some_and(VoipCallRecord::has_inexact_number) {
            self.warn_of_inexact_numbers();
        }
        let refusal = Some(outcome.response.status()).filter(|status| !status.is_success());
        let detail = refusal.map(|status| format!("response {}", status.as_u16()));
        Ok((webhook::answer(outcome)?, detail))
    }

    /// Tests the connection. This is the one place where a user reads text, so it names everything
    /// that is wrong.
    // W113
    async fn test_connection(&self, args: &Arguments) -> (Answer, Option<String>) {
        let language = match args.get("language").and_then(serde_json::Value::as_str) {
            Some("ru") => Language::Ru,
            _ => Language::En,
        };
        let buttons = self.router.provider().buttons();
        let script: Vec<&str> = args.texts("functions").collect();
        let (mut lacking, mut unused) = (Vec::new(), Vec::new());
        for function in Function::ALL {
            let Some(button) = function.button() else { continue };
            let name = function.vendor_name();
            match (script.contains(&name), buttons.contains(button)) {
                (true, false) => lacking.push(name),
                (false, true) => unused.push(name),
                _ => {}
            }
        }
        // W60
        if let Some(url) = args.get("webhookUrl").and_then(serde_json::Value::as_str) {
            if let Err(failure) = self.set_target(url) {
                log::fault("the script's webhook URL was not taken", &failure.message);
            }
        }
        let mut faults = Vec::new();
        if !lacking.is_empty() {
            faults.push(language.buttons_lacking(&lacking.join(", ")));
        }
        let tested = self.router.provider().test_connection().await;
        faults.extend(tested.fail_reason().map(str::to_owned));
        faults.extend(self.push_fault(language));
        let detail =
            (!unused.is_empty()).then(|| format!("the script lacks {}", unused.join(", ")));
        let result = match &*faults {
            [] => VoipTestConnectionResult::ok(),
            faults => VoipTestConnectionResult::failed(faults.join(" ")),
        };
        (Answer::Tested(result), detail)
    }

    // W114
    async fn webhook_updated(&self, args: &Arguments) -> Answered {
        let url = self.set_target(args.text("webhookUrl")?)?;
        let detail = url.host_str().map(|host| format!("host={host}"));
        self.router.provider().on_webhook_updated(&url).await?;
        Ok((Answer::Done {}, detail))
    }

    /// Checks a webhook URL and makes it the target of pushes.
    fn set_target(&self, url: &str) -> Result<Url, Failure> {
        let refuse = |message| Err(Failure::new(ErrorCode::InvalidArgument, message));
        let Ok(url) = Url::parse(url) else {
            return refuse("the webhook URL is not an absolute URL");
        };
        let host = url.host_str().unwrap_or_default();
        if !self.hosts.is_empty() && !self.hosts.iter().any(|it| it.eq_ignore_ascii_case(host)) {
            return refuse("the webhook URL's host is not allowed");
        }
        if let Err(reason) = PushTarget::check(url.clone(), self.allows_http) {
            return refuse(reason);
        }
        if let Some(push) = &self.push {
            push.set_target(url.clone())?;
        }
        Ok(url)
    }
}
