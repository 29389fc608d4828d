// Uses the example of a complaints desk as an officer does, with a complaint that was lodged in the example app, from an offer to the response that was sent, and looks at what it shows,
// asks and leaves. The last line says what was seen.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { openBrowser } from './browser.mjs';
import { currentCode } from './officer.mjs';

const url = process.env.ALMONER_URL;
const desk = await openBrowser(url, '/example-desk/', 'Complaints desk');
const { page, seen, tabTo, type, retype, choose, press, focusOn, look, leavesNothing } = desk;

const OFFICER = 'complaints@shr.council.example';
const RESPONSIBLE = 'responsible@shr.council.example';
const STORY = 'The visits of three Mondays did not happen, and nobody rang.';
const textOf = (selector) => page.$eval(selector, (element) => element.textContent);
const faults = () => page.$$eval('.field.is-faulty', (fields) => fields.map((field) => field.dataset.name));
const whole = () => page.evaluate(() =>
    document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map((field) => field.value));
const step = (what) => console.log(what);
const secrets = [process.env.STAFF_PASSWORD];

/** Asks with a code until it is taken: a code serves once, and an earlier step may have used this one. */
async function withCode(form, label, button, reached) {
    let used;
    for (let attempts = 0; attempts < 40; attempts += 1) {
        const code = currentCode();
        if (code !== used) {
            used = code;
            secrets.push(code);
            await retype(label, code);
            await press(button);
            await page.waitForFunction((id) => !document.querySelector(`#${id}[aria-busy]`), { timeout: 10_000 }, form);
            if (await page.evaluate(reached)) {
                return;
            }
        }
        await pause(2000);
    }
    assert.fail(`no code is taken at “${button}”`);
}

async function signIn(email) {
    await type('Email address', email);
    await type('Password', process.env.STAFF_PASSWORD);
    await withCode('sign-in-form', 'Code', 'Sign in', () => !document.getElementById('list').hidden);
    await focusOn('Complaints');
}

async function signOut() {
    await press('Sign out');
    await focusOn('You are signed out');
    for (const gone of [...secrets, STORY, OFFICER, RESPONSIBLE]) {
        assert(!(await whole()).includes(gone), 'nothing is left in the page');
    }
}

/** Chooses a line of a list by its beginning. */
async function select(label, line) {
    await tabTo(label);
    await page.keyboard.type(line);
    assert.equal(await page.evaluate(() => document.activeElement.selectedOptions[0].textContent.trim()).then((text) => text.startsWith(line)), true, line);
}

async function openPart(name) {
    await page.evaluate(() => document.querySelector('#complaint h1').focus());
    await press(name);
    await focusOn(name);
}

async function openComplaint() {
    await tabTo(reference);
    await page.keyboard.press('Enter');
    await focusOn(`Complaint ${reference}`);
}

const reference = await complain();

step('Signing in');
await page.goto(`${url}/example-desk/`, { waitUntil: 'networkidle0' });
await look('sign-in');
await press('Sign in');
await focusOn('Something is missing or not right');
await look('sign-in-missing');
await type('Email address', OFFICER);
await type('Password', 'not the password');
await type('Code', '123456');
await press('Sign in');
await focusOn('That did not work');
await look('sign-in-refused');
for (const label of ['Email address', 'Password', 'Code']) {
    await retype(label, ' ');
    await page.keyboard.press('Backspace');
}
await signIn(OFFICER);

step('The offer');
await focusOnOffer();
await look('list');
await openOffer();
const concerned = await textOf('#offer .names');
assert(concerned.includes('Edith Marlow'), concerned);
assert(!(await whole()).includes(STORY), 'the offer says nothing else');
await press('Send the answer');
await focusOn('Something is missing or not right');
await look('offer-unanswered');
await choose('No. I open the complaint');
await press('Send the answer');
await focusOn(`Complaint ${reference}`);
assert((await textOf('#complaint')).includes(STORY));
await look('complaint');

step('Acknowledging');
await openPart('Messages');
await press('Acknowledge');
await focusOn('Something is missing or not right');
assert.deepEqual(await faults(), ['Your first message']);
await look('acknowledge-missing');
await type('Your first message', 'Thank you for telling us. May I ring you on Thursday?');
await press('Acknowledge');
await focusOn('The complaint is acknowledged');
await type('Your message', 'I have asked for the diary.');
await press('Send the message');
await focusOn('Your message is sent.');
await look('messages');

