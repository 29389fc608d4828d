// Who has the complaint, and giving it to somebody by name: whole, or to a guest by heads. GET and POST …/assignments, DELETE
// …/assignments/{id}, PUT …/assignments/{id}/told, and POST …/keep where the complainant objects and nobody is left. A refusal names
// each reason that the service knows against somebody, and all of them are shown.

import { choice, fillList, make, reveal, selected, typed } from '../../example-ground/elements.js';
import { day, say } from '../../example-ground/texts.js';

export function assigning({ complaint, assignments, officers, guests, me, isResponsible, form, act, create }) {
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
    const heads = choice({
        key: 'assigning.heads', name: 'heads', answers: complaint.heads.map(({ id }) => id), many: true, pointers: '/heads',
        wordsOf: (id) => complaint.heads.find((head) => head.id === id).statement,
    });
    const assign = form({
        id: 'assign-form', label: say('assigning.assign'), said: 'assigning.assigned',
        fields: [who, heads, typed({ key: 'assigning.reason', name: 'reason', pointers: '/reason', needed: true, lines: 3 })],
        send: (answers) => {
            const [member, id] = answers.get('who').split(' ');
            const chosen = member === 'guest_id' ? answers.getAll('heads') : [];
            return create('/assignments', {
                ...(id && { [member]: id }), ...(chosen.length > 0 && { heads: chosen }), reason: answers.get('reason'),
            });
        },
    });
    const arrange = () => reveal(heads, complaint.heads.length > 0 && who.querySelector('select').value.startsWith('guest_id'));
    assign.addEventListener('change', arrange);
    arrange();
    const ending = (one) => form({
        id: `end-${one.id}`, label: say(one.officer_id === me ? 'assigning.end_own' : 'assigning.end', one), look: 'second', said: 'assigning.ended',
        send: () => act('DELETE', `/assignments/${one.id}`),
    });
    const telling = (one) => form({
        id: `told-${one.id}`, label: say('assigning.tell', one), look: 'second', said: 'assigning.told',
        send: () => act('PUT', `/assignments/${one.id}/told`),
    });
    const keeping = (one) => form({
        id: `keep-${one.id}`, label: say('assigning.keep', one), look: 'second', said: 'assigning.kept',
        fields: [typed({ key: 'assigning.keep_why', name: 'reason', pointers: '/reason', needed: true, lines: 3 })],
        send: (answers) => create(`/assignments/${one.id}/keep`, { reason: answers.get('reason') }),
    });
    const untold = assignments.filter((one) => one.ended_at && !one.told_at);
    return [
        make('ul', { class: 'rows' }, ...live.map((one) => make('li', {},
            make('div', {},
                make('h3', {}, one.officer_id === me ? say('assigning.me', one) : one.name),
                make('p', { class: 'hint' }, say(`assigning.as.${one.capacity ?? 'officer'}`, { date: day(one.assigned_at) })),
                one.view === 'whole' ? undefined : make('p', {}, say('assigning.a_part')),
                one.reason ? make('p', {}, one.reason) : undefined,
                one.objected_at && !one.kept_at
                    ? make('p', { class: 'is-overdue' }, say('assigning.objected', { date: day(one.objected_at) }))
                    : undefined,
                one.nobody_left_since && !one.kept_at && isResponsible ? keeping(one) : undefined),
            // A complaint keeps an officer, so the last one cannot give it up.
            one.guest_id || live.filter((other) => other.officer_id).length > 1 ? ending(one) : undefined))),
        ...untold.length > 0
            ? [
                make('h3', {}, say('assigning.ended_heading')),
                make('p', { class: 'hint' }, say('assigning.ended_hint')),
                make('ul', { class: 'rows' }, ...untold.map((one) => make('li', {},
                    make('div', {}, make('h3', {}, one.name), make('p', { class: 'hint' }, say('assigning.until', { date: day(one.ended_at) }))),
                    telling(one)))),
            ]
            : [],
        make('h3', {}, say('assigning.heading')),
        make('p', {}, say('assigning.lead')),
        assign,
    ];
}
