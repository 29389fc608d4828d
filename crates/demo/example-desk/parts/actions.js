// What is done because of the complaint, and its end. POST …/actions, PUT …/actions/{id}/done and POST …/close.

import { make, terms, typed } from '../../example-ground/elements.js';
import { day, say } from '../../example-ground/texts.js';
import { given } from './given.js';

export function actions({ complaint, form, change, create }) {
    const doing = (action) => form({
        id: `done-${action.id}`, label: say('actions.done'), look: 'second', said: 'actions.kept',
        fields: [
            typed({ key: 'actions.on', name: 'on', pointers: '/on', type: 'date', needed: true }),
            typed({ key: 'actions.words', name: 'words', pointers: '/words', lines: 2, needed: true }),
        ],
        send: (answers) => change('PUT', `/actions/${action.id}/done`, given(answers)),
    });
    const shown = complaint.actions.map((action) => make('li', {},
        make('p', { class: 'written' }, action.what),
        terms([
            ['actions.owner.label', action.owner],
            ['actions.due_on.label', day(action.due_on)],
            ['actions.done_on', action.done_on && day(action.done_on)],
            ['actions.words.label', action.done],
        ]),
        action.done_on ? undefined : doing(action)));
    return [
        shown.length > 0 ? make('ol', { class: 'heads' }, ...shown) : make('p', {}, say('actions.none')),
        make('h3', {}, say('actions.heading')),
        form({
            id: 'action-form', label: say('actions.add'), said: 'actions.added',
            fields: [
                typed({ key: 'actions.what', name: 'what', pointers: '/what', lines: 2, needed: true }),
                typed({ key: 'actions.owner', name: 'owner', pointers: '/owner', needed: true }),
                typed({ key: 'actions.due_on', name: 'due_on', pointers: '/due_on', type: 'date', needed: true }),
            ],
            send: (answers) => create('/actions', given(answers)),
        }),
        ...complaint.status === 'answered' ? closing(form, change) : [],
        ...complaint.learning ? [terms([['closing.learning.label', complaint.learning]])] : [],
    ];
}

// The service refuses as long as something that was promised is not done.
function closing(form, change) {
    return [
        make('h3', {}, say('closing.heading')),
        form({
            id: 'close-form', label: say('closing.close'), said: 'closing.closed',
            fields: [typed({ key: 'closing.learning', name: 'learning', pointers: '/learning', lines: 3 })],
            send: (answers) => change('POST', '/close', given(answers)),
        }),
    ];
}
