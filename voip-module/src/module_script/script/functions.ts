// $testComment
async function VoipTestConnection(): Promise<VoipTestConnectionResult> {
    const args: any = { generator: '$version', language: '$language', functions: [$functionNames] };
    // #if remember
    try {
        const url = await Namespace.storage.getItem('$WebhookUrl');
        if (typeof url === 'string' && url) {
            args.webhookUrl = url;
        }
    } catch (e: any) {
        // $forgottenComment
    }
    // #end
    const reply = await $Post('test-connection', args);
    if (reply.code === 'ok' && reply.result.success === true) {
        return { success: true };
    }
    if (reply.code === 'ok' && typeof reply.result.failReason === 'string') {
        return { success: false, failReason: reply.result.failReason };
    }
    const detail = reply.code === 'unreachable' ? ' ' + $Clean(reply.message, 120) : '';
    return { success: false, failReason: $Text(reply) + detail };
}

// $membersComment
async function VoipGetMembers(): Promise<VoipMember[]> {
    const result = await $Ask('members', {});
    const members: VoipMember[] = [];
    for (const member of Array.isArray(result.members) ? result.members : []) {
        if (member && typeof member.id === 'string' && member.id) {
            members.push({ id: member.id, label: typeof member.label === 'string' && member.label ? member.label : member.id });
        }
    }
    return members;
}

// $generateComment
async function VoipGenerateCall(srcPhone: string, dstPhone: string): Promise<void> {
    await $Ask('generate-call', { srcPhone: srcPhone, dstPhone: dstPhone });
}

// $linkComment
async function VoipGetCallLink(callData: any): Promise<string> {
    const result = await $Ask('call-link', { callData: callData });
    if (typeof result.link !== 'string' || !/^https?:\/\/./.test(result.link)) {
        throw new Error($invalidLink);
    }
    return result.link;
}

// $updatedComment
async function VoipOnWebhookUpdated(webhookUrl: string): Promise<void> {
    // #if remember
    await Namespace.storage.setItem('$WebhookUrl', webhookUrl);
    // #end
    await $Ask('webhook-updated', { webhookUrl: webhookUrl });
}

// #if accept
// $acceptComment
async function VoipAcceptCall(srcPhone: string, dstPhone: string): Promise<void> {
    await $Ask('accept-call', { srcPhone: srcPhone, dstPhone: dstPhone });
}

// #end
// #if hangup
// $hangupComment
async function VoipHangupCall(srcPhone: string, dstPhone: string): Promise<void> {
    await $Ask('hangup-call', { srcPhone: srcPhone, dstPhone: dstPhone });
}

// #end
// #if redirect
// $redirectComment
async function VoipRedirectCall(srcPhone: string, dstPhone: string, redirectTo: string): Promise<void> {
    await $Ask('redirect-call', { srcPhone: srcPhone, dstPhone: dstPhone, redirectTo: redirectTo });
}

// #end
// #if hold
// $holdComment
async function VoipHoldCall(srcPhone: string, dstPhone: string, hold: boolean): Promise<void> {
    await $Ask('hold-call', { srcPhone: srcPhone, dstPhone: dstPhone, hold: hold });
}

// #end
