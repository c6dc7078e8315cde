//! Stable words for problems of payloads.

use crate::wire::words::words;

words! {
    /// A stable word for a problem in a payload. New codes may be added; none changes its meaning.
    ///
    /// ```
    /// use pbx_integration::wire::Code;
    ///
    /// assert_eq!(Code::BadDuration.to_string(), "bad_duration");
    /// ```
    pub enum Code {
        /// The payload is not JSON.
        BadJson = "bad_json",
        /// The payload is JSON, but not an object.
        NotAnObject = "not_an_object",
        /// The payload has more bytes than the limit.
        TooLarge = "too_large",
        /// The payload is nested deeper than the limit.
        TooDeep = "too_deep",
        /// The payload has more entries in its lists and unknown fields than the limit.
        TooManyEntries = "too_many_entries",
        /// The payload is not valid UTF-8, or has half a surrogate pair.
        NotUtf8 = "not_utf8",
        /// A required field is absent, null or empty.
        Missing = "missing",
        /// The field does not accept this JSON type.
        WrongType = "wrong_type",
        /// Not an id.
        BadId = "bad_id",
        /// Not a boolean.
        BadBoolean = "bad_boolean",
        /// Not an integer.
        BadInteger = "bad_integer",
        /// Not a timestamp.
        BadTimestamp = "bad_timestamp",
        /// A start of zero.
        ZeroStart = "zero_start",
        /// A negative timestamp.
        NegativeTime = "negative_time",
        /// A timestamp in milliseconds instead of seconds.
        TimeInMs = "time_in_ms",
        /// Not a duration.
        BadDuration = "bad_duration",
        /// Not a decimal number.
        BadDecimal = "bad_decimal",
        /// Not a mean opinion score.
        BadMos = "bad_mos",
        /// A leg record with neither a trunk nor an extension.
        UnusedLeg = "unused_leg",
        /// Start, connect and end are out of order.
        TimeOrder = "time_order",
        /// A leg, state or recording starts before the call or ends after it.
        OutsideCall = "outside_call",
        /// More hold than talk.
        HoldOverTalk = "hold_over_talk",
        /// The durations of a state exceed the time it lasted.
        StateTooLong = "state_too_long",
        /// The durations of all states exceed the call.
        StatesTooLong = "states_too_long",
        /// Talk, although no leg was connected.
        TalkWithoutConnect = "talk_without_connect",
        /// The call was connected, but none of its legs.
        ConnectWithoutLeg = "connect_without_leg",
        /// The agent who talked also missed the call in the same state.
        AgentAlsoMissed = "agent_also_missed",
        /// A finished call without an end.
        NoEnd = "no_end",
        /// A SIP code outside 100 to 699.
        CodeRange = "code_range",
        /// A call-ID that is blank, too long or has control characters.
        BadCallid = "bad_callid",
        /// The state of a live event contradicts its other fields.
        Phase = "phase",
        /// A negative number where none is possible.
        Negative = "negative",
        /// A recording outside the call.
        RecordingOutside = "recording_outside",
        /// The starts of states do not ascend.
        StateOrder = "state_order",
        /// Talk of at most a hundredth of the connected time: seconds instead of milliseconds?
        DurationsTooSmall = "durations_too_small",
        /// A state with talk whose reason says that the caller hung up before.
        TalkAndAbandoned = "talk_and_abandoned",
        /// The state names another extension than the leg that was connected.
        AgentMismatch = "agent_mismatch",
        /// A call of more than twelve hours.
        VeryLong = "very_long",
    }
}
