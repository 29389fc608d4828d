// What the complaint says, and what is known of who made it.

import { make, terms } from '../../example-ground/elements.js';
import { day, say, time } from '../../example-ground/texts.js';

export function reading({ complaint }) {
    const { complainant, person, contact } = complaint;
    const names = (list) => (list.length > 0 ? list.join(', ') : undefined);
    return [
        make('h3', {}, say('reading.narrative')),
        make('blockquote', { class: 'written' }, complaint.narrative),
        terms([
            ['reading.wants', complaint.wants],
            ['reading.staff', names(complaint.staff_named)],
            ['reading.must_not_see', names(complaint.must_not_see)],
        ]),
        make('h3', {}, say('reading.who')),
        complaint.confidential && !complainant ? make('p', {}, say('reading.sealed')) : undefined,
        terms([
            ['reading.complainant', complainant && say(`reading.basis.${complainant.basis}`, { name: complainant.name })],
            ['reading.person', person && [person.given_name, person.family_name].filter(Boolean).join(' ')],
            ['reading.preferred', contact && say(`reading.by.${contact.preferred}`)],
            ['reading.phone', contact?.phone],
            ['reading.email', contact?.email],
            ['reading.address', contact?.address],
            ['reading.instructions', contact?.instructions],
        ]),
        make('h3', {}, say('reading.days')),
        terms([
            ['reading.received', time(complaint.received_at)],
            complaint.acknowledged_at
                ? ['reading.acknowledged', time(complaint.acknowledged_at)]
                : ['reading.acknowledge_by', day(complaint.acknowledgement_due_on)],
            ['reading.latest', day(complaint.response_latest_on)],
        ]),
    ];
}
