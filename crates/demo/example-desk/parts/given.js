/** Returns the content of a form. A question that was not answered is a member that is left out. */
export function given(answers) {
    return Object.fromEntries([...answers].filter(([, text]) => text.trim() !== ''));
}
