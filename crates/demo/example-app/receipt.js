// The receipt: the reference and the access code, which is shown this once.

import { announce, button, heading, make } from '../example-ground/elements.js';
import { day, say } from '../example-ground/texts.js';

/** Makes the list of the rights, in the words that the service gives. */
export function rightsList(rights) {
    const words = [rights.no_detriment, rights.advocacy, rights.council, rights.ombudsman];
    return make('ul', {}, ...words.map((right) => make('li', {}, right)));
}

/** Builds the view. `whenKept` is called when the person says that they have both. */
export function buildReceipt(view, whenKept) {
    function fill(receipt) {
        // In groups of four the code is easier to write down. Spaces do not matter when it is typed in.
        const code = receipt.access_code.match(/.{1,4}/g).join(' ');
        const copied = make('p', { class: 'notice', hidden: true });
        const copy = button(say('receipt.copy'), async () => {
            copied.textContent = say(await copyText(`${receipt.reference}\n${code}`) ? 'receipt.copied' : 'receipt.not_copied');
            copied.hidden = false;
            announce(copied.textContent);
        }, { class: 'second' });
        const done = button(say('receipt.done'), () => {
            forget();
            whenKept();
        }, { class: 'main', 'aria-describedby': 'done-hint' });
        view.replaceChildren(
            heading('h1', say('receipt.heading')),
            ...(receipt.danger ? [inDanger(receipt.danger)] : []),
            make('p', { class: 'lead' }, say('receipt.write_down')),
            make('dl', { class: 'keep' },
                make('div', {}, make('dt', {}, say('receipt.reference')), make('dd', { id: 'reference' }, receipt.reference)),
                make('div', {}, make('dt', {}, say('receipt.code')), make('dd', { id: 'code' }, code))),
            make('p', { class: 'hint' }, say('receipt.spaces')),
            make('p', {}, copy),
            copied,
            make('p', {}, say('receipt.why')),
            make('h2', {}, say('receipt.days_heading')),
            make('p', {}, say('receipt.acknowledged_by', { date: day(receipt.acknowledgement_due_on) })),
            make('p', {}, say('receipt.answered_by', { date: day(receipt.response_latest_on) })),
            make('h2', {}, say('receipt.rights_heading')),
            rightsList(receipt.rights),
            make('p', {}, done),
            make('p', { class: 'hint', id: 'done-hint' }, say('receipt.done_hint')));
    }

    function forget() {
        view.replaceChildren();
    }
    return { fill, forget };
}

// The numbers of the people on duty stand in the sentence too. As links they can be rung from a telephone.
function inDanger({ what_to_do: whatToDo, emergency_duty: teams }) {
    const numbers = teams.map(({ council, phone }) =>
        make('li', {}, `${council}: `, make('a', { href: `tel:${phone.replace(/[^+\d]/g, '')}` }, phone)));
    return make('div', { class: 'notice' }, make('p', {}, whatToDo), make('ul', {}, ...numbers));
}

async function copyText(text) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return false;
    }
}
