// What the two peers on Node share: settings, tokens, keys, the transaction of a request, and the shapes of answers. The transaction is
// that of `almoner serve`, statement by statement, in the texts of sql/.
import cluster from 'node:cluster';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import pg from 'pg';

const { POOL = '4', ALMONER_MASTER_KEYS, ALMONER_JWKS_URL, ALMONER_ISSUER } = process.env;
const PROCESSES = Math.min(Number(process.env.PROCESSES ?? os.availableParallelism()), Number(POOL));
const SQL = new URL('./sql/', import.meta.url);

// ---- The statements.

const sql = Object.fromEntries(fs.readdirSync(SQL).map((file) => {
  const lines = fs.readFileSync(new URL(file, SQL), 'utf8').trim().split('\n');
  return [file.replace('.sql', ''), lines.filter((line) => !line.startsWith('--')).join('\n')];
}));

/** The statement for this many words: a line with {n} stands once for each but the first. */
export function forWords(name, words) {
  const text = sql[name].split('\n').flatMap((line) =>
    line.includes('{n}') ? Array.from({ length: words - 1 }, (_, word) => line.replace('{n}', 5 + word)) : [line]);
  return { name: `${name}_${words}`, text: text.join('\n') };
}

// Times stay texts: a Date of JavaScript has no microseconds.
const types = {
  getTypeParser: (oid, format) => ([1082, 1184].includes(oid) ? (text) => text : pg.types.getTypeParser(oid, format)),
};

/** A pool with this process's share of the connections. The client sends statements without waiting for the answer to the last. */
export function makePool(pipeline) {
  const share = Math.floor(Number(POOL) / PROCESSES) + (cluster.worker?.id <= Number(POOL) % PROCESSES ? 1 : 0);
  return new pg.Pool({ max: share, pipeline, types, options: '-c TimeZone=UTC', idleTimeoutMillis: 0 });
}

// ---- Who calls.

