// The documents of a complaint: saving one, passing on what the complainant sent, and adding one, which the complainant is not
// shown. GET and POST …/documents, GET …/documents/{id} and PUT …/documents/{id}/passed-on.

import { make } from '../../example-ground/elements.js';
import { fileOf, fileQuestions } from '../../example-ground/files.js';
import { say, time } from '../../example-ground/texts.js';

export function documents({ documents: sent, hasGuest, form, act, create, saving }) {
    const shown = sent.map((one) => make('li', {},
        make('div', {},
            make('h3', {}, one.name),
            make('p', { class: 'hint' }, say(`documents.from.${one.author}`, { name: one.sent_by, date: time(one.sent_at) })),
            make('p', {}, say(`documents.status.${one.status}`)),
            one.passed_on_at ? make('p', {}, say('documents.passed_on_at', { date: time(one.passed_on_at) })) : undefined),
        one.status === 'clean'
            ? saving({ label: 'documents.save', of: one.name, below: `/documents/${one.id}`, name: one.name })
            : undefined,
        hasGuest && one.author === 'complainant' && !one.passed_on_at
            ? form({
                id: `pass-${one.id}`, label: say('documents.pass_on'), look: 'second', said: 'documents.passed_on',
                send: () => act('PUT', `/documents/${one.id}/passed-on`),
            })
            : undefined));
    return [
        shown.length > 0 ? make('ul', { class: 'rows' }, ...shown) : make('p', {}, say('documents.none')),
        make('h3', {}, say('documents.heading')),
        form({
            id: 'document-form', label: say('documents.send'), said: 'documents.arrived', fields: fileQuestions('documents'),
            send: (answers) => {
                const { file, below, headers, same } = fileOf(answers);
                return create(`/documents${below}`, file, { headers, same });
            },
            words: { 413: say('documents.too_large'), 415: say('documents.not_taken') },
        }),
    ];
}
