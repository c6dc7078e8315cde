// $requestIdComment
function $RequestId(): string {
    let id = '';
    while (id.length < 32) {
        id += Math.floor(Math.random() * 16).toString(16);
    }
    return id;
}

// $wrongSettingComment
function $WrongSetting(): string {
    const data: any = Namespace.params.data || {};
    // #if url
    if (typeof data.$serviceUrl !== 'string' || !/^$scheme:\/\/[^@?#\s\/][^@?#\s]*$/.test(data.$serviceUrl)) {
        return '$serviceUrl';
    }
    // #end
    if (typeof data.$serviceKey !== 'string' || !/^[\x21-\x7e]{16,}$/.test(data.$serviceKey)) {
        return '$serviceKey';
    }
    return '';
}

// $fetchComment
async function $Fetch(name: string, body: string): Promise<any> {
    const data: any = Namespace.params.data;
    // #if url
    const res = await fetch(data.$serviceUrl.replace(/\/+$/, '') + '/voip/v1/' + name, {
    // #end
    // #if portable
    const res = await Namespace.services.$service.fetch('/voip/v1/' + name, {
    // #end
        method: 'POST',
        headers: {
            'Authorization': 'Bearer ' + data.$serviceKey,
            'Content-Type': 'application/json',
            'Accept': 'application/json',
        },
        body: body,
    });
    const text = await res.text();
    return { status: res.status, text: text };
}

// #if time-limit
// $lateComment
function $Late(): Promise<any> {
    return new Promise<any>(function (_resolve, reject) {
        setTimeout(function () { reject(new Error('$timeLimit s')); }, $timeLimit * 1000);
    });
}

// #end
// $postComment
async function $Post(name: string, args: any): Promise<any> {
    const setting = $WrongSetting();
    if (setting) {
        return { code: 'setting', message: setting };
    }
    const id = $RequestId();
    const body = JSON.stringify({ voipBridge: 1, requestId: id, script: '$version', edition: '$edition', args: args });
    let answer: any;
    try {
        // #if time-limit
        answer = await Promise.race([$Fetch(name, body), $Late()]);
        // #end
        // #if !time-limit
        answer = await $Fetch(name, body);
        // #end
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

// $askComment
async function $Ask(name: string, args: any): Promise<any> {
    const reply = await $Post(name, args);
    if (reply.code !== 'ok') {
        throw new Error($Text(reply));
    }
    return reply.result;
}

// $textComment
function $Text(reply: any): string {
    return $Reason(reply) + (reply.id ? ' (' + reply.id.slice(0, 8) + '…)' : '');
}

// $reasonComment
function $Reason(reply: any): string {
    switch (reply.code) {
        case 'setting':
            return $setting;
        case 'unreachable':
            return $unreachable;
        case 'not_our_service':
            return $notOurService;
        case 'unauthorized':
            return $unauthorized;
        case 'unknown_function':
        case 'unsupported_protocol':
            return $unsupportedProtocol;
        case 'unsupported':
        case 'not_implemented':
            return $unsupported;
        case 'auth':
            return $auth;
        case 'remote':
            return $remote;
        case 'transport':
        case 'unexpected_body':
            return $transport;
        case 'timeout':
            return $timeout;
        case 'invalid_argument':
            return $invalidArgument;
        case 'no_recording':
            return $noRecording;
        case 'invalid_link':
        case 'invalid_call_data':
            return $invalidLink;
        case 'not_ready':
        case 'busy':
        case 'in_progress':
            return $notReady;
        case 'config':
            return $config;
    }
    return $other;
}

// $cleanComment
function $Clean(text: any, length: number): string {
    const key = Namespace.params.data.$serviceKey;
    const shown = String(text).split(key as any).join('…');
    return shown.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').slice(0, length);
}

