import assert from "node:assert/strict";
import { once } from "node:events";
import { after, beforeEach, test } from "node:test";
import { Worker } from "node:worker_threads";

const EXPIRED = "2020-01-01T00:00:00Z";
const tabs = [];
let newest;
let refusals;

beforeEach(() => { [newest, refusals] = [0, 0]; });
after(() => Promise.all(tabs.map((tab) => tab.terminate())));

// The lab's rule: a refresh token counts once, and one that is used twice ends the session.
function exchange(token) {
  if (token !== `refresh ${newest}`) refusals += 1;
  if (refusals) return { data: { refreshSession: { message: "It counts no more." } } };
  newest += 1;
  const tokens = { accessToken: `access ${newest}`, accessExpiresAt: "2999-01-01T00:00:00Z", refreshToken: `refresh ${newest}` };
  return { data: { refreshSession: { tokens } } };
}

async function open(session) {
  const tab = new Worker(new URL("tab.mjs", import.meta.url), { workerData: session });
  tab.on("message", ({ asks }) => asks && tab.postMessage({ answer: exchange(asks) }));
  tabs.push(tab);
  await once(tab, "message");
  return tab;
}

async function renew(tab) {
  const told = new Promise((resolve) => tab.on("message", ({ isRenewed, refreshToken }) => isRenewed !== undefined && resolve([isRenewed, refreshToken])));
  tab.postMessage({ renew: true });
  return told;
}

const signIn = (name) => ({ accessToken: "access 0", accessExpiresAt: EXPIRED, refreshToken: "refresh 0", signIn: name, turn: 0 });

test("two tabs of one sign-in that renew at once use one token, once", async () => {
  const both = [await open(signIn("a")), await open(signIn("a"))];
  assert.deepEqual(await Promise.all(both.map(renew)), [[true, "refresh 1"], [true, "refresh 1"]]);
  assert.deepEqual([newest, refusals], [1, 0]);
});

test("a tab that was opened with tokens already used gets the newest from its sibling", async () => {
  await renew(await open(signIn("b")));
  assert.deepEqual(await renew(await open(signIn("b"))), [true, "refresh 1"]);
  assert.deepEqual([newest, refusals], [1, 0]);
});

test("a tab of another sign-in keeps its own tokens", async () => {
  const [first, other] = [await open(signIn("c")), await open({ ...signIn("d"), refreshToken: "refresh 1" })];
  assert.deepEqual(await renew(first), [true, "refresh 1"]);
  assert.deepEqual(await renew(other), [true, "refresh 2"]);
});
