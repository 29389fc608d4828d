// The peer on PostGraphile 5: a thin adapter gives each address of the practice door a fixed GraphQL document, which Grafast plans and
// runs in the transaction of the request. PostgreSQL cannot open what is sealed, so three fields of JavaScript do.
import { createServer } from 'node:http';
import { makeSchema } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { TYPES, listOfCodec } from 'postgraphile/@dataplan/pg';
import { execute, lambda, list } from 'postgraphile/grafast';
import { parse, validate } from 'postgraphile/graphql';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { addPgTableCondition, extendSchema, gql } from 'postgraphile/utils';
import {
  NOTE_KINDS, Refused, UUID, WRITERS, caseShown, caseload, claimOf, makePool, nextId, open, openKey, openRoot, page, person, run, scope,
  seal, searchTokens, summary, time, timelineEntry, verify,
} from './almoner.mjs';

const pool = makePool(true);
const nil = '00000000-0000-0000-0000-000000000000';
const max = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

// ---- What PostGraphile is taught: to open a person's details, to seal a note, and to search by tokens.

const keyOf = ([practice, id, wrapped, root]) => openKey(openRoot(practice, root), practice, id, wrapped);

const Sealing = extendSchema(({ pgResources: { sealing_keys: keys } }) => {
  /** The steps for both keys of a person, and what a function makes of the person's key. */
  const withKey = ($person, steps, make) => {
    const $practice = $person.get('practice_id');
    const $own = keys.get({ owner_id: $practice, key_id: $person.get('key_id') });
    const $root = keys.get({ owner_id: $practice, key_id: $practice });
    const $key = list([$practice, $person.get('key_id'), $own.get('wrapped'), $root.get('wrapped')]);
    return lambda([$key, ...steps], ([key, ...values]) => make(keyOf(key), key[0], ...values));
  };
  return {
    typeDefs: gql`
      extend type ServiceUser { opened: JSON, sealedNote(note: UUID!, text: String!): Base64EncodedBinary }
    `,
    objects: {
      ServiceUser: {
        plans: {
          opened: ($person) => withKey($person, [$person.get('service_user_id'), $person.get('details')],
            (key, practice, id, details) => open(key, practice, 'service_users', 'details', id, details)),
          sealedNote: ($person, { $note, $text }) => withKey($person, [$note, $text],
            (key, practice, note, text) => seal(key, practice, 'case_notes', 'text', note, text)),
        },
      },
    },
  };
});

/** A further condition on the list of a table. */
const condition = (tableName, name, type, where) => addPgTableCondition({ schemaName: 'public', tableName }, name,
  (build) => ({ type: type(build) }), (value, { sql, sqlTableAlias, sqlValueWithCodec }) => where(sql, sqlTableAlias, sqlValueWithCodec, value));

const uuid = (build) => build.getTypeByName('UUID');
const texts = ({ graphql: { GraphQLList, GraphQLNonNull, GraphQLString } }) =>
  new GraphQLList(new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(GraphQLString))));
const bytes = (token) => Buffer.from(token, 'base64');

// For each word of a search its tokens in base64, one of which the person must have; and where a page begins.
const words = condition('service_users', 'words', texts, (sql, person, value, all) => sql.join(all.map((tokens) => sql`
  ${person}.service_user_id = ANY (SELECT service_user_id FROM search_tokens
    WHERE practice_id = app.practice() AND token = ANY (${value(tokens.map(bytes), listOfCodec(TYPES.bytea))}))`), ' AND '));
const olderPeople = condition('service_users', 'olderThan', uuid,
  (sql, person, value, id) => sql`${person}.service_user_id < ${value(id, TYPES.uuid)}`);
const laterEvents = condition('case_events', 'laterThan', uuid,
  (sql, event, value, id) => sql`${event}.event_id > ${value(id, TYPES.uuid)}`);

// The roles of the database decide what may be read, request by request: `almoner_app`, which reads the schema, has no rights.
const { schema, resolvedPreset } = await makeSchema({
  extends: [PostGraphileAmberPreset],
  disablePlugins: ['PgRBACPlugin', 'PgIndexBehaviorsPlugin'],
  plugins: [Sealing, words, olderPeople, laterEvents],
  pgServices: [makePgService({ pool, schemas: ['public'] })],
});

// ---- The documents. Their aliases are the names of the columns, so that an answer has the shape of rows.

