// Uses the example app as somebody who complains does, and looks at what it shows, asks and leaves. The last line says what was seen.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openBrowser } from './browser.mjs';
import { openAndAcknowledge } from './officer.mjs';

const url = process.env.ALMONER_URL;
const ELSEWHERE = 'https://www.bbc.co.uk/weather';
const app = await openBrowser(url, '/example-app/', 'Speak Up');
const { page, seen, tabTo, type, retype, choose, press, focusOn, focused, look, leavesNothing, letArrive, isBlank, history } = app;
const { openPart, setDay, attach } = app;

const textOf = (selector) => page.$eval(selector, (element) => element.textContent);
const faults = () => page.$$eval('.field.is-faulty', (fields) => fields.map((field) => field.dataset.name));
const step = (what) => console.log(what);

async function open() {
    await page.goto(`${url}/example-app/`, { waitUntil: 'networkidle0' });
}

step('The start');
await open();
await look('start');
for (const name of ['Go to the main part', 'Leave quickly', 'Start', 'Tell us', 'Follow']) {
    await page.keyboard.press('Tab');
    assert.equal(await focused(), name);
}
await page.keyboard.down('Shift');
await tabTo('Go to the main part');
await page.keyboard.up('Shift');
await page.keyboard.press('Enter');
await focusOn('Is something wrong');

step('A form with nothing in it');
await press('Tell us what happened');
await focusOn('Tell us what happened');
await look('form');
await press('Send');
await focusOn('Something is missing or not right');
assert((await faults()).length > 0);
await look('errors-of-nothing');

step('A form with faults: nothing that was typed is lost');
await choose('No');
await choose('A social work practice');
await type('Postcode', 'nowhere');
await press('Show the practices near there');
await focusOn('Something is missing or not right');
assert((await faults()).includes('Postcode of the person who gets care'));
await retype('Postcode', 'SY1 1UT');
await press('Show the practices near there');
await page.waitForFunction(() => document.getElementById('status').textContent.startsWith('Practices in the list'));
await tabTo('Practice');
await page.keyboard.type('Severn');
await page.waitForFunction(() => document.querySelector('.aside:not([hidden])'));
await choose('The practice');
const story = 'She did not come three times.\n\n<b>I rang</b>, and nobody answered.';
await tabTo('What happened');
for (const line of story.split('\n')) {
    await page.keyboard.type(line);
    await page.keyboard.press('Enter');
}
await setDay('When it happened', new Date(Date.now() + 3 * 86_400_000));
await type('What would put it right', 'Another worker.');
await type('Who did it, by name', 'Hannah Price');
await type('Who must not see this', 'Keith Mudge');
await choose('I get the care or help', 'I look after somebody, or speak for them');
await type('Your name', 'Owen Marlow');
await type('First name', 'Edith');
await type('Day', '31');
await type('Month', '2');
await type('Year', '1941');
await type('NHS number', '12345');
await choose('Hide my name');
await choose('Do not contact me', 'Phone');
await type('Phone number', 'mornings');
await type('Email address', 'owen at home');
await type('What should we take care of?', 'Mornings only. Do not tell my son.');
await press('Send');
await focusOn('Something is missing or not right');
const found = await faults();
for (const name of ['Why do you speak for them?', 'Last name', 'Date of birth', 'NHS number', 'Phone number', 'Email address']) {
    assert(found.includes(name) || name === 'Why do you speak for them?', `${name} is marked: ${found}`);
}
assert.equal(await page.$eval('[name=narrative]', (area) => area.value.trim()), story);
await look('errors');
// A line of the summary leads to its question.
await page.keyboard.press('Tab');
await page.keyboard.press('Enter');
assert(await page.evaluate(() => document.activeElement.closest('.field.is-faulty') !== null));

step('Another view, and back: it is all still there');
await page.evaluate(() => document.getElementById('to-start').focus());
await press('Start');
await focusOn('Is something wrong');
await press('Tell us what happened');
await focusOn('Tell us what happened');
assert.equal(await page.$eval('[name=given_name]', (input) => input.value), 'Edith');

