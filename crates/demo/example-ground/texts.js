// The texts of a page. All of them stand in one file for each language, texts/<language>.json, and nowhere else. Beside these
// modules there are such files too: the texts that all pages share, with keys that begin with `ground`.

let texts = {};
let language = 'en';

/** Reads the texts in the first of the person's languages that the page has; in the page's own first language if it has none. */
export async function readTexts(known) {
    const wanted = navigator.languages.map((tag) => tag.toLowerCase().split('-')[0]);
    language = wanted.find((tag) => known.includes(tag)) ?? known[0];
    const read = async (address) => (await fetch(address)).json();
    const file = `texts/${language}.json`;
    texts = { ...await read(new URL(file, import.meta.url)), ...await read(file) };
    document.documentElement.lang = language;
}

/** Returns the text with this key, with each `{name}` replaced by its value. A key that no text has is an error of the page. */
export function say(key, values = {}) {
    const text = key.split('.').reduce((below, part) => below?.[part], texts);
    if (typeof text !== 'string') {
        throw new Error(`no text has the key ${key}`);
    }
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Whether there is a text with this key. */
export function hasText(key) {
    return typeof key.split('.').reduce((below, part) => below?.[part], texts) === 'string';
}

/** Writes the texts into the elements that name them in `data-text`. */
export function fillTexts() {
    for (const element of document.querySelectorAll('[data-text]')) {
        element.textContent = say(element.dataset.text);
    }
}

/** Returns a day, or the day of a time, in words: of the United Kingdom, wherever the device is. */
export function day(of) {
    return written(of, { dateStyle: 'full' });
}

/** Returns a time in words. */
export function time(of) {
    return written(of, { dateStyle: 'full', timeStyle: 'short' });
}

function written(of, style) {
    // A day without a time is read as midnight in London or in summer an hour before it: noon is on the same day.
    const at = new Date(of.length === 10 ? `${of}T12:00:00Z` : of);
    return new Intl.DateTimeFormat(`${language}-GB`, { ...style, timeZone: 'Europe/London' }).format(at);
}
