// Edition 2025.8: `callId` on events: W66.

declare enum VoipCallDirection { In, Out }

interface VoipWebhookRequest {
    event: VoipWebhookEvent;
    direction: VoipCallDirection;
    srcPhone: string;
    dstPhone: string;
    disposition: VoipCallDisposition;
    callId?: string;
}

interface VoipCallRecord {
    srcPhone: string;
    dstPhone: string;
    direction: VoipCallDirection;
    disposition: VoipCallDisposition;
    duration: number;
    call: any;
}
