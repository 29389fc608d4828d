// Elements of a page: made without markup in text, so that nothing that somebody wrote is ever read as markup. A page has an element
// `status` that is read out, and its views are sections beside each other.

import { hasText, say } from './texts.js';

let made = 0;

/** Makes an element. An attribute that is `true` has no value, one that is `false` or undefined is left out. */
export function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name === 'onclick') {
            element.addEventListener('click', value);
        } else if (value !== false && value !== undefined) {
            element.setAttribute(name, value === true ? '' : value);
        }
    }
    element.append(...children.filter((child) => child !== undefined));
    return element;
}

/** Makes a button that does something on this page. */
export function button(text, onclick, attributes = {}) {
    return make('button', { type: 'button', onclick, ...attributes }, text);
}

/** Makes a heading that can get the focus, so that a screen reader goes on from there. */
export function heading(tag, text) {
    return make(tag, { tabindex: '-1' }, text);
}

/** Makes a line that says what has happened. It can get the focus, so that it is read first. */
export function notice(text) {
    return make('p', { class: 'notice', tabindex: '-1', hidden: text === undefined }, text ?? '');
}

/** Has a link lead to the heading of the view that is shown, without leaving its mark in the address. */
export function skipTo(link, main) {
    link.addEventListener('click', (event) => {
        event.preventDefault();
        main.querySelector('section:not([hidden]) h1').focus();
    });
}

/** Shows one view and hides the others. If somebody asked for it, the focus moves to its heading. */
export function show(view, isAsked) {
    for (const other of view.parentElement.querySelectorAll(':scope > section')) {
        other.hidden = other !== view;
    }
    scrollTo(0, 0);
    if (isAsked) {
        view.querySelector('h1').focus();
    }
}

/** Tells people who do not see the page what has changed. */
export function announce(text) {
    const status = document.getElementById('status');
    // The same words twice are two changes.
    status.textContent = '';
    status.textContent = text;
}

/** Hides or shows an element. What was typed into it stays. */
export function reveal(element, isShown) {
    element.hidden = !isShown;
}

// The label, the hint and the place of the fault of a question, from the texts `<key>.label` and `<key>.hint`. `pointers` are
// the JSON pointers of the members of the content that the question asks for: a fault of one of them is shown here.
function question(tag, key, pointers, isNeeded, hints = []) {
    made += 1;
    const id = `q${made}`;
    const needed = isNeeded ? make('span', { class: 'needed' }, ` (${say('ground.needed')})`) : undefined;
    const texts = [hasText(`${key}.hint`) ? say(`${key}.hint`) : undefined, ...hints].filter(Boolean).join(' ');
    const hint = texts === '' ? undefined : make('p', { class: 'hint', id: `${id}-hint` }, texts);
    const fault = make('p', { class: 'fault', id: `${id}-fault`, hidden: true });
    const described = hint ? `${id}-hint ${id}-fault` : `${id}-fault`;
    const field = make(tag, { class: 'field', 'data-pointers': pointers, 'data-name': say(`${key}.label`) });
    return { id, needed, hint, fault, described, field };
}

/**
 * Makes a question that is answered by typing, on one line or on several. `text` is what it begins with.
 * @param {{key: string, name: string, pointers?: string, needed?: boolean, lines?: number, hints?: string[], text?: string}} asked
 */
export function typed({ key, name, pointers = '', needed = false, lines = 1, hints, text = '', ...attributes }) {
    const { id, needed: mark, hint, fault, described, field } = question('div', key, pointers, needed, hints);
    // A browser that keeps what was typed would show it to whoever uses the device next.
    const shared = { id, name, autocomplete: 'off', 'aria-describedby': described, ...attributes };
    const control = lines > 1 ? make('textarea', { rows: lines, ...shared }, text) : make('input', { type: 'text', value: text, ...shared });
    field.append(...[make('label', { for: id }, say(`${key}.label`), mark), hint, fault, control].filter(Boolean));
    return field;
}

/** Makes a question that is answered by choosing from a list, whose first line, `<key>.choose`, is no answer. */
export function selected({ key, name, pointers = '', needed = false }) {
    const { id, needed: mark, hint, fault, described, field } = question('div', key, pointers, needed);
    const control = make('select', { id, name, autocomplete: 'off', 'aria-describedby': described });
    field.append(...[make('label', { for: id }, say(`${key}.label`), mark), hint, fault, control].filter(Boolean));
    return field;
}

/** Writes the lines of a list: each with its value and its words. What was chosen stays chosen, if it is still there. */
export function fillList(field, key, lines) {
    const control = field.querySelector('select');
    const chosen = control.value;
    control.replaceChildren(make('option', { value: '' }, say(`${key}.choose`)));
    control.append(...lines.map(([value, words]) => make('option', { value }, words)));
    control.value = lines.some(([value]) => value === chosen) ? chosen : '';
}

/**
 * Makes a question with several answers, of which one is chosen, or with `many` any number.
 * The words of an answer are the text `<key>.<answer>`, unless `wordsOf` gives others.
 * @param {{key: string, name: string, answers: string[], pointers?: string, many?: boolean, needed?: boolean, chosen?: string,
 *     wordsOf?: (answer: string) => string}} asked
 */
export function choice({ key, name, answers, pointers = '', many = false, needed = false, chosen, wordsOf }) {
    const { id, needed: mark, hint, fault, described, field } = question('fieldset', key, pointers, needed);
    field.setAttribute('aria-describedby', described);
    const lines = answers.map((answer) => {
        const control = { type: many ? 'checkbox' : 'radio', id: `${id}-${answer}`, name, value: answer };
        const input = make('input', { ...control, autocomplete: 'off', checked: answer === chosen });
        return make('div', { class: 'answer' }, input, make('label', { for: control.id }, wordsOf?.(answer) ?? say(`${key}.${answer}`)));
    });
    field.append(...[make('legend', {}, say(`${key}.label`), mark), hint, fault, ...lines].filter(Boolean));
    return field;
}

/** Makes a list of terms, each with its words. What has no words is left out. */
export function terms(lines) {
    const said = lines.filter(([, words]) => words !== undefined);
    return make('dl', {}, ...said.map(([key, words]) => make('div', {}, make('dt', {}, say(key)), make('dd', {}, words))));
}

/** Makes a part of a form, with a heading. */
export function part(headingKey, ...fields) {
    return make('div', { class: 'part' }, make('h2', {}, say(headingKey)), ...fields);
}

/** Makes a form without the browser's own checks: what is wrong with it the service says. */
export function formOf(id, label, fields, look = 'main') {
    const sending = make('button', { type: 'submit', class: look }, label);
    return make('form', { id, novalidate: true, autocomplete: 'off' }, ...fields, make('p', {}, sending));
}

/**
 * Has a form do something when its button is pressed, once at a time. Enter in a line of text sends nothing by mistake, unless
 * the form is as short as the one for signing in.
 */
export function whenSent(form, send, { byEnter = false } = {}) {
    let isSending = false;
    form.addEventListener('keydown', (event) => {
        // On the button for a file it opens the browser's own window.
        if (!byEnter && event.key === 'Enter' && event.target.tagName === 'INPUT' && event.target.type !== 'file') {
            event.preventDefault();
        }
    });
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        if (isSending) {
            return;
        }
        isSending = true;
        form.setAttribute('aria-busy', 'true');
        announce(say('ground.working'));
        try {
            await send();
        } finally {
            isSending = false;
            form.removeAttribute('aria-busy');
            announce('');
        }
    });
}
