// What was found on a head, and whether the person was heard on it, in lines.

import { day, say } from '../../example-ground/texts.js';

export function found({ outcome, finding, remedy, heard_on: heardOn, not_heard_because: because }) {
    return [
        ['heads.found', `${say(`outcome.${outcome}`)}. ${finding}`],
        ['heads.remedy', remedy],
        ['heads.heard_on', heardOn && day(heardOn)],
        ['heads.not_heard_because', because],
    ];
}
