// The plan, the heads and what was found on them. PUT …/plan, POST …/heads and PUT …/heads/{id}/finding.

import { choice, fillList, make, selected, terms, typed } from '../../example-ground/elements.js';
import { day, say } from '../../example-ground/texts.js';
import { found } from './found.js';
import { given } from './given.js';

const ABOUT = ['practice', 'staff', 'decision', 'service', 'council'];
const THEMES = ['delay', 'communication', 'conduct', 'assessment', 'decision', 'quality', 'money', 'safety', 'records', 'fairness', 'other'];
const OUTCOMES = ['well_founded', 'partly_well_founded', 'not_well_founded', 'inconclusive'];

export function looking(work) {
    return [...planning(work), ...raising(work), ...work.complaint.heads.length > 0 ? finding(work) : []];
}

function planning({ complaint, form, change }) {
    const { handling, period, response_due_on: respondBy } = complaint;
    const isPlanned = handling !== undefined;
    return [
        make('h3', {}, say('plan.heading')),
        make('p', { class: 'hint' }, say('plan.hint', { date: day(complaint.response_latest_on) })),
        form({
            id: 'plan-form', label: say('plan.keep'), said: 'plan.kept',
            fields: [
                typed({ key: 'plan.handling', name: 'handling', pointers: '/handling', needed: true, lines: 3, text: handling }),
                typed({
                    key: 'plan.respond_by', name: 'respond_by', pointers: '/respond_by', type: 'date', needed: true,
                    text: isPlanned ? respondBy : undefined,
                }),
                choice({ key: 'plan.period', name: 'period', answers: ['agreed', 'determined'], pointers: '/period', needed: true, chosen: period }),
            ],
            send: (answers) => change('PUT', '/plan', given(answers)),
        }),
    ];
}

function raising({ complaint, form, create }) {
    const heads = complaint.heads.map((head) => make('li', {},
        make('p', { class: 'written' }, head.statement),
        make('p', { class: 'hint' }, say('heads.of', { about: say(`about.${head.about}`), theme: say(`theme.${head.theme}`) })),
        head.held ? make('p', {}, say('heads.held', { date: day(head.held.until), reason: head.held.reason })) : undefined,
        head.outcome
            ? terms(found(head))
            : make('p', { class: 'due' }, say('heads.not_found'))));
    const lines = (words, codes) => codes.map((code) => [code, say(`${words}.${code}`)]);
    const [about, theme] = [
        selected({ key: 'heads.about', name: 'about', pointers: '/about', needed: true }),
        selected({ key: 'heads.theme', name: 'theme', pointers: '/theme', needed: true }),
    ];
    fillList(about, 'heads.about', lines('about', ABOUT));
    fillList(theme, 'heads.theme', lines('theme', THEMES));
    return [
        make('h3', {}, say('heads.heading')),
        heads.length > 0 ? make('ol', { class: 'heads' }, ...heads) : make('p', {}, say('heads.none')),
        form({
            id: 'head-form', label: say('heads.add'), said: 'heads.added',
            fields: [typed({ key: 'heads.statement', name: 'statement', pointers: '/statement', needed: true, lines: 2 }), about, theme],
            send: (answers) => create('/heads', given(answers)),
        }),
    ];
}

function finding({ complaint, form, change }) {
    const open = complaint.heads.find((head) => !head.outcome) ?? complaint.heads[0];
    const which = choice({
        key: 'finding.head', name: 'head', answers: complaint.heads.map(({ id }) => id), chosen: open.id,
        wordsOf: (id) => complaint.heads.find((head) => head.id === id).statement,
    });
    return [
        make('h3', {}, say('finding.heading')),
        form({
            id: 'finding-form', label: say('finding.keep'), said: 'finding.kept',
            fields: [
                which,
                choice({ key: 'outcome', name: 'outcome', answers: OUTCOMES, pointers: '/outcome', needed: true }),
                typed({ key: 'finding.finding', name: 'finding', pointers: '/finding', needed: true, lines: 4 }),
                typed({ key: 'finding.remedy', name: 'remedy', pointers: '/remedy', lines: 2 }),
                typed({ key: 'finding.heard_on', name: 'heard_on', pointers: '/heard_on', type: 'date' }),
                typed({ key: 'finding.not_heard_because', name: 'not_heard_because', pointers: '/not_heard_because' }),
            ],
            send: (answers) => {
                const { head, ...found } = given(answers);
                return change('PUT', `/heads/${head}/finding`, found);
            },
        }),
    ];
}
