//! Pushes to results.

use serde_json::{Map, Value};

use super::direction::{Stated, is_direction, is_type};
use super::operator::Operator;
use super::{
    Accounts, GravitelOptions, GravitelPush, NumberOrder, PushKind, UnknownEvent, duration,
};
use crate::carrier::HttpResponse;
use crate::error::ParseError;
use crate::log;
use crate::model::{
    LegFacts, Notice, VoipCallDirection as Direction, VoipCallDisposition as Disposition,
    VoipCallRecord, VoipWebhookEvent as Event, VoipWebhookParseResult, VoipWebhookRequest,
};

/// The longest text that is kept of an invalid field.
const MAX_KEPT: usize = 64;

pub(super) const EVENT_TYPES: &str = "INCOMING, ACCEPTED, COMPLETED, CANCELLED or OUTGOING";

impl GravitelPush<'_> {
    /// Converts the push to a result for the platform. A `contact` is answered as for an unknown
    /// caller; [`GravitelProvider`](super::GravitelProvider) asks its look-up.
    ///
    /// # Errors
    ///
    /// [`ParseError::UnknownEventType`], and [`ParseError::MissingField`] for a push without client,
    /// operator and call.
    ///
    /// ```
    /// use voip_module::gravitel::{Accounts, GravitelOptions, GravitelPush};
    ///
    /// let push = GravitelPush::parse_form("cmd=event&type=OUTGOING&phone=79990000002&ext=702")?;
    /// let result = push.to_result(&GravitelOptions::default(), &Accounts::default())?;
    /// let event = result.event.expect("an event");
    /// assert_eq!((&*event.src_phone, &*event.dst_phone), ("702", "79990000002"));
    /// # Ok::<(), voip_module::ParseError>(())
    /// ```
    pub fn to_result(
        &self,
        options: &GravitelOptions,
        accounts: &Accounts,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        let operator = Operator::of(self, accounts, options.operator_id);
        match self.kind() {
            PushKind::Event => self.event(&operator, options),
            PushKind::History => self.record(&operator, options),
            PushKind::Contact => Ok(VoipWebhookParseResult::response(nobody())),
            PushKind::Rating => {
                let (phone, rating) = (self.phone(), self.rating());
                let notice = Notice::rated(self.callid(), rating, phone, operator.id);
                Ok(VoipWebhookParseResult::notice(notice))
            }
            PushKind::Other => {
                log::without_effect(self.cmd());
                Ok(VoipWebhookParseResult::empty())
            }
        }
    }

    // V85–V91
    fn event(
        &self,
        operator: &Operator<'_>,
        options: &GravitelOptions,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        let is = |word: &str| self.r#type().eq_ignore_ascii_case(word);
        let (event, stated, disposition) = match () {
            () if is("INCOMING") => {
                (Event::NotifyStart, Stated::start(self, Direction::In), Disposition::Unknown)
            }
            () if is("ACCEPTED") => {
                (Event::NotifyAnswer, Stated::event(self), Disposition::Unknown)
            }
            () if is("COMPLETED") => (Event::NotifyEnd, Stated::event(self), Disposition::Unknown),
            () if is("CANCELLED") => (Event::NotifyEnd, Stated::event(self), Disposition::Cancel),
            () if is("OUTGOING") => {
                (Event::NotifyStart, Stated::start(self, Direction::Out), Disposition::Unknown)
            }
            () if is("TRANSFERRED") => {
                let (call, second) = (self.callid(), self.second_callid());
                let notice = Notice::transferred(call, second, self.phone(), operator.id);
                return Ok(VoipWebhookParseResult::notice(notice));
            }
            () if options.unknown_event == UnknownEvent::Ignore => {
                log::without_effect(self.cmd());
                return Ok(VoipWebhookParseResult::empty());
            }
            () => return Err(ParseError::unknown_event(EVENT_TYPES, self.r#type())),
        };
        self.check_subject(operator)?;
        let (src_phone, dst_phone) = self.numbers(operator, &stated, options);
        let event = VoipWebhookRequest::new(event, stated.or_in(), src_phone, dst_phone)
            .disposition(disposition)
            .call_id(self.callid());
        let leg = leg(operator, &stated, options);
        Ok(VoipWebhookParseResult::event(event).with_leg(leg))
    }

    // V92, V93, V99–V102
    fn record(
        &self,
        operator: &Operator<'_>,
        options: &GravitelOptions,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        self.check_subject(operator)?;
        let stated = Stated::record(self);
        let (src_phone, dst_phone) = self.numbers(operator, &stated, options);
        let mut record = VoipCallRecord::new(stated.or_in(), src_phone, dst_phone);
        record.disposition = self.disposition();
        record.duration = duration::seconds(self.duration()).unwrap_or_default();
        record.call = self.call_data();
        let mut result = VoipWebhookParseResult::call_record(record.call_id(self.callid()));
        result.leg = Some(leg(operator, &stated, options));
        Ok(result)
    }

    /// Refuses a push without client, operator and call.
    // V98
    fn check_subject(&self, operator: &Operator<'_>) -> Result<(), ParseError> {
        if self.phone().is_empty() && operator.id.is_empty() && self.callid().is_empty() {
            return Err(ParseError::MissingField("phone"));
        }
        Ok(())
    }

    // V100
    fn disposition(&self) -> Disposition {
        const WORDS: [(&str, Disposition); 5] = [
            ("Success", Disposition::Answered),
            ("Busy", Disposition::Busy),
            ("Missed", Disposition::Cancel),
            ("Cancel", Disposition::Cancel),
            ("NotAvailable", Disposition::NoAnswer),
        ];
        let found = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(self.status()));
        found.map_or(Disposition::Unknown, |(_, disposition)| *disposition)
    }

    // V101, V124, V141
    fn call_data(&self) -> Value {
        let mut call = Map::new();
        let mut keep = |name: &str, text: String| {
            if !text.is_empty() {
                call.insert(name.to_owned(), Value::String(text));
            }
        };
        for (name, text) in [
            ("id", self.callid()),
            ("link", self.link()),
            ("user", self.user()),
            ("start", self.start()),
            ("status", self.status()),
        ] {
            keep(name, text.to_owned());
        }
        for (name, text, is_known) in [
            ("duration", self.duration(), duration::is_plain(self.duration())),
            ("type", self.r#type(), is_type(self.r#type())),
            ("direction", self.direction(), is_direction(self.direction())),
        ] {
            if !is_known {
                keep(name, text.chars().take(MAX_KEPT).collect());
            }
        }
        for (name, text) in self.invalid_numbers() {
            keep(name, without_controls(text).chars().take(MAX_KEPT).collect());
        }
        Value::Object(call)
    }

    /// `srcPhone` and `dstPhone`.
    // V77
    fn numbers<'a>(
        &'a self,
        operator: &Operator<'a>,
        stated: &Stated,
        options: &GravitelOptions,
    ) -> (&'a str, &'a str) {
        let client = self.phone();
        if stated.operator_calls && options.number_order == NumberOrder::ByDirection {
            (operator.id, client)
        } else {
            (client, operator.id)
        }
    }
}

fn leg(operator: &Operator<'_>, stated: &Stated, options: &GravitelOptions) -> LegFacts {
    LegFacts {
        names: operator.other_names(),
        rank: operator.rank,
        direction: stated.direction,
        operator_calls: stated.operator_calls,
        client_first: options.number_order == NumberOrder::ClientFirst,
    }
}

/// The text with its control characters percent-encoded.
fn without_controls(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                encoded.push_str(percent_encoding::percent_encode_byte(byte));
            }
        } else {
            encoded.push(character);
        }
    }
    encoded
}

/// The answer to `contact` for an unknown caller: 200 and an empty JSON object.
// V66
pub(super) fn nobody() -> HttpResponse {
    let json_type = http::HeaderValue::from_static("application/json");
    HttpResponse::new().content("{}").header(http::header::CONTENT_TYPE, json_type)
}
