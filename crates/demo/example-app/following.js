// Following a complaint: GET /v1/partner/complaints/{reference}, with the access code in the header Complaint-Access-Code. What is
// shown and what can be done stands in parts, each of which is a file of parts/.

import { button, formOf, heading, make, notice, typed, whenSent } from '../example-ground/elements.js';
import { keepTyped } from '../example-ground/drafts.js';
import { clearFaults, showFailure } from '../example-ground/faults.js';
import { keyring } from '../example-ground/service.js';
import { say } from '../example-ground/texts.js';
import { answer } from './parts/answer.js';
import { asking } from './parts/asking.js';
import { documents } from './parts/documents.js';
import { messages } from './parts/messages.js';
import { people } from './parts/people.js';
import { standing } from './parts/standing.js';

/** The parts of a complaint: each is a function that makes its elements from what was read, and from what it can do. */
const PARTS = { standing, messages, documents, people, asking, answer };

/** Builds the form that asks for the reference and the code, and the view of the complaint. */
export function buildFollowing(looking, view, service, go) {
    const keys = keyring();
    let opened;

    const reference = typed({ key: 'follow.reference', name: 'reference', spellcheck: 'false', autocapitalize: 'characters' });
    const code = typed({ key: 'follow.code', name: 'code', spellcheck: 'false', autocapitalize: 'none' });
    const form = formOf('follow-form', say('follow.look'), [reference, code]);
    looking.append(heading('h1', say('follow.heading')), make('p', {}, say('follow.lead')), form,
        make('p', { class: 'hint' }, say('follow.lost')));

    whenSent(form, async () => {
        const typedIn = new FormData(form);
        opened = { reference: plain(typedIn.get('reference')), code: plain(typedIn.get('code')), part: 'standing' };
        try {
            const complaint = await read();
            // When it was followed before this visit. What the page reads from now on is no news.
            opened.lastFollowedAt = complaint.last_followed_at;
            fill(complaint);
        } catch (failure) {
            opened = undefined;
            showFailure(form, failure, { 404: say('follow.not_found') });
            return;
        }
        // They live on in `opened` alone, until the complaint is closed.
        form.reset();
        clearFaults(form);
        go('follow');
    });

    function address(below = '') {
        // Where nothing was typed a hyphen stands for it, so that the service answers as to any other that it does not know.
        return `/v1/partner/complaints/${opened.reference || '-'}${below}`;
    }

    function headers(more = {}) {
        return { 'Complaint-Access-Code': opened.code, ...more };
    }

    function read() {
        return service.read(address(), headers());
    }

    // All parts are built, and one is shown: what was typed in another stays.
    function fill(complaint, said) {
        const work = { complaint: { ...complaint, last_followed_at: opened.lastFollowedAt }, adding, choose };
        const items = Object.keys(PARTS).map((name) =>
            make('li', {}, button(say(`parts.${name}`), () => choose(name), { class: 'link', 'data-part': name })));
        const again = button(say('complaint.again'), lookAgain, { class: 'second' });
        const close = button(say('complaint.close'), () => {
            forget();
            go('start');
        }, { class: 'second', 'aria-describedby': 'close-hint' });
        view.replaceChildren(
            heading('h1', say('complaint.heading')),
            make('p', { class: 'hint' }, say('complaint.reference', { reference: complaint.reference })),
            make('nav', { 'aria-label': say('complaint.parts') }, make('ul', {}, ...items)),
            notice(said),
            ...Object.entries(PARTS).map(([name, build]) =>
                make('div', { id: `part-${name}` }, heading('h2', say(`parts.${name}`)), ...build(work))),
            make('p', { class: 'row' }, again, close),
            make('p', { class: 'hint', id: 'close-hint' }, say('complaint.close_hint')));
        arrange();
    }

    function arrange() {
        for (const item of view.querySelectorAll('nav [data-part]')) {
            const isHere = item.dataset.part === opened.part;
            item.toggleAttribute('data-is-here', isHere);
            item.setAttribute('aria-current', isHere ? 'true' : 'false');
            view.querySelector(`#part-${item.dataset.part}`).hidden = !isHere;
        }
    }

    function choose(name) {
        opened.part = name;
        arrange();
        view.querySelector('.notice').hidden = true;
        view.querySelector(`#part-${name} h2`).focus();
    }

    // Shows the complaint as it is now, with what was typed, and moves the focus to what is said about it.
    function fillAgain(complaint, said) {
        const typeAgain = keepTyped(view);
        fill(complaint, said);
        typeAgain();
        const told = view.querySelector('.notice');
        told.scrollIntoView({ block: 'center' });
        told.focus({ preventScroll: true });
    }

    async function lookAgain() {
        try {
            fillAgain(await read(), say('complaint.looked'));
        } catch (failure) {
            showFailure(view.querySelector(`#part-${opened.part}`), failure, { 404: say('follow.not_found') });
        }
    }

    /**
     * Makes a form that adds something to the complaint. `contentOf` makes the content from the answers: JSON, or of a file what
     * `fileOf` returns. `said` is the key of what is said once it is there.
     */
    function adding({ id, label, fields, below, contentOf, said, words, look }) {
        const made = formOf(id, say(label), fields, look);
        whenSent(made, async () => {
            const content = contentOf(new FormData(made));
            const { file, same = content } = content;
            const [end, named] = file ? [`${below}${content.below}`, content.headers] : [below, {}];
            try {
                const answered = await service.create(address(end), file ?? content, keys.keyFor([end, same]), headers(named));
                keys.forget();
                made.reset();
                // What answers a file is the document alone.
                fillAgain(file ? await read() : answered, say(said));
            } catch (failure) {
                showFailure(made, failure, { 404: say('follow.not_found'), ...words });
            }
        });
        return made;
    }

    function forget() {
        opened = undefined;
        keys.forget();
        form.reset();
        clearFaults(form);
        view.replaceChildren();
    }

    return {
        /** Whether a complaint is open, for which nobody has to be asked for the code. */
        isOpen: () => opened !== undefined && view.childElementCount > 0,
        forget,
    };
}

// The letters and digits of what somebody typed or pasted; the service takes them in any case. Neither has a 0, so that one is an O.
function plain(typedIn) {
    return typedIn.replace(/[^A-Za-z0-9]/g, '').replaceAll('0', 'O');
}
