// The page: which view is shown, and what is forgotten when somebody leaves. The page has one address and one entry in the
// browser's history, so that leaving replaces it. What was typed stays while somebody looks at another view.

import { show, skipTo } from '../example-ground/elements.js';
import { allowLeaving } from '../example-ground/leaving.js';
import { connect } from '../example-ground/service.js';
import { fillTexts, readTexts, say } from '../example-ground/texts.js';
import { buildFollowing } from './following.js';
import { buildLodging } from './lodging.js';
import { buildReceipt } from './receipt.js';

/** The languages of the page: each has a file texts/<language>.json. */
const LANGUAGES = ['en'];

/** A page that anybody may have looked at. */
const DESTINATION = 'https://www.bbc.co.uk/weather';

const at = (id) => document.getElementById(id);

// Here the page of a real app would ask its own server, which would have found out that it is its page, and keep the token there.
const service = connect(async (ask) => (await ask('token')).access_token);

await readTexts(LANGUAGES);
fillTexts();
document.title = say('page.title');
at('menu').setAttribute('aria-label', say('page.menu'));

const receipt = buildReceipt(at('receipt'), () => go('start'));
const lodging = buildLodging(at('lodge'), service, (lodged) => {
    receipt.fill(lodged);
    go('receipt');
});
const following = buildFollowing(at('follow'), at('complaint'), service, go);

// While the receipt is shown there is no other way than through its button, so that the code is not lost by mistake.
function go(name, isAsked = true) {
    at('menu').hidden = name === 'receipt';
    const view = name === 'follow' && following.isOpen() ? 'complaint' : name;
    for (const [item, views] of [['start', ['start']], ['lodge', ['lodge']], ['follow', ['follow', 'complaint']]]) {
        at(`to-${item}`).toggleAttribute('data-is-here', views.includes(view));
        at(`to-${item}`).setAttribute('aria-current', views.includes(view) ? 'page' : 'false');
    }
    show(at(view), isAsked);
    if (view === 'lodge') {
        lodging.load();
    }
}

for (const [id, name] of [
    ['to-start', 'start'], ['to-lodge', 'lodge'], ['to-follow', 'follow'], ['start-lodge', 'lodge'], ['start-follow', 'follow'],
]) {
    at(id).addEventListener('click', () => go(name));
}
skipTo(at('skip'), at('main'));

allowLeaving(at('leave'), () => {
    for (const kept of [service, lodging, receipt, following]) {
        kept.forget();
    }
}, DESTINATION);

go('start', false);
