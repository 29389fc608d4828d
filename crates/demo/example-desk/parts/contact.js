// How the complainant wants to be reached, in lines.

import { say } from '../../example-ground/texts.js';

export function contactTerms(contact) {
    return [
        ['reading.preferred', contact && say(`reading.by.${contact.preferred}`)],
        ['reading.phone', contact?.phone],
        ['reading.email', contact?.email],
        ['reading.address', contact?.address],
        ['reading.electronic', contact?.electronic ? say('reading.electronic_yes') : undefined],
        ['reading.instructions', contact?.instructions],
    ];
}
