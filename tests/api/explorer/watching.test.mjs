import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { refused } from "./browser.mjs";
import { Watching } from "../../../api/static/client.js";

const AWAY = refused("UNAVAILABLE");
let sockets;
let told;

class Socket extends EventTarget {
  static OPEN = 1;

  constructor() {
    super();
    sockets.push(this);
  }

  send() {}

  close() {}

  hears(...messages) {
    for (const message of messages) this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
  }

  breaks(code) { this.dispatchEvent(Object.assign(new Event("close"), { code, reason: "" })); }
}

const next = (payload) => ({ type: "next", payload });
const complete = { type: "complete" };
const settled = () => new Promise(setImmediate);

beforeEach(() => {
  [sockets, told] = [[], []];
  globalThis.WebSocket = Socket;
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

async function watch(renew = async () => false) {
  new Watching({
    ask: async () => ({ body: {}, headers: {} }),
    renew,
    next: (result) => told.push(result),
    lost: () => told.push("lost"),
    found: () => told.push("found"),
    end: (reason) => told.push(`end ${reason}`),
  });
  await settled();
}

async function later() {
  mock.timers.tick(10_000);
  await settled();
}

test("a proper end is no failure", async () => {
  await watch();
  sockets[0].hears(next({ data: { a: 1 } }), complete);
  assert.deepEqual(told, [{ data: { a: 1 } }, "end null"]);
});

test("an end behind errors without data is told as one", async () => {
  await watch();
  sockets[0].hears(next(refused("INVALID")), complete);
  assert.equal(told.at(-1), "end ended by an error");
});

test("what is unavailable for a moment is asked for again, and told once", async () => {
  await watch();
  sockets[0].hears(next(AWAY), complete);
  await later();
  sockets[1].hears({ type: "error", payload: AWAY.errors });
  await later();
  sockets[2].hears(complete);
  assert.deepEqual(told, [AWAY, "lost", "lost", "end null"]);
});

test("a socket that was given up is not heard any more", async () => {
  await watch();
  sockets[0].hears(next(AWAY), complete, next({ data: { a: 1 } }));
  sockets[0].breaks(1006);
  await later();
  assert.deepEqual([told, sockets.length], [[AWAY, "lost"], 2]);
});

for (const [renewed, end] of [["refused", "end closed with 4403 "], ["broken off", "lost"], ["done", "lost"]]) {
  test(`a token that counts no more, its renewal ${renewed}`, async () => {
    await watch(async () => {
      if (renewed === "broken off") throw new Error("The server does not answer.");
      return renewed === "done";
    });
    sockets[0].breaks(4403);
    await settled();
    assert.deepEqual(told, [end]);
  });
}