step('Assigning: refused with every reason, and then to somebody else');
await openPart('Who has it');
await select('To whom (', 'Gwilym Vaughan');
await type('Why nothing speaks against it', 'He has never met her.');
await press('Assign');
await focusOn('Something is missing or not right');
const reasons = await page.$$eval('.summary li', (lines) => lines.map((line) => line.textContent));
assert(reasons.length >= 2, reasons.join(' '));
assert(reasons.some((line) => line.includes('name stands in the complaint')));
assert(reasons.some((line) => line.includes('must not see')));
assert.equal(await page.$eval('textarea', (area) => area.value), 'He has never met her.');
await look('assign-refused');
for (const [name, reason] of [['Chidi Eze', ' Nor has she.'], ['Helena Vance', 'Signs for the council.']]) {
    await select('To whom (', name);
    await type('Why nothing speaks against it', reason);
    await press('Assign');
    await focusOn('The complaint is assigned.');
    assert((await textOf('#complaint .rows')).includes(name));
}
const assigned = seen.requests.filter((request) => request.url.endsWith('/assignments') && request.content);
assert.equal(new Set(assigned.map((request) => request.headers['idempotency-key'])).size, 3);
await look('assigned');

step('The plan, a head and a finding; somebody else changes the complaint meanwhile');
await openPart('Looking into it');
await look('looking-empty');
await press('Keep the plan');
await focusOn('Something is missing or not right');
await look('plan-missing');
await type('How you look into it', 'I read the diary, and ring you each Friday.');
await tabTo('Respond by');
await page.keyboard.type(new Date(Date.now() + 14 * 86_400_000).toLocaleDateString('en-US', { month: '2-digit', day: '2-digit', year: 'numeric' }));
await choose('Yes');
await press('Keep the plan');
await focusOn('The plan is kept.');
await type('Another head', 'Three visits were cancelled without a call.');
await select('What it is about', 'The care');
await select('Theme', 'delay');
// The answer is lost after the service has done it: the same request again has the same key, and does nothing twice.
seen.interfere = { with: '/heads', answer: (request) => lose(request) };
await press('Add the head');
await focusOn('That did not work');
await press('Add the head');
await focusOn('The head is added.');
assert.equal((await page.$$('.heads > li')).length, 1);
await choose('Well founded', 'Partly well founded');
await type('What you found, and how you know', 'The diary shows three visits that were taken out.');
await tabTo('When the person was heard');
await page.keyboard.type(new Date().toLocaleDateString('en-US', { timeZone: 'Europe/London', month: '2-digit', day: '2-digit', year: 'numeric' }));
// Another request changes the complaint while the officer types.
await changeElsewhere();
await press('Keep the finding');
await focusOn('That did not work');
assert((await textOf('.summary')).includes('Somebody changed this complaint'));
assert.equal(await page.$eval('[name=finding]', (area) => area.value), 'The diary shows three visits that were taken out.');
assert((await textOf('.heads')).includes('Nobody rang.'), 'what the other has written is shown');
await look('changed-meanwhile');
await press('Keep the finding');
await focusOn('Something is missing or not right');
assert.deepEqual(await faults(), ['What puts it right']);
await type('What puts it right', 'We apologise.');
await press('Keep the finding');
await focusOn('The finding is kept.');
await look('looking');

step('A draft with gaps');
await openPart('The response');
await type('How the complaint was considered', 'I read the diary, and spoke to both.');
await press('Keep the draft');
await focusOn('The draft is kept.');
assert((await textOf('#complaint')).includes('You cannot sign it.'));
assert((await textOf('#complaint')).includes('Head 2 has no finding yet.'));
await look('draft');
await leavesNothing(secrets);
await signOut();
await look('signed-out');

step('The responsible person signs');
await signIn(RESPONSIBLE);
await openComplaint();
await openPart('The response');
await press('Sign the draft');
await focusOn('Something is missing or not right');
assert.deepEqual(await faults(), ['Conclusions', 'What is done about it, and whether the council is satisfied with it']);
assert.equal((await page.$$('.summary li')).length, 3);
await look('sign-refused');
await openPart('Looking into it');
await choose('Well founded', 'Inconclusive');
await type('What you found, and how you know', 'There is no note of a call.');
await type('Why the person was not heard', 'She was in hospital.');
await press('Keep the finding');
await focusOn('The finding is kept.');
await openPart('The response');
await type('Conclusions', 'You were left without a call.');
await type('What is done about it', 'I am satisfied that somebody rings first now.');
await press('Keep the draft');
await focusOn('The draft is kept.');
assert((await textOf('#complaint')).includes('Nothing that the Regulations ask for is missing'));
await look('complete');
// As if the last code were older than five minutes.
const stale = {
    status: 401, contentType: 'application/problem+json', body: '{"type": "/problems/step-up-required", "title": "x", "status": 401}',
};
seen.interfere = { with: '/response/sign', answer: (request) => request.respond(stale) };
await press('Sign the draft');
await page.waitForSelector('dialog[open]');
await look('step-up');
await page.keyboard.press('Escape');
await focusOn('That did not work');
seen.interfere = { with: '/response/sign', answer: (request) => request.respond(stale) };
await press('Sign the draft');
await page.waitForSelector('dialog[open]');
await withCode('step-up-form', 'Code from your authenticator', 'Go on', () => !document.querySelector('dialog').open);
await focusOn('The response is signed.');
await look('signed');

