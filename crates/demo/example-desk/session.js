// Signing in, proving the second factor again, and signing out: POST /v1/complaints/sessions, …/refresh, …/current/step-up, and
// DELETE …/current. The tokens are in the variable `session`, and nowhere else.

import { button, formOf, heading, make, typed, whenSent } from '../example-ground/elements.js';
import { clearFaults, showFailure } from '../example-ground/faults.js';
import { connect, Problem } from '../example-ground/service.js';
import { say } from '../example-ground/texts.js';

const SESSIONS = '/v1/complaints/sessions';

/** Builds the form for signing in, and the dialog that asks for a fresh code. `whenSignedIn` is called when somebody is. */
export function buildSession(view, dialog, whenSignedIn) {
    let session;
    let officer;
    let isProved;
    // A token is renewed with the refresh token, which can be used once: the answer has the next.
    const service = connect(async (send) => {
        session = await send(`${SESSIONS}/refresh`, { refresh_token: session.refresh_token });
        return session.access_token;
    });

    function use(answer) {
        session = answer;
        service.useToken(answer.access_token);
    }

    const signedOut = make('p', { class: 'notice', tabindex: '-1', hidden: true });
    const form = formOf('sign-in-form', say('sign_in.button'), [
        typed({ key: 'sign_in.email', name: 'email', pointers: '/email', autocomplete: 'username', spellcheck: 'false', inputmode: 'email' }),
        typed({ key: 'sign_in.password', name: 'password', pointers: '/password', type: 'password', autocomplete: 'current-password' }),
        codeField('sign_in.code'),
    ]);
    view.append(heading('h1', say('sign_in.heading')), make('p', {}, say('sign_in.lead')), signedOut, form);
    whenSent(form, async () => {
        try {
            use(await service.send(SESSIONS, Object.fromEntries(new FormData(form))));
        } catch (failure) {
            showFailure(form, failure, { 401: say('sign_in.refused') });
            return;
        }
        forget();
        officer = session.officer_id;
        if (officer) {
            await whenSignedIn();
        } else {
            await end();
            showNotice(say('sign_in.officers_only'));
        }
    }, { byEnter: true });

    const proving = formOf('step-up-form', say('step_up.button'), [codeField('step_up.code')]);
    dialog.append(heading('h2', say('step_up.heading')), make('p', {}, say('step_up.lead')), proving,
        button(say('step_up.cancel'), () => dialog.close(), { class: 'second' }));
    dialog.querySelector('h2').id = 'step-up-heading';
    dialog.addEventListener('close', () => {
        proving.reset();
        clearFaults(proving);
    });
    whenSent(proving, async () => {
        try {
            use(await service.change('POST', `${SESSIONS}/current/step-up`, Object.fromEntries(new FormData(proving))));
        } catch (failure) {
            showFailure(proving, failure, { 401: say('step_up.refused') });
            return;
        }
        isProved = true;
        dialog.close();
    }, { byEnter: true });

    // Asks for a code, and returns whether the second factor is proved now.
    function stepUp() {
        isProved = false;
        dialog.showModal();
        dialog.querySelector('input').focus();
        return new Promise((answer) => dialog.addEventListener('close', () => answer(isProved), { once: true }));
    }

    function forget() {
        form.reset();
        clearFaults(form);
        signedOut.hidden = true;
    }

    function showNotice(text) {
        signedOut.textContent = text;
        signedOut.hidden = false;
        signedOut.focus();
    }

    // Signs out, and returns whether the service has ended the session. Until it has answered nobody else signs in.
    async function end() {
        officer = undefined;
        dialog.close();
        forget();
        form.hidden = true;
        service.stop();
        const isEnded = await service.change('DELETE', `${SESSIONS}/current`).then(() => true, () => false);
        service.forget();
        session = undefined;
        form.hidden = false;
        return isEnded;
    }

    return {
        service,
        /** The identifier of the officer who is signed in; undefined as soon as somebody signs out. */
        officer: () => officer,
        /** Sends what may want a recent second factor: if it does, asks for a code, and sends the same again. */
        async proven(send) {
            try {
                return await send();
            } catch (failure) {
                if (failure instanceof Problem && failure.kind === 'step-up-required' && await stepUp()) {
                    return send();
                }
                throw failure;
            }
        },
        end,
        saySignedOut: (isEnded) => showNotice(say(isEnded ? 'sign_in.signed_out' : 'sign_in.not_ended')),
    };
}

function codeField(key) {
    return typed({ key, name: 'code', pointers: '/code', autocomplete: 'one-time-code', inputmode: 'numeric', maxlength: 20 });
}
