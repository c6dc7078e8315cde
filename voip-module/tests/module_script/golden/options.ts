// voip-module VERSION · protocol 1 · ELMA365 / Brix365 2026.4 · portable service telephony
// Создано программой; не изменяйте, создайте заново.
// Функции: VoipTestConnection, VoipParseWebhookRequest, VoipGetMembers, VoipGenerateCall, VoipGetCallLink, VoipOnWebhookUpdated
// Настройки модуля: serviceKey

// Проверяет связь с сервисом и с АТС.
async function VoipTestConnection(): Promise<VoipTestConnectionResult> {
    const args: any = { generator: 'VERSION', language: 'ru', functions: ['VoipTestConnection', 'VoipParseWebhookRequest', 'VoipGetMembers', 'VoipGenerateCall', 'VoipGetCallLink', 'VoipOnWebhookUpdated'] };
    try {
        const url = await Namespace.storage.getItem('voipBridgeWebhookUrl');
        if (typeof url === 'string' && url) {
            args.webhookUrl = url;
        }
    } catch (e: any) {
        // Проверка работает и без сохранённого адреса.
    }
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

// Возвращает сотрудников АТС для таблицы соответствия.
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

// Начинает звонок сотрудника на номер.
async function VoipGenerateCall(srcPhone: string, dstPhone: string): Promise<void> {
    await voipBridgeAsk('generate-call', { srcPhone: srcPhone, dstPhone: dstPhone });
}

// Возвращает ссылку на запись звонка.
async function VoipGetCallLink(callData: any): Promise<string> {
    const result = await voipBridgeAsk('call-link', { callData: callData });
    if (typeof result.link !== 'string' || !/^https?:\/\/./.test(result.link)) {
        throw new Error('Запись звонка нельзя открыть.');
    }
    return result.link;
}

// Передаёт сервису новый адрес вебхука.
async function VoipOnWebhookUpdated(webhookUrl: string): Promise<void> {
    await Namespace.storage.setItem('voipBridgeWebhookUrl', webhookUrl);
    await voipBridgeAsk('webhook-updated', { webhookUrl: webhookUrl });
}

// Превращает запрос к вебхуку в событие, запись о звонке и ответ отправителю. Исключений не бросает.
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

// Возвращает заголовки для сервиса без тех, что содержат ключи или относятся к соединению.
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

// Добавляет параметры адреса без токена вебхука.
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

// Проверяет, является ли параметр токеном вебхука.
function voipBridgeIsToken(name: string): boolean {
    let decoded = name;
    try {
        decoded = decodeURIComponent(name);
    } catch (e: any) {
        decoded = name;
    }
    return decoded.toLowerCase() === 'token';
}

// Возвращает сообщение сервиса или undefined для чужого запроса.
function voipBridgePush(body: string): any {
    let push: any;
    try {
        push = JSON.parse(body);
    } catch (e: any) {
        push = undefined;
    }
    return push && push.voipBridge === 1 ? push : undefined;
}

// Передаёт сообщение сервиса платформе. Токен проверила платформа.
function voipBridgePushResult(push: any): VoipWebhookParseResult {
    if (push.signed !== undefined) {
        return { response: voipBridgeRefusal('unauthorized') };
    }
    if (typeof push.id !== 'string' || !(push.event || push.callRecord)) {
        return { response: voipBridgeResponse(422, '{"error":"unusable push"}') };
    }
    return voipBridgeResult(push, voipBridgeResponse(200, JSON.stringify({ voipBridge: 1, accepted: push.id })), 422);
}

// Создаёт результат для платформы. Часть с неизвестным словом пропускается, о ней сообщается.
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

// Создаёт событие: undefined, если его нет, null, если оно непригодно.
function voipBridgeEvent(from: any): VoipWebhookRequest | null | undefined {
    if (!from) {
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
    if (voipBridgePhone(from.srcPhoneExt)) {
        event.srcPhoneExt = from.srcPhoneExt;
    }
    if (voipBridgePhone(from.dstPhoneExt)) {
        event.dstPhoneExt = from.dstPhoneExt;
    }
    return event;
}

// Создаёт запись о звонке: undefined, если её нет, null, если она непригодна.
function voipBridgeRecord(from: any): VoipCallRecord | null | undefined {
    if (!from) {
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
    if (voipBridgePhone(from.callId)) {
        record.callId = from.callId;
    }
    if (voipBridgePhone(from.srcPhoneExt)) {
        record.srcPhoneExt = from.srcPhoneExt;
    }
    if (voipBridgePhone(from.dstPhoneExt)) {
        record.dstPhoneExt = from.dstPhoneExt;
    }
    return record;
}

// Возвращает текст, а вместо всего остального пустую строку.
function voipBridgePhone(value: any): string {
    return typeof value === 'string' ? value : '';
}

// Возвращает стадию звонка.
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

// Возвращает направление звонка.
function voipBridgeDirection(word: any): VoipCallDirection | undefined {
    switch (word) {
        case 'in':
            return VoipCallDirection.In;
        case 'out':
            return VoipCallDirection.Out;
        case 'internal':
            return VoipCallDirection.Internal;
    }
    return undefined;
}

// Возвращает итог звонка.
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

// Возвращает ответ сервиса отправителю.
function voipBridgeAnswer(from: any): HttpResponse {
    const given = from.status === undefined ? 200 : from.status;
    const status = Number.isInteger(given) && given >= 200 && given <= 599 ? given : 500;
    const response = voipBridgeResponse(status, typeof from.body === 'string' ? from.body : '');
    for (const name of Object.keys(from.headers || {})) {
        (response as any).set(name, String(from.headers[name]));
    }
    return response;
}

// Возвращает ответ отправителю, если сервис его не дал. Подробностей в нём нет.
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

// Создаёт ответ.
function voipBridgeResponse(status: number, body: string): HttpResponse {
    return new HttpResponse().status(status).content(body);
}
// Создаёт идентификатор запроса: уникальный, не секретный.
function voipBridgeRequestId(): string {
    let id = '';
    while (id.length < 32) {
        id += Math.floor(Math.random() * 16).toString(16);
    }
    return id;
}

// Возвращает имя незаполненной или неверной настройки либо пустую строку.
function voipBridgeWrongSetting(): string {
    const data: any = Namespace.params.data || {};
    if (typeof data.serviceKey !== 'string' || !/^[\x21-\x7e]{16,}$/.test(data.serviceKey)) {
        return 'serviceKey';
    }
    return '';
}

// Отправляет запрос. Текст читается сразу после ответа: иначе некоторые версии зависают.
async function voipBridgeFetch(name: string, body: string): Promise<any> {
    const data: any = Namespace.params.data;
    const res = await Namespace.services.telephony.fetch('/voip/v1/' + name, {
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

// Завершается ошибкой, когда время ожидания истекло.
function voipBridgeLate(): Promise<any> {
    return new Promise<any>(function (_resolve, reject) {
        setTimeout(function () { reject(new Error('20 s')); }, 20 * 1000);
    });
}

// Один раз спрашивает сервис и возвращает его ответ или вид ошибки. Исключений не бросает.
async function voipBridgePost(name: string, args: any): Promise<any> {
    const setting = voipBridgeWrongSetting();
    if (setting) {
        return { code: 'setting', message: setting };
    }
    const id = voipBridgeRequestId();
    const body = JSON.stringify({ voipBridge: 1, requestId: id, script: 'VERSION', edition: '2026.4', args: args });
    let answer: any;
    try {
        answer = await Promise.race([voipBridgeFetch(name, body), voipBridgeLate()]);
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

// Спрашивает сервис; при ошибке бросает текст для пользователя.
async function voipBridgeAsk(name: string, args: any): Promise<any> {
    const reply = await voipBridgePost(name, args);
    if (reply.code !== 'ok') {
        throw new Error(voipBridgeText(reply));
    }
    return reply.result;
}

// Возвращает текст для пользователя и начало идентификатора, под которым запрос есть в журнале сервиса.
function voipBridgeText(reply: any): string {
    return voipBridgeReason(reply) + (reply.id ? ' (' + reply.id.slice(0, 8) + '…)' : '');
}

// Возвращает текст ошибки.
function voipBridgeReason(reply: any): string {
    switch (reply.code) {
        case 'setting':
            return 'Настройка модуля «' + reply.message + '» не заполнена или неверна.';
        case 'unreachable':
            return 'Сервис телефонии не отвечает.';
        case 'not_our_service':
            return 'По адресу отвечает не сервис телефонии (статус ' + voipBridgeClean(reply.status, 10) + ').';
        case 'unauthorized':
            return 'Неверный ключ сервиса.';
        case 'unknown_function':
        case 'unsupported_protocol':
            return 'Версии сервиса и скрипта не подходят друг к другу: обновите сервис или создайте скрипт заново.';
        case 'unsupported':
        case 'not_implemented':
            return 'АТС не поддерживает эту функцию.';
        case 'auth':
            return 'АТС отклонила учётные данные сервиса.';
        case 'remote':
            return 'АТС ответила отказом: ' + voipBridgeClean(reply.message, 200);
        case 'transport':
        case 'unexpected_body':
            return 'АТС недоступна или вернула непонятный ответ.';
        case 'timeout':
            return 'АТС не ответила вовремя; действие могло быть выполнено.';
        case 'invalid_argument':
            return 'Номер не указан или неверен.';
        case 'no_recording':
            return 'У звонка нет записи.';
        case 'invalid_link':
        case 'invalid_call_data':
            return 'Запись звонка нельзя открыть.';
        case 'not_ready':
        case 'busy':
        case 'in_progress':
            return 'Сервис запускается, останавливается или занят; повторите попытку.';
        case 'config':
            return 'Сервис не настроен: ' + voipBridgeClean(reply.message, 200);
    }
    return 'Ошибка телефонии (' + voipBridgeClean(reply.code, 64) + ').';
}

// Обрезает чужой текст, убирая ключ и управляющие символы.
function voipBridgeClean(text: any, length: number): string {
    const key = Namespace.params.data.serviceKey;
    const shown = String(text).split(key as any).join('…');
    return shown.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').slice(0, length);
}
