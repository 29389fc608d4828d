// Questions that more than one form asks: how to reach somebody, and whose care it is.

import { choice, make, typed } from '../example-ground/elements.js';
import { say } from '../example-ground/texts.js';

/** The ways of reaching somebody. */
export const WAYS = ['phone', 'sms', 'email', 'letter', 'in_person', 'via_representative'];

/** The reasons for which somebody speaks for another (SI 2009/309 reg 5). */
export const REASONS = ['requested', 'child', 'physical_incapacity', 'lacks_capacity_mca', 'deceased'];

/** Makes the questions how to reach somebody. `ways` says what the first one asks otherwise: which answers it has, for instance. */
export function contactFields(ways) {
    const ask = (name, attributes) => typed({ key: `contact.${name}`, name, pointers: `/contact/${name}`, ...attributes });
    return [
        choice({
            key: 'contact.preferred', name: 'preferred', pointers: '/contact /contact/preferred',
            wordsOf: (way) => say(`contact.preferred.${way}`), ...ways,
        }),
        ask('phone', { inputmode: 'tel' }),
        ask('email', { inputmode: 'email', spellcheck: 'false', autocapitalize: 'none' }),
        choice({ key: 'contact.electronic', name: 'electronic', answers: ['yes'], many: true, pointers: '/contact/electronic' }),
        ask('address', { lines: 4 }),
        ask('instructions', { lines: 3 }),
    ];
}

/** Makes the questions whose care it is. `of` tells the boxes of one form from those of another. */
export function personFields(of) {
    return [
        typed({ key: 'who.given_name', name: 'given_name', pointers: '/person/given_name' }),
        typed({ key: 'who.family_name', name: 'family_name', pointers: '/person /person/family_name' }),
        birthField(of),
        typed({ key: 'who.nhs_number', name: 'nhs_number', pointers: '/person/nhs_number', inputmode: 'numeric' }),
    ];
}

// A date is typed in three boxes, as it is said.
function birthField(of) {
    const field = choice({ key: 'who.birth', name: 'birth', answers: [], pointers: '/person/date_of_birth' });
    const boxes = ['day', 'month', 'year'].map((name) => {
        const id = `${of}-birth-${name}`;
        const input = make('input', { type: 'text', id, name, inputmode: 'numeric', autocomplete: 'off', maxlength: name === 'year' ? 4 : 2 });
        return make('div', {}, make('label', { for: id }, say(`who.birth.${name}`)), input);
    });
    field.append(make('div', { class: 'date' }, ...boxes));
    return field;
}
