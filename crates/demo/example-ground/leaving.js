// A quick way out, for somebody whose screen must not be seen: a button that is always in reach, or Escape three times.

import { announce } from './elements.js';
import { say } from './texts.js';

const PRESSES = 3;
const WITHIN_MILLISECONDS = 5000;

/**
 * Has the button, and Escape three times, leave for another page at once: everything that the page holds is forgotten, it goes
 * blank before the other page is there, and the other page takes its place in the browser's history.
 */
export function allowLeaving(leave, forget, destination) {
    let hasLeft = false;
    let presses = [];

    function go() {
        hasLeft = true;
        document.title = '';
        document.body.replaceChildren();
        try {
            forget();
        } finally {
            location.replace(destination);
        }
    }

    leave.addEventListener('click', go);
    addEventListener('keydown', (event) => {
        if (event.key !== 'Escape' || event.isComposing || event.repeat) {
            return;
        }
        presses = [...presses.filter((at) => event.timeStamp - at < WITHIN_MILLISECONDS), event.timeStamp];
        // Escape also stops a page that is being loaded, which is what the third press begins.
        if (hasLeft) {
            event.preventDefault();
        } else if (presses.length >= PRESSES) {
            event.preventDefault();
            go();
        } else {
            announce(say('ground.leave_more', { count: PRESSES - presses.length }));
        }
    }, { capture: true });

    beginAnew();
}

/** Has a browser that kept the page in its memory begin it anew when somebody comes back. */
export function beginAnew() {
    addEventListener('pageshow', (event) => {
        if (event.persisted) {
            location.reload();
        }
    });
}
