// Files: sending one to a complaint, and saving one on the device.

import { choice, make, typed } from './elements.js';

/** The kinds that the service takes, as a browser names them. */
const KINDS = '.pdf,.jpg,.jpeg,.png,.heic,.docx,.odt,.txt,.mp3,.m4a';

/**
 * Makes the questions for a file that is sent: which it is, under what name it is sent, and whether a picture keeps its places.
 * Their words are the texts `<key>.file`, `<key>.name` and `<key>.places`.
 */
export function fileQuestions(key) {
    const file = typed({ key: `${key}.file`, name: 'file', pointers: 'content-type', type: 'file', accept: KINDS, needed: true });
    const name = typed({ key: `${key}.name`, name: 'name', pointers: 'Content-Disposition' });
    const places = choice({ key: `${key}.places`, name: 'places', answers: ['keep'], many: true });
    places.hidden = true;
    const [chosen, named] = [file, name].map((field) => field.querySelector('input'));
    // The name is shown, since it is read as words of the complaint. It can be written otherwise.
    chosen.addEventListener('change', () => {
        named.value = chosen.files[0]?.name ?? '';
        places.hidden = !chosen.files[0]?.type.startsWith('image/');
    });
    return [file, name, places];
}

/**
 * Reads the answers to these questions: the file, what goes below the address and into the headers of the request that sends it,
 * and in `same` what makes it the same request as another.
 */
export function fileOf(answers) {
    const file = answers.get('file');
    const name = answers.get('name').trim();
    const below = answers.has('places') && file.type.startsWith('image/') ? '?places=keep' : '';
    return {
        file,
        below,
        headers: { 'Content-Disposition': `attachment; filename*=UTF-8''${encoded(name)}` },
        same: [name, below, file.name, file.size, file.lastModified],
    };
}

// As RFC 8187 writes text in a header.
function encoded(name) {
    return encodeURIComponent(name).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
}

/** Saves content on the device under a name, as a browser saves what is downloaded. */
export function save(content, name) {
    const address = URL.createObjectURL(content);
    make('a', { href: address, download: name }).click();
    // A browser may read it a moment later.
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
