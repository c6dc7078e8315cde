// $parseComment
async function VoipParseWebhookRequest(request: FetchRequest): Promise<VoipWebhookParseResult> {
    const from: any = request;
    const isText = from.body === undefined || from.body === null || typeof from.body === 'string';
    const body: string = isText && from.body ? from.body : '';
    if (body.length > 65536) {
        return { response: $Refusal('payload_too_large') };
    }
    // #if push
    const push = from.method === 'POST' ? $Push(body) : undefined;
    if (push !== undefined) {
        return $PushResult(push);
    }
    // #end
    const args: any = { method: from.method || 'POST', headers: $Headers(from.headers || {}) };
    $AddQuery(args, from);
    if (isText) {
        args.body = body;
    }
    args.bodyIsText = isText;
    const reply = await $Post('parse-webhook', args);
    if (reply.code !== 'ok') {
        return { response: $Refusal(reply.code) };
    }
    return $Result(reply.result, $Answer(reply.result.response || {}), 502);
}

// $headersComment
function $Headers(headers: any): any {
    const left = /^:|^proxy-|^(authorization|cookie|connection|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;
    const sent: any = Object.create(null);
    for (const name of Object.keys(headers)) {
        if (typeof headers[name] === 'string' && !left.test(name)) {
            sent[name] = headers[name];
        }
    }
    return sent;
}

// $queryComment
function $AddQuery(args: any, from: any): void {
    const path = from.headers && from.headers[':path'];
    if (typeof path === 'string') {
        const at = path.indexOf('?');
        const pairs = at < 0 ? [] : path.slice(at + 1).split('&');
        args.rawQuery = pairs.filter((pair: string) => !$IsToken(pair.split('=')[0])).join('&');
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

// $isTokenComment
function $IsToken(name: string): boolean {
    let decoded = name;
    try {
        decoded = decodeURIComponent(name);
    } catch (e: any) {
        decoded = name;
    }
    return decoded.toLowerCase() === 'token';
}

// #if push
// $pushComment
function $Push(body: string): any {
    let push: any;
    try {
        push = JSON.parse(body);
    } catch (e: any) {
        push = undefined;
    }
    return push && push.voipBridge === 1 ? push : undefined;
}

// $pushResultComment
function $PushResult(push: any): VoipWebhookParseResult {
    if (push.signed !== undefined) {
        return { response: $Refusal('unauthorized') };
    }
    if (typeof push.id !== 'string' || !(push.event || push.callRecord)) {
        return { response: $Response(422, '{"error":"unusable push"}') };
    }
    return $Result(push, $Response(200, JSON.stringify({ voipBridge: 1, accepted: push.id })), 422);
}

// #end
// $resultComment
function $Result(from: any, response: HttpResponse, faultStatus: number): VoipWebhookParseResult {
    const event = $Event(from.event);
    const record = $Record(from.callRecord);
    const isFault = event === null || record === null;
    const result: VoipWebhookParseResult = {
        response: isFault ? $Response(faultStatus, '{"error":"unknown event or direction"}') : response,
    };
    if (event) {
        result.event = event;
    }
    if (record) {
        result.callRecord = record;
    }
    return result;
}

// $eventComment
function $Event(from: any): VoipWebhookRequest | null | undefined {
    if (!from) {
        return undefined;
    }
    // #if !internal
    if (from.direction === 'internal') {
        return undefined;
    }
    // #end
    const stage = $Stage(from.event);
    const direction = $Direction(from.direction);
    if (stage === undefined || direction === undefined) {
        return null;
    }
    const event: VoipWebhookRequest = {
        event: stage,
        direction: direction,
        srcPhone: $Phone(from.srcPhone),
        dstPhone: $Phone(from.dstPhone),
        disposition: $Disposition(from.disposition),
    };
    // #if event-id
    if ($Phone(from.callId)) {
        event.callId = from.callId;
    }
    // #end
    // #if ext
    if ($Phone(from.srcPhoneExt)) {
        event.srcPhoneExt = from.srcPhoneExt;
    }
    if ($Phone(from.dstPhoneExt)) {
        event.dstPhoneExt = from.dstPhoneExt;
    }
    // #end
    return event;
}

// $recordComment
function $Record(from: any): VoipCallRecord | null | undefined {
    if (!from) {
        return undefined;
    }
    // #if !internal
    if (from.direction === 'internal') {
        return undefined;
    }
    // #end
    const direction = $Direction(from.direction);
    if (direction === undefined) {
        return null;
    }
    const record: VoipCallRecord = {
        srcPhone: $Phone(from.srcPhone),
        dstPhone: $Phone(from.dstPhone),
        direction: direction,
        disposition: $Disposition(from.disposition),
        duration: typeof from.duration === 'number' && isFinite(from.duration) && from.duration >= 0 ? from.duration : 0,
        call: from.call === undefined ? null : from.call,
    };
    // #if ext
    if ($Phone(from.callId)) {
        record.callId = from.callId;
    }
    if ($Phone(from.srcPhoneExt)) {
        record.srcPhoneExt = from.srcPhoneExt;
    }
    if ($Phone(from.dstPhoneExt)) {
        record.dstPhoneExt = from.dstPhoneExt;
    }
    // #end
    return record;
}

// $phoneComment
function $Phone(value: any): string {
    return typeof value === 'string' ? value : '';
}

// $stageComment
function $Stage(word: any): VoipWebhookEvent | undefined {
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

// $directionComment
function $Direction(word: any): VoipCallDirection | undefined {
    switch (word) {
        case 'in':
            return VoipCallDirection.In;
        case 'out':
            return VoipCallDirection.Out;
        // #if internal
        case 'internal':
            return VoipCallDirection.Internal;
        // #end
    }
    return undefined;
}

// $dispositionComment
function $Disposition(word: any): VoipCallDisposition {
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

// $answerComment
function $Answer(from: any): HttpResponse {
    const given = from.status === undefined ? 200 : from.status;
    const status = Number.isInteger(given) && given >= 200 && given <= 599 ? given : 500;
    const response = $Response(status, typeof from.body === 'string' ? from.body : '');
    // #if response-headers
    for (const name of Object.keys(from.headers || {})) {
        (response as any).set(name, String(from.headers[name]));
    }
    // #end
    return response;
}

// $refusalComment
function $Refusal(code: string): HttpResponse {
    switch (code) {
        case 'setting':
        case 'unauthorized':
        case 'unknown_function':
        case 'unsupported_protocol':
            return $Response(502, '{"error":"bridge misconfigured"}');
        case 'payload_too_large':
            return $Response(413, '{"error":"the body is too large"}');
    }
    return $Response(503, '{"error":"service unavailable"}');
}

// $responseComment
function $Response(status: number, body: string): HttpResponse {
    return new HttpResponse().status(status).content(body);
}
