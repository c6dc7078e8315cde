// Types of the platform that every edition has, written from the pages of its TypeScript SDK.
// Nothing else is promised to a module's script: W33.

interface FetchRequest {
    method?: string;
    headers?: { [name: string]: string };
    body?: Body;
}

interface FetchResponse {
    status: number;
    statusText: string;
    ok: boolean;
    json(): Promise<any>;
    text(): Promise<string>;
}

declare function fetch(url: string, request?: FetchRequest): Promise<FetchResponse>;

declare class HttpResponse {
    status(code: number): HttpResponse;
    content(text: string): HttpResponse;
}

declare namespace Namespace {
    // W48
    const params: { data: { serviceUrl?: string; serviceKey?: string } };
    // W15
    const services: { telephony: { fetch(path: string, request?: FetchRequest): Promise<FetchResponse> } };
    // W60
    const storage: {
        getItem(key: string): Promise<string | null>;
        setItem(key: string, value: string): Promise<void>;
    };
}

interface VoipTestConnectionResult {
    success: boolean;
    failReason?: string;
}

interface VoipMember {
    id: string;
    label: string;
}

interface VoipWebhookParseResult {
    event?: VoipWebhookRequest;
    callRecord?: VoipCallRecord;
    response?: HttpResponse;
}

declare enum VoipWebhookEvent { NotifyStart, NotifyAnswer, NotifyEnd }

declare enum VoipCallDisposition { Answered, Busy, Cancel, NoAnswer, Unknown }
