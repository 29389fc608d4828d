// A browser on one of the example pages: it is used by keys alone, each state is looked at, and what it asked and left is remembered.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import axe from 'axe-core';
import puppeteer from 'puppeteer-core';

const pictures = process.env.SCREENSHOTS;

/**
 * The sizes at which each state is looked at: a desktop, a phone, which is also a desktop at 400 %, and a desktop where somebody
 * has chosen letters twice as large.
 */
const SIZES = [
    ['desktop', { width: 1280, height: 900 }, '100%'],
    ['narrow', { width: 320, height: 640 }, '100%'],
    ['large', { width: 1280, height: 900 }, '200%'],
];

/** What the browser itself says of an answer that is not a success. The page shows these; it cannot keep the browser from it. */
const REFUSED = /^Failed to load resource: (the server responded with a status of (401|404|409|412|415|422) |net::ERR_FAILED$)/;

/** Opens a browser for the page `path`, whose title is `title`. */
export async function openBrowser(url, path, title) {
    const browser = await puppeteer.launch({
        executablePath: process.env.CHROMIUM,
        protocolTimeout: 30_000,
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
    });
    const page = await browser.newPage();
    const seen = { complaints: [], requests: [], held: [], states: 0, looks: 0 };
    await page.evaluateOnNewDocument(() => {
        // What is left of the page when it is being left.
        addEventListener('beforeunload', () => console.log(`left: ${document.title}${document.documentElement.outerHTML}`));
        addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    page.on('console', (message) => {
        if (message.text().startsWith('left: ')) {
            seen.left = message.text();
        }
        if (['error', 'warn', 'assert'].includes(message.type()) && !REFUSED.test(message.text())) {
            seen.complaints.push(`${message.type()}: ${message.text()}`);
        }
    });
    page.on('pageerror', (error) => seen.complaints.push(String(error)));
    await page.setRequestInterception(true);
    page.on('request', (request) => {
        // The browser's own icon of a field for a date, which the pages may not load, and what a page itself gives out to be saved.
        if (/^(data|blob):/.test(request.url())) {
            request.continue();
            return;
        }
        seen.requests.push({ url: request.url(), headers: request.headers(), content: request.postData() ?? '' });
        if (seen.interfere && request.url().includes(seen.interfere.with)) {
            const { answer } = seen.interfere;
            seen.interfere = undefined;
            answer(request);
        } else if (request.url().startsWith(url)) {
            request.continue();
        } else {
            // Another page that never comes: it is answered by `letArrive`.
            seen.held.push(request);
        }
    });
    const context = browser.defaultBrowserContext();
    await context.overridePermissions(url, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write']);
    await page.setViewport(SIZES[0][1]);
    return { browser, page, seen, ...keys(page), saved: (act) => saved(browser, act), look: (name) => look(page, seen, name), ...traces(browser, page, seen, url, path, title) };
}

/** What somebody does who has a keyboard alone. */
function keys(page) {
    const focused = () => page.evaluate(() => {
        const { activeElement: element } = document;
        return (element.labels?.[0]?.textContent ?? element.textContent ?? '').trim();
    });

    /** Presses Tab until what begins with this text has the focus. */
    async function tabTo(text) {
        for (let presses = 0; presses < 120; presses += 1) {
            const isReached = await page.evaluate(() => document.activeElement.matches('a, button, input, select, textarea'));
            if (isReached && (await focused()).startsWith(text)) {
                assert(await page.evaluate(isInSight), `${text} has the focus, and is in sight`);
                return;
            }
            await page.keyboard.press('Tab');
        }
        assert.fail(`no Tab reaches “${text}”`);
    }

    async function press(button) {
        await tabTo(button);
        await page.keyboard.press('Enter');
    }

    return {
        focused,
        tabTo,
        press,
        /** Types into the question with this label. */
        async type(label, text) {
            await tabTo(label);
            await page.keyboard.type(text);
        },
        /** Types into the question with this label, in the place of what was typed before. */
        async retype(label, text) {
            await tabTo(label);
            await page.keyboard.press('KeyA', { commands: ['SelectAll'] });
            await page.keyboard.type(text);
        },
        /** Chooses an answer of a question: from the first answer it goes on with the arrow. */
        async choose(first, answer = first) {
            await tabTo(first);
            await page.keyboard.press('Space');
            for (let presses = 0; !(await focused()).startsWith(answer); presses += 1) {
                assert(presses < 10, `no arrow reaches “${answer}”`);
                await page.keyboard.press('ArrowDown');
            }
        },
        /** Chooses a day of a question for a day. */
        async setDay(label, date) {
            await tabTo(label);
            await page.keyboard.type(date.toLocaleDateString('en-US', { timeZone: 'Europe/London', month: '2-digit', day: '2-digit', year: 'numeric' }));
        },
        /** Chooses a file in the browser's own window. */
        async attach(label, path) {
            await tabTo(label);
            const opened = page.waitForFileChooser();
            // The browser answers this once it lets the window be answered by a program.
            await focused();
            await page.keyboard.press('Enter');
            await (await opened).accept([path]);
        },
        /** Shows one part of a complaint. */
        async openPart(name) {
            await page.evaluate(() => document.querySelector('#complaint h1').focus());
            await press(name);
            await page.waitForFunction((start) => document.activeElement.matches('h2') && document.activeElement.textContent === start, { timeout: 10_000 }, name);
        },
        /** Waits until what begins with this text has the focus. */
        async focusOn(text) {
            await page.waitForFunction((start) => document.activeElement.textContent.startsWith(start), { timeout: 10_000 }, text);
            assert(await page.evaluate(isInSight), `${text} has the focus, and is in sight`);
        },
    };
}

// Whether what has the focus is in the window, and not behind the bar with the way out.
function isInSight() {
    const box = document.activeElement.getBoundingClientRect();
    const bar = document.querySelector('header').getBoundingClientRect();
    const isInBar = document.querySelector('header').contains(document.activeElement);
    return box.bottom > (isInBar || document.activeElement.id === 'skip' ? 0 : bar.bottom) && box.top < innerHeight;
}

/** Returns the name and the content of the file that the browser saves while something is done. */
async function saved(browser, act) {
    const folder = mkdtempSync(join(tmpdir(), 'saved-'));
    const session = await browser.target().createCDPSession();
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
    await act();
    for (let attempts = 0; attempts < 50; attempts += 1) {
        const [name] = readdirSync(folder).filter((one) => !one.endsWith('.crdownload') && !one.startsWith('.'));
        const content = name && readFileSync(join(folder, name));
        if (content?.length > 0) {
            await session.detach();
            rmSync(folder, { recursive: true });
            return { name, content: content.toString('latin1'), text: content.toString('utf8') };
        }
        await pause(100);
    }
    return assert.fail('nothing is saved');
}

/** Looks for barriers in the state that the page is in: light and dark, wide and narrow, and with large letters. */
async function look(page, seen, name) {
    seen.states += 1;
    for (const [size, viewport, letters] of SIZES) {
        await page.setViewport(viewport);
        await page.evaluate((chosen) => { document.documentElement.style.fontSize = chosen; }, letters);
        for (const scheme of ['light', 'dark']) {
            await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
            const where = `${name}, ${size}, ${scheme}`;
            // From the top, the bar lies on nothing.
            await page.evaluate(() => scrollTo(0, 0));
            await page.evaluate(axe.source);
            const found = await page.evaluate(() => axe.run(document, { rules: { 'target-size': { enabled: true } } }));
            const violations = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
            assert.deepEqual(violations, [], where);
            // What lies half behind the bar with the way out cannot be told, and is told in another state.
            const unsure = found.incomplete.filter(({ id }) => id === 'color-contrast').flatMap(({ nodes }) => nodes)
                .filter((node) => !node.any.some((check) => check.data?.messageKey === 'bgOverlap'));
            assert.deepEqual(unsure.map((node) => node.html), [], `the contrast can be told: ${where}`);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert(wide <= 0, `nothing is cut off: ${where}`);
            seen.looks += 1;
            if (pictures) {
                mkdirSync(pictures, { recursive: true });
                await page.screenshot({ path: `${pictures}/${seen.states}-${name}-${size}-${scheme}.png`, fullPage: true });
            }
        }
    }
    await page.emulateMediaFeatures([]);
    await page.setViewport(SIZES[0][1]);
    await page.evaluate(() => document.documentElement.removeAttribute('style'));
    console.log(`    ${name}: no barrier, light and dark, wide and narrow, and with large letters`);
}

/** What the page leaves behind. */
function traces(browser, page, seen, url, path, title) {
    const history = async () => {
        const session = await page.createCDPSession();
        const { entries } = await session.send('Page.getNavigationHistory');
        const { cookies } = await session.send('Storage.getCookies');
        await session.detach();
        assert.deepEqual(cookies, [], 'there is no cookie');
        return entries.map((entry) => `${entry.url} ${entry.title}`);
    };
    return {
        history,
        /** Looks for secrets in all that outlives the page, and in each address that was asked. */
        async leavesNothing(secrets) {
            const kept = await page.evaluate(async () => ({
                href: location.href,
                state: history.state,
                local: localStorage.length,
                session: sessionStorage.length,
                databases: (await indexedDB.databases()).length,
                caches: (await caches.keys()).length,
                cookie: document.cookie,
            }));
            const nothing = { state: null, local: 0, session: 0, databases: 0, caches: 0, cookie: '' };
            assert.deepEqual(kept, { href: `${url}${path}`, ...nothing });
            const here = (await history()).filter((entry) => !entry.startsWith('about:blank'));
            assert.deepEqual(here, [`${url}${path} ${title}`], 'the history has the page once, under a name that says nothing');
            for (const request of seen.requests) {
                assert(request.url.startsWith(`${url}/`), `nothing is asked elsewhere: ${request.url}`);
                assert(!secrets.some((secret) => request.url.includes(secret)), `no secret is in an address: ${request.url}`);
                assert.equal(request.headers.referer ?? '', '', 'no address is told');
            }
            assert.deepEqual(seen.complaints, [], 'the browser complains of nothing');
        },
        /** Whether there is nothing to be seen, while the other page has not come. */
        async isBlank() {
            // The browser runs no script of a page that is being left, but it shows it.
            const picture = await page.screenshot({ encoding: 'base64' });
            const other = await browser.newPage();
            const isBlank = await other.evaluate(async (encoded) => {
                const image = new Image();
                image.src = `data:image/png;base64,${encoded}`;
                await image.decode();
                const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
                canvas.drawImage(image, 0, 0);
                const points = new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer);
                return points.every((point) => point === points[0]);
            }, picture);
            await other.close();
            return isBlank;
        },
        /** Lets the other page arrive, which was asked for when somebody left. */
        async letArrive() {
            const [request] = seen.held.splice(0);
            const arrived = page.waitForFunction(() => document.title === 'Weather', { timeout: 10_000 });
            await request.respond({ contentType: 'text/html', body: '<!doctype html><link rel="icon" href="data:,"><title>Weather</title>' });
            await arrived;
        },
    };
}
