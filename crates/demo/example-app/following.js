// Following a complaint and writing about it: GET /v1/partner/complaints/{reference} and POST …/messages, with the access code in
// the header Complaint-Access-Code.

import { button, formOf, heading, make, notice, terms, typed, whenSent } from '../example-ground/elements.js';
import { clearFaults, showFailure } from '../example-ground/faults.js';
import { keyring } from '../example-ground/service.js';
import { day, say, time } from '../example-ground/texts.js';
import { rightsList } from './receipt.js';

/** Builds the form that asks for the reference and the code, and the view of the complaint. */
export function buildFollowing(asking, view, service, go) {
    const keys = keyring();
    let opened;

    const reference = typed({ key: 'follow.reference', name: 'reference', spellcheck: 'false', autocapitalize: 'characters' });
    const code = typed({ key: 'follow.code', name: 'code', spellcheck: 'false', autocapitalize: 'none' });
    const form = formOf('follow-form', say('follow.look'), [reference, code]);
    asking.append(heading('h1', say('follow.heading')), make('p', {}, say('follow.lead')), form,
        make('p', { class: 'hint' }, say('follow.lost')));

    whenSent(form, async () => {
        const typedIn = new FormData(form);
        opened = { reference: plain(typedIn.get('reference')), code: plain(typedIn.get('code')) };
        try {
            fill(await service.read(address(), headers()));
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

    function headers() {
        return { 'Complaint-Access-Code': opened.code };
    }

    function fill(complaint, said) {
        const told = notice(said);
        const again = button(say('complaint.again'), lookAgain, { class: 'second' });
        const close = button(say('complaint.close'), () => {
            forget();
            go('start');
        }, { class: 'second', 'aria-describedby': 'close-hint' });
        view.replaceChildren(
            heading('h1', say('complaint.heading')),
            make('p', { class: 'hint' }, say('complaint.reference', { reference: complaint.reference })),
            told,
            ...statusOf(complaint),
            ...peopleOf(complaint),
            make('h2', {}, say('complaint.messages_heading')),
            messagesOf(complaint),
            writing(),
            make('h2', {}, say('receipt.rights_heading')),
            rightsList(complaint.rights),
            make('p', { class: 'row' }, again, close),
            make('p', { class: 'hint', id: 'close-hint' }, say('complaint.close_hint')));
        return told;
    }

    // Shows the complaint as it is now, and moves the focus to what is said about it.
    function fillAndSay(complaint, said) {
        const told = fill(complaint, said);
        told.scrollIntoView({ block: 'center' });
        told.focus({ preventScroll: true });
    }

    async function lookAgain() {
        const draft = view.querySelector('textarea').value;
        try {
            fillAndSay(await service.read(address(), headers()), say('complaint.looked'));
            view.querySelector('textarea').value = draft;
        } catch (failure) {
            showFailure(view.querySelector('form'), failure, { 404: say('follow.not_found') });
        }
    }

    function writing() {
        const text = typed({ key: 'complaint.text', name: 'text', pointers: '/text', lines: 5 });
        const message = formOf('message-form', say('complaint.write'), [text]);
        whenSent(message, async () => {
            const content = { text: new FormData(message).get('text') };
            try {
                const complaint = await service.create(address('/messages'), content, keys.keyFor(content), headers());
                keys.forget();
                fillAndSay(complaint, say('complaint.written'));
            } catch (failure) {
                showFailure(message, failure, { 404: say('follow.not_found') });
            }
        });
        return make('div', { class: 'part' }, make('h2', {}, say('complaint.write_heading')), message);
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

function statusOf(complaint) {
    const days = [
        ['complaint.received_at', time(complaint.received_at)],
        complaint.acknowledged_at
            ? ['complaint.acknowledged_at', time(complaint.acknowledged_at)]
            : ['complaint.acknowledgement_due_on', day(complaint.acknowledgement_due_on)],
        ['complaint.council', complaint.council?.name],
        ['complaint.handling', complaint.handling],
        ...complaint.answered_at
            ? [['complaint.answered_at', time(complaint.answered_at)]]
            : [
                ['complaint.response_due_on', complaint.response_due_on && day(complaint.response_due_on)],
                ['complaint.response_latest_on', day(complaint.response_latest_on)],
            ],
    ];
    return [
        make('h2', {}, say('complaint.status_heading')),
        make('p', { class: 'lead' }, say(`complaint.status.${complaint.status}`)),
        terms(days),
    ];
}

function peopleOf(complaint) {
    const has = complaint.has_it.map(({ name, capacity, since }) =>
        make('li', {}, say(`complaint.has_it.${capacity}`, { name, date: day(since) })));
    const looked = complaint.unsealings.map(({ at, reason }) =>
        make('li', {}, say('complaint.unsealing', { date: time(at) }), make('blockquote', {}, reason)));
    const list = (lines, none) => (lines.length > 0 ? make('ul', {}, ...lines) : make('p', {}, say(none)));
    const last = complaint.last_followed_at;
    return [
        make('h2', {}, say('complaint.has_it_heading')),
        list(has, 'complaint.has_it_none'),
        make('h2', {}, say('complaint.unsealings_heading')),
        list(looked, 'complaint.unsealings_none'),
        make('h2', {}, say('complaint.last_heading')),
        make('p', {}, last ? say('complaint.last_followed_at', { date: time(last) }) : say('complaint.last_never')),
    ];
}

function messagesOf(complaint) {
    if (complaint.messages.length === 0) {
        return make('p', {}, say('complaint.messages_none'));
    }
    return make('ol', { class: 'messages' }, ...complaint.messages.map(({ author, written_at: at, text }) =>
        make('li', { class: author }, make('h3', {}, say(`complaint.from_${author}`, { date: time(at) })), make('p', { class: 'written' }, text))));
}
