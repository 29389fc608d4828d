// What takes away from the complaint or turns it is asked for, and counts once the contact that was given at lodging has confirmed
// it: POST …/requests. What was asked for stands here with what became of it.

import { choice, make, reveal, typed } from '../../example-ground/elements.js';
import { day, say, time } from '../../example-ground/texts.js';
import { requestOf } from '../complaint.js';
import { contactFields, personFields, REASONS, WAYS } from '../fields.js';

const KINDS = ['withdrawal', 'contact', 'extension', 'person', 'complainant', 'consent', 'may_see', 'review'];

export function asking({ complaint, adding }) {
    return [
        make('p', {}, say('asking.lead')),
        ...complaint.requests.length > 0
            ? [
                make('h3', {}, say('asking.made_heading')),
                make('ul', { class: 'messages' }, ...complaint.requests.map(made)),
            ]
            : [],
        make('h3', {}, say('asking.heading')),
        form(adding),
    ];
}

function made(request) {
    const what = say(`asking.kind.${request.kind}`);
    return make('li', {},
        make('h3', {}, what),
        make('p', {}, say(`asking.by.${request.author}`, { date: time(request.made_at) })),
        make('p', {}, whatBecameOf(request)),
        request.words ? make('blockquote', { class: 'written' }, request.words) : undefined);
}

function whatBecameOf({ kind, confirmed, told_by: toldBy, upheld, decide_by: by }) {
    if (kind === 'review') {
        return upheld === undefined
            ? say('asking.review_by', { date: day(by) })
            : say(upheld ? 'asking.upheld' : 'asking.not_upheld');
    }
    return confirmed === undefined
        ? say('asking.decide_by', { date: day(by) })
        : say(confirmed ? 'asking.counts' : 'asking.does_not_count', { way: say(`asking.told_by.${toldBy}`) });
}

function form(adding) {
    const kind = choice({ key: 'asking.kind', name: 'kind', answers: KINDS, pointers: '/kind', needed: true });
    const reason = choice({
        key: 'asking.reason', name: 'reason', answers: REASONS, needed: true, pointers: '/complainant/representation_reason',
    });
    const beside = Object.entries({
        extension: [typed({ key: 'asking.respond_by', name: 'respond_by', pointers: '/respond_by', type: 'date', needed: true })],
        contact: contactFields({ key: 'asking.preferred', answers: WAYS, needed: true }),
        person: personFields('asked'),
        complainant: [...complainantFields(), reason],
        consent: [typed({ key: 'asking.body', name: 'body', pointers: '/body', needed: true })],
        may_see: [typed({ key: 'asking.name', name: 'name', pointers: '/name', needed: true })],
    }).map(([of, fields]) => [of, make('div', { class: 'below' }, make('p', { class: 'hint' }, say(`asking.about.${of}`)), ...fields)]);
    const words = typed({ key: 'asking.words', name: 'words', pointers: '/words', lines: 3 });
    const told = make('p', { class: 'notice' }, say('asking.confirmed_first'));
    const made = adding({
        id: 'ask-form', label: 'asking.send', below: '/requests', said: 'asking.sent', contentOf: requestOf,
        fields: [kind, ...beside.map(([, below]) => below), words, told],
    });
    function arrange() {
        const answers = new FormData(made);
        const chosen = answers.get('kind');
        for (const [of, below] of beside) {
            reveal(below, of === chosen);
        }
        // Nobody has to confirm a review.
        reveal(told, chosen !== null && chosen !== 'review');
        reveal(reason, answers.get('basis') === 'representative');
    }
    made.addEventListener('change', arrange);
    arrange();
    return made;
}

function complainantFields() {
    return [
        typed({ key: 'asking.complainant_name', name: 'complainant_name', pointers: '/complainant /complainant/name', needed: true }),
        choice({
            key: 'asking.basis', name: 'basis', answers: ['recipient', 'representative', 'affected'], needed: true,
            pointers: '/complainant/basis',
        }),
    ];
}
