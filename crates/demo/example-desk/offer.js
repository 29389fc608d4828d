// One offer: the names of those concerned, and whether the officer knows one of them. GET /v1/complaints/offers/{id} and
// PUT …/answer.

import { choice, formOf, heading, make, whenSent } from '../example-ground/elements.js';
import { showFailure } from '../example-ground/faults.js';
import { day, say } from '../example-ground/texts.js';
import { aboutOf } from './list.js';

/** Builds the view. `openComplaint` gets the identifier of the complaint that was opened; `openList` what is said in the list. */
export function buildOffer(view, service, { openList, openComplaint }) {
    return {
        async load(id) {
            const address = `/v1/complaints/offers/${id}`;
            const content = make('div');
            view.replaceChildren(heading('h1', say('offer.heading')), content);
            let offer;
            try {
                offer = await service.read(address);
            } catch (failure) {
                showFailure(content, failure, { 401: say('page.session_over'), 404: say('offer.gone') });
                return;
            }
            const knows = choice({
                key: 'offer.knows', name: 'knows', answers: ['no', 'yes'], pointers: '/knows_somebody_concerned', needed: true,
            });
            const form = formOf('offer-form', say('offer.answer'), [knows]);
            // Somebody who complains for themselves is named twice.
            const names = [...new Set(offer.concerned)].map((name) => make('li', {}, name));
            content.append(
                make('p', { class: 'lead' }, aboutOf(offer)),
                make('p', {}, say('list.open_by', { date: day(offer.open_by) })),
                make('h2', {}, say('offer.concerned_heading')),
                names.length > 0 ? make('ul', { class: 'names' }, ...names) : make('p', {}, say('offer.concerned_none')), form);
            whenSent(form, async () => {
                const answered = new FormData(form).get('knows');
                try {
                    const { outcome, complaint_id: complaint } = await service.change('PUT', `${address}/answer`,
                        answered ? { knows_somebody_concerned: answered === 'yes' } : {});
                    await (complaint ? openComplaint(complaint, say('offer.opened')) : openList(say(`offer.outcome.${outcome}`)));
                } catch (failure) {
                    showFailure(form, failure, { 401: say('page.session_over'), 404: say('offer.gone') });
                }
            });
        },
        forget: () => view.replaceChildren(),
    };
}
