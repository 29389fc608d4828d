// Who has the complaint, and giving it to somebody by name. GET and POST …/assignments, DELETE …/assignments/{id}. A refusal names
// each reason that the service knows against somebody, and all of them are shown.

import { fillList, make, selected, typed } from '../../example-ground/elements.js';
import { day, say } from '../../example-ground/texts.js';

export function assigning({ assignments, officers, guests, me, form, act, create }) {
    const live = assignments.filter((one) => !one.ended_at);
    const has = (id) => live.some((one) => id === (one.officer_id ?? one.guest_id));
    const who = selected({ key: 'assigning.who', name: 'who', pointers: '/officer_id /guest_id', needed: true });
    // A subject who is heard and an employer's lead get a part of a complaint, in another way.
    const invited = guests.filter((guest) => guest.joined_at && !guest.ended_at && ['handler', 'investigator'].includes(guest.capacity));
    fillList(who, 'assigning.who', [
        ...officers.filter(({ id }) => !has(id))
            .map(({ id, name, signs }) => [`officer_id ${id}`, say(signs ? 'assigning.officer_who_signs' : 'assigning.officer', { name })]),
        ...invited.filter(({ id }) => !has(id)).map(({ id, name, capacity, practice }) =>
            [`guest_id ${id}`, say(`assigning.${capacity}`, { name, practice: practice?.name ?? '' })]),
    ]);
    const assign = form({
        id: 'assign-form', label: say('assigning.assign'), said: 'assigning.assigned',
        fields: [who, typed({ key: 'assigning.reason', name: 'reason', pointers: '/reason', needed: true, lines: 3 })],
        send: (answers) => {
            const [member, id] = answers.get('who').split(' ');
            return create('/assignments', { ...(id && { [member]: id }), reason: answers.get('reason') });
        },
    });
    const ending = (one) => form({
        id: `end-${one.id}`, label: say(one.officer_id === me ? 'assigning.end_own' : 'assigning.end', one), look: 'second', said: 'assigning.ended',
        send: () => act('DELETE', `/assignments/${one.id}`),
    });
    return [
        make('ul', { class: 'rows' }, ...live.map((one) => make('li', {},
            make('div', {},
                make('h3', {}, one.officer_id === me ? say('assigning.me', one) : one.name),
                make('p', { class: 'hint' }, say(`assigning.as.${one.capacity ?? 'officer'}`, { date: day(one.assigned_at) })),
                one.reason ? make('p', {}, one.reason) : undefined),
            // A complaint keeps an officer, so the last one cannot give it up.
            one.guest_id || live.filter((other) => other.officer_id).length > 1 ? ending(one) : undefined))),
        make('h3', {}, say('assigning.heading')),
        make('p', {}, say('assigning.lead')),
        assign,
    ];
}
