// The response: its draft, what it lacks, the signature, the letter as a file, and how it was sent. PUT …/response,
// POST …/response/sign, GET …/response/letter.pdf and letter.html, POST …/response/give-back and PUT …/response/sent.

import { choice, make, terms, typed } from '../../example-ground/elements.js';
import { ownWords } from '../../example-ground/faults.js';
import { day, say } from '../../example-ground/texts.js';
import { found } from './found.js';
import { given } from './given.js';

export function response(work) {
    const { letter } = work.answer;
    return letter ? [...signed(work), ...work.answer.sent_on ? [] : sending(work)] : [...drafting(work), ...signing(work)];
}

function drafting({ answer, form, change }) {
    const ask = (name, lines) =>
        typed({ key: `response.${name}`, name, pointers: `/${name}`, lines, text: answer.draft[name] });
    return [
        make('p', {}, say('response.lead')),
        form({
            id: 'draft-form', label: say('response.keep'), said: 'response.kept',
            fields: [ask('considered', 4), ask('conclusions', 4), ask('action', 3)],
            send: (answers) => change('PUT', '/response', given(answers)),
        }),
    ];
}

function signing({ answer, officers, assignments, me, form, change }) {
    const missing = answer.missing.map((one) => make('li', {}, ownWords(one) ?? one.detail));
    const has = (id) => assignments.some((one) => one.officer_id === id && !one.ended_at);
    const signers = officers.filter(({ signs }) => signs)
        .map(({ id, name }) => make('li', {}, say(has(id) ? 'response.signer_has_it' : 'response.signer', { name })));
    const maySign = officers.some(({ id, signs }) => signs && id === me);
    return [
        make('h3', {}, say('response.missing_heading')),
        missing.length > 0 ? make('ul', {}, ...missing) : make('p', {}, say('response.complete')),
        make('h3', {}, say('response.sign_heading')),
        ...maySign
            ? [form({
                id: 'sign-form', label: say('response.sign'), said: 'response.signed', shownIn: 'draft-form',
                send: () => change('POST', '/response/sign'),
            })]
            : [make('p', {}, say('response.signers')), make('ul', {}, ...signers)],
    ];
}

function signed({ answer: { letter, ...answer }, saving }) {
    const head = (one) => make('li', {}, make('p', { class: 'written' }, one.statement),
        terms(found(one)));
    return [
        make('p', { class: 'lead' }, say('response.signed_by', { name: letter.signed_by, as: letter.signed_as, date: day(letter.signed_on) })),
        answer.sent_on ? make('p', {}, say(`response.sent_by.${answer.sent_by}`, { date: day(answer.sent_on) })) : undefined,
        terms([['response.considered.label', letter.considered], ['response.conclusions.label', letter.conclusions]]),
        make('ol', { class: 'heads' }, ...letter.heads.map(head)),
        terms([
            ['response.action.label', letter.action],
            ...letter.actions.map(({ what, due_on: by }) => ['response.promised', say('response.promised_by', { what, date: day(by) })]),
            ['response.ombudsman', letter.ombudsman],
        ]),
        make('p', { class: 'row' },
            ...['pdf', 'html'].map((kind) => saving({
                label: `response.as.${kind}`, of: letter.reference, below: `/response/letter.${kind}`, name: `${letter.reference}.${kind}`,
            }))),
    ];
}

function sending({ form, change }) {
    return [
        make('h3', {}, say('sending.heading')),
        make('p', {}, say('sending.lead')),
        form({
            id: 'sent-form', label: say('sending.record'), said: 'sending.recorded',
            fields: [
                choice({ key: 'sending.by', name: 'by', answers: ['post', 'hand', 'read', 'email', 'app'], pointers: '/by', needed: true }),
                typed({ key: 'sending.on', name: 'on', pointers: '/on', type: 'date', needed: true }),
            ],
            send: (answers) => change('PUT', '/response/sent', given(answers)),
        }),
        make('h3', {}, say('sending.give_back_heading')),
        form({
            id: 'give-back-form', label: say('sending.give_back'), said: 'sending.given_back', look: 'second',
            send: () => change('POST', '/response/give-back'),
        }),
    ];
}
