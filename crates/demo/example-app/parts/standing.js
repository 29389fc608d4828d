// How the complaint stands: its status, the days, what is looked into, and the rights of whoever complains.

import { button, make, terms } from '../../example-ground/elements.js';
import { day, say, time } from '../../example-ground/texts.js';
import { rightsList } from '../receipt.js';

/** The statuses after which somebody may ask that it is looked at again. */
const DECIDED = ['answered', 'closed', 'withdrawn', 'not_considered'];

export function standing({ complaint, choose }) {
    const { status, limits } = complaint;
    return [
        make('p', { class: 'lead' }, say(`complaint.status.${status}`)),
        complaint.response ? make('p', {}, button(say('standing.read_answer'), () => choose('answer'), { class: 'main' })) : '',
        DECIDED.includes(status)
            ? make('p', {}, button(say('standing.ask_review'), () => askForReview(choose), { class: 'second' }))
            : '',
        terms(daysOf(complaint)),
        ...limits ? limitsOf(limits) : [],
        ...complaint.heads.length > 0 ? headsOf(complaint.heads) : [],
        make('h3', {}, say('receipt.rights_heading')),
        rightsList(complaint.rights),
    ];
}

function askForReview(choose) {
    choose('asking');
    document.querySelector('#ask-form [value=review]').click();
}

function acknowledged({ acknowledged_at: at, acknowledged_by: by }) {
    return by ? say(`complaint.acknowledged_by.${by}`, { date: time(at) }) : time(at);
}

function daysOf(complaint) {
    const dueOn = complaint.period ? `complaint.respond_by.${complaint.period}` : 'complaint.response_due_on';
    return [
        ['complaint.received_at', time(complaint.received_at)],
        complaint.acknowledged_at
            ? ['complaint.acknowledged_at', acknowledged(complaint)]
            : ['complaint.acknowledgement_due_on', day(complaint.acknowledgement_due_on)],
        ['complaint.council', complaint.council?.name],
        ['complaint.handling', complaint.handling],
        ...complaint.answered_at
            ? [['complaint.answered_at', time(complaint.answered_at)]]
            : [
                [dueOn, complaint.response_due_on && day(complaint.response_due_on)],
                ['complaint.response_latest_on', day(complaint.response_latest_on)],
            ],
        ['complaint.closed_at', complaint.closed_at && time(complaint.closed_at)],
    ];
}

// What is written here arrives all the same.
function limitsOf({ how, reasons, until }) {
    return [
        make('h3', {}, say('standing.limits_heading')),
        make('blockquote', { class: 'written' }, how),
        make('p', {}, say('standing.limits', { date: day(until) })),
        make('blockquote', { class: 'written' }, reasons),
    ];
}

function headsOf(heads) {
    return [
        make('h3', {}, say('standing.heads_heading')),
        make('p', {}, say('standing.heads_hint')),
        make('ol', {}, ...heads.map(({ statement, held }) => make('li', {},
            make('p', { class: 'written' }, statement),
            held ? make('p', {}, say('standing.held', { date: day(held.until) })) : undefined,
            held ? make('blockquote', { class: 'written' }, held.reason) : undefined))),
    ];
}
