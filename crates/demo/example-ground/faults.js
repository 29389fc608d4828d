// What the service found wrong: beside the question that it is about, and in a summary that gets the focus.

import { button, heading, make } from './elements.js';
import { Problem, Unreachable } from './service.js';
import { hasText, say } from './texts.js';

/** Takes the faults of an earlier attempt away. */
export function clearFaults(form) {
    form.querySelector('.summary')?.remove();
    for (const field of form.querySelectorAll('.field')) {
        const fault = field.querySelector(':scope > .fault');
        fault.hidden = true;
        fault.textContent = '';
        field.classList.remove('is-faulty');
        for (const control of field.querySelectorAll('[aria-invalid]')) {
            control.removeAttribute('aria-invalid');
        }
    }
}

/** Says why an attempt failed: each fault of its content beside its question, and anything else in the summary alone. */
export function showFailure(form, failure, words = {}) {
    clearFaults(form);
    if (failure instanceof Problem && failure.errors.length > 0) {
        const faults = failure.errors.map((error) => showFault(form, error));
        // In the order of the page, so that somebody goes through it once.
        const controls = [...form.querySelectorAll('input, select, textarea')];
        faults.sort((one, other) => controls.indexOf(one.control) - controls.indexOf(other.control));
        showSummary(form, say('ground.faults.heading'), say('ground.faults.lead'), faults);
    } else {
        showSummary(form, say('ground.faults.failed'), sentenceOf(failure, words), []);
    }
}

function sentenceOf(failure, words) {
    if (failure instanceof Unreachable) {
        return say('ground.faults.unreachable');
    }
    if (!(failure instanceof Problem)) {
        throw failure;
    }
    if (failure.status === 429) {
        return say('ground.faults.too_many', { seconds: failure.retryAfter });
    }
    const { title, detail } = failure;
    return words[failure.status] ?? say(detail ? 'ground.faults.refused' : 'ground.faults.other', { title, detail });
}

/**
 * Returns the page's own words for what is wrong at a pointer, from the text `faults.of.<pointer>`; undefined if it has none. The
 * numbers of a pointer are left out of the key: `{number}` in the text is the place in the list, counted from one. `{detail}` is
 * what the service says.
 */
export function ownWords({ pointer, detail }) {
    const key = `faults.of.${pointer.replace(/\/\d+/g, '')}`;
    return hasText(key) ? say(key, { number: Number(/\/(\d+)/.exec(pointer)?.[1]) + 1, detail }) : undefined;
}

// Shows a fault beside its question, and returns its line for the summary: in the page's own words for the member, if it has
// some. The words of the service, which are for the people who build an app, stand below them.
function showFault(form, { pointer, detail }) {
    const field = fieldOf(form, pointer);
    const own = ownWords({ pointer, detail });
    if (!field) {
        return { text: own ?? say('ground.faults.sentence', { name: pointer, detail }) };
    }
    const control = field.querySelector('input, select, textarea');
    const said = inLine(control, pointer, detail);
    const text = own ?? say('ground.faults.sentence', { name: field.dataset.name, detail: said });
    const fault = field.querySelector(':scope > .fault');
    fault.append(make('span', {}, text));
    if (own && !own.includes(detail)) {
        fault.append(make('span', { class: 'service' }, say('ground.faults.service', { detail: said })));
    }
    fault.hidden = false;
    field.classList.add('is-faulty');
    for (const invalid of field.querySelectorAll('input, select, textarea')) {
        if (invalid.type !== 'radio' && invalid.type !== 'checkbox') {
            invalid.setAttribute('aria-invalid', 'true');
        }
    }
    return { text, control };
}

// A list is typed one item to a line: the pointer ends in the number of the item.
function inLine(control, pointer, detail) {
    const item = /\/(\d+)$/.exec(pointer);
    return item && control.tagName === 'TEXTAREA' ? say('ground.faults.line', { line: Number(item[1]) + 1, detail }) : detail;
}

// The question that is shown and asks for the member at a pointer, or for one that it is part of. Of two, the later one is the
// more exact: it stands below the answer that asks for it.
function fieldOf(form, pointer) {
    let found;
    let longest = -1;
    for (const field of form.querySelectorAll('.field')) {
        if (field.closest('[hidden]')) {
            continue;
        }
        for (const own of field.dataset.pointers.split(' ').filter(Boolean)) {
            const isMeant = own === pointer || pointer.startsWith(`${own}/`);
            if (isMeant && own.length >= longest) {
                [found, longest] = [field, own.length];
            }
        }
    }
    return found;
}

function showSummary(form, what, lead, faults) {
    const lines = faults.map(({ text, control }) =>
        make('li', {}, control ? button(text, () => control.focus(), { class: 'link' }) : text));
    const title = heading('h2', what);
    const list = lines.length > 0 ? make('ul', {}, ...lines) : undefined;
    const summary = make('div', { class: 'summary', role: 'group' }, title, make('p', {}, lead), list);
    title.id = 'faults-heading';
    summary.setAttribute('aria-labelledby', title.id);
    form.prepend(summary);
    summary.scrollIntoView({ block: 'start' });
    title.focus({ preventScroll: true });
}
