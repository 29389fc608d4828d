// The complainant's side of a complaint that is worked on at the example desk: somebody complains in the example app about the handler
// of a practice, follows it there, adds to it, and reads the answer.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openBrowser } from './browser.mjs';

/** Complains, goes on to follow the complaint, and returns what the complainant does from then on. */
export async function complain(url, story) {
    const app = await openBrowser(url, '/example-app/', 'Speak Up');
    const { page, type, press, choose, tabTo, focusOn, openPart, attach, look } = app;
    const textOf = (selector) => page.$eval(selector, (element) => element.textContent);
    const reference = await lodge();
    const code = await textOf('#code');
    await press('I have kept both');
    await press('See what is happening');
    await type('Reference', reference);
    await type('Code', code);
    await press('Look');
    await focusOn('Your complaint');

    async function lodge() {
        await page.goto(`${url}/example-app/`, { waitUntil: 'networkidle0' });
        await press('Tell us what happened');
        await choose('No');
        await choose('A social work practice');
        await page.waitForFunction(() => document.querySelectorAll('select[name=practice] option').length > 1);
        await tabTo('Practice');
        await page.keyboard.type('Severn');
        await type('What happened', story);
        await type('Who did it, by name', 'Gwilym Vaughan');
        // Then the other complaints officer is passed over, and this one is asked.
        await tabTo('Who must not see this');
        for (const name of ['Callum Whitfield', 'Gwilym Vaughan']) {
            await page.keyboard.type(name);
            await page.keyboard.press('Enter');
        }
        await choose('I get the care or help');
        for (const [label, text] of [['First name', 'Edith'], ['Last name', 'Marlow'], ['Day', '8'], ['Month', '3'], ['Year', '1941']]) {
            await type(label, text);
        }
        await choose('Hide my name');
        await choose('Do not contact me', 'Phone');
        await type('Phone number', '07700 900461');
        await choose('You may send me papers by email');
        await choose('As it is', 'In large print');
        await press('Send');
        await focusOn('We have your complaint');
        return textOf('#reference');
    }

    // Looks again, and at one part, which says all of this.
    async function reads(part, ...said) {
        await openPart(part);
        await press('Look again');
        await focusOn('This is how it stands now.');
        const shown = await page.evaluate(() => document.querySelector('#complaint > [id^=part-]:not([hidden])').textContent);
        for (const text of said) {
            assert(shown.includes(text), `“${text}” in “${part}”: ${shown}`);
        }
    }

    return {
        reference,
        reads,
        look,
        /** Writes, sends a document, and asks to be reached in another way. */
        async adds(message, document, content) {
            await openPart('Messages');
            await type('Your message', message);
            await press('Send the message');
            await focusOn('Your message is sent.');
            const folder = mkdtempSync(join(tmpdir(), 'files-'));
            writeFileSync(join(folder, document), content);
            await openPart('Papers and pictures');
            await attach('Choose a file', join(folder, document));
            await press('Send the file');
            await focusOn('Your file has arrived.');
            rmSync(folder, { recursive: true });
            for (let attempts = 0; !(await textOf('#part-documents')).includes('It is checked.'); attempts += 1) {
                assert(attempts < 5, 'the scanner has looked at it');
                await pause(6000);
                await press('Look again');
                await focusOn('This is how it stands now.');
            }
            await openPart('Ask for something');
            await choose('Take my complaint back', 'Reach me in another way');
            await choose('Phone', 'Letter');
            await choose('You may send me papers by email');
            await type('Postal address', 'Flat 2, Mill Lane');
            await press('Ask for it');
            await focusOn('The council knows now what you ask for.');
        },
        async objects(name, why) {
            await openPart('Who sees it');
            const first = await page.$eval('#object-form .answer label', (label) => label.textContent);
            await choose(first, name);
            await type('Why you do not want it', why);
            await press('I do not want this person to have it');
            await focusOn('The council knows now that you do not want this.');
            assert(!(await textOf('#part-people > ul')).includes(name), 'a guest has it no more at once');
        },
        /** Reads the answer, and saves it. */
        async readsTheAnswer(...said) {
            await openPart('How it stands');
            await press('Look again');
            await focusOn('This is how it stands now.');
            await look('complaint-answered');
            await press('Read the answer');
            await focusOn('The answer');
            const shown = await textOf('#part-answer');
            await look('answer');
            const { name, text } = await app.saved(() => press('Save the answer on this device'));
            assert.equal(name, 'answer.html');
            assert(text.startsWith('<!doctype html>'));
            for (const words of said) {
                assert(shown.includes(words), `“${words}” is read: ${shown}`);
                assert(text.includes(words), `“${words}” is saved`);
            }
            await openPart('How it stands');
            await press('Ask that somebody looks at it again');
            assert.equal(await page.$eval('#ask-form [value=review]', (answer) => answer.checked), true);
            await look('review');
        },
        async leaves() {
            await app.leavesNothing([code, code.replaceAll(' ', ''), story]);
            await app.browser.close();
            return app.seen.states;
        },
    };
}
