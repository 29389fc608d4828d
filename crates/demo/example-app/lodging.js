// The form by which somebody complains: GET /v1/public/practices, GET /v1/public/practices/{slug}/complaints-procedure, and
// POST /v1/partner/complaints.

import { announce, button, choice, fillList, formOf, heading, make, part, reveal, selected, typed, whenSent } from '../example-ground/elements.js';
import { clearFaults, showFailure } from '../example-ground/faults.js';
import { everyItem, keyring } from '../example-ground/service.js';
import { say } from '../example-ground/texts.js';
import { complaintOf } from './complaint.js';
import { contactFields, personFields, REASONS, WAYS } from './fields.js';

/** Builds the form. `whenLodged` gets the receipt. */
export function buildLodging(view, service, whenLodged) {
    const keys = keyring();
    const danger = dangerPart();
    const place = placePart(service);
    const who = whoPart();
    const form = formOf('lodge-form', say('lodge.send'), [danger.part, place.part, storyPart(), peoplePart(), who.part, contactPart()]);
    view.append(heading('h1', say('lodge.heading')), make('p', {}, say('lodge.lead')), form);

    function arrange() {
        const answers = new FormData(form);
        danger.arrange(answers);
        place.arrange(answers);
        who.arrange(answers);
    }
    form.addEventListener('change', arrange);
    arrange();

    whenSent(form, async () => {
        const content = complaintOf(new FormData(form));
        try {
            const receipt = await service.create('/v1/partner/complaints', content, keys.keyFor(content));
            forget();
            whenLodged(receipt);
        } catch (failure) {
            showFailure(form, failure);
        }
    });

    // Nothing of what was typed is kept once there is a receipt.
    function forget() {
        keys.forget();
        form.reset();
        clearFaults(form);
        arrange();
    }
    return { load: place.load, forget };
}

// The council's safeguarding duty sees the answer at once, at any hour, and not a word of the complaint.
function dangerPart() {
    const now = choice({ key: 'danger.now', name: 'danger', answers: ['no', 'unsure', 'yes'], pointers: '/danger /danger/now', needed: true });
    const where = typed({ key: 'danger.place', name: 'danger_place', pointers: '/danger/place', lines: 2 });
    const hint = make('p', { class: 'notice' }, say('danger.ring'));
    const below = make('div', { class: 'below' }, hint, where);
    return {
        part: part('danger.heading', now, below),
        arrange: (answers) => reveal(below, ['unsure', 'yes'].includes(answers.get('danger'))),
    };
}

function placePart(service) {
    const key = 'place.practice';
    const where = choice({
        key: 'place.place', name: 'place', answers: ['practice', 'council', 'unknown'], pointers: '/practice /council', needed: true,
    });
    const postcode = typed({ key: 'place.postcode', name: 'postcode', pointers: 'postcode' });
    const practice = selected({ key, name: 'practice', pointers: '/practice /council' });
    const procedure = make('div', { class: 'aside', hidden: true });
    const council = selected({ key: 'place.council', name: 'council', pointers: '/council /practice' });
    const hint = make('p', { class: 'hint' }, say('place.unknown_hint'));
    const found = make('p', { class: 'hint' });
    postcode.append(button(say('place.postcode.find'), () => list(), { class: 'second' }));
    const ofPractice = make('div', { class: 'below' }, postcode, found, practice, procedure);
    const ofCouncil = make('div', { class: 'below' }, hint, council);
    const about = choice({
        key: 'place.about', name: 'about', answers: ['practice', 'staff', 'decision', 'service', 'council'], many: true, pointers: '/about',
    });
    const control = practice.querySelector('select');
    control.addEventListener('change', showProcedure);
    let isLoaded = false;

    // Lists the practices of the public directory, or those that serve the postcode.
    async function list() {
        clearFaults(ofPractice);
        const near = postcode.querySelector('input').value.trim();
        let practices;
        try {
            practices = await everyItem(service.readPublic, `/v1/public/practices?${new URLSearchParams(near && { postcode: near })}`);
        } catch (failure) {
            showFailure(ofPractice, failure);
            return;
        }
        fillList(practice, key, practices.map(({ slug, name }) => [slug, name]));
        found.textContent = say('place.practice.found', { count: practices.length });
        announce(found.textContent);
        await showProcedure();
    }

    // Shows how the practice itself says that one complains, and who helps.
    async function showProcedure() {
        const slug = control.value;
        procedure.hidden = true;
        if (slug === '') {
            return;
        }
        try {
            const shown = await service.readPublic(`/v1/public/practices/${slug}/complaints-procedure`);
            if (slug === control.value) {
                procedure.replaceChildren(
                    make('h3', {}, say('place.procedure_heading', { practice: shown.practice.name })), make('p', {}, shown.procedure),
                    make('h3', {}, say('place.advocacy_heading')), make('p', {}, shown.advocacy));
                procedure.hidden = false;
            }
        } catch {
            // The complaint can be lodged without it.
        }
    }

    return {
        part: part('place.heading', where, ofPractice, ofCouncil, about),
        arrange(answers) {
            reveal(ofPractice, answers.get('place') === 'practice');
            reveal(ofCouncil, ['council', 'unknown'].includes(answers.get('place')));
            reveal(hint, answers.get('place') === 'unknown');
            reveal(procedure, control.value !== '' && procedure.childElementCount > 0);
        },
        /** Fills the lists, once. */
        async load() {
            if (isLoaded) {
                return;
            }
            isLoaded = true;
            try {
                const councils = await service.readPublic('councils.json');
                fillList(council, 'place.council', councils.map(({ code, name }) => [code, name]));
                const page = await service.readPublic('/v1/public/practices?limit=200');
                fillList(practice, key, page.items.map(({ slug, name }) => [slug, name]));
            } catch {
                isLoaded = false;
                found.textContent = say('place.practice.unread');
            }
        },
    };
}