const PERSON = 'service_user_id: serviceUserId restricted details: opened';
const documents = Object.fromEntries(Object.entries({
  person: `query ($practice: UUID!, $id: UUID!) {
    found: serviceUserByPracticeIdAndServiceUserId(practiceId: $practice, serviceUserId: $id) {
      ${PERSON} created_at: createdAt changed_at: changedAt
    }
  }`,
  worker: `query ($practice: UUID!, $id: UUID!) { found: staffByPracticeIdAndStaffId(practiceId: $practice, staffId: $id) { name } }`,
  caseload: `query ($practice: UUID!, $staff: UUID!) {
    found: allAllocations(condition: { practiceId: $practice, staffId: $staff, endsAt: null }, first: 1000) {
      nodes {
        case: caseByPracticeIdAndCaseIdAndServiceUserId {
          case_id: caseId delegation_id: delegationId referral_id: referralId function priority status
          opened_at: openedAt closed_at: closedAt ground outcome
          council: councilByCouncilId { council_id: councilId gss_code: gssCode council_name: name }
          person: serviceUserByPracticeIdAndServiceUserIdAndAccessRestrictedAndTeamId { ${PERSON} }
        }
        worker: staffByPracticeIdAndStaffId { staff_id: staffId staff_name: name }
      }
    }
  }`,
  root: `query ($practice: UUID!) { found: sealingKeyByOwnerIdAndKeyId(ownerId: $practice, keyId: $practice) { wrapped } }`,
  search: `query ($practice: UUID!, $words: [[String!]!], $after: UUID!, $rows: Int!) {
    found: allServiceUsers(condition: { practiceId: $practice, words: $words, olderThan: $after }, first: $rows, orderBy: PRIMARY_KEY_DESC) {
      nodes { ${PERSON} }
    }
  }`,
  timeline: `query ($practice: UUID!, $id: UUID!, $after: UUID!, $rows: Int!) {
    found: caseByPracticeIdAndCaseId(practiceId: $practice, caseId: $id) { service_user_id: serviceUserId }
    events: allCaseEvents(condition: { practiceId: $practice, caseId: $id, laterThan: $after }, first: $rows, orderBy: PRIMARY_KEY_ASC) {
      nodes { event_id: eventId kind at subject_id: subjectId worker: staffByPracticeIdAndStaffId { staff_id: staffId staff_name: name } }
    }
  }`,
  noteOn: `query ($practice: UUID!, $id: UUID!, $note: UUID!, $text: String!) {
    found: caseByPracticeIdAndCaseId(practiceId: $practice, caseId: $id) {
      status serviceUserId accessRestricted teamId
      person: serviceUserByPracticeIdAndServiceUserIdAndAccessRestrictedAndTeamId { sealed: sealedNote(note: $note, text: $text) }
    }
  }`,
  note: `mutation ($note: CaseNoteInput!, $line: CaseEventInput!) {
    createCaseNote(input: { caseNote: $note }) { clientMutationId }
    createCaseEvent(input: { caseEvent: $line }) { clientMutationId }
  }`,
}).map(([name, text]) => {
  const document = parse(text);
  const [fault] = validate(schema, document);
  if (fault) throw fault;
  return [name, document];
}));

/** PostGraphile's way to a client, which is always that of the request's transaction. */
function inTransaction(client) {
  const own = {
    rawClient: client,
    query: ({ text, values, name, arrayMode }) => client.query({ text, values, name, rowMode: arrayMode ? 'array' : undefined }),
    withTransaction: (work) => work(own),
  };
  return (_, work) => work(own);
}

/** Runs a document in the scope. */
async function ask({ client }, name, variableValues) {
  const contextValue = { withPgClient: inTransaction(client), pgSettings: null };
  const { data, errors } = await execute({ schema, document: documents[name], variableValues, contextValue, resolvedPreset });
  if (errors) throw errors[0].originalError ?? errors[0];
  return data;
}

// ---- The operations, with the answers of the practice door.

const paging = ({ limit = 50, cursor }) => ({ limit: Number(limit), after: cursor && Buffer.from(cursor, 'base64url').toString() });
const URGENCY = ['immediate', 'urgent', 'routine'];

