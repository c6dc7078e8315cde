// voip-module VERSION · protocol 1 · ELMA365 / Brix365 2025.8 · URL
// Generated; do not edit, generate it again.
// Functions: VoipTestConnection, VoipParseWebhookRequest, VoipGetMembers, VoipGenerateCall, VoipGetCallLink, VoipOnWebhookUpdated, VoipAcceptCall, VoipHangupCall, VoipRedirectCall, VoipHoldCall
// Settings of the module: serviceUrl, serviceKey

// Tests the connection to the service and to the PBX.
async function VoipTestConnection(): Promise<VoipTestConnectionResult> {
    const args: any = { generator: 'VERSION', language: 'en', functions: ['VoipTestConnection', 'VoipParseWebhookRequest', 'VoipGetMembers', 'VoipGenerateCall', 'VoipGetCallLink', 'VoipOnWebhookUpdated', 'VoipAcceptCall', 'VoipHangupCall', 'VoipRedirectCall', 'VoipHoldCall'] };
    const reply = await voipBridgePost('test-connection', args);
    if (reply.code === 'ok' && reply.result.success === true) {
        return { success: true };
    }
    if (reply.code === 'ok' && typeof reply.result.failReason === 'string') {
        return { success: false, failReason: reply.result.failReason };
    }
    const detail = reply.code === 'unreachable' ? ' ' + voipBridgeClean(reply.message, 120) : '';
    return { success: false, failReason: voipBridgeText(reply) + detail };
}

// Returns the PBX's operators, for the mapping table.
async function VoipGetMembers(): Promise<VoipMember[]> {
    const result = await voipBridgeAsk('members', {});
    const members: VoipMember[] = [];
    for (const member of Array.isArray(result.members) ? result.members : []) {
        if (member && typeof member.id === 'string' && member.id) {
            members.push({ id: member.id, label: typeof member.label === 'string' && member.label ? member.label : member.id });
        }
    }
    return members;
}

// Starts a call from an operator to a number.
async function VoipGenerateCall(srcPhone: string, dstPhone: string): Promise<void> {
    await voipBridgeAsk('generate-call', { srcPhone: srcPhone, dstPhone: dstPhone });
}

// Returns the link to a recording.
async function VoipGetCallLink(callData: any): Promise<string> {
    const result = await voipBridgeAsk('call-link', { callData: callData });
    if (typeof result.link !== 'string' || !/^https?:\/\/./.test(result.link)) {
        throw new Error('The recording cannot be opened.');
    }
    return result.link;
}

// Gives the service the new address of the webhook.
async function VoipOnWebhookUpdated(webhookUrl: string): Promise<void> {
    await voipBridgeAsk('webhook-updated', { webhookUrl: webhookUrl });
}

// Accepts a call.
async function VoipAcceptCall(srcPhone: string, dstPhone: string): Promise<void> {
    await voipBridgeAsk('accept-call', { srcPhone: srcPhone, dstPhone: dstPhone });
}

// Ends a call.
async function VoipHangupCall(srcPhone: string, dstPhone: string): Promise<void> {
    await voipBridgeAsk('hangup-call', { srcPhone: srcPhone, dstPhone: dstPhone });
}

// Connects the client to another operator.
async function VoipRedirectCall(srcPhone: string, dstPhone: string, redirectTo: string): Promise<void> {
    await voipBridgeAsk('redirect-call', { srcPhone: srcPhone, dstPhone: dstPhone, redirectTo: redirectTo });
}

// Holds a call, or resumes it.
async function VoipHoldCall(srcPhone: string, dstPhone: string, hold: boolean): Promise<void> {
    await voipBridgeAsk('hold-call', { srcPhone: srcPhone, dstPhone: dstPhone, hold: hold });
}