function storyPart() {
    return part('story.heading',
        typed({ key: 'story.narrative', name: 'narrative', pointers: '/narrative', needed: true, lines: 8 }),
        typed({ key: 'story.wants', name: 'wants', pointers: '/wants', lines: 3 }),
        typed({ key: 'story.happened_on', name: 'happened_on', pointers: '/happened_on', type: 'date' }),
        typed({ key: 'story.noticed_on', name: 'noticed_on', pointers: '/noticed_on', type: 'date' }),
        typed({ key: 'story.together_with', name: 'together_with', pointers: '/together_with', spellcheck: 'false' }));
}

function peoplePart() {
    const names = (name) =>
        typed({ key: `people.${name}`, name, pointers: `/${name}`, lines: 3, hints: [say('lodge.one_line_each')] });
    return part('people.heading', names('staff'), names('must_not_see'));
}

function whoPart() {
    const who = choice({
        key: 'who.who', name: 'who', answers: ['recipient', 'representative', 'affected', 'anonymous'], needed: true,
        pointers: '/complainant /anonymous',
    });
    const hint = make('p', { class: 'hint' }, say('who.anonymous_hint'));
    const name = typed({ key: 'who.name', name: 'name', pointers: '/complainant/name', needed: true });
    const reason = choice({
        key: 'who.reason', name: 'reason', answers: REASONS, needed: true, pointers: '/complainant/representation_reason',
    });
    const [given, family, birth, number] = personFields('lodged');
    const legend = make('h3', {});
    const person = make('div', { class: 'below' }, legend, make('p', { class: 'hint' }, say('who.person_hint')),
        given, family, birth, number);
    const below = make('div', { class: 'below' }, hint, name, reason);
    const confidential = choice({ key: 'who.confidential', name: 'confidential', answers: ['yes'], many: true, pointers: '/confidential' });

    return {
        part: part('who.heading', who, below, person, confidential),
        arrange(answers) {
            const chosen = answers.get('who');
            const speaksForThemselves = chosen === 'recipient';
            reveal(hint, chosen === 'anonymous');
            reveal(name, chosen === 'representative' || chosen === 'affected');
            reveal(reason, chosen === 'representative');
            reveal(below, chosen !== null && !speaksForThemselves);
            reveal(person, chosen !== null);
            legend.textContent = say(speaksForThemselves ? 'who.you' : 'who.person');
            // The name of somebody who complains for themselves is both the complainant's and the person's.
            family.dataset.pointers = `/person /person/family_name ${speaksForThemselves ? '/complainant/name' : ''}`;
        },
    };
}

function contactPart() {
    return part('contact.heading',
        ...contactFields({ answers: ['none', ...WAYS], chosen: 'none' }),
        typed({ key: 'contact.language', name: 'language', pointers: '/language' }),
        choice({
            key: 'contact.format', name: 'format', pointers: '/format', chosen: 'standard',
            answers: ['standard', 'large_print', 'easy_read', 'audio', 'braille', 'bsl'],
        }));
}
