// From the answers of a form to the content of POST /v1/partner/complaints, and of POST …/requests. Nothing is judged here: what is
// missing or wrong the service says, with a pointer to it.

/** Makes a complaint from the answers. An answer that was not given is a member that is left out. */
export function complaintOf(answers) {
    const text = textOf(answers);
    const who = text('who');
    const place = text('place');
    return withoutBlank({
        practice: place === 'practice' ? text('practice') : '',
        council: place === 'council' || place === 'unknown' ? text('council') : '',
        about: answers.getAll('about'),
        // The account is sent as it was written, and it is never left out.
        narrative: { as_is: answers.get('narrative') },
        happened_on: text('happened_on'),
        noticed_on: text('noticed_on'),
        wants: text('wants'),
        together_with: text('together_with'),
        complainant: complainantOf(who, text),
        person: personOf(who, text),
        language: text('language'),
        format: text('format'),
        confidential: answers.has('confidential'),
        anonymous: who === 'anonymous',
        staff: linesOf(text('staff')),
        must_not_see: linesOf(text('must_not_see')),
        contact: contactOf(text, answers.has('electronic')),
        danger: dangerOf(text),
    });
}

/** Makes a request from the answers: beside its kind it has the member that its kind needs, and no other. */
export function requestOf(answers) {
    const text = textOf(answers);
    const kind = text('kind');
    const beside = {
        extension: () => ({ respond_by: text('respond_by') }),
        contact: () => ({ contact: contactOf(text, answers.has('electronic')) }),
        person: () => ({ person: personOf(kind, text) }),
        complainant: () => ({ complainant: otherComplainantOf(text) }),
        consent: () => ({ body: text('body') }),
        may_see: () => ({ name: text('name') }),
    };
    return withoutBlank({ kind, ...beside[kind]?.(), words: text('words') });
}

function otherComplainantOf(text) {
    const basis = text('basis');
    return { name: text('complainant_name'), basis, representation_reason: basis === 'representative' ? text('reason') : '' };
}

function textOf(answers) {
    return (name) => (answers.get(name) ?? '').trim();
}

// Where somebody is matters only if they may be in danger.
function dangerOf(text) {
    const now = text('danger');
    return now === '' || now === 'no' ? { now } : { now, place: text('danger_place') };
}

function complainantOf(who, text) {
    if (who === 'recipient') {
        return { name: { as_is: `${text('given_name')} ${text('family_name')}`.trim() }, basis: who };
    }
    if (who === 'representative') {
        return { name: { as_is: text('name') }, basis: who, representation_reason: text('reason') };
    }
    return who === 'affected' ? { name: { as_is: text('name') }, basis: who } : undefined;
}

// The person whose care it is. Somebody who complains for themselves and gives one name alone has said all that can be sent.
function personOf(who, text) {
    const person = { given_name: text('given_name'), family_name: text('family_name'), ...birthOf(text), nhs_number: text('nhs_number') };
    const said = Object.entries(person).filter(([, value]) => value !== '').map(([name]) => name);
    const isOneName = who === 'recipient' && said.length === 1 && said[0] === 'given_name';
    return isOneName ? undefined : person;
}

// A date of which the day, or the day and the month, is not known is sent with the first, and with the accuracy.
function birthOf(text) {
    const [day, month, year] = [text('day'), text('month'), text('year')];
    if (`${day}${month}${year}` === '') {
        return {};
    }
    const date = `${year.padStart(4, '0')}-${(month || '1').padStart(2, '0')}-${(day || '1').padStart(2, '0')}`;
    if (day === '' && month === '') {
        return { date_of_birth: date, date_of_birth_accuracy: 'year' };
    }
    return day === '' ? { date_of_birth: date, date_of_birth_accuracy: 'month' } : { date_of_birth: date };
}

function contactOf(text, electronic) {
    const preferred = text('preferred') === 'none' ? '' : text('preferred');
    const contact = { preferred, electronic };
    for (const name of ['phone', 'email', 'address', 'instructions']) {
        contact[name] = text(name);
    }
    return contact;
}

/** Returns the lines of a text that have something on them. */
export function linesOf(text) {
    return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}

// Leaves out what is blank, false or empty, and what is left with nothing in it.
function withoutBlank(content) {
    const kept = {};
    for (const [name, value] of Object.entries(content)) {
        if (value?.as_is !== undefined) {
            kept[name] = value.as_is;
        } else if (Array.isArray(value) ? value.length > 0 : typeof value === 'object') {
            const inner = Array.isArray(value) ? value : withoutBlank(value);
            if (Object.keys(inner).length > 0) {
                kept[name] = inner;
            }
        } else if (!Array.isArray(value) && value) {
            kept[name] = value;
        }
    }
    return kept;
}