export class Refused extends Error {
  constructor(status) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

let keys = new Map();

async function loadKeys() {
  const { keys: published } = await (await fetch(ALMONER_JWKS_URL)).json();
  keys = new Map(published.map((jwk) => [jwk.kid, crypto.createPublicKey({ key: jwk, format: 'jwk' })]));
}

/** The claims of an access token of the practice door, or a refusal. */
export function verify(authorization) {
  try {
    const [head, body, signature] = authorization.slice('Bearer '.length).split('.');
    const { typ, alg, kid } = JSON.parse(Buffer.from(head, 'base64url'));
    const key = typ === 'at+jwt' && alg === 'EdDSA' && keys.get(kid);
    const signed = key && crypto.verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
    const claims = JSON.parse(Buffer.from(body, 'base64url'));
    const now = Date.now() / 1000;
    if (signed && claims.iss === ALMONER_ISSUER && claims.aud === 'almoner:practice' && claims.exp > now && claims.iat <= now + 60
      && UUID.test(claims.sub) && UUID.test(claims.sid)) return claims;
  } catch { /* It is no token. */ }
  throw new Refused(401);
}

// ---- Identifiers.

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
let [last, sequence] = [0, 0];

/** A UUID of version 7, later than the last. */
export function nextId() {
  const now = Date.now();
  [last, sequence] = now > last ? [now, crypto.randomInt(0x400)] : [last, sequence + 1];
  const time = last.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${crypto.randomUUID().slice(19)}`;
}

// ---- Keys and sealed fields: the format of crates/persistence/src/ground/sealing.rs.

const masters = new Map(ALMONER_MASTER_KEYS.trim().split(',').map((part) => {
  const [version, key] = part.trim().split(':');
  return [Number(version), Buffer.from(key, 'base64')];
}));

function decrypt(key, bound, sealed) {
  const cipher = crypto.createDecipheriv('aes-256-gcm', key, sealed.subarray(2, 14));
  cipher.setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([cipher.update(sealed.subarray(14, -16)), cipher.final()]);
}

export const openRoot = (owner, wrapped) => decrypt(masters.get(wrapped[1]), `${owner}|key|${owner}`, wrapped);
export const openKey = (root, owner, id, wrapped) => decrypt(root, `${owner}|key|${id}`, wrapped);
export const open = (key, ...place) => JSON.parse(decrypt(key, place.slice(0, -1).join('|'), place.at(-1)));

export function seal(key, ...place) {
  const nonce = crypto.randomBytes(12);
  const cipher = crypto.createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(place.slice(0, -1).join('|')));
  const sealed = [cipher.update(JSON.stringify(place.at(-1))), cipher.final()];
  return Buffer.concat([Buffer.of(1, 1), nonce, ...sealed, cipher.getAuthTag()]);
}

function keyedHash(key, ...parts) {
  const mac = crypto.createHmac('sha256', key);
  for (const part of parts) {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(bytes.length));
    mac.update(length).update(bytes);
  }
  return mac.digest();
}

/** The tokens of each word: the driver says the search keys' texts, so that a peer needs no phonetic code. */
export function searchTokens(root, header) {
  const derived = Buffer.from(crypto.hkdfSync('sha256', root, '', 'search', 32));
  return JSON.parse(header).map((texts) => texts.map((text) => keyedHash(derived, text)));
}

export const claimOf = (key, method, path, body) =>
  [keyedHash('almoner idempotency key', key), keyedHash(key, method, path, body)];

// ---- The transaction of a request.

const READERS = ['social_worker', 'practitioner', 'manager', 'records_officer'];
export const WRITERS = READERS.slice(0, 3);

/**
 * Runs `work` in the practice scope of the caller: it gives the answer and the event to record. Statements that need nothing of one
 * another's answers are sent together if the pool's clients pipeline.
 */
export async function scope(pool, { sub: account, sid: session }, address, allowed, work) {
  const client = await pool.connect();
  let broken;
  try {
    const at = new Date().toISOString();
    const query = (name, values) => client.query({ name, text: sql[name], values });
    const [, { rows: [caller] }] = await Promise.all([
      client.query(sql.begin.replace('{account}', account)),
      query('enter', [session, at]),
    ]);
    if (!caller) throw new Refused(401);
    if (!caller.roles.some((role) => (allowed ?? READERS).includes(role))) throw new Refused(403);
    const [practice, staff] = [caller.practice_id, caller.staff_id];
    const { answer, status = 200, action, subject, person = null } = await work({ client, query, at, practice, staff, caller });
    const [, { command }] = await Promise.all([
      query('audit', [practice, nextId(), at, staff, action, subject, person, crypto.randomUUID(), caller.roles, session, address]),
      client.query('COMMIT'),
    ]);
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
    return { status, answer };
  } catch (error) {
    await client.query('ROLLBACK').catch((failed) => { broken = failed; });
    throw error;
  } finally {
    client.release(broken);
  }
}

// ---- The shapes of answers.

/** A time as Almoner writes it: without a fraction, or with three or six digits. */
export function time(text) {
  const [, day, clock, digits = ''] = /^([\d-]+)[ T]([\d:]+)(?:\.(\d+))?/.exec(text);
  const fraction = digits.padEnd(6, '0').replace(/000$/, '').replace(/^000$/, '');
  return `${day}T${clock}${fraction && `.${fraction}`}Z`;
}

const flags = ({ reasonable_adjustments: adjustments, communication_needs: needs, date_of_death: died }, restricted) => ({
  restricted,
  reasonable_adjustments: Boolean(adjustments?.length),
  communication_needs: Boolean(needs?.length),
  deceased: died !== undefined,
});

const spokenName = ({ preferred_name: preferred, given_name: given, family_name: family }) =>
  [preferred ?? given, family].filter((name) => name !== undefined).join(' ');

export const person = (row, details) => ({
  id: row.service_user_id,
  flags: flags(details, row.restricted),
  ...details,
  created_at: time(row.created_at),
  changed_at: time(row.changed_at),
});

export const summary = (row, details) => ({
  id: row.service_user_id,
  name: spokenName(details),
  date_of_birth: details.date_of_birth,
  nhs_number: details.nhs_number && `*** *** ${details.nhs_number.slice(6)}`,
  postcode: details.address?.postcode,
  flags: flags(details, row.restricted),
});

export const caseShown = (row, details) => ({
  id: row.case_id,
  service_user: { id: row.service_user_id, name: spokenName(details), flags: flags(details, row.restricted) },
  council: { id: row.council_id, gss_code: row.gss_code, name: row.council_name },
  function: row.function,
  delegation_id: row.delegation_id ?? undefined,
  referral_id: row.referral_id ?? undefined,
  priority: row.priority,
  status: row.status,
  allocated_to: { id: row.staff_id, name: row.staff_name },
  opened_at: time(row.opened_at),
  closed_at: row.closed_at ? time(row.closed_at) : undefined,
  ground: row.ground ?? undefined,
  outcome: row.outcome ?? undefined,
});

export function caseload(staff, cases) {
  const waiting = cases.filter(({ status }) => status === 'closing').length;
  return { staff, open: cases.length - waiting, waiting, cases };
}

export const timelineEntry = (row) => ({
  id: row.event_id,
  kind: row.kind,
  at: time(row.at),
  by: row.staff_id ? { id: row.staff_id, name: row.staff_name } : undefined,
  subject_id: row.subject_id ?? undefined,
});

/** A page of one row more than it holds. */
export function page(rows, limit, id, show) {
  const items = rows.slice(0, limit);
  const cursor = rows.length > limit ? Buffer.from(items.at(-1)[id]).toString('base64url') : undefined;
  return { items: items.map(show), next_cursor: cursor };
}

export const NOTE_KINDS = ['visit', 'call', 'correspondence', 'meeting', 'note'];

// ---- The processes.

/** Runs `serve` in each of the processes, and says READY when all of them listen. */
export async function run(serve) {
  if (cluster.isPrimary && PROCESSES > 1) {
    let listening = 0;
    cluster.on('listening', () => { if (++listening === PROCESSES) console.log('READY'); });
    cluster.on('exit', () => process.exit(1));
    for (let n = 0; n < PROCESSES; n++) cluster.fork();
    return;
  }
  await loadKeys();
  setInterval(() => loadKeys().catch(() => {}), 30_000).unref();
  await serve({ port: Number(process.env.PORT ?? 8080), host: process.env.LISTEN ?? '127.0.0.1' });
  if (cluster.isPrimary) console.log('READY');
}
