// What was typed in a view, kept while the view is built anew.

import { make } from './elements.js';
import { say } from './texts.js';

/**
 * Remembers what was typed or chosen in the forms of a view, each of which has an `id`, and returns a function that types it in
 * again once the view has been built anew. Where the service has other words than before, they are shown above what was typed.
 */
export function keepTyped(view) {
    const kept = controlsOf(view).filter(([, control]) => isTyped(control));
    return () => {
        const built = new Map(controlsOf(view));
        for (const [place, before] of kept) {
            const control = built.get(place);
            if (control) {
                typeInto(control, before);
                // What a form shows beside an answer, it shows again.
                control.dispatchEvent(new Event('change', { bubbles: true }));
            }
        }
    };
}

function typeInto(control, before) {
    if (isAnswer(control)) {
        control.checked = before.checked;
    } else if (control.type === 'file') {
        control.files = before.files;
    } else {
        showMeanwhile(control, before.defaultValue);
        control.value = before.value;
    }
}

// Each control with its place: its form, its name, and of several answers which one it is.
function controlsOf(view) {
    return [...view.querySelectorAll('form[id] :is(input, select, textarea)')]
        .map((control) => [`${control.form.id} ${control.name} ${isAnswer(control) ? control.value : ''}`, control]);
}

function isAnswer(control) {
    return control.type === 'radio' || control.type === 'checkbox';
}

function isTyped(control) {
    return isAnswer(control) ? control.checked !== control.defaultChecked : control.value !== (control.defaultValue ?? '');
}

function showMeanwhile(control, before) {
    if (control.defaultValue && control.defaultValue !== before) {
        control.before(make('p', { class: 'hint' }, say('ground.now', { text: control.defaultValue })));
    }
}
