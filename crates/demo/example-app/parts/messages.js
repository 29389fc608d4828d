// The messages both ways, and writing one: POST …/messages.

import { make, typed } from '../../example-ground/elements.js';
import { say, time } from '../../example-ground/texts.js';

export function messages({ complaint, adding }) {
    const written = complaint.messages.map(({ author, written_at: at, text }) => make('li', { class: author },
        make('h3', {}, say(`complaint.from_${author}`, { date: time(at) })), make('p', { class: 'written' }, text)));
    return [
        written.length > 0 ? make('ol', { class: 'messages' }, ...written) : make('p', {}, say('complaint.messages_none')),
        make('h3', {}, say('complaint.write_heading')),
        adding({
            id: 'message-form', label: 'complaint.write', below: '/messages', said: 'complaint.written',
            fields: [typed({ key: 'complaint.text', name: 'text', pointers: '/text', lines: 5 })],
            contentOf: (answers) => ({ text: answers.get('text') }),
        }),
    ];
}