// Turns a request to the webhook into an event, a call record and the answer to the sender. Never throws.
async function VoipParseWebhookRequest(request: FetchRequest): Promise<VoipWebhookParseResult> {
    const from: any = request;
    const isText = from.body === undefined || from.body === null || typeof from.body === 'string';
    const body: string = isText && from.body ? from.body : '';
    if (body.length > 65536) {
        return { response: voipBridgeRefusal('payload_too_large') };
    }
    const push = from.method === 'POST' ? voipBridgePush(body) : undefined;
    if (push !== undefined) {
        return voipBridgePushResult(push);
    }
    const args: any = { method: from.method || 'POST', headers: voipBridgeHeaders(from.headers || {}) };
    voipBridgeAddQuery(args, from);
    if (isText) {
        args.body = body;
    }
    args.bodyIsText = isText;
    const reply = await voipBridgePost('parse-webhook', args);
    if (reply.code !== 'ok') {
        return { response: voipBridgeRefusal(reply.code) };
    }
    return voipBridgeResult(reply.result, voipBridgeAnswer(reply.result.response || {}), 502);
}

// Returns the headers for the service, without those that hold keys or belong to the connection.
function voipBridgeHeaders(headers: any): any {
    const left = /^:|^proxy-|^(authorization|cookie|connection|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;
    const sent: any = Object.create(null);
    for (const name of Object.keys(headers)) {
        if (typeof headers[name] === 'string' && !left.test(name)) {
            sent[name] = headers[name];
        }
    }
    return sent;
}

// Adds the query without the webhook's token.
function voipBridgeAddQuery(args: any, from: any): void {
    const path = from.headers && from.headers[':path'];
    if (typeof path === 'string') {
        const at = path.indexOf('?');
        const pairs = at < 0 ? [] : path.slice(at + 1).split('&');
        args.rawQuery = pairs.filter((pair: string) => !voipBridgeIsToken(pair.split('=')[0])).join('&');
    } else if (from.query && typeof from.query === 'object') {
        args.query = [];
        for (const name of Object.keys(from.query)) {
            const values: any[] = Array.isArray(from.query[name]) ? from.query[name] : [from.query[name]];
            for (const value of name.toLowerCase() === 'token' ? [] : values) {
                args.query.push([name, String(value)]);
            }
        }
    }
}

// Returns whether a parameter is the webhook's token.
function voipBridgeIsToken(name: string): boolean {
    let decoded = name;
    try {
        decoded = decodeURIComponent(name);
    } catch (e: any) {
        decoded = name;
    }
    return decoded.toLowerCase() === 'token';
}

// Returns a push of the service, or undefined for a request of anyone else.
function voipBridgePush(body: string): any {
    let push: any;
    try {
        push = JSON.parse(body);
    } catch (e: any) {
        push = undefined;
    }
    return push && push.voipBridge === 1 ? push : undefined;
}

// Hands a push to the platform. The platform has checked the token.
function voipBridgePushResult(push: any): VoipWebhookParseResult {
    if (push.signed !== undefined) {
        return { response: voipBridgeRefusal('unauthorized') };
    }
    if (typeof push.id !== 'string' || !(push.event || push.callRecord)) {
        return { response: voipBridgeResponse(422, '{"error":"unusable push"}') };
    }
    return voipBridgeResult(push, voipBridgeResponse(200, JSON.stringify({ voipBridge: 1, accepted: push.id })), 422);
}

// Makes the result for the platform. A part with an unknown word is left out and reported.
function voipBridgeResult(from: any, response: HttpResponse, faultStatus: number): VoipWebhookParseResult {
    const event = voipBridgeEvent(from.event);
    const record = voipBridgeRecord(from.callRecord);
    const isFault = event === null || record === null;
    const result: VoipWebhookParseResult = {
        response: isFault ? voipBridgeResponse(faultStatus, '{"error":"unknown event or direction"}') : response,
    };
    if (event) {
        result.event = event;
    }
    if (record) {
        result.callRecord = record;
    }
    return result;
}

// Makes an event: undefined without one, null if it is unusable.
function voipBridgeEvent(from: any): VoipWebhookRequest | null | undefined {
    if (!from) {
        return undefined;
    }
    if (from.direction === 'internal') {
        return undefined;
    }
    const stage = voipBridgeStage(from.event);
    const direction = voipBridgeDirection(from.direction);
    if (stage === undefined || direction === undefined) {
        return null;
    }
    const event: VoipWebhookRequest = {
        event: stage,
        direction: direction,
        srcPhone: voipBridgePhone(from.srcPhone),
        dstPhone: voipBridgePhone(from.dstPhone),
        disposition: voipBridgeDisposition(from.disposition),
    };
    if (voipBridgePhone(from.callId)) {
        event.callId = from.callId;
    }
    return event;
}

// Makes a call record: undefined without one, null if it is unusable.
function voipBridgeRecord(from: any): VoipCallRecord | null | undefined {
    if (!from) {
        return undefined;
    }
    if (from.direction === 'internal') {
        return undefined;
    }
    const direction = voipBridgeDirection(from.direction);
    if (direction === undefined) {
        return null;
    }
    const record: VoipCallRecord = {
        srcPhone: voipBridgePhone(from.srcPhone),
        dstPhone: voipBridgePhone(from.dstPhone),
        direction: direction,
        disposition: voipBridgeDisposition(from.disposition),
        duration: typeof from.duration === 'number' && isFinite(from.duration) && from.duration >= 0 ? from.duration : 0,
        call: from.call === undefined ? null : from.call,
    };
    return record;
}

// Returns a text, or an empty string in place of anything else.
function voipBridgePhone(value: any): string {
    return typeof value === 'string' ? value : '';
}

// Returns the stage of a call.
function voipBridgeStage(word: any): VoipWebhookEvent | undefined {
    switch (word) {
        case 'notify_start':
            return VoipWebhookEvent.NotifyStart;
        case 'notify_answer':
            return VoipWebhookEvent.NotifyAnswer;
        case 'notify_end':
            return VoipWebhookEvent.NotifyEnd;
    }
    return undefined;
}

// Returns the direction of a call.
function voipBridgeDirection(word: any): VoipCallDirection | undefined {
    switch (word) {
        case 'in':
            return VoipCallDirection.In;
        case 'out':
            return VoipCallDirection.Out;
    }
    return undefined;
}

// Returns the outcome of a call.
function voipBridgeDisposition(word: any): VoipCallDisposition {
    switch (word) {
        case 'answered':
            return VoipCallDisposition.Answered;
        case 'busy':
            return VoipCallDisposition.Busy;
        case 'cancel':
            return VoipCallDisposition.Cancel;
        case 'no_answer':
            return VoipCallDisposition.NoAnswer;
    }
    return VoipCallDisposition.Unknown;
}

// Returns the service's answer to the sender.
function voipBridgeAnswer(from: any): HttpResponse {
    const given = from.status === undefined ? 200 : from.status;
    const status = Number.isInteger(given) && given >= 200 && given <= 599 ? given : 500;
    const response = voipBridgeResponse(status, typeof from.body === 'string' ? from.body : '');
    return response;
}

// Returns the answer to the sender when the service gave none. It holds no details.
function voipBridgeRefusal(code: string): HttpResponse {
    switch (code) {
        case 'setting':
        case 'unauthorized':
        case 'unknown_function':
        case 'unsupported_protocol':
            return voipBridgeResponse(502, '{"error":"bridge misconfigured"}');
        case 'payload_too_large':
            return voipBridgeResponse(413, '{"error":"the body is too large"}');
    }
    return voipBridgeResponse(503, '{"error":"service unavailable"}');
}

// Makes an answer.
function voipBridgeResponse(status: number, body: string): HttpResponse {
    return new HttpResponse().status(status).content(body);
}
// Makes the id of a request: unique, not secret.
function voipBridgeRequestId(): string {
    let id = '';
    while (id.length < 32) {
        id += Math.floor(Math.random() * 16).toString(16);
    }
    return id;
}

// Returns the name of a setting that is missing or wrong, or an empty string.
function voipBridgeWrongSetting(): string {
    const data: any = Namespace.params.data || {};
    if (typeof data.serviceUrl !== 'string' || !/^https:\/\/[^@?#\s\/][^@?#\s]*$/.test(data.serviceUrl)) {
        return 'serviceUrl';
    }
    if (typeof data.serviceKey !== 'string' || !/^[\x21-\x7e]{16,}$/.test(data.serviceKey)) {
        return 'serviceKey';
    }
    return '';
}

// Sends a request. The text is read directly after the answer: with another step between, some editions hang.
async function voipBridgeFetch(name: string, body: string): Promise<any> {
    const data: any = Namespace.params.data;
    const res = await fetch(data.serviceUrl.replace(/\/+$/, '') + '/voip/v1/' + name, {
        method: 'POST',
        headers: {
            'Authorization': 'Bearer ' + data.serviceKey,
            'Content-Type': 'application/json',
            'Accept': 'application/json',
        },
        body: body,
    });
    const text = await res.text();
    return { status: res.status, text: text };
}

// Asks the service once, and returns its reply or the kind of error. Never throws.
async function voipBridgePost(name: string, args: any): Promise<any> {
    const setting = voipBridgeWrongSetting();
    if (setting) {
        return { code: 'setting', message: setting };
    }
    const id = voipBridgeRequestId();
    const body = JSON.stringify({ voipBridge: 1, requestId: id, script: 'VERSION', edition: '2025.8', args: args });
    let answer: any;
    try {
        answer = await voipBridgeFetch(name, body);
    } catch (e: any) {
        return { code: 'unreachable', message: e && e.message, id: id };
    }
    let reply: any;
    try {
        reply = answer.text.length <= 1048576 ? JSON.parse(answer.text) : undefined;
    } catch (e: any) {
        reply = undefined;
    }
    const marker = reply && reply.voipBridge;
    if (typeof marker === 'number' && marker !== 1) {
        return { code: 'unsupported_protocol', id: id };
    }
    if (marker === 1 && reply.error && typeof reply.error.code === 'string') {
        return { code: reply.error.code, message: reply.error.message, id: reply.requestId ? id : '' };
    }
    if (marker === 1 && answer.status === 200 && reply.result && typeof reply.result === 'object') {
        return { code: 'ok', result: reply.result, id: id };
    }
    return { code: 'not_our_service', status: answer.status, id: id };
}

// Asks the service, and throws the text for the user if that fails.
async function voipBridgeAsk(name: string, args: any): Promise<any> {
    const reply = await voipBridgePost(name, args);
    if (reply.code !== 'ok') {
        throw new Error(voipBridgeText(reply));
    }
    return reply.result;
}

// Returns the text for the user, with the start of the id under which the service logged it.
function voipBridgeText(reply: any): string {
    return voipBridgeReason(reply) + (reply.id ? ' (' + reply.id.slice(0, 8) + '…)' : '');
}

// Returns the text of an error.
function voipBridgeReason(reply: any): string {
    switch (reply.code) {
        case 'setting':
            return 'Module setting "' + reply.message + '" is missing or wrong.';
        case 'unreachable':
            return 'The telephony service does not answer.';
        case 'not_our_service':
            return 'The address does not lead to the telephony service (status ' + voipBridgeClean(reply.status, 10) + ').';
        case 'unauthorized':
            return 'The service key is wrong.';
        case 'unknown_function':
        case 'unsupported_protocol':
            return 'The service is older or newer than this script; update the service or generate the script again.';
        case 'unsupported':
        case 'not_implemented':
            return 'The PBX does not offer this function.';
        case 'auth':
            return 'The PBX refused the service\'s credentials.';
        case 'remote':
            return 'The PBX refused: ' + voipBridgeClean(reply.message, 200);
        case 'transport':
        case 'unexpected_body':
            return 'The PBX cannot be reached or gave an unusable answer.';
        case 'timeout':
            return 'The PBX did not answer in time; the action may still have been carried out.';
        case 'invalid_argument':
            return 'A number is missing or wrong.';
        case 'no_recording':
            return 'The call has no recording.';
        case 'invalid_link':
        case 'invalid_call_data':
            return 'The recording cannot be opened.';
        case 'not_ready':
        case 'busy':
        case 'in_progress':
            return 'The service is starting, stopping or busy; try again.';
        case 'config':
            return 'The service is not set up: ' + voipBridgeClean(reply.message, 200);
    }
    return 'Telephony error (' + voipBridgeClean(reply.code, 64) + ').';
}

// Cuts a text of others, without the key and control characters.
function voipBridgeClean(text: any, length: number): string {
    const key = Namespace.params.data.serviceKey;
    const shown = String(text).split(key as any).join('…');
    return shown.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').slice(0, length);
}