step('Sent');
await press('Record that it was sent');
await focusOn('Something is missing or not right');
await look('sent-missing');
await choose('By post');
await tabTo('On');
await page.keyboard.type(new Date().toLocaleDateString('en-US', { month: '2-digit', day: '2-digit', year: 'numeric' }));
await press('Record that it was sent');
await focusOn('It is recorded that the response was sent.');
assert((await textOf('#complaint')).includes('Sent by post'));
await look('sent');
await press('All complaints');
await focusOn('Complaints');
await look('list-afterwards');
await leavesNothing(secrets);
await signOut();

// The page asked nothing of the service without a token, but to sign in and to sign out.
const tokens = seen.requests.filter((request) => request.url.includes('/v1/') && !request.headers.authorization);
assert(tokens.every((request) => request.url.endsWith('/v1/complaints/sessions')));
await desk.browser.close();
console.log(`${seen.states} states of the desk without a barrier; from an offer to a response that was sent, by keyboard alone; no trace left`);

// Looks for the offer of this complaint until the worker has made it. The newest offer stands last.
async function focusOnOffer() {
    for (let attempts = 0; attempts < 40; attempts += 1) {
        if (await focusOnLast()) {
            await openOffer();
            const isOurs = (await textOf('#offer .names')).includes('Gwilym Vaughan');
            await press('All complaints');
            await focusOn('Complaints');
            if (isOurs) {
                assert(await focusOnLast());
                return;
            }
        }
        await pause(1000);
        await press('All complaints');
        await focusOn('Complaints');
    }
    assert.fail('the complaint is offered to nobody');
}

function focusOnLast() {
    return page.evaluate(() => {
        const last = [...document.querySelectorAll('#list .rows button')].findLast((one) => one.textContent === 'See whom it concerns');
        last?.focus();
        return last !== undefined;
    });
}

async function openOffer() {
    await press('See whom it concerns');
    await focusOn('A complaint is offered to you');
}

// Has the service do what is asked, and loses the answer.
async function lose(request) {
    await fetch(request.url(), { method: request.method(), headers: request.headers(), body: request.postData() });
    await request.abort();
}

// Adds a head beside the page, with the token that the page last used.
async function changeElsewhere() {
    const last = seen.requests.findLast((request) => request.headers.authorization && request.url.endsWith('/heads'));
    const response = await fetch(last.url, {
        method: 'POST',
        headers: { ...last.headers, 'idempotency-key': crypto.randomUUID() },
        body: JSON.stringify({ statement: 'Nobody rang.', about: 'service', theme: 'communication' }),
    });
    assert.equal(response.status, 201);
}

/** Complains in the example app about the handler of a practice, and returns the reference. */
async function complain() {
    step('Somebody complains in the example app about the handler of a practice');
    const app = await openBrowser(url, '/example-app/', 'Speak Up');
    await app.page.goto(`${url}/example-app/`, { waitUntil: 'networkidle0' });
    await app.press('Tell us what happened');
    await app.choose('A social work practice');
    await app.page.waitForFunction(() => document.querySelectorAll('select[name=practice] option').length > 1);
    await app.tabTo('Practice');
    await app.page.keyboard.type('Severn');
    await app.type('What happened', STORY);
    await app.type('Who did it, by name', 'Gwilym Vaughan');
    // Then the other complaints officer is passed over, and this one is asked.
    await app.tabTo('Who must not see this');
    for (const name of ['Callum Whitfield', 'Gwilym Vaughan']) {
        await app.page.keyboard.type(name);
        await app.page.keyboard.press('Enter');
    }
    await app.choose('I get the care or help');
    for (const [label, text] of [['First name', 'Edith'], ['Last name', 'Marlow'], ['Day', '8'], ['Month', '3'], ['Year', '1941']]) {
        await app.type(label, text);
    }
    await app.press('Send');
    await app.focusOn('We have your complaint');
    const lodged = await app.page.$eval('#reference', (element) => element.textContent);
    await app.browser.close();
    return lodged;
}
