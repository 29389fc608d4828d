// Requests to the service. The token and all that is asked and answered live in the memory of the page, and nowhere else: no
// cookie, no storage, nothing in the address of the page.

/** The service refused a request: its answer is a problem (RFC 9457). */
export class Problem extends Error {
    constructor(response, problem) {
        super(problem.title ?? String(response.status));
        this.status = response.status;
        this.title = problem.title ?? String(response.status);
        /** The faults of the content: each the `pointer` of a member, and in `detail` what is expected there. */
        this.errors = problem.errors ?? [];
        this.retryAfter = response.headers.get('retry-after') ?? '60';
    }
}

/** No answer came: whether the service did what was asked is not known. */
export class Unreachable extends Error {}

/** Makes a client of the service. `fetchToken` gets a token when there is none, or when the service takes it no more. */
export function connect(fetchToken) {
    let token;
    let stop = new AbortController();

    async function ask(method, address, headers, content) {
        const request = { method, headers, signal: stop.signal, cache: 'no-store', credentials: 'omit', redirect: 'error' };
        if (content !== undefined) {
            request.body = JSON.stringify(content);
            request.headers = { ...headers, 'Content-Type': 'application/json' };
        }
        let response;
        try {
            response = await fetch(address, request);
        } catch (error) {
            throw new Unreachable('no answer', { cause: error });
        }
        const answer = await response.json().catch(() => ({}));
        if (!response.ok) {
            throw new Problem(response, answer);
        }
        return answer;
    }

    async function askWithToken(method, address, headers = {}, content = undefined) {
        const isFresh = token === undefined;
        token ??= await fetchToken((from) => ask('POST', from, {}));
        try {
            return await ask(method, address, { ...headers, Authorization: `Bearer ${token}` }, content);
        } catch (error) {
            if (!(error instanceof Problem) || error.status !== 401 || isFresh) {
                throw error;
            }
            // The token has expired. The service did nothing, so the same request is sent again with a new one.
            token = undefined;
            return askWithToken(method, address, headers, content);
        }
    }

    return {
        /** Reads what anybody may read. */
        readPublic: (address) => ask('GET', address, {}),
        /** Reads. */
        read: (address, headers) => askWithToken('GET', address, headers),
        /** Creates, under a key by which the service knows the same request again. */
        create: (address, content, key, headers = {}) =>
            askWithToken('POST', address, { ...headers, 'Idempotency-Key': key }, content),
        /** Breaks off what is under way, and forgets the token. */
        forget() {
            stop.abort();
            stop = new AbortController();
            token = undefined;
        },
    };
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
