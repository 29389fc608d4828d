// Acknowledging, writing to the complainant, and passing on what they write. POST …/acknowledge, POST …/messages and
// PUT …/messages/{id}/passed-on.

import { choice, make, typed } from '../../example-ground/elements.js';
import { day, say, time } from '../../example-ground/texts.js';
import { given } from './given.js';

export function messages({ complaint, hasGuest, form, act, change, create }) {
    const isAcknowledged = complaint.acknowledged_at !== undefined;
    const acknowledging = () => form({
        id: 'acknowledge-form', label: say('messages.acknowledge'), said: 'messages.acknowledged',
        fields: [
            typed({ key: 'messages.first', name: 'message', pointers: '/message', needed: true, lines: 5 }),
            choice({
                key: 'messages.given', name: 'by', answers: ['phone', 'in_person', 'post', 'hand', 'read', 'email', 'app'],
                pointers: '/by', chosen: 'app',
            }),
            typed({ key: 'messages.given_on', name: 'on', pointers: '/on', type: 'date' }),
        ],
        send: (answers) => change('POST', '/acknowledge', given(answers)),
    });
    const writing = () => form({
        id: 'message-form', label: say('messages.write'), said: 'messages.written',
        fields: [typed({ key: 'messages.text', name: 'text', pointers: '/text', needed: true, lines: 5 })],
        send: (answers) => create('/messages', { text: answers.get('text') }),
    });
    const passing = (message) => form({
        id: `pass-${message.id}`, label: say('messages.pass_on'), look: 'second', said: 'messages.passed_on',
        send: () => act('PUT', `/messages/${message.id}/passed-on`),
    });
    const shown = complaint.messages.map((message) => make('li', { class: message.author },
        make('h3', {}, say(`messages.from.${message.author}`, { date: time(message.written_at) })),
        make('p', { class: 'written' }, message.text),
        hasGuest && message.author === 'complainant' ? passing(message) : undefined));
    return [
        ...isAcknowledged ? [] : [
            make('p', {}, say('messages.unacknowledged', { date: day(complaint.acknowledgement_due_on) })), acknowledging(),
        ],
        shown.length > 0 ? make('ol', { class: 'messages' }, ...shown) : make('p', {}, say('messages.none')),
        ...isAcknowledged ? [writing()] : [],
    ];
}
