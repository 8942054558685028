// What `driver.py` is to the Python engines: the plan of what to send, and the handler that notes what it is given.
// The same lines on the same clock (CLOCK_MONOTONIC); built-in modules alone.
import { openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export const concurrency = Number(process.env.BENCH_CONCURRENCY);
const record = openSync(`${process.env.BENCH_RECORD}.${process.pid}`, "a", 0o600);

function note(mark, number, at = process.hrtime.bigint()) {
  writeSync(record, `${mark} ${number} ${at}\n`);
}

export async function handle(job) {
  note("s", job.number);
  if (job.sleep_ms) await sleep(job.sleep_ms);
  note("e", job.number);
}

function jobs(plan) {
  const filler = "x".repeat(plan.size_bytes);
  const { sleep_ms, tenant, priority } = plan;
  return Array.from({ length: plan.count }, (_, n) => ({ number: plan.first + n, sleep_ms, filler, tenant, priority }));
}

// Each job at its own moment, whatever became of those before: a slow engine does not slow the plan.
async function pace(send, plan) {
  let due = process.hrtime.bigint();
  for (const job of jobs(plan)) {
    due += BigInt(Math.round((-Math.log(1 - Math.random()) / plan.rate) * 1e9));
    const ahead = Number(due - process.hrtime.bigint()) / 1e6;
    if (ahead > 0) await sleep(ahead);
    note("p", job.number, due);
    await send([job]);
    note("q", job.number);
  }
}

async function sendPlans(sender) {
  const { send, close } = await sender();
  console.log("ready");
  for await (const line of createInterface({ input: process.stdin })) {
    const plan = JSON.parse(line);
    if (plan.rate) {
      await pace(send, plan);
    } else {
      const everything = jobs(plan);
      for (let first = 0; first < everything.length; first += 500) await send(everything.slice(first, first + 500));
    }
    console.log("sent");
  }
  await close();
}

// The engine's program: `install`, `send` or `work`.
export async function run({ install, sender, work }) {
  const asked = process.argv[2];
  await (asked === "install" ? install() : asked === "send" ? sendPlans(sender) : work());
}
