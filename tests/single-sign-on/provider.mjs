// An OpenID Connect provider for the tests: on a port of its own on the loopback address, which it prints as its issuer.
//
// A post of `login=NAME` to its login page signs NAME in; `NAME+mfa` has proved a second factor too. Consent is given.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

// Its notices go to standard error with its warnings, because nothing reads standard output after the issuer.
console.info = console.error;

const [client_id, client_secret, redirect_uri] = process.argv.slice(2);

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id, client_secret, redirect_uris: [redirect_uri] }],
    cookies: { keys: ['for tests alone'] },
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time', 'email'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, email: `${sub}@severn.example` }) }),
    interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
  });
  server.on('request', async (request, response) => {
    if (!request.url.startsWith('/login/')) return provider.callback()(request, response);
    if (request.method !== 'POST') return response.end('<form method="post"><input name="login"></form>');
    let content = '';
    for await (const chunk of request) content += chunk;
    const [accountId, mfa] = new URLSearchParams(content).get('login').split('+');
    const login = { accountId, amr: mfa ? ['pwd', 'mfa'] : ['pwd'] };
    return provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
  });
  console.log(issuer);
});

// It ends with the process that started it.
process.stdin.resume();
process.stdin.on('end', () => process.exit());
