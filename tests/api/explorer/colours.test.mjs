import assert from "node:assert/strict";
import { test } from "node:test";
import "./browser.mjs";
import { json } from "../../../api/static/colours.js";

const links = (text) => json(text).children.filter(({ tag }) => tag === "a").map(({ href }) => href);

test("an address is a link once its string is one", () => {
  assert.deepEqual(links('{"url": "https://a.example/?b\\u003dc"}'), ["https://a.example/?b=c"]);
  assert.deepEqual(links('{"url": "https://a.example/'), []);
  assert.deepEqual(links('{"url": "https://a.example/\\x"}'), []);
});
