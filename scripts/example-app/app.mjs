// Uses the example app as somebody who complains does, and looks at what it shows, asks and leaves. The last line says what was seen.

import assert from 'node:assert/strict';
import { openBrowser } from './browser.mjs';
import { openAndAcknowledge } from './officer.mjs';

const url = process.env.ALMONER_URL;
const ELSEWHERE = 'https://www.bbc.co.uk/weather';
const app = await openBrowser(url, '/example-app/', 'Speak Up');
const { page, seen, tabTo, type, retype, choose, press, focusOn, focused, look, leavesNothing, letArrive, isBlank, history } = app;

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
await choose('A social work practice');
await type('Postcode', 'nowhere');
await press('Show the practices near there');
await focusOn('Something is missing or not right');
assert.deepEqual(await faults(), ['Postcode of the person who gets care', ...(await faults()).slice(1)]);
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
assert((await textOf('#complaint')).includes('Nobody has opened it yet.'));
await look('complaint-received');
await leavesNothing([secret]);

step('A message');
await press('Send the message');
await focusOn('Something is missing or not right');
await look('message-missing');
await type('Your message', 'Please do not ring on Thursday.');
await press('Send the message');
await focusOn('Your message is sent.');
assert((await textOf('.messages')).includes('Please do not ring on Thursday.'));
await look('message-sent');

step('An officer opens it');
const why = 'To agree with you when it is safe to ring.';
await openAndAcknowledge('shr', receivedAt, why, 'Thank you for telling us. May I ring you on Thursday morning?');
await type('Your message', 'Half a message');
await press('Look again');
await focusOn('This is how it stands now.');
const shown = await textOf('#complaint');
for (const text of ['works on complaints for the council', why, 'Shropshire Council', 'May I ring you on Thursday morning?']) {
    assert(shown.includes(text), text);
}
assert.equal(await page.$eval('#complaint textarea', (area) => area.value), 'Half a message');
await look('complaint-acknowledged');
await leavesNothing([secret]);

step('Nobody is named, and the practice is not known; the connection breaks');
await press('Close my complaint');
await focusOn('Is something wrong');
await press('Tell us what happened');
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
assert.deepEqual(JSON.parse(attempts[0].content), { council: 'E06000051', narrative: 'Nobody rings back.', format: 'standard', anonymous: true });
secrets.push(await textOf('#code'));
await press('I have kept both');

step('Somebody complains for themselves, with one name');
await press('Tell us what happened');
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

step('Leaving quickly, by the button');
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
