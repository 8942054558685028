import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { refused, serve } from "./browser.mjs";
import { memory } from "../../../api/static/memory.js";
import { Session } from "../../../api/static/session.js";

// No other tab answers here, so it is not waited for either.
globalThis.setTimeout = setImmediate;

const PAIR = { accessToken: "old", accessExpiresAt: "2020-01-01T00:00:00Z", refreshToken: "one", who: "ada" };
const NEW = { accessToken: "new", accessExpiresAt: "2999-01-01T00:00:00Z", refreshToken: "two" };
const renewed = () => ({ data: { refreshSession: { tokens: NEW } } });
const notRenewed = () => ({ data: { refreshSession: { message: "It counts no more." } } });
const signedOut = () => ({ data: { signOut: { sessionId: "session_1" } } });
const session = new Session(() => {});

beforeEach(() => session.use(PAIR));
after(() => session.siblings.channel.close());

test("a token that runs out is renewed once, whoever asks", async () => {
  const asked = serve({ Refresh: renewed });
  assert.deepEqual(await Promise.all([session.renewed(), session.renewed()]), [true, true]);
  assert.deepEqual([session.token, session.who, asked.length], ["new", "ada", 1]);
  assert.equal(await session.renewed(), false);
});

test("a session that counts no more is forgotten", async () => {
  serve({ Refresh: notRenewed });
  assert.equal(await session.renewed(), false);
  assert.deepEqual(memory.session, {});
});

for (const code of ["UNAVAILABLE", "RATE_LIMITED", "INTERNAL"]) {
  test(`${code} does not end a session`, async () => {
    serve({ Refresh: () => refused(code, "Come back.") });
    await assert.rejects(session.renewed(), /Come back/);
    assert.equal(memory.session.refreshToken, "one");
  });
}

test("signing out renews first, so that the server knows whose session it is", async () => {
  const asked = serve({ Refresh: renewed, SignOut: signedOut });
  await session.leave();
  assert.deepEqual(asked.map(({ name, authorization }) => [name, authorization]), [["Refresh", undefined], ["SignOut", "Bearer new"]]);
  assert.deepEqual(memory.session, {});
});

test("signing out of a session that is over asks no more", async () => {
  const asked = serve({ Refresh: notRenewed });
  await session.leave();
  assert.deepEqual([asked.length, memory.session], [1, {}]);
});

test("a sign-out that did not happen is told, and can be tried again", async () => {
  serve({ Refresh: renewed, SignOut: () => refused("UNAVAILABLE", "Come back.") });
  await assert.rejects(session.leave(), /Come back/);
  assert.equal(session.token, "new");
});

test("a pasted token that counts for nobody is forgotten, and that is told", async () => {
  session.use({ accessToken: "pasted" });
  serve({ SignOut: () => refused("UNAUTHENTICATED", "It has expired.") });
  await assert.rejects(session.leave(), /It has expired/);
  assert.equal(session.token, "");
});
