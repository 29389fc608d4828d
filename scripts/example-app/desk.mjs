// Uses the example of a complaints desk as an officer does, with a complaint that was lodged in the example app and is followed there:
// from an offer to the response that was sent and read. Looks at what both pages show, ask and leave. The last line says what was seen.

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openBrowser } from './browser.mjs';
import { complain } from './complainant.mjs';
import { currentCode } from './officer.mjs';

const url = process.env.ALMONER_URL;
const desk = await openBrowser(url, '/example-desk/', 'Complaints desk');
const { page, seen, tabTo, type, retype, choose, press, focusOn, look, leavesNothing, openPart, setDay, attach, saved } = desk;

const OFFICER = 'complaints@shr.council.example';
const RESPONSIBLE = 'responsible@shr.council.example';
const DIARY = join(tmpdir(), 'Diary of November.txt');
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

async function openComplaint() {
    await tabTo(reference);
    await page.keyboard.press('Enter');
    await focusOn(`Complaint ${reference}`);
}

step('Somebody complains in the example app about the handler of a practice, and follows it there');
const complainant = await complain(url, STORY);
const { reference } = complainant;

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

step('An interest, and the offer');
await press('Declare it');
await focusOn('Something is missing or not right');
await type('Name of somebody close to you', 'Sean O’Brien');
await press('Declare it');
await focusOn('Complaints');
assert((await textOf('#list')).includes('It is declared.'));
await look('interest');
await press('Withdraw Sean O’Brien');
await focusOn('Complaints');
assert((await textOf('#list')).includes('It is withdrawn.'));
await focusOnOffer();
await look('list');
await openOffer();
const concerned = await textOf('#offer .names');
assert(concerned.includes('Gwilym Vaughan'), concerned);
for (const sealed of [STORY, 'Marlow', 'Callum Whitfield']) {
    assert(!(await whole()).includes(sealed), 'the offer says nothing else of a confidential complaint');
}
await press('Send the answer');
await focusOn('Something is missing or not right');
await look('offer-unanswered');
await choose('No. I open the complaint');
await press('Send the answer');
await focusOn(`Complaint ${reference}`);
assert((await textOf('#complaint')).includes(STORY));
await look('complaint');
assert(!(await whole()).includes('Marlow'));
await press('Show who complains');
await focusOn('Something is missing or not right');
await type('Why you need to know who complains', 'To agree with you when it is safe to ring.');
await press('Show who complains');
await focusOn('You see now who complains.');
assert((await textOf('#complaint')).includes('Edith Marlow, who gets the care'));
assert((await textOf('#complaint')).includes('07700 900461'));
await look('unsealed');
await complainant.reads('Who sees it', 'To agree with you when it is safe to ring.');

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
await complainant.reads('Messages', 'May I ring you on Thursday?', 'I have asked for the diary.');

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
await complainant.reads('Who sees it', 'Beatrice Oyelaran works on complaints for the council.',
    'Chidi Eze deals with it for the council, and works at the practice.');

step('What the complainant writes, sends and asks for');
await complainant.adds('She came today, and said nothing.', 'Visits of November.txt', 'On the 3rd nobody came.');
await press('All complaints');
await focusOn('Complaints');
await openComplaint();
await openPart('Messages');
assert((await textOf('#complaint .messages')).includes('She came today, and said nothing.'));
await press('Pass it on');
await focusOn('The message is passed on.');
await openPart('Documents');
await look('documents');
const letter = await saved(() => press('Save it'));
assert.deepEqual([letter.name, letter.text], ['Visits of November.txt', 'On the 3rd nobody came.']);
await press('Pass it on');
await focusOn('The document is passed on.');
await press('Add the document');
await focusOn('That did not work');
await look('document-missing');
writeFileSync(DIARY, 'The visits of the 3rd and the 10th are crossed out.');
await attach('Choose a file', DIARY);
await press('Add the document');
await focusOn('The document has arrived.');
rmSync(DIARY);
await openPart('What is asked for');
assert((await textOf('#complaint .messages')).includes('Flat 2, Mill Lane'));
await press('Keep the decision');
await focusOn('Something is missing or not right');
await look('decision-missing');
await choose('Yes, it counts');
await choose('By telephone', 'By letter');
await setDay('Told on', new Date());
await type('What was said', 'She said so herself, and was not hurried.');
await press('Keep the decision');
await focusOn('Something is missing or not right');
assert.deepEqual(await faults(), ['How you told them'], 'no letter was given at lodging');
await choose('By letter', 'By telephone');
await press('Keep the decision');
await focusOn('The decision is kept.');
await look('requests');
await complainant.reads('Ask for something', 'It counts. The council spoke with you on the phone.', 'She said so herself, and was not hurried.');
await press('Write it down');
await focusOn('Something is missing or not right');
// What was typed for another kind is not sent.
await select('What is asked for (', 'It is answered later');
await setDay('Answered by', new Date(Date.now() + 60 * 86_400_000));
await select('What is asked for (', 'It is sent on');
await type('Sent to', 'Royal Shrewsbury Hospital');
await press('Write it down');
await focusOn('It is written down.');