step('The faults are put right');
await choose('They asked me to');
await type('Last name', 'Marlow');
await retype('Day', '8');
await retype('Month', '3');
await retype('NHS number', '943 476 5919');
await retype('Phone number', '07700 900461');
await retype('Email address', 'owen@home.example');
await press('Send');
await focusOn('Something is missing or not right');
assert.deepEqual(await faults(), ['When it happened']);
await setDay('When it happened', new Date());
const receivedAt = new Date().toISOString();
await press('Send');
await focusOn('We have your complaint');
await page.keyboard.press('Tab');
await look('receipt');
const [reference, code] = [await textOf('#reference'), await textOf('#code')];
assert.match(reference, /^C-[A-Z2-7]{5}-[A-Z2-7]{5}$/);
assert.match(code, /^([a-z2-7]{4} ){7}[a-z2-7]{4}$/);
const secret = code.replaceAll(' ', '');
const secrets = [reference, secret, code, 'Half a message', 'May I ring you', 'She did not come'];
const lodged = seen.requests.filter((request) => request.url.endsWith('/v1/partner/complaints')).at(-1);
assert.equal(JSON.parse(lodged.content).narrative.trim(), story, 'the account is sent as it was written');
await press('Copy both');
await page.waitForFunction(() => document.querySelector('#receipt .notice:not([hidden])'));
assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${reference}\n${code}`);
await leavesNothing([secret]);
await press('I have kept both');
await focusOn('Is something wrong');
const whole = () => page.evaluate(() => document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map((field) => field.value));
for (const gone of [reference, code, secret, 'She did not come', 'Edith']) {
    assert(!(await whole()).includes(gone), `“${gone}” is gone from the page`);
}

step('Following');
await press('See what is happening');
await focusOn('See what is happening');
await look('follow');
await type('Reference', 'C-AAAAA-AAAAA');
await type('Code', 'wrong');
await press('Look');
await focusOn('That did not work');
await look('not-found');
await retype('Reference', ` ${reference.toLowerCase().replaceAll('-', ' ')} `);
await retype('Code', code.toUpperCase());
await press('Look');
await focusOn('Your complaint');
assert((await textOf('#complaint [id=part-people]')).includes('Nobody has opened it yet.'));
assert.equal(await page.$eval('#part-people', (part) => part.hidden), true, 'one part is shown');
await look('complaint-received');
for (const [part, name] of [['Who sees it', 'people-received'], ['The answer', 'no-answer-yet']]) {
    await openPart(part);
    await look(name);
}
await leavesNothing([secret]);

step('A message');
await openPart('Messages');
await press('Send the message');
await focusOn('Something is missing or not right');
await look('message-missing');
await type('Your message', 'Please do not ring on Thursday.');
await press('Send the message');
await focusOn('Your message is sent.');
assert((await textOf('#part-messages')).includes('Please do not ring on Thursday.'));
await look('message-sent');

step('A file: none, one that is not what its name says, a picture, and one that arrives');
const folder = mkdtempSync(join(tmpdir(), 'files-'));
const file = (name, content, encoding = 'utf8') => {
    writeFileSync(join(folder, name), content, encoding);
    return join(folder, name);
};
await openPart('Papers and pictures');
await press('Send the file');
await focusOn('That did not work');
assert((await textOf('.summary')).includes('Choose a file.'));
await look('document-missing');
await attach('Choose a file', file('letter.pdf', 'This is no PDF.'));
await press('Send the file');
await focusOn('Something is missing or not right');
assert.deepEqual(await faults(), ['Choose a file']);
await look('document-refused');
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
await attach('Choose a file', file('door.png', PNG, 'base64'));
assert.equal(await page.$eval('#document-form [name=name]', (input) => input.value), 'door.png');
await choose('Keep it in the picture');
await press('Look again');
await focusOn('This is how it stands now.');
const kept = await page.$$eval('#document-form input', (inputs) => inputs.map((input) => input.files?.[0].name ?? (input.checked || input.value)));
assert.deepEqual(kept, ['door.png', 'door.png', true], 'what was chosen stays');
assert.equal(await page.$eval('#document-form [name=places]', (box) => box.closest('.field').hidden), false);
await look('document-picture');
await press('Send the file');
await focusOn('Your file has arrived.');
assert(seen.requests.some((request) => request.url.endsWith('/documents?places=keep')));
await attach('Choose a file', file('visits.txt', 'On the 3rd nobody came.'));
await retype('Its name', 'Visits of “November”.txt');
await press('Send the file');
await focusOn('Your file has arrived.');
for (let attempts = 0; !(await textOf('#part-documents')).includes('It is checked.'); attempts += 1) {
    assert(attempts < 5, 'the scanner has looked at it');
    await pause(6000);
    await press('Look again');
    await focusOn('This is how it stands now.');
}
assert((await textOf('#part-documents')).includes('Visits of “November”.txt'));
await look('documents');
rmSync(folder, { recursive: true });

step('Asking for what takes away from the complaint or turns it');
await openPart('Ask for something');
await press('Ask for it');
await focusOn('Something is missing or not right');
assert.deepEqual(await faults(), ['What do you want to ask for?']);
await look('request-missing');
// Each kind asks for what it needs, and the service says what is missing.
const kinds = [
    ['Take my complaint back', 'What do you want to ask for?'],
    ['Reach me in another way', 'How should somebody reach you from now on?', 'contact'],
    ['Answer me later than planned', 'A day by which an answer is early enough'],
    ['It is about the care of another person', 'Last name', 'person'],
    ['Somebody else complains in my place', 'Their name', 'complainant'],
    ['Send it on to another office', 'To whom it is sent'],
    ['Let somebody see it whom I had named', 'Who may see it after all'],
    ['Look again at what was decided', 'What you want to say about it'],
];
let chosen = kinds[0][0];
for (const [kind, missing, name] of kinds.slice(1)) {
    await choose(chosen, kind);
    chosen = kind;
    if (name === 'complainant') {
        await choose('They get the care or help', 'They speak for somebody');
    }
    await press('Ask for it');
    await focusOn('Something is missing or not right');
    assert.deepEqual(await faults(), [missing]);
    if (name) {
        await look(`request-${name}`);
    }
}
await type('What you want to say about it', 'You did not ask my neighbour.');
await press('Ask for it');
await focusOn('The council knows now what you ask for.');
await choose(kinds[0][0], kinds[1][0]);
await choose('Phone', 'Email');
await type('Email address', 'owen at home');
await press('Ask for it');
await focusOn('Something is missing or not right');
assert.deepEqual(await faults(), ['Email address']);
await retype('Email address', 'owen@other.example');
await type('What you want to say about it', 'My phone is gone.');
await press('Look again');
await focusOn('This is how it stands now.');
assert.equal(await page.$eval('#ask-form [name=email]', (input) => input.closest('.below').hidden), false, 'what was asked for is asked for still');
await press('Ask for it');
await focusOn('The council knows now what you ask for.');
const asked = JSON.parse(seen.requests.findLast((request) => request.url.endsWith('/requests')).content);
assert.deepEqual(asked, { kind: 'contact', contact: { preferred: 'email', email: 'owen@other.example' }, words: 'My phone is gone.' });
assert.equal((await page.$$('#part-asking .messages > li')).length, 2);
assert((await textOf('#part-asking .messages')).includes('Somebody from the council will speak with you by'));
await look('requests');

step('An officer opens it');
const why = 'To agree with you when it is safe to ring.';
await openAndAcknowledge('shr', receivedAt, why, 'Thank you for telling us. May I ring you on Thursday morning?');
await openPart('Messages');
await type('Your message', 'Half a message');
await openPart('How it stands');
await press('Look again');
await focusOn('This is how it stands now.');
const shown = await textOf('#complaint');
for (const text of ['works on complaints for the council', why, 'Shropshire Council', 'May I ring you on Thursday morning?']) {
    assert(shown.includes(text), text);
}
assert(shown.includes('Nobody has opened this page on your complaint before.'), 'what the page itself reads again is no news');
assert.equal(await page.$eval('#complaint [name=text]', (area) => area.value), 'Half a message');
await look('complaint-acknowledged');

step('Objecting to who has it, and naming others who must not see it');
await openPart('Who sees it');
await press('I do not want this person to have it');
await focusOn('Something is missing or not right');
assert.deepEqual(await faults(), ['Do you not want somebody to have it?']);
await look('object-missing');
await press('Send the names');
await focusOn('Something is missing or not right');
const [officer] = await page.$$eval('#object-form .answer', (answers) => answers.map((answer) => answer.textContent));
await choose(officer);
await type('Why you do not want it', 'She knows my sister.');
await press('I do not want this person to have it');
await focusOn('The council knows now that you do not want this.');
await type('Names of people who must not see it', 'Sandra Mudge');
await page.keyboard.press('Enter');
await page.keyboard.type('Ron');
await press('Send the names');
await focusOn('The names are sent.');
const written = await textOf('#part-messages .messages');
for (const text of ['She knows my sister.', 'These people must not see my complaint: Sandra Mudge, Ron']) {
    assert(written.includes(text), text);
}
await look('people');
await leavesNothing([secret]);

step('Nobody is named, and the practice is not known; somebody may be in danger; the connection breaks');
await press('Close my complaint');
await focusOn('Is something wrong');
await press('Tell us what happened');
await choose('No', 'I am not sure');
await choose('A social work practice', 'I do not know');
await tabTo('Council');
await page.keyboard.type('Shropshire');
await type('What happened', 'Nobody rings back.');
await choose('I get the care or help', 'I do not want to give my name');
seen.interfere = { with: '/v1/partner/', answer: (request) => request.abort() };
await press('Send');
await focusOn('That did not work');
assert((await textOf('.summary')).includes('it is not sent twice'));
await look('unreachable');
// The service takes the token no more: the app gets another, and sends the same again.
const expired = { status: 401, contentType: 'application/problem+json', body: '{"type": "/problems/not-authenticated", "title": "x"}' };
seen.interfere = { with: '/v1/partner/', answer: (request) => request.respond(expired) };
await press('Send');
await focusOn('We have your complaint');
const attempts = seen.requests.filter((request) => request.url.endsWith('/v1/partner/complaints')).slice(-3);
assert.equal(new Set(attempts.map((request) => `${request.headers['idempotency-key']} ${request.content}`)).size, 1);
assert.deepEqual(JSON.parse(attempts[0].content), { council: 'E06000051', narrative: 'Nobody rings back.', format: 'standard', anonymous: true, danger: { now: 'unsure' } });
secrets.push(await textOf('#code'));
assert.match(await textOf('#receipt .notice'), /ring 999.*Shropshire Council/s);
assert.match(await page.$eval('#receipt .notice a', (link) => link.href), /^tel:\d+$/);
await look('receipt-danger');
await press('I have kept both');

step('Somebody complains for themselves, with one name');
await press('Tell us what happened');
await choose('No');
await choose('A social work practice', 'The council');
await tabTo('Council');
await page.keyboard.type('Shropshire');
await type('What happened', 'Nobody rings back.');
await choose('I get the care or help');
await type('First name', 'Edith');
await press('Send');
await focusOn('We have your complaint');
const last = JSON.parse(seen.requests.filter((request) => request.url.endsWith('/v1/partner/complaints')).at(-1).content);
assert.deepEqual([last.complainant, last.person], [{ name: 'Edith', basis: 'recipient' }, undefined]);

step('Leaving quickly, by the button, from an open complaint');
async function leaves(leave) {
    await leave();
    // The other page has been asked for, and has not answered.
    assert.deepEqual(seen.held.map((request) => request.url()), [ELSEWHERE]);
    assert.equal(seen.held[0].headers().referer ?? '', '', 'the other page is not told where somebody came from');
    assert(await isBlank(), 'the page is blank at once');
    await letArrive();
    assert.match(seen.left, /<body><\/body>/, 'nothing is left in the page');
    assert(!secrets.some((text) => seen.left.includes(text)));
    assert(!(await history()).some((entry) => entry.includes('example-app')), 'the page is not in the history');
}
await press('I have kept both');
await press('See what is happening');
await type('Reference', reference);
await type('Code', code);
await press('Look');
await focusOn('Your complaint');
await leaves(async () => {
    await page.keyboard.down('Shift');
    await press('Leave quickly');
    await page.keyboard.up('Shift');
});

step('Leaving quickly, by Escape three times, while something is typed');
await open();
await press('Tell us what happened');
await type('What happened', 'She did not come.');
await leaves(async () => {
    for (let presses = 0; presses < 5; presses += 1) {
        await page.keyboard.press('Escape');
    }
});
await open();
await press('Tell us what happened');
assert.equal(await page.$eval('[name=narrative]', (area) => area.value), '', 'the form is blank when somebody comes back');
assert.deepEqual(seen.complaints, []);

await app.browser.close();
console.log(`${seen.states} states without a barrier, each light and dark, wide and narrow, and with large letters; by keyboard alone; no trace left`);
