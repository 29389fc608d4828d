// Who has the complaint and who looked into what; objecting to somebody: POST …/objections; and naming somebody else who must not
// see it, which goes to the officers as a message.

import { choice, make, typed } from '../../example-ground/elements.js';
import { day, say, time } from '../../example-ground/texts.js';
import { linesOf } from '../complaint.js';

export function people({ complaint, adding }) {
    const has = complaint.has_it.map(({ name, capacity, since }) =>
        make('li', {}, say(`complaint.has_it.${capacity}`, { name, date: day(since) })));
    const list = (lines, none) => (lines.length > 0 ? make('ul', {}, ...lines) : make('p', {}, say(none)));
    const last = complaint.last_followed_at;
    return [
        make('h3', {}, say('complaint.has_it_heading')),
        list(has, 'complaint.has_it_none'),
        ...has.length > 0 ? [objecting(complaint.has_it, adding)] : [],
        make('h3', {}, say('seeing.others_heading')),
        naming(adding),
        make('h3', {}, say('complaint.unsealings_heading')),
        list(complaint.unsealings.map(unsealing), 'complaint.unsealings_none'),
        make('h3', {}, say('seeing.record_heading')),
        list(complaint.record_openings.map(recordOpening), 'seeing.record_none'),
        make('h3', {}, say('complaint.last_heading')),
        make('p', {}, last ? say('complaint.last_followed_at', { date: time(last) }) : say('complaint.last_never')),
    ];
}

function objecting(hasIt, adding) {
    return adding({
        id: 'object-form', label: 'seeing.object_send', below: '/objections', said: 'seeing.objected', look: 'second',
        fields: [
            choice({
                key: 'seeing.object', name: 'assignment_id', answers: hasIt.map(({ id }) => id), pointers: '/assignment_id',
                wordsOf: (id) => hasIt.find((one) => one.id === id).name,
            }),
            typed({ key: 'seeing.object_why', name: 'words', pointers: '/words', lines: 3 }),
        ],
        contentOf: (answers) => Object.fromEntries([...answers].filter(([, text]) => text.trim() !== '')),
    });
}

// A name in a message counts: whoever may have it is not asked to open the complaint, and is not given it.
function naming(adding) {
    return adding({
        id: 'naming-form', label: 'seeing.others_send', below: '/messages', said: 'seeing.others_sent', look: 'second',
        fields: [typed({ key: 'seeing.others', name: 'names', pointers: '/text', lines: 3, hints: [say('lodge.one_line_each')] })],
        contentOf: (answers) => {
            const names = linesOf(answers.get('names')).join(', ');
            return { text: names && say('seeing.others_message', { names }) };
        },
    });
}

function unsealing({ at, reason }) {
    return make('li', {}, say('complaint.unsealing', { date: time(at) }), make('blockquote', {}, reason));
}

function recordOpening({ from, until, reason, opened_at: opened, closed_at: closed }) {
    const said = say('seeing.record', { date: time(opened), from: day(from), until: day(until) });
    const ended = closed ? say('seeing.record_closed', { date: time(closed) }) : say('seeing.record_open');
    return make('li', {}, `${said} ${ended}`, make('blockquote', {}, reason));
}
