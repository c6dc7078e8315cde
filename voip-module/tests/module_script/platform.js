// A pretend platform: runs functions of a module's script, with stand-ins for the platform's
// globals. Reads a job a line and writes a result a line.
'use strict';

const http = require('http');
const path = require('path');
const readline = require('readline');
const vm = require('vm');
const ts = require(path.join(__dirname, 'typescript/node_modules/typescript-oldest'));

const compiled = new Map();

function compile(text) {
    if (!compiled.has(text)) {
        const compilerOptions = { target: ts.ScriptTarget.ES2017, module: ts.ModuleKind.CommonJS };
        compiled.set(text, ts.transpileModule(text, { compilerOptions }).outputText);
    }
    return compiled.get(text);
}

// Each request has a connection of its own, so that a restarted service is no special case.
function fetch(url, request) {
    return new Promise((resolve, reject) => {
        const sent = http.request(url, { method: request.method, headers: request.headers, agent: false });
        sent.on('error', reject);
        sent.on('response', (res) => {
            const text = new Promise((done, failed) => {
                const parts = [];
                res.on('data', (part) => parts.push(part));
                res.on('end', () => done(Buffer.concat(parts).toString('utf8')));
                res.on('error', failed);
            });
            text.catch(() => {});
            resolve({ status: res.statusCode, statusText: res.statusMessage, text: () => text });
        });
        sent.end(request.body);
    });
}

// Members by name, or as numbers from 0: the platform's values are not known.
function members(name, names, asNumbers) {
    return Object.fromEntries(names.map((member, at) => [member, asNumbers ? at : name + '.' + member]));
}

class HttpResponse {
    status(code) {
        this.code = code;
        return this;
    }
    content(text) {
        this.text = text;
        return this;
    }
    set(name, value) {
        this.headers = Object.assign(this.headers || {}, { [name]: value });
        return this;
    }
}

function context(job, seen) {
    const storage = job.storage || {};
    const globals = {
        HttpResponse,
        fetch: (url, request) => {
            seen.urls.push(url);
            return fetch(url, request);
        },
        Namespace: {
            params: { data: job.settings },
            services: {
                telephony: { fetch: (path, request) => fetch(job.service + path, request) },
            },
            storage: {
                getItem: async (key) => (key in storage ? storage[key] : null),
                setItem: async (key, value) => {
                    seen.stored[key] = value;
                },
            },
        },
        VoipWebhookEvent: members('Event', ['NotifyStart', 'NotifyAnswer', 'NotifyEnd'], job.numbers),
        VoipCallDirection: members('Direction', ['In', 'Out', 'Internal'], job.numbers),
        VoipCallDisposition: members('Disposition', ['Answered', 'Busy', 'Cancel', 'NoAnswer', 'Unknown'], job.numbers),
    };
    if (job.timers) {
        // A limit is over at once, or never.
        globals.setTimeout = (work, milliseconds) => {
            seen.limits.push(milliseconds);
            if (job.timers === 'over') {
                setImmediate(work);
            }
        };
    }
    const created = vm.createContext(globals);
    if (job.random !== undefined) {
        vm.runInContext('Math.random = () => ' + job.random / 16, created);
    }
    return created;
}

async function run(job) {
    const seen = { urls: [], stored: {}, limits: [] };
    try {
        const created = context(job, seen);
        vm.runInContext(compile(job.script), created);
        created.args = job.args;
        const value = await vm.runInContext(job.function + '(...args)', created);
        return { value: value === undefined ? null : value, ...seen };
    } catch (error) {
        return { thrown: error.message, ...seen };
    }
}

(async () => {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + '\n');
    }
})();
