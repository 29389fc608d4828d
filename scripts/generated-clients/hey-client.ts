// A client that @hey-api/openapi-ts generates: sends a referral, accepts it, and complains.

import { login, taken, today, withCode } from "./demonstration.ts";
import { createClient } from "./hey/client/index.ts";
import {
  councilReferralsRead,
  councilReferralsSend,
  oauthTokenIssue,
  partnerComplaintsFollow,
  partnerComplaintsLodge,
  practiceReferralsAccept,
  practiceReferralsList,
  practiceReferralsRead,
  practiceSessionsSignIn,
} from "./hey/sdk.gen.ts";
import type { ReferralMessage } from "./hey/types.gen.ts";

const baseUrl = login("ALMONER_URL");
const anyone = createClient({ baseUrl });
const run = `HEY-${Date.now()}`;

async function system(id: string, secret: string): Promise<typeof anyone> {
  const body = { grant_type: "client_credentials", client_id: id, client_secret: secret } as const;
  const issued = taken("a system gets a token", await oauthTokenIssue({ client: anyone, body }));
  return createClient({ baseUrl, auth: issued.access_token });
}

const council = await system(login("COUNCIL_E06000051_ID"), login("COUNCIL_E06000051_SECRET"));
const message: ReferralMessage = {
  council_reference: run,
  requested_on: today,
  function: "needs_assessment",
  urgency: "standard",
  route_of_access: "Community / Other route",
  reason: "She has fallen twice this month and no longer goes upstairs.",
  chosen_practice: "severn-social-work",
  consent: { basis: "consent_given", recorded_on: today },
  person: { council_person_id: run, given_name: "Winifred", family_name: run, date_of_birth: "1941-03-08" },
  referrer: { name: "Owen Marsh", team: "First Point of Contact", phone: "07700 900733" },
};
const sent = taken("the council sends a referral", await councilReferralsSend({ client: council, body: message }));

const signedIn = await withCode(async (code) => {
  const body = { email: "manager@severn-social-work.example", password: login("STAFF_PASSWORD"), code };
  return (await practiceSessionsSignIn({ client: anyone, body })).data;
});
const staff = createClient({ baseUrl, auth: signedIn.access_token });
const inbox = taken(
  "the manager reads the inbox",
  await practiceReferralsList({ client: staff, query: { limit: 200 } }),
);
const waiting = inbox.items.find((referral) => referral.person.endsWith(run));
if (waiting === undefined) throw new Error("the referral is not in the inbox");
const path = { id: waiting.id };
const read = await practiceReferralsRead({ client: staff, path });
taken("the manager reads the referral", read);
const accepted = taken(
  "the manager accepts it",
  await practiceReferralsAccept({
    client: staff,
    path,
    headers: { "If-Match": read.response?.headers.get("ETag") ?? "", "Idempotency-Key": `accept-${run}` },
    body: {},
  }),
);
if (accepted.status !== "accepted") throw new Error(accepted.status);
const followed = taken(
  "the council reads the result",
  await councilReferralsRead({ client: council, path: { id: sent.id } }),
);
if (followed.status !== "accepted") throw new Error(followed.status);

const partner = await system(login("PARTNER_ID"), login("PARTNER_SECRET"));
const receipt = taken(
  "somebody complains",
  await partnerComplaintsLodge({
    client: partner,
    headers: { "Idempotency-Key": `complain-${run}` },
    body: {
      practice: "severn-social-work",
      narrative: "Three visits were cancelled and nobody rang.",
      complainant: { name: "Winifred Ashdown", basis: "recipient" },
      danger: { now: "no" },
    },
  }),
);
taken(
  "they follow it with the access code",
  await partnerComplaintsFollow({
    client: partner,
    path: { reference: receipt.reference },
    headers: { "Complaint-Access-Code": receipt.access_code ?? "" },
  }),
);
