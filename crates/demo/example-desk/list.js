// The desk: what is offered to the officer, the complaints that they have, with what is due next, and their interests.
// GET /v1/complaints/offers and GET /v1/complaints.

import { button, heading, make, notice } from '../example-ground/elements.js';
import { showFailure } from '../example-ground/faults.js';
import { everyItem } from '../example-ground/service.js';
import { day, say } from '../example-ground/texts.js';
import { interests } from './interests.js';

/** Builds the view. `openOffer` and `openComplaint` get the identifier of what is to be shown; `openList` what is said in the list. */
export function buildList(view, service, { openList, openOffer, openComplaint }) {
    return {
        /** Reads the lists, and shows them, with what has happened if there is something to say. */
        async load(said) {
            const content = make('div');
            view.replaceChildren(heading('h1', say('list.heading')), content);
            try {
                const [offers, complaints, declared] = await Promise.all([
                    everyItem(service.read, '/v1/complaints/offers'), everyItem(service.read, '/v1/complaints'),
                    interests(service, openList),
                ]);
                content.append(...said ? [notice(said)] : [],
                    make('h2', {}, say('list.offers_heading')), make('p', { class: 'hint' }, say('list.offers_hint')),
                    rows(offers.map((offer) => offerRow(offer, openOffer)), 'list.offers_none'),
                    make('h2', {}, say('list.complaints_heading')),
                    rows(byDue(complaints).map((complaint) => complaintRow(complaint, openComplaint)), 'list.complaints_none'),
                    ...declared);
            } catch (failure) {
                showFailure(content, failure, { 401: say('page.session_over') });
            }
        },
        forget: () => view.replaceChildren(),
    };
}

/** Says what a complaint is about: the practice, or the council itself. */
export function aboutOf({ practice }) {
    return practice?.name ?? say('list.council');
}

function rows(lines, none) {
    return lines.length > 0 ? make('ul', { class: 'rows' }, ...lines) : make('p', {}, say(none));
}

function offerRow(offer, open) {
    return make('li', {},
        make('div', {}, make('h3', {}, aboutOf(offer)), make('p', {}, say('list.open_by', { date: day(offer.open_by) }))),
        button(say('list.open_offer'), () => open(offer.id), { class: 'second', 'aria-label': say('list.open_offer_of', { practice: aboutOf(offer) }) }));
}

function complaintRow(complaint, open) {
    const due = complaint.next_due;
    return make('li', {},
        make('div', {},
            make('h3', {}, button(complaint.reference, () => open(complaint.id), { class: 'link' })),
            make('p', {}, aboutOf(complaint)),
            make('p', { class: 'hint' }, say(`status.${complaint.status}`))),
        make('p', { class: complaint.overdue ? 'due is-overdue' : 'due' },
            complaint.overdue ? make('strong', {}, say('list.overdue')) : undefined,
            due ? say('list.due', { what: say(`clock.${due.clock}`), date: day(due.on) }) : say('list.nothing_due')));
}

// What is due first stands first. What nothing is due of comes last.
function byDue(complaints) {
    const on = (complaint) => complaint.next_due?.on ?? '9999';
    return complaints.toSorted((one, other) => on(one).localeCompare(on(other)));
}
