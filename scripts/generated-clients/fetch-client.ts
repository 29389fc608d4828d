// A client of openapi-fetch with the types of openapi-typescript: sends a referral, accepts it, and complains.

import createClient from "openapi-fetch";

import { login, taken, today, withCode } from "./demonstration.ts";
import type { components, paths } from "./fetch/schema.ts";

const client = createClient<paths>({ baseUrl: login("ALMONER_URL") });
const run = `FETCH-${Date.now()}`;
const form = { "Content-Type": "application/x-www-form-urlencoded" };

async function token(id: string, secret: string): Promise<{ Authorization: string }> {
  const body: components["schemas"]["TokenRequest"] = {
    grant_type: "client_credentials",
    client_id: id,
    client_secret: secret,
  };
  const issued = await client.POST("/oauth/token", { body, headers: form });
  return { Authorization: `Bearer ${taken("a system gets a token", issued).access_token}` };
}

const council = await token(login("COUNCIL_E06000051_ID"), login("COUNCIL_E06000051_SECRET"));
const message: components["schemas"]["ReferralMessage"] = {
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
const sent = taken(
  "the council sends a referral",
  await client.POST("/v1/council/referrals", { body: message, headers: council }),
);

const signedIn = await withCode(async (code) => {
  const body = { email: "director@severn-social-work.example", password: login("STAFF_PASSWORD"), code };
  return (await client.POST("/v1/practice/sessions", { body })).data;
});
const staff = { Authorization: `Bearer ${signedIn.access_token}` };
const inbox = taken(
  "the director reads the inbox",
  await client.GET("/v1/practice/referrals", { params: { query: { limit: 200 } }, headers: staff }),
);
const waiting = inbox.items.find((referral) => referral.person.endsWith(run));
if (waiting === undefined) throw new Error("the referral is not in the inbox");
const read = await client.GET("/v1/practice/referrals/{id}", {
  params: { path: { id: waiting.id } },
  headers: staff,
});
taken("the director reads the referral", read);
const accepted = taken(
  "the director accepts it",
  await client.POST("/v1/practice/referrals/{id}/accept", {
    params: {
      path: { id: waiting.id },
      header: { "If-Match": read.response.headers.get("ETag") ?? "", "Idempotency-Key": `accept-${run}` },
    },
    body: {},
    headers: staff,
  }),
);
if (accepted.status !== "accepted") throw new Error(accepted.status);
const followed = taken(
  "the council reads the result",
  await client.GET("/v1/council/referrals/{id}", { params: { path: { id: sent.id } }, headers: council }),
);
if (followed.status !== "accepted") throw new Error(followed.status);

const partner = await token(login("PARTNER_ID"), login("PARTNER_SECRET"));
const receipt = taken(
  "somebody complains",
  await client.POST("/v1/partner/complaints", {
    params: { header: { "Idempotency-Key": `complain-${run}` } },
    body: {
      practice: "severn-social-work",
      narrative: "Three visits were cancelled and nobody rang.",
      complainant: { name: "Winifred Ashdown", basis: "recipient" },
      danger: { now: "no" },
    },
    headers: partner,
  }),
);
taken(
  "they follow it with the access code",
  await client.GET("/v1/partner/complaints/{reference}", {
    params: { path: { reference: receipt.reference }, header: { "Complaint-Access-Code": receipt.access_code ?? "" } },
    headers: partner,
  }),
);
