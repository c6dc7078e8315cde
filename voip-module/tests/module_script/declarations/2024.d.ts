// Edition 2024: five members of events, six of records: W65.

declare enum VoipCallDirection { In, Out }

interface VoipWebhookRequest {
    event: VoipWebhookEvent;
    direction: VoipCallDirection;
    srcPhone: string;
    dstPhone: string;
    disposition: VoipCallDisposition;
}

interface VoipCallRecord {
    srcPhone: string;
    dstPhone: string;
    direction: VoipCallDirection;
    disposition: VoipCallDisposition;
    duration: number;
    call: any;
}
