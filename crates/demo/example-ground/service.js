// Requests to the service. The token and all that is asked and answered live in the memory of the page, and nowhere else: no
// cookie, no storage, nothing in the address of the page.

/** The service refused a request: its answer is a problem (RFC 9457). */
export class Problem extends Error {
    constructor(response, problem) {
        super(problem.title ?? String(response.status));
        this.status = response.status;
        this.title = problem.title ?? String(response.status);
        this.detail = problem.detail ?? '';
        /** The kind of the problem: the word in which its `type` ends, such as `version-mismatch`. */
        this.kind = problem.type?.split('/').at(-1) ?? '';
        /** The faults of the content: each the `pointer` of a member, and in `detail` what is expected there. */
        this.errors = problem.errors ?? [];
        this.retryAfter = response.headers.get('retry-after') ?? '60';
    }
}

/** No answer came: whether the service did what was asked is not known. */
export class Unreachable extends Error {}

/**
 * Makes a client of the service. `fetchToken` gets a token when there is none, or when the service takes it no more. It is given
 * a function that sends content to an address without a token.
 */
export function connect(fetchToken) {
    // A promise, so that several requests at once wait for one token.
    let token;
    let stop = new AbortController();

    async function ask(method, address, headers, content) {
        const request = { method, headers, signal: stop.signal, cache: 'no-store', credentials: 'omit', redirect: 'error' };
        if (content instanceof Blob) {
            request.body = content;
            request.headers = { ...headers, 'Content-Type': content.type || 'application/octet-stream' };
        } else if (content !== undefined) {
            request.body = JSON.stringify(content);
            request.headers = { ...headers, 'Content-Type': 'application/json' };
        }
        let response;
        try {
            response = await fetch(address, request);
        } catch (error) {
            throw new Unreachable('no answer', { cause: error });
        }
        const isJson = response.headers.get('content-type')?.includes('json');
        const answer = isJson ? await response.json().catch(() => ({})) : await response.blob().catch(() => ({}));
        if (request.signal.aborted) {
            throw new Unreachable('broken off');
        }
        if (!response.ok) {
            throw new Problem(response, answer);
        }
        return { content: answer, version: response.headers.get('etag') };
    }

    const send = async (address, content) => (await ask('POST', address, {}, content)).content;

    function currentToken() {
        token ??= fetchToken(send).catch((error) => {
            token = undefined;
            throw error;
        });
        return token;
    }

    async function askWithToken(method, address, headers = {}, content = undefined) {
        const isFresh = token === undefined;
        const used = currentToken();
        const authorization = { Authorization: `Bearer ${await used}` };
        try {
            return await ask(method, address, { ...headers, ...authorization }, content);
        } catch (error) {
            if (!(error instanceof Problem) || error.kind !== 'not-authenticated' || isFresh) {
                throw error;
            }
            // The token has expired. The service did nothing, so the same request is sent again with a new one.
            if (token === used) {
                token = undefined;
            }
            return askWithToken(method, address, headers, content);
        }
    }

    return {
        /** Reads what anybody may read. */
        readPublic: async (address) => (await ask('GET', address, {})).content,
        /** Sends without a token, as somebody does who signs in. */
        send,
        /** Uses a token that was given elsewhere, in the place of the one before. */
        useToken(given) {
            token = Promise.resolve(given);
        },
        /** Reads. What is no JSON, such as a document, is a Blob. */
        read: async (address, headers) => (await askWithToken('GET', address, headers)).content,
        /** Reads `{ content, version }`: what is changed afterwards names the version that was read. */
        readVersion: (address) => askWithToken('GET', address),
        /** Creates, under a key by which the service knows the same request again. The content is JSON, or a file as it is. */
        create: async (address, content, key, headers = {}) =>
            (await askWithToken('POST', address, { ...headers, 'Idempotency-Key': key }, content)).content,
        /** Changes. With the version that was read, the service refuses (412) if somebody has changed the same meanwhile. */
        change: async (method, address, content, version) =>
            (await askWithToken(method, address, version ? { 'If-Match': version } : {}, content)).content,
        /** Breaks off what is under way. */
        stop() {
            stop.abort();
            stop = new AbortController();
        },
        /** Breaks off what is under way, and forgets the token. */
        forget() {
            this.stop();
            token = undefined;
        },
    };
}

/** Reads a whole list with one of the functions above, page by page. The address may have a query, without a cursor. */
export async function everyItem(read, address) {
    const items = [];
    let cursor = '';
    do {
        const query = new URLSearchParams({ limit: 200, ...(cursor && { cursor }) });
        const page = await read(`${address}${address.includes('?') ? '&' : '?'}${query}`);
        items.push(...page.items);
        cursor = page.next_cursor;
    } while (cursor);
    return items;
}

/**
 * Keeps the key of a request until it is answered. The same content gets the same key, so that a request whose answer did not
 * arrive does not do its work twice; other content is another request. Whoever has the key gets the answer again, for two
 * days: it is forgotten with the answer.
 */
export function keyring() {
    let kept;
    return {
        keyFor(content) {
            const text = JSON.stringify(content);
            if (kept?.text !== text) {
                const random = crypto.getRandomValues(new Uint8Array(16));
                kept = { text, key: [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('') };
            }
            return kept.key;
        },
        forget() {
            kept = undefined;
        },
    };
}