step('The complainant objects to the handler, who has it no more');
await complainant.objects('Chidi Eze', 'He plays cards with him.');
await press('All complaints');
await focusOn('Complaints');
await openComplaint();
await openPart('Who has it');
assert(!(await textOf('#complaint .rows')).includes('Chidi Eze'));
await look('objected');
await press('Tell Chidi Eze');
await focusOn('They are told.');

step('The plan, a head and a finding; somebody else changes the complaint meanwhile');
await openPart('Looking into it');
await look('looking-empty');
await press('Keep the plan');
await focusOn('Something is missing or not right');
await look('plan-missing');
await type('How you look into it', 'I read the diary, and ring you each Friday.');
await setDay('Respond by', new Date(Date.now() + 14 * 86_400_000));
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
await setDay('When the person was heard', new Date());
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

await complainant.reads('How it stands', 'I read the diary, and ring you each Friday.', 'You agreed that they answer by',
    'Three visits were cancelled without a call.', 'Nobody rang.');
await complainant.look('complaint-planned');

step('What is promised');
await openPart('What is done');
await press('Add it');
await focusOn('Something is missing or not right');
await type('What is to be done', 'Somebody rings before a visit is taken out.');
await type('Whose it is', 'The manager of the practice');
await setDay('Done by', new Date(Date.now() + 7 * 86_400_000));
await press('Add it');
await focusOn('It is put down.');
await look('actions');

step('By heads: one goes with the request, to somebody who is refused');
await openPart('Who has it');
assert.equal(await page.$eval('[data-name^=\"Which heads\"]', (field) => field.hidden), true);
await select('To whom (', 'Gwilym Vaughan');
await choose('Nobody rang.');
await type('Why nothing speaks against it', 'He has never met her.');
await press('Assign');
await focusOn('Something is missing or not right');
assert.equal(JSON.parse(seen.requests.findLast((request) => request.url.endsWith('/assignments') && request.content).content).heads.length, 1);
await look('assign-by-heads');

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
const pdf = await saved(() => press('Save the letter as PDF'));
assert.deepEqual([pdf.name, pdf.content.slice(0, 5)], [`${reference}.pdf`, '%PDF-']);
const html = await saved(() => press('Save the letter as a page'));
assert(html.text.includes('Three visits were cancelled without a call.'));

step('Sent');
await press('Record that it was sent');
await focusOn('Something is missing or not right');
await look('sent-missing');
await choose('By post', 'In the app with which the complaint is followed');
await setDay('On', new Date());
await press('Record that it was sent');
await focusOn('It is recorded that the response was sent.');
assert((await textOf('#complaint')).includes('Given in the app'));
await look('sent');
await complainant.readsTheAnswer('You were left without a call.', 'The diary shows three visits that were taken out.', 'We apologise.', 'She was in hospital.',
    'Somebody rings before a visit is taken out.', 'Helena Vance has signed it', 'Ombudsman');

step('What was promised is done, and the complaint is closed');
await openPart('What is done');
await press('Put down that it is done');
await focusOn('Something is missing or not right');
await setDay('It was done on', new Date());
await type('What was done', 'The manager has told everybody.');
await press('Put down that it is done');
await focusOn('It is put down that it is done.');
await type('What was learnt', 'Whoever takes a visit out rings first.');
await press('Close the complaint');
await focusOn('The complaint is closed.');
await look('closed');
await complainant.reads('How it stands', 'It ended');
const states = await complainant.leaves();
await press('All complaints');
await focusOn('Complaints');
await look('list-afterwards');
await leavesNothing(secrets);
await signOut();

// The page asked nothing of the service without a token, but to sign in and to sign out, and what anybody may read.
const tokens = seen.requests.filter((request) => /\/v1\/(?!public\/)/.test(request.url) && !request.headers.authorization);
assert(tokens.every((request) => request.url.endsWith('/v1/complaints/sessions')));
await desk.browser.close();
console.log(`${seen.states + states} states of the desk and the app without a barrier; from lodging to a response that was read, by keyboard alone; no trace left`);

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
