//! Pushes to results (§11.2).

use std::borrow::Cow;

use bytes::Bytes;
use http::Method;
use serde_json::{Map, Value};

use super::{
    GravitelOptions, GravitelPush, NumberOrder, OperatorId, PushKind, UnknownEvent, duration,
};
use crate::carrier::{FORM_EXPECTED, HttpResponse, WebhookRequest};
use crate::error::ParseError;
use crate::limits::Limits;
use crate::media_type::MediaType;
use crate::model::{
    ProviderNotice, VoipCallDirection as Direction, VoipCallDisposition as Disposition,
    VoipCallRecord, VoipWebhookEvent as Event, VoipWebhookParseResult, VoipWebhookRequest,
};
use crate::secret::Secret;

/// Opens a request: the gates V78 to V83, in that order. Gives the text of the push, and whether it
/// is JSON.
pub(super) fn open<'a>(
    request: &'a WebhookRequest,
    options: &GravitelOptions,
) -> Result<(Cow<'a, str>, bool), ParseError> {
    let is_json = request.method() != Method::GET && gate(request, options)?;
    let text = if options.is_sample() && request.is_text() {
        // A script gets text, whatever the bytes were (V83).
        String::from_utf8_lossy(request.form())
    } else {
        request.text()?.into()
    };
    Ok((text, is_json))
}

/// Reads a push, and checks its key (V84, V108–V118).
pub(super) fn read_push<'a>(
    (text, is_json): &'a (Cow<'_, str>, bool),
    limits: &Limits,
    options: &GravitelOptions,
    crm_key: Option<&Secret>,
) -> Result<GravitelPush<'a>, ParseError> {
    let push = if *is_json {
        GravitelPush::parse_json(text, limits)?
    } else {
        GravitelPush::parse_form(text, options, limits)?
    };
    if let (Some(key), false) = (crm_key, options.is_sample()) {
        push.check_token(key)?;
    }
    Ok(push)
}

/// Checks the content type (V78–V82, V120, V121, V134); true for JSON.
fn gate(request: &WebhookRequest, options: &GravitelOptions) -> Result<bool, ParseError> {
    if options.is_sample() && MediaType::is_exactly_form(request.headers()) {
        return Ok(false);
    }
    let media_type = MediaType::of(request.headers())?;
    if options.accept_json && media_type.is_json() {
        Ok(true)
    } else if media_type.is_form() && !options.is_sample() {
        Ok(false)
    } else {
        Err(ParseError::UnsupportedMediaType { expected: FORM_EXPECTED })
    }
}

