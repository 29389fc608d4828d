// The council's side of a complaint: an officer opens it, looks at who complains, and acknowledges it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

const url = process.env.ALMONER_URL;

async function ask(token, method, path, content, headers = {}) {
    const response = await fetch(`${url}/v1/complaints${path}`, {
        method,
        headers: {
            'Content-Type': 'application/json',
            'Idempotency-Key': crypto.randomUUID(),
            ...(token && { Authorization: `Bearer ${token}` }),
            ...headers,
        },
        body: content && JSON.stringify(content),
    });
    return { status: response.status, etag: response.headers.get('etag'), body: await response.json().catch(() => null) };
}

/** The code that the authenticators of the demonstration show now. */
export function currentCode() {
    return execFileSync(process.env.DEMONSTRATION_PROGRAM, ['code'], { encoding: 'utf8' }).trim();
}

async function signIn(email) {
    // A code serves once, and the tour may have used this one.
    for (let attempts = 0; attempts < 50; attempts += 1) {
        const code = currentCode();
        const answer = await ask(undefined, 'POST', '/sessions', { email, password: process.env.STAFF_PASSWORD, code });
        if (answer.status === 201) {
            return answer.body.access_token;
        }
        await pause(2000);
    }
    return assert.fail(`${email} cannot sign in`);
}

/** Has the complaint that came after `receivedAt` opened, unsealed and acknowledged, whichever officer is asked. */
export async function openAndAcknowledge(council, receivedAt, reason, message) {
    const tokens = await Promise.all(['complaints', 'complaints-2'].map((login) => signIn(`${login}@${council}.council.example`)));
    for (let attempts = 0; attempts < 60; attempts += 1) {
        for (const token of tokens) {
            const offers = await ask(token, 'GET', '/offers?limit=200');
            const offer = offers.body.items.find(({ offered_at: at }) => at >= receivedAt);
            if (offer) {
                const opened = await ask(token, 'PUT', `/offers/${offer.id}/answer`, { knows_somebody_concerned: false });
                const path = `/${opened.body.complaint_id}`;
                assert.equal((await ask(token, 'POST', `${path}/unsealings`, { reason })).status, 201);
                const { etag } = await ask(token, 'GET', path);
                assert.equal((await ask(token, 'POST', `${path}/acknowledge`, { message }, { 'If-Match': etag })).status, 200);
                return;
            }
        }
        await pause(1000);
    }
    assert.fail('the complaint is offered to nobody');
}
