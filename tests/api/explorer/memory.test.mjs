import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { define, Storage } from "./browser.mjs";
import { memory } from "../../../api/static/memory.js";

const run = (letter, length = 10) => ({ query: letter.repeat(length), variables: "{}", at: 0 });
const told = () => memory.runs.map(({ query }) => query[0]).join("");

beforeEach(() => {
  const storages = [new Storage(), new Storage()];
  define({ sessionStorage: () => storages[0], localStorage: () => storages[1] });
  Object.assign(memory, { draft: {}, session: {}, ids: {} });
  memory.forget();
});

test("runs are kept, the newest first, each once", () => {
  for (const letter of "abca") memory.remember(run(letter));
  assert.equal(told(), "acb");
});

test("the oldest runs make room where the storage is full", () => {
  const small = new Storage(150);
  define({ localStorage: () => small });
  for (const letter of "abcdef") memory.remember(run(letter));
  assert.equal(told(), "fed");
});

test("neither a long run nor one with a secret is kept", () => {
  memory.remember(run("a", 60_000));
  memory.remember({ query: "{ me }", variables: '{"password": "x"}', at: 0 });
  assert.deepEqual(memory.runs, []);
});

test("a storage that is forbidden stops nothing, and what it does not take is kept with the page", () => {
  const forbidden = () => { throw new Error("SecurityError"); };
  define({ sessionStorage: forbidden, localStorage: forbidden });
  memory.session = { accessToken: "a" };
  for (const letter of "ab") memory.remember(run(letter));
  assert.deepEqual([memory.session, told()], [{ accessToken: "a" }, "ba"]);
  memory.forget();
  assert.deepEqual(memory.runs, []);
});

test("what a full storage did not take leaves nothing older behind", () => {
  memory.session = { refreshToken: "spent" };
  sessionStorage.roomCharacters = 0;
  memory.session = { refreshToken: "new" };
  assert.deepEqual([memory.session, sessionStorage.getItem("lab.session")], [{ refreshToken: "new" }, null]);
});
