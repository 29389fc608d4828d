// What a complaint must not be about for the officer: a practice, or the name of somebody close. What concerns either is not offered
// to them. GET and POST /v1/complaints/interests, DELETE …/interests/{id}.

import { fillList, formOf, make, selected, typed, whenSent } from '../example-ground/elements.js';
import { showFailure } from '../example-ground/faults.js';
import { everyItem, keyring } from '../example-ground/service.js';
import { say } from '../example-ground/texts.js';
import { given } from './parts/given.js';

const ADDRESS = '/v1/complaints/interests';

/** Reads the interests, and returns their elements. `again` shows them anew, with what has happened. */
export async function interests(service, again) {
    const [declared, practices] = await Promise.all([
        everyItem(service.read, ADDRESS), everyItem(service.readPublic, '/v1/public/practices'),
    ]);
    const form = (id, label, look, fields, send, said) => {
        const made = formOf(id, label, fields, look);
        whenSent(made, async () => {
            try {
                await send(given(new FormData(made)));
                await again(say(said));
            } catch (failure) {
                showFailure(made, failure, { 401: say('page.session_over') });
            }
        });
        return made;
    };
    const withdrawing = ({ id, name, practice }) => form(`withdraw-${id}`, say('interests.withdraw', { name: name ?? practice.name }), 'second', [],
        () => service.change('DELETE', `${ADDRESS}/${id}`), 'interests.withdrawn');
    const practice = selected({ key: 'interests.practice', name: 'practice', pointers: '/practice' });
    fillList(practice, 'interests.practice', practices.map(({ slug, name }) => [slug, name]));
    const keys = keyring();
    const declaring = form('interest-form', say('interests.declare'), 'second',
        [typed({ key: 'interests.name', name: 'name', pointers: '/name' }), practice],
        (content) => service.create(ADDRESS, content, keys.keyFor(content)), 'interests.declared');
    return [
        make('h2', {}, say('interests.heading')),
        make('p', { class: 'hint' }, say('interests.hint')),
        declared.length > 0
            ? make('ul', { class: 'rows' }, ...declared.map((one) => make('li', {},
                make('div', {}, make('h3', {}, one.name ?? one.practice.name)), withdrawing(one))))
            : make('p', {}, say('interests.none')),
        declaring,
    ];
}
