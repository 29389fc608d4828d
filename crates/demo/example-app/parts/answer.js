// The answer of the council, where it was sent in the app: what was found on each head, what is done, and the way to the Ombudsman.

import { button, make, terms } from '../../example-ground/elements.js';
import { save } from '../../example-ground/files.js';
import { day, say, time } from '../../example-ground/texts.js';

export function answer({ complaint }) {
    const { response: letter, answered_at: answeredAt, response_due_on: dueOn } = complaint;
    if (letter) {
        return read(letter);
    }
    if (answeredAt) {
        return [make('p', {}, say('answer.elsewhere', { date: time(answeredAt) })), make('p', {}, complaint.rights.ombudsman)];
    }
    return [make('p', {}, dueOn ? say('answer.none_by', { date: day(dueOn) }) : say('answer.none'))];
}

function read(letter) {
    const shown = make('div', { class: letter.format === 'large_print' ? 'letter is-large' : 'letter' },
        make('p', { class: 'lead' }, say(`answer.outcome.${letter.outcome}`)),
        make('p', {}, say('answer.signed', { name: letter.signed_by, as: letter.signed_as, date: day(letter.signed_on) })),
        make('h3', {}, say('answer.considered')),
        make('p', { class: 'written' }, letter.considered),
        make('h3', {}, say('answer.heads')),
        make('ol', {}, ...letter.heads.map(head)),
        make('h3', {}, say('answer.conclusions')),
        make('p', { class: 'written' }, letter.conclusions),
        make('h3', {}, say('answer.action')),
        make('p', { class: 'written' }, letter.action),
        letter.actions.length > 0
            ? make('ul', {}, ...letter.actions.map(({ what, due_on: by }) => make('li', {}, say('answer.promised', { what, date: day(by) }))))
            : '',
        make('h3', {}, say('answer.ombudsman')),
        make('p', {}, letter.ombudsman));
    return [
        shown,
        make('p', {}, button(say('answer.save'), () => save(fileWith(shown), say('answer.file')),
            { class: 'second', 'aria-describedby': 'save-hint' })),
        make('p', { class: 'hint', id: 'save-hint' }, say('answer.save_hint')),
    ];
}

function head(one) {
    return make('li', {},
        make('p', { class: 'written' }, one.statement),
        make('p', {}, make('strong', {}, say(`answer.outcome.${one.outcome}`))),
        make('p', { class: 'written' }, one.finding),
        terms([
            ['answer.remedy', one.remedy],
            ['answer.heard_on', one.heard_on && day(one.heard_on)],
            ['answer.not_heard_because', one.not_heard_because],
        ]));
}

// A page of its own that needs nothing else. What somebody wrote is markup no more than it is here.
function fileWith(shown) {
    const { lang } = document.documentElement;
    const look = 'body { font: 14pt/1.5 sans-serif; max-width: 40em; margin: 2em auto; padding: 0 1em } '
        + '.is-large { font-size: 18pt } dt { font-weight: bold } .written { white-space: pre-wrap }';
    const start = `<!doctype html><html lang="${lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`;
    const title = make('title', {}, say('answer.title'));
    const words = make('main', {}, make('h1', {}, say('answer.title')), shown.cloneNode(true));
    return new Blob([start, title.outerHTML, `<style>${look}</style>`, words.outerHTML], { type: 'text/html' });
}
