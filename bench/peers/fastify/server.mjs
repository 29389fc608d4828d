// The peer on Fastify and pg: the same work as `almoner serve` in the same tables, roles and policies, by hand.
import Fastify from 'fastify';
import {
  NOTE_KINDS, Refused, UUID, WRITERS, caseShown, caseload, claimOf, forWords, makePool, nextId, open, openKey, openRoot, page, person, run,
  scope, seal, searchTokens, summary, time, timelineEntry, verify,
} from './almoner.mjs';

const pool = makePool(true);
const app = Fastify({ logger: false });
const nil = '00000000-0000-0000-0000-000000000000';
const max = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Opens the details of a person whose row brings the wrapped key. */
function details(practice, root, row) {
  const key = openKey(root, practice, row.key_id, row.wrapped);
  return open(key, practice, 'service_users', 'details', row.service_user_id, row.details);
}

/** Registers an operation: `work` gets the scope and the request, and gives the answer with its event. */
function operation(method, url, work, allowed) {
  app.route({
    method,
    url,
    handler: async (request, reply) => {
      const claims = verify(request.headers.authorization);
      if (request.params.id && !UUID.test(request.params.id)) throw new Refused(404);
      const { status, answer } = await scope(pool, claims, request.ip, allowed, (inside) => work(inside, request));
      reply.code(status).send(answer);
    },
  });
}

/** The page that a request asks for: its limit, and the last identifier of the page before. */
function paging({ limit = 50, cursor }) {
  return { limit: Number(limit), after: cursor && Buffer.from(cursor, 'base64url').toString() };
}

operation('GET', '/v1/practice/service-users/:id', async ({ query, practice }, { params: { id } }) => {
  const { rows: [row] } = await query('person', [practice, id]);
  if (!row) throw new Refused(404);
  const answer = person(row, details(practice, openRoot(practice, row.root), row));
  return { answer, action: 'service_user.read', subject: id, person: id };
});

operation('GET', '/v1/practice/caseload', async ({ query, practice, staff, caller }, request) => {
  const of = request.query.staff_id ?? staff;
  if (of !== staff && !caller.roles.includes('manager')) throw new Refused(403);
  const worker = of === staff ? { staff_id: staff, name: caller.name } : (await query('worker', [practice, of])).rows[0];
  if (!worker) throw new Refused(404);
  const { rows } = await query('caseload', [practice, of]);
  const root = rows.length > 0 && openRoot(practice, rows[0].root);
  const cases = rows.map((row) => caseShown(row, details(practice, root, row)));
  return { answer: caseload({ id: worker.staff_id, name: worker.name }, cases), action: 'caseload.read', subject: of };
});

operation('POST', '/v1/practice/service-users/search', async ({ client, query, practice }, request) => {
  const { limit, after } = paging(JSON.parse(request.body));
  const root = openRoot(practice, (await query('root_key', [practice])).rows[0].wrapped);
  const words = searchTokens(root, request.headers['bench-search-keys']);
  const { rows } = await client.query({ ...forWords('search', words.length), values: [practice, after ?? max, limit + 1, ...words] });
  const answer = page(rows, limit, 'service_user_id', (row) => summary(row, details(practice, root, row)));
  return { answer, action: 'service_user.searched', subject: practice };
});

operation('GET', '/v1/practice/cases/:id/timeline', async ({ query, practice }, request) => {
  const { params: { id } } = request;
  const { limit, after } = paging(request.query);
  const [{ rows: [found] }, { rows }] = await Promise.all([
    query('case', [practice, id]),
    query('timeline', [practice, id, after ?? nil, limit + 1]),
  ]);
  if (!found) throw new Refused(404);
  const answer = page(rows, limit, 'event_id', timelineEntry);
  return { answer, action: 'case.timeline_read', subject: id, person: found.service_user_id };
});

operation('POST', '/v1/practice/cases/:id/notes', async ({ query, practice, staff, caller, at }, request) => {
  const { params: { id }, body, method, url } = request;
  const { kind, text, happened_at: happened = at } = JSON.parse(body);
  if (!NOTE_KINDS.includes(kind) || typeof text !== 'string' || text.trim() === '') throw new Refused(422);
  const note = nextId();
  const claim = claimOf(request.headers['idempotency-key'], method, url, body);
  const [{ rowCount }, { rows: [found] }] = await Promise.all([
    query('claim', [practice, staff, ...claim, at, note]),
    query('case_with_keys', [practice, id]),
  ]);
  if (rowCount === 0) throw new Refused(501);
  if (!found) throw new Refused(404);
  if (found.status === 'closed') throw new Refused(409);
  const key = openKey(openRoot(practice, found.root), practice, found.key_id, found.wrapped);
  const sealed = seal(key, practice, 'case_notes', 'text', note, text);
  const about = [id, found.service_user_id, found.access_restricted, found.team_id];
  await Promise.all([
    query('note', [practice, note, ...about, staff, kind, happened, at, sealed]),
    query('line', [practice, nextId(), ...about, at, staff, note]),
  ]);
  const author = { id: staff, name: caller.name };
  const answer = { id: note, kind, text, author, happened_at: time(happened), written_at: time(at) };
  return { answer, status: 201, action: 'note.written', subject: note, person: found.service_user_id };
}, WRITERS);

// The body stays as it was sent: the fingerprint of an Idempotency-Key is over its bytes.
app.removeAllContentTypeParsers();
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
app.setErrorHandler((error, _, reply) => {
  const status = error.status ?? error.statusCode ?? 500;
  if (status >= 500) console.error(error);
  reply.code(status).type('application/problem+json').send({ status });
});

await run((address) => app.listen(address));
