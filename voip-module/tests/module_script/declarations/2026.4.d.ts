// Edition 2026.4: `callId` on records too, extensions, and internal calls: W67.

declare enum VoipCallDirection { In, Out, Internal }

interface VoipWebhookRequest {
    event: VoipWebhookEvent;
    direction: VoipCallDirection;
    srcPhone: string;
    dstPhone: string;
    disposition: VoipCallDisposition;
    callId?: string;
    srcPhoneExt?: string;
    dstPhoneExt?: string;
}

interface VoipCallRecord {
    srcPhone: string;
    dstPhone: string;
    direction: VoipCallDirection;
    disposition: VoipCallDisposition;
    duration: number;
    call: any;
    callId?: string;
    srcPhoneExt?: string;
    dstPhoneExt?: string;
}