const operations = {
  'GET service-users': async (inside, { id }) => {
    const { found } = await ask(inside, 'person', { practice: inside.practice, id });
    if (!found) throw new Refused(404);
    return { answer: person(found, found.details), action: 'service_user.read', subject: id, person: id };
  },
  'GET caseload': async (inside, { query }) => {
    const { practice, staff: own, caller } = inside;
    const of = query.staff_id ?? own;
    if (of !== own && !caller.roles.includes('manager')) throw new Refused(403);
    const worker = of === own ? caller : (await ask(inside, 'worker', { practice, id: of })).found;
    if (!worker) throw new Refused(404);
    const { found: { nodes } } = await ask(inside, 'caseload', { practice, staff: of });
    const cases = nodes.filter((node) => node.case.status !== 'closed')
      .map((node) => caseShown({ ...node.case, ...node.case.council, ...node.case.person, ...node.worker }, node.case.person.details))
      .sort((a, b) => URGENCY.indexOf(a.priority) - URGENCY.indexOf(b.priority) || (a.opened_at < b.opened_at ? -1 : 1));
    return { answer: caseload({ id: of, name: worker.name }, cases), action: 'caseload.read', subject: of };
  },
  'POST service-users/search': async (inside, { body, headers }) => {
    const { limit, after = max } = paging(JSON.parse(body));
    const { practice } = inside;
    const { found: { wrapped } } = await ask(inside, 'root', { practice });
    const tokens = searchTokens(openRoot(practice, bytes(wrapped)), headers['bench-search-keys']);
    const variables = { practice, words: tokens.map((word) => word.map((token) => token.toString('base64'))), after, rows: limit + 1 };
    const { found: { nodes } } = await ask(inside, 'search', variables);
    const answer = page(nodes, limit, 'service_user_id', (row) => summary(row, row.details));
    return { answer, action: 'service_user.searched', subject: practice };
  },
  'GET cases/timeline': async (inside, { id, query }) => {
    const { limit, after = nil } = paging(query);
    const { found, events } = await ask(inside, 'timeline', { practice: inside.practice, id, after, rows: limit + 1 });
    if (!found) throw new Refused(404);
    const answer = page(events.nodes, limit, 'event_id', (row) => timelineEntry({ ...row, ...row.worker }));
    return { answer, action: 'case.timeline_read', subject: id, person: found.service_user_id };
  },
  'POST cases/notes': async (inside, { id, body, method, url, headers }) => {
    const { practice: practiceId, staff, caller, at } = inside;
    const { kind, text, happened_at: happenedAt = at } = JSON.parse(body);
    if (!NOTE_KINDS.includes(kind) || typeof text !== 'string' || text.trim() === '') throw new Refused(422);
    const noteId = nextId();
    // GraphQL has no ON CONFLICT.
    const claim = claimOf(headers['idempotency-key'], method, url, body);
    const { rowCount } = await inside.query('claim', [practiceId, staff, ...claim, at, noteId]);
    if (rowCount === 0) throw new Refused(501);
    const { found } = await ask(inside, 'noteOn', { practice: practiceId, id, note: noteId, text });
    if (!found) throw new Refused(404);
    const { status, person: { sealed }, ...about } = found;
    if (status === 'closed') throw new Refused(409);
    await ask(inside, 'note', {
      note: { practiceId, noteId, caseId: id, ...about, authorId: staff, kind, happenedAt, writtenAt: at, text: sealed },
      line: { practiceId, eventId: nextId(), caseId: id, ...about, kind: 'note_written', at, staffId: staff, subjectId: noteId },
    });
    const author = { id: staff, name: caller.name };
    const answer = { id: noteId, kind, text, author, happened_at: time(happenedAt), written_at: time(at) };
    return { answer, status: 201, action: 'note.written', subject: noteId, person: found.serviceUserId };
  },
};

async function respond(request) {
  const claims = verify(request.headers.authorization);
  const [path, search] = request.url.slice('/v1/practice/'.length).split('?');
  const id = path.split('/').find((part) => UUID.test(part));
  const operation = operations[`${request.method} ${path.replace(`/${id}`, '')}`];
  if (!operation) throw new Refused(404);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, url, headers } = request;
  const asked = { id, method, url, headers, query: Object.fromEntries(new URLSearchParams(search)), body: Buffer.concat(chunks) };
  const allowed = operation === operations['POST cases/notes'] ? WRITERS : undefined;
  return scope(pool, claims, request.socket.remoteAddress, allowed, (inside) => operation(inside, asked));
}

const server = createServer((request, response) => {
  respond(request).catch((error) => {
    const status = error.status ?? 500;
    if (status === 500) console.error(error);
    return { status, answer: { status } };
  }).then(({ status, answer }) => {
    const content = JSON.stringify(answer);
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(content) }).end(content);
  });
});

await run(({ port, host }) => new Promise((listening) => { server.listen(port, host, listening); }));