impl GravitelPush<'_> {
    /// What the platform should do about this push (§11.2). A `contact` is answered as if nobody
    /// was known; [`GravitelProvider`](super::GravitelProvider) asks its look-up.
    ///
    /// # Errors
    ///
    /// [`ParseError::MissingField`], [`ParseError::InvalidField`] and
    /// [`ParseError::UnknownEventType`].
    ///
    /// ```
    /// use voip_module::gravitel::{GravitelOptions, GravitelPush};
    /// use voip_module::router::Limits;
    ///
    /// let body = "cmd=event&type=OUTGOING&phone=79990000002&ext=702&callid=C-2";
    /// for (options, numbers) in [
    ///     (GravitelOptions::default(), ("702", "79990000002")),
    ///     (GravitelOptions::sample_compat(), ("79990000002", "702")),
    /// ] {
    ///     let push = GravitelPush::parse_form(body, &options, &Limits::default())?;
    ///     let event = push.to_result(&options)?.event.expect("an event");
    ///     assert_eq!((&*event.src_phone, &*event.dst_phone), numbers);
    /// }
    /// # Ok::<(), voip_module::ParseError>(())
    /// ```
    pub fn to_result(
        &self,
        options: &GravitelOptions,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        let kind = self.kind(options);
        if !options.is_sample() && kind != PushKind::Other {
            self.check_numbers()?;
        }
        let mut result = match kind {
            PushKind::Event => self.event_result(options)?,
            PushKind::History => VoipWebhookParseResult::call_record(self.record(options)?),
            PushKind::Contact if !options.is_sample() => {
                VoipWebhookParseResult::response(contact_response("{}".into()))
            }
            PushKind::Rating if !options.is_sample() => {
                let mut result = VoipWebhookParseResult::empty();
                result.notice = Some(ProviderNotice::Rated {
                    call_id: owned(&self.callid),
                    rating: owned(&self.rating),
                    phone: owned(&self.phone),
                    user: owned(&self.user),
                });
                result
            }
            PushKind::Contact | PushKind::Rating | PushKind::Other => {
                VoipWebhookParseResult::empty()
            }
        };
        result.delivery_id = self.delivery_id(kind);
        Ok(result.for_platform(options.platform_version))
    }

    /// V85–V91.
    fn event_result(
        &self,
        options: &GravitelOptions,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        let kind = self.r#type.as_deref().unwrap_or_default();
        let is =
            |word: &str| kind == word || (!options.is_sample() && kind.eq_ignore_ascii_case(word));
        // In the sample only `OUTGOING` is outgoing (V86–V89); otherwise the push may say (V125).
        let told = if options.is_sample() { Direction::In } else { self.told_direction() };
        let (event, direction, disposition) = match () {
            () if is("INCOMING") => (Event::NotifyStart, Direction::In, Disposition::Unknown),
            () if is("ACCEPTED") => (Event::NotifyAnswer, told, Disposition::Unknown),
            () if is("COMPLETED") => (Event::NotifyEnd, told, Disposition::Unknown),
            () if is("CANCELLED") => (Event::NotifyEnd, told, Disposition::Cancel),
            () if is("OUTGOING") => (Event::NotifyStart, Direction::Out, Disposition::Unknown),
            () if is("TRANSFERRED") && !options.is_sample() => {
                let mut result = VoipWebhookParseResult::empty();
                result.notice = Some(ProviderNotice::Transferred {
                    call_id: owned(&self.callid),
                    second_call_id: owned(&self.second_callid),
                    phone: owned(&self.phone),
                    ext: owned(&self.ext),
                });
                return Ok(result);
            }
            () if options.unknown_event == UnknownEvent::Ignore => {
                return Ok(VoipWebhookParseResult::empty());
            }
            () => return Err(ParseError::UnknownEventType),
        };
        let (src_phone, dst_phone) = self.numbers(direction, options)?;
        let mut request = VoipWebhookRequest::new(event, direction, src_phone, dst_phone)
            .disposition(disposition);
        if !options.is_sample() {
            request.call_id = owned(&self.callid);
        }
        Ok(VoipWebhookParseResult::event(request))
    }

    /// V92, V93, V99–V102.
    fn record(&self, options: &GravitelOptions) -> Result<VoipCallRecord, ParseError> {
        let kind = self.r#type.as_deref().unwrap_or_default();
        let is_out = kind == "out" || (!options.is_sample() && kind.eq_ignore_ascii_case("out"));
        let direction = if is_out { Direction::Out } else { Direction::In };
        let (src_phone, dst_phone) = self.numbers(direction, options)?;
        let seconds = self.duration.as_deref().unwrap_or_default();
        let mut record = VoipCallRecord::new(direction, src_phone, dst_phone)
            .disposition(self.disposition(options))
            .duration(if options.is_sample() {
                duration::as_script(seconds)
            } else {
                duration::strict(seconds)?
            })
            .call(self.call_data(options));
        if !options.is_sample() {
            record.call_id = owned(&self.callid);
        }
        Ok(record)
    }

    /// V100.
    fn disposition(&self, options: &GravitelOptions) -> Disposition {
        const SAMPLE: [(&str, Disposition); 4] = [
            ("Success", Disposition::Answered),
            ("Busy", Disposition::Busy),
            ("Missed", Disposition::Cancel),
            ("NotAvailable", Disposition::NoAnswer),
        ];
        let status = self.status.as_deref().unwrap_or_default();
        let found = SAMPLE.into_iter().find(|(word, _)| {
            *word == status || (!options.is_sample() && word.eq_ignore_ascii_case(status))
        });
        match found {
            Some((_, disposition)) => disposition,
            None if !options.is_sample() && status.eq_ignore_ascii_case("Cancel") => {
                Disposition::Cancel
            }
            None => Disposition::Unknown,
        }
    }

    /// V101, V124.
    fn call_data(&self, options: &GravitelOptions) -> Value {
        let mut parts = vec![("id", &self.callid), ("link", &self.link)];
        if !options.is_sample() {
            parts.extend([("user", &self.user), ("start", &self.start), ("status", &self.status)]);
        }
        let parts = parts
            .into_iter()
            .filter_map(|(name, part)| Some((name.to_owned(), Value::String(owned(part)?))));
        Value::Object(parts.collect::<Map<_, _>>())
    }

    /// The direction that the push tells; incoming unless it says otherwise (V125).
    fn told_direction(&self) -> Direction {
        let told = self.direction.as_deref().unwrap_or_default();
        let told_is = |direction: &Direction| direction.as_str().eq_ignore_ascii_case(told);
        Direction::ALL.iter().copied().find(told_is).unwrap_or(Direction::In)
    }

    /// `srcPhone` and `dstPhone` (V77, V97, V98, V119).
    fn numbers(
        &self,
        direction: Direction,
        options: &GravitelOptions,
    ) -> Result<(String, String), ParseError> {
        let client = self.phone.as_deref().unwrap_or_default();
        if client.is_empty() && !options.is_sample() {
            return Err(ParseError::MissingField("phone"));
        }
        let (client, operator) = (client.to_owned(), self.operator(options).to_owned());
        let operator_calls =
            direction == Direction::Out && options.number_order == NumberOrder::ByDirection;
        Ok(if operator_calls { (operator, client) } else { (client, operator) })
    }

    fn operator(&self, options: &GravitelOptions) -> &str {
        let ext = self.ext.as_deref().unwrap_or_default();
        if !ext.is_empty() || options.operator_id == OperatorId::Ext {
            return ext;
        }
        // The switch and groups are not operators (§13).
        let is_person = |user: &&str| !user.eq_ignore_ascii_case("pbx") && !user.starts_with("g_");
        let telnum = self.telnum.as_deref().filter(|telnum| !telnum.is_empty());
        telnum.or_else(|| self.user.as_deref().filter(is_person)).unwrap_or_default()
    }

    /// Refuses control characters in numbers (V133).
    fn check_numbers(&self) -> Result<(), ParseError> {
        let numbers = [
            ("phone", &self.phone),
            ("ext", &self.ext),
            ("telnum", &self.telnum),
            ("diversion", &self.diversion),
        ];
        for (field, number) in numbers {
            if number.as_deref().is_some_and(|number| number.chars().any(char::is_control)) {
                let reason = "a number holds no control characters";
                return Err(ParseError::InvalidField { field, reason });
            }
        }
        Ok(())
    }

    /// `cmd`, `type` or `status`, `callid` and `ext`; nothing without a `callid`, and nothing for a
    /// question, which wants an answer each time (§13).
    fn delivery_id(&self, kind: PushKind) -> Option<String> {
        let callid = self.callid.as_deref().filter(|callid| !callid.is_empty())?;
        let (cmd, what) = match kind {
            PushKind::Event => ("event", &self.r#type),
            PushKind::History => ("history", &self.status),
            PushKind::Rating => ("rating", &self.rating),
            PushKind::Contact | PushKind::Other => return None,
        };
        let (what, ext) =
            (what.as_deref().unwrap_or_default(), self.ext.as_deref().unwrap_or_default());
        // Lengths keep fields apart, whatever they hold.
        Some(format!("{cmd} {}:{what} {}:{callid} {ext}", what.len(), callid.len()))
    }
}

fn owned(text: &Option<Cow<'_, str>>) -> Option<String> {
    text.as_deref().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The answer to `contact`: 200 and a JSON object (V66).
pub(super) fn contact_response(json: String) -> http::Response<Bytes> {
    let json_type = http::HeaderValue::from_static("application/json");
    HttpResponse::new().content(json).header(http::header::CONTENT_TYPE, json_type).into()
}
