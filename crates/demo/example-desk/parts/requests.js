// What the complainant asks for, and what came of it; writing down what they asked for by telephone. It counts once the contact that
// was given at lodging has confirmed it. POST …/requests, POST …/requests/{id}/decide and, for a review, POST …/requests/{id}/review.

import { choice, fillList, make, reveal, selected, terms, typed } from '../../example-ground/elements.js';
import { day, say, time } from '../../example-ground/texts.js';
import { contactTerms } from './contact.js';
import { given } from './given.js';

const WAYS = ['phone', 'letter', 'email', 'in_person', 'complaint'];

/** The kinds that this page writes down. An app has the questions of the others. */
const KINDS = ['withdrawal', 'extension', 'consent', 'may_see', 'review'];

export function requests(work) {
    const { complaint } = work;
    return [
        complaint.requests.length > 0
            ? make('ul', { class: 'messages' }, ...complaint.requests.map((one) => shown(one, work)))
            : make('p', {}, say('requests.none')),
        make('h3', {}, say('requests.heading')),
        writingDown(work),
    ];
}

function shown(request, work) {
    const { kind, author, made_at: at, decide_by: by, decision, review } = request;
    const isDecided = decision ?? review;
    return make('li', {},
        make('h3', {}, say(`requests.kind.${kind}`)),
        make('p', { class: 'hint' }, say(`messages.from.${author}`, { date: time(at) })),
        terms([
            ['requests.respond_by.label', request.respond_by && day(request.respond_by)],
            ...contactTerms(request.contact),
            ['reading.person', request.person && [request.person.given_name, request.person.family_name].filter(Boolean).join(' ')],
            ['reading.complainant', request.complainant && say(`reading.basis.${request.complainant.basis}`, request.complainant)],
            ['requests.body.label', request.body],
            ['requests.name.label', request.name],
            ['requests.words.label', request.words],
            ['requests.decide_by', isDecided ? undefined : day(by)],
        ]),
        ...decision ? decided(decision.confirmed ? 'requests.counts' : 'requests.does_not_count', decision.words) : [],
        ...review ? decided(review.upheld ? 'requests.upheld' : 'requests.not_upheld', review.reasons) : [],
        isDecided ? undefined : (kind === 'review' ? reviewing : deciding)(request, work));
}

function decided(key, words) {
    return [make('p', {}, say(key)), make('blockquote', { class: 'written' }, words)];
}

function deciding({ id }, { form, change }) {
    return form({
        id: `decide-${id}`, label: say('requests.decide'), said: 'requests.decided',
        fields: [
            choice({ key: 'requests.confirmed', name: 'confirmed', answers: ['yes', 'no'], pointers: '/confirmed', needed: true }),
            choice({ key: 'requests.told_by', name: 'told_by', answers: WAYS, pointers: '/told_by', needed: true }),
            typed({ key: 'requests.told_on', name: 'told_on', pointers: '/told_on', type: 'date', needed: true }),
            typed({ key: 'requests.said', name: 'words', pointers: '/words', lines: 3, needed: true }),
        ],
        send: (answers) => change('POST', `/requests/${id}/decide`, withAnswer(given(answers), 'confirmed')),
    });
}

// Never the officer whose decision it is: the service refuses them.
function reviewing({ id }, { form, change, isResponsible }) {
    return isResponsible
        ? form({
            id: `review-${id}`, label: say('requests.decide'), said: 'requests.decided',
            fields: [
                choice({ key: 'requests.upheld_asked', name: 'upheld', answers: ['yes', 'no'], pointers: '/upheld', needed: true }),
                typed({ key: 'requests.reasons', name: 'reasons', pointers: '/reasons', lines: 4, needed: true }),
            ],
            send: (answers) => change('POST', `/requests/${id}/review`, withAnswer(given(answers), 'upheld')),
        })
        : make('p', {}, say('requests.for_responsible'));
}

// "Yes" and "no" are true and false. Where neither was chosen the service says that it is missing.
function withAnswer(content, name) {
    return content[name] ? { ...content, [name]: content[name] === 'yes' } : content;
}

function writingDown({ form, create }) {
    const kind = selected({ key: 'requests.kind', name: 'kind', pointers: '/kind', needed: true });
    fillList(kind, 'requests.kind', KINDS.map((one) => [one, say(`requests.kind.${one}`)]));
    const beside = {
        extension: typed({ key: 'requests.respond_by', name: 'respond_by', pointers: '/respond_by', type: 'date', needed: true }),
        consent: typed({ key: 'requests.body', name: 'body', pointers: '/body', needed: true }),
        may_see: typed({ key: 'requests.name', name: 'name', pointers: '/name', needed: true }),
    };
    const made = form({
        id: 'request-form', label: say('requests.write_down'), said: 'requests.written_down',
        fields: [kind, ...Object.values(beside), typed({ key: 'requests.words', name: 'words', pointers: '/words', lines: 3 })],
        send: (answers) => create('/requests', given(answers)),
    });
    function arrange() {
        for (const [of, field] of Object.entries(beside)) {
            const isAsked = kind.querySelector('select').value === of;
            reveal(field, isAsked);
            // What is not asked is not sent.
            field.querySelector('input').disabled = !isAsked;
        }
    }
    made.addEventListener('change', arrange);
    arrange();
    return made;
}
