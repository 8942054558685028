// One tab of the explorer: a thread with a storage of its own, whose requests the test answers.

import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import "./browser.mjs";
import { memory } from "../../../api/static/memory.js";
import { Session } from "../../../api/static/session.js";

globalThis.fetch = async (_address, { body }) => {
  parentPort.postMessage({ asks: JSON.parse(body).variables.token });
  const [{ answer }] = await once(parentPort, "message");
  return { status: 200, json: async () => answer };
};

memory.session = workerData;
const session = new Session(() => {});
parentPort.on("message", async ({ renew }) => {
  if (!renew) return;
  const isRenewed = await session.renewed();
  parentPort.postMessage({ isRenewed, refreshToken: memory.session.refreshToken });
});
parentPort.postMessage({ isOpen: true });
