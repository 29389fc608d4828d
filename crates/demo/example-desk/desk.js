// The page: which view is shown, and what is forgotten when the officer signs out. The page has one address and one entry in the
// browser's history, so that neither says which complaint was open.

import { show, skipTo } from '../example-ground/elements.js';
import { beginAnew } from '../example-ground/leaving.js';
import { fillTexts, readTexts, say } from '../example-ground/texts.js';
import { buildComplaint } from './complaint.js';
import { buildList } from './list.js';
import { buildOffer } from './offer.js';
import { buildSession } from './session.js';

/** The languages of the page: each has a file texts/<language>.json. */
const LANGUAGES = ['en'];

const at = (id) => document.getElementById(id);

await readTexts(LANGUAGES);
fillTexts();
document.title = say('page.title');

const session = buildSession(at('sign-in'), at('step-up'), () => openList());
const views = {
    list: buildList(at('list'), session.service, { openList, openOffer, openComplaint }),
    offer: buildOffer(at('offer'), session.service, { openList, openComplaint }),
    complaint: buildComplaint(at('complaint'), session),
};

function go(name, isAsked = true) {
    at('account').hidden = name === 'sign-in';
    show(at(name), isAsked);
}

// Loads a view and shows it, unless somebody has signed out meanwhile. What another view showed is not kept.
async function open(name, ...what) {
    await views[name].load(...what);
    if (session.officer()) {
        go(name);
        forgetAllBut(name);
    }
}

function forgetAllBut(name) {
    for (const [other, view] of Object.entries(views)) {
        if (other !== name) {
            view.forget();
        }
    }
}

function openList(said) {
    return open('list', said);
}

function openOffer(id) {
    return open('offer', id);
}

function openComplaint(id, said) {
    return open('complaint', id, said);
}

at('to-list').addEventListener('click', () => openList());

// The page is cleared at once. Only then does it wait for the service.
at('sign-out').addEventListener('click', async () => {
    const ending = session.end();
    forgetAllBut('sign-in');
    go('sign-in', false);
    session.saySignedOut(await ending);
});

skipTo(at('skip'), at('main'));
beginAnew();
go('sign-in', false);
