// What the clients know of the demonstration: its address, its logins and the code of its authenticator.

import { execFileSync } from "node:child_process";

/** Returns a variable that the demonstration has set. */
export function login(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run this with scripts/with-demonstration`);
  return value;
}

/** Signs in until a code is taken: each can be used once, and the next one comes within half a minute. */
export async function withCode<T>(signIn: (code: string) => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 14; tries += 1) {
    const code = execFileSync(login("DEMONSTRATION_PROGRAM"), ["code"], { encoding: "utf8" }).trim();
    const signedIn = await signIn(code);
    if (signedIn !== undefined) return signedIn;
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
  throw new Error("no code was taken");
}

/** Returns the answer, or fails with the problem. */
export function taken<T>(step: string, answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(`${step}: ${JSON.stringify(answer.error)}`);
  console.log(`  ${step}`);
  return answer.data;
}

export const today = new Date().toISOString().slice(0, 10);
