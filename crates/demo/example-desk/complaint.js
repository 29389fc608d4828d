// A complaint that the officer has: read whole, shown in parts, and read again after each change. GET /v1/complaints/{id},
// …/assignments, …/documents and …/response.

import { button, formOf, heading, make, notice, whenSent } from '../example-ground/elements.js';
import { keepTyped } from '../example-ground/drafts.js';
import { showFailure } from '../example-ground/faults.js';
import { save } from '../example-ground/files.js';
import { everyItem, keyring } from '../example-ground/service.js';
import { day, say } from '../example-ground/texts.js';
import { aboutOf } from './list.js';
import { actions } from './parts/actions.js';
import { assigning } from './parts/assigning.js';
import { documents } from './parts/documents.js';
import { looking } from './parts/looking.js';
import { messages } from './parts/messages.js';
import { reading } from './parts/reading.js';
import { requests } from './parts/requests.js';
import { response } from './parts/response.js';

/** The parts of a complaint: each is a function that makes its elements from what was read, and from what it can do. */
const PARTS = { reading, messages, documents, requests, assigning, looking, actions, response };

/** The statuses in which a response is still due. */
const OPEN = ['received', 'acknowledged', 'investigating', 'signed'];

/** Builds the view. */
export function buildComplaint(view, { service, officer, proven }) {
    let id;
    let read;
    let part;
    let keys;

    const address = (below) => `/v1/complaints/${id}${below}`;

    // The complaint is read first: its version, which every change names, is then never newer than what is shown beside it.
    async function readAll() {
        const { content: complaint, version } = await service.readVersion(address(''));
        const [{ items: assignments }, answer, officers, guests, documents] = await Promise.all([
            service.read(address('/assignments')), service.read(address('/response')), service.read('/v1/complaints/officers'),
            everyItem(service.read, '/v1/complaints/guests'), everyItem(service.read, address('/documents')),
        ]);
        const confirmed = officers.items.filter((one) => !one.awaits_confirmation);
        read = { complaint, version, assignments, answer, officers: confirmed, guests, documents };
    }

    function fill(said) {
        const { complaint } = read;
        const content = make('div', {}, heading('h2', say(`parts.${part}`)), notice(said), ...PARTS[part](work()));
        const items = Object.keys(PARTS).map((name) => make('li', {}, button(say(`parts.${name}`), () => choose(name),
            { class: 'link', 'aria-current': name === part ? 'true' : 'false', 'data-is-here': name === part })));
        view.replaceChildren(
            heading('h1', say('complaint.heading', { reference: complaint.reference })),
            make('p', { class: 'lead' }, aboutOf(complaint)),
            make('p', {}, say(`status.${complaint.status}`)),
            OPEN.includes(complaint.status) ? make('p', {}, say('complaint.due', { date: day(complaint.response_due_on) })) : '',
            make('nav', { 'aria-label': say('complaint.parts') }, make('ul', {}, ...items)),
            content);
    }

    // What was typed in the part that is left is gone: that is why the parts are small.
    function choose(name) {
        part = name;
        fill();
        view.querySelector('h2').focus();
    }

    /** Reads all anew, and shows it with what has happened. What was typed in other forms stays. */
    async function lookAgain(said) {
        const typeAgain = keepTyped(view);
        await readAll();
        fill(said);
        typeAgain();
        view.querySelector('.notice').focus();
    }

    // What a part can do. A change names the version that was read. A creation has a key, which is kept until it is answered.
    // An act that may be done twice needs neither.
    function work() {
        const me = officer();
        const roles = read.officers.find((one) => one.id === me)?.roles ?? [];
        return {
            ...read,
            me,
            isResponsible: roles.some((role) => role === 'responsible_person' || role === 'alternate'),
            // Where no guest has the complaint there is nobody to whom something could be passed on.
            hasGuest: read.assignments.some((one) => one.guest_id && !one.ended_at && one.view === 'whole'),
            change: (method, below, content) => service.change(method, address(below), content, read.version),
            create: (below, content, { headers, same = content } = {}) =>
                service.create(address(below), content, keys.keyFor([below, same]), headers),
            act: (method, below) => service.change(method, address(below)),
            form,
            saving,
        };
    }

    /**
     * Makes a form that does something with the complaint. `send` gets what was typed; `said` is the key of what is said afterwards.
     * A refusal is shown in the form itself, or in the form `shownIn`, in the `words` for its status if there are some.
     */
    function form({ id: name, label, fields = [], look, send, said, shownIn = name, words }) {
        const made = formOf(name, label, fields, look);
        whenSent(made, async () => {
            const answers = new FormData(made);
            try {
                await proven(() => send(answers));
            } catch (failure) {
                await showRefusal(failure);
                return;
            }
            keys.forget();
            made.reset();
            try {
                await lookAgain(say(said));
            } catch (failure) {
                showFailure(made, failure, { 404: say('complaint.gone') });
            }
        });

        // Where somebody else has changed the complaint, it is shown as it is now, with what was typed here.
        async function showRefusal(failure) {
            const typeAgain = keepTyped(view);
            if (failure.kind === 'version-mismatch' && await readAll().then(() => true, () => false)) {
                fill();
                typeAgain();
            }
            showFailure(view.querySelector(`#${shownIn}`) ?? view, failure, {
                401: say(failure.kind === 'step-up-required' ? 'step_up.needed' : 'page.session_over'),
                404: say('complaint.gone'), 412: say('complaint.changed'), ...words,
            });
        }
        return made;
    }

    /** Makes a button that saves a document on the device. `of` says which, to who hears the button alone. */
    function saving({ label, of, below, name }) {
        return button(say(label), async () => {
            try {
                save(await service.read(address(below)), name);
            } catch (failure) {
                showFailure(view.querySelector('h2').parentElement, failure, { 401: say('page.session_over'), 404: say('complaint.gone') });
            }
        }, { class: 'second', 'aria-label': `${say(label)}: ${of}` });
    }

    return {
        async load(wanted, said) {
            id = wanted;
            part = 'reading';
            keys = keyring();
            try {
                await readAll();
                fill(said);
            } catch (failure) {
                view.replaceChildren(heading('h1', say('complaint.unread')));
                showFailure(view, failure, { 401: say('page.session_over'), 404: say('complaint.gone') });
            }
        },
        forget() {
            [id, read, keys] = [];
            view.replaceChildren();
        },
    };
}
