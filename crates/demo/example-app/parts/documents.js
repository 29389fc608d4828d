// What was sent with the code and what became of it, and sending a document: POST …/documents. No answer gives a content back.

import { make } from '../../example-ground/elements.js';
import { fileOf, fileQuestions } from '../../example-ground/files.js';
import { say, time } from '../../example-ground/texts.js';

export function documents({ complaint, adding }) {
    const sent = complaint.documents.map((one) => make('li', {},
        make('h3', {}, one.name),
        make('p', {}, say('documents.sent', { date: time(one.sent_at) })),
        make('p', {}, say(`documents.status.${one.status}`)),
        one.places_dropped ? make('p', {}, say('documents.places_dropped')) : undefined));
    return [
        make('p', {}, say('documents.lead')),
        sent.length > 0 ? make('ul', { class: 'messages' }, ...sent) : make('p', {}, say('documents.none')),
        make('h3', {}, say('documents.heading')),
        adding({
            id: 'document-form', label: 'documents.send', below: '/documents', said: 'documents.arrived',
            fields: fileQuestions('documents'), contentOf: fileOf,
            words: { 413: say('documents.too_large'), 415: say('documents.not_taken') },
        }),
    ];
}
