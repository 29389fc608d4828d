// What the complaint says, and what is known of who made it. In a confidential complaint that is unsealed for a reason, which the
// complainant reads: POST …/unsealings.

import { make, terms, typed } from '../../example-ground/elements.js';
import { day, say, time } from '../../example-ground/texts.js';
import { contactTerms } from './contact.js';

// What was reopened counts as acknowledged by the reason: nobody said how.
function acknowledged({ acknowledged_at: at, acknowledged_by: by }) {
    return by ? say(`reading.acknowledged_by.${by}`, { date: time(at) }) : time(at);
}

export function reading({ complaint, form, create }) {
    const { complainant, person, contact, contact_at_lodging: atLodging, danger } = complaint;
    const isSealed = complaint.confidential && !complaint.unsealed_until;
    const unsealing = () => form({
        id: 'unseal-form', label: say('reading.unseal'), said: 'reading.unsealed', look: 'second',
        fields: [typed({ key: 'reading.why', name: 'reason', pointers: '/reason', lines: 2, needed: true })],
        send: (answers) => create('/unsealings', { reason: answers.get('reason') }),
    });
    const names = (list) => (list.length > 0 ? list.join(', ') : undefined);
    return [
        danger && danger.now !== 'no' ? make('p', { class: 'notice' }, say(`reading.danger.${danger.now}`, { place: danger.place ?? '' })) : '',
        make('h3', {}, say('reading.narrative')),
        make('blockquote', { class: 'written' }, complaint.narrative),
        terms([
            ['reading.wants', complaint.wants],
            ['reading.staff', names(complaint.staff_named)],
            ['reading.must_not_see', names(complaint.must_not_see)],
        ]),
        make('h3', {}, say('reading.who')),
        ...isSealed ? [make('p', {}, say('reading.sealed')), unsealing()] : [],
        complaint.unsealed_until ? make('p', {}, say('reading.unsealed_until', { date: time(complaint.unsealed_until) })) : '',
        terms([
            ['reading.complainant', complainant && say(`reading.basis.${complainant.basis}`, { name: complainant.name })],
            ['reading.person', person && [person.given_name, person.family_name].filter(Boolean).join(' ')],
            ...contactTerms(contact),
            ['reading.language', complaint.language],
            ['reading.format', say(`reading.as.${complaint.format}`)],
        ]),
        ...atLodging ? [make('h3', {}, say('reading.at_lodging')), terms(contactTerms(atLodging))] : [],
        make('h3', {}, say('reading.days')),
        terms([
            ['reading.received', time(complaint.received_at)],
            complaint.acknowledged_at
                ? ['reading.acknowledged', acknowledged(complaint)]
                : ['reading.acknowledge_by', day(complaint.acknowledgement_due_on)],
            ['reading.latest', day(complaint.response_latest_on)],
        ]),
    ];
}
